//! What the catalogue and lists of plays are sorted and told apart by.

text_enum! {
    /// How the audio of a track came to be.
    SourceType {
        /// A person uploaded it.
        Uploaded = "uploaded",
        /// A program made it for a person.
        Generated = "generated",
    }
}

text_enum! {
    /// What stands on a list of plays once.
    DistinctBy {
        /// Each track, by its latest play.
        Track = "track",
    }
}

text_enum! {
    /// The order of a catalogue.
    CatalogSort {
        /// The newest first.
        Newest = "newest",
        /// By title.
        Title = "title",
    }
}
