//! Who uses files, and what for.

text_enum! {
    /// What kind of thing uses a file.
    FileOwner {
        /// A person.
        Account = "account",
        /// An album.
        Album = "album",
        /// A book.
        Book = "book",
        /// A picture in a book.
        Illustration = "illustration",
        /// A playlist.
        Playlist = "playlist",
        /// A track.
        Track = "track",
    }
}

text_enum! {
    /// What a thing uses a file for.
    FileRole {
        /// Its picture.
        Artwork = "artwork",
        /// A person's picture.
        Avatar = "avatar",
        /// A book's cover.
        Cover = "cover",
        /// What is shown.
        Illustration = "illustration",
        /// Kept by the person who uploaded it.
        Kept = "kept",
        /// What is heard.
        Sound = "sound",
    }
}
