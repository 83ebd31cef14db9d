//! Words about processing jobs.

text_enum! {
    /// Life of a job.
    JobStatus {
        /// It waits for a worker.
        Pending = "pending",
        /// A worker has it.
        Processing = "processing",
        /// It is done.
        Completed = "completed",
        /// It cannot be done; trying again would give the same.
        Failed = "failed",
        /// Somebody called it off.
        Cancelled = "cancelled",
        /// It was tried too often.
        Dead = "dead",
    }
}

impl JobStatus {
    /// Whether nothing more will happen by itself.
    #[must_use]
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Pending | Self::Processing)
    }
}

text_enum! {
    /// Why a job did not give its result.
    JobErrorCode {
        /// This kind of file, or a program that it needs, is not there.
        Unsupported = "unsupported",
        /// The bytes are damaged, cut off, or not what they claim to be.
        Unreadable = "unreadable",
        /// More pixels, seconds or bytes than are accepted.
        TooLarge = "too-large",
        /// It took longer than a job may.
        TimedOut = "timed-out",
        /// The decoder failed on it.
        Crashed = "crashed",
        /// The file was deleted meanwhile.
        Gone = "gone",
        /// Workers died over it, or something that they need was away.
        Interrupted = "interrupted",
    }
}

text_enum! {
    /// What sound and pictures are converted into.
    MediaFormat {
        /// PCM.
        Wav = "wav",
        /// FLAC.
        Flac = "flac",
        /// MPEG layer 3.
        Mp3 = "mp3",
        /// Opus in Ogg.
        Opus = "opus",
        /// AAC in MP4.
        Aac = "aac",
        /// JPEG.
        Jpeg = "jpeg",
        /// PNG.
        Png = "png",
        /// WebP.
        Webp = "webp",
        /// AVIF.
        Avif = "avif",
    }
}

impl MediaFormat {
    /// Whether it holds a picture; sound otherwise.
    #[must_use]
    pub fn is_picture(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Webp | Self::Avif)
    }

    /// Its media type.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
            Self::Flac => "audio/flac",
            Self::Mp3 => "audio/mpeg",
            Self::Opus => "audio/ogg",
            Self::Aac => "audio/mp4",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
        }
    }
}

text_enum! {
    /// How a picture is brought to a width and a height.
    ImageFit {
        /// All of it, within them.
        Contain = "contain",
        /// All of them, cut where it is too long.
        Cover = "cover",
    }
}
