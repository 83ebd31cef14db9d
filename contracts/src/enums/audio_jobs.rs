//! Words about audio jobs.

text_enum! {
    /// What an audio job does to the sound of a track.
    ProcessingType {
        /// Brings it to a loudness.
        Normalize = "normalize",
        /// Another format.
        Convert = "convert",
        /// Its peaks, to be drawn.
        Waveform = "waveform",
    }
}

text_enum! {
    /// What comes of an audio job.
    AudioJobKind {
        /// Another rendition of the track.
        Rendition = "rendition",
        /// Facts about the sound.
        Analysis = "analysis",
    }
}
