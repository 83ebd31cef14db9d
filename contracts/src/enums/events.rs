//! What the services tell each other, and the work that they order.

text_enum! {
    /// What happened.
    EventType {
        /// Somebody listened to a track.
        TrackPlayed = "music.track.played",
        /// A play was taken out of the log.
        PlayDeleted = "music.play.deleted",
        /// A track was made.
        TrackCreated = "music.track.created",
        /// A track was changed.
        TrackUpdated = "music.track.updated",
        /// A track was deleted.
        TrackDeleted = "music.track.deleted",
        /// Somebody likes a playlist.
        PlaylistLiked = "music.playlist.liked",
        /// Somebody follows a playlist.
        PlaylistFollowed = "music.playlist.followed",
        /// music-service has nothing of an account any more.
        MusicErased = "music.account.erased",
        /// Something of the library uses other files than before.
        MusicFilesReferenced = "music.files.referenced",
        /// An account was made.
        AccountCreated = "user.account.created",
        /// An account was erased.
        AccountDeleted = "user.account.deleted",
        /// A guest became part of an account.
        AccountMerged = "user.account.merged",
        /// Somebody joined a circle.
        CircleJoined = "user.circle.joined",
        /// Somebody left a circle.
        CircleLeft = "user.circle.left",
        /// A journal entry was made.
        EntryCreated = "user.entry.created",
        /// A journal entry was changed.
        EntryUpdated = "user.entry.updated",
        /// A journal entry was deleted.
        EntryDeleted = "user.entry.deleted",
        /// An insight was found.
        InsightCreated = "user.insight.created",
        /// An account, a book or an illustration uses other files than before.
        UserFilesReferenced = "user.files.referenced",
        /// A file was uploaded.
        FileCreated = "storage.file.created",
        /// A file has another content.
        FileReplaced = "storage.file.replaced",
        /// A file is used by nobody any more.
        FileOrphaned = "storage.file.orphaned",
        /// A file was deleted.
        FileDeleted = "storage.file.deleted",
        /// A file that was to go stays.
        FileRestored = "storage.file.restored",
        /// A processing job did its work.
        JobCompleted = "storage.job.completed",
        /// A processing job gave up.
        JobFailed = "storage.job.failed",
        /// storage-service has nothing of an account any more.
        StorageErased = "storage.account.erased",
    }
}

text_enum! {
    /// What a processing job does to a file.
    JobType {
        /// Finds out what the bytes are: lengths, sizes, tags, loudness.
        Probe = "probe",
        /// A small picture.
        Thumbnail = "thumbnail",
        /// A picture of another size.
        Resize = "resize",
        /// A picture of fewer bytes.
        Compress = "compress",
        /// Another format.
        Convert = "convert",
        /// Another loudness.
        Normalize = "normalize",
        /// Peaks of a sound, and their picture.
        Waveform = "waveform",
        /// Asks the scanner of the installation.
        Scan = "scan",
        /// Hashes the bytes again.
        Checksum = "checksum",
    }
}
