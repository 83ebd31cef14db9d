//! Words about playlists.

text_enum! {
    /// Who made a playlist for whom.
    PlaylistCategory {
        /// A person's own.
        User = "user",
        /// Chosen by librarians for everyone.
        Featured = "featured",
        /// Made by a program.
        Algorithm = "algorithm",
    }
}

text_enum! {
    /// What decides which tracks are on a playlist.
    PlaylistType {
        /// People.
        Manual = "manual",
        /// Rules.
        Smart = "smart",
        /// Pinned tracks, then rules.
        Hybrid = "hybrid",
    }
}

text_enum! {
    /// Life of a playlist.
    PlaylistStatus {
        /// In use.
        Active = "active",
        /// Put away.
        Archived = "archived",
        /// Gone for readers, can be restored.
        Deleted = "deleted",
    }
}

text_enum! {
    /// Which playlists a list holds.
    PlaylistScope {
        /// The caller's own.
        Mine = "mine",
        /// Those that the caller likes.
        Liked = "liked",
        /// Those that the caller follows.
        Followed = "followed",
        /// Those that librarians chose for everyone.
        Featured = "featured",
        /// Those that everyone may see.
        Public = "public",
    }
}

text_enum! {
    /// What a person may do with somebody else's playlist.
    CollaboratorRole {
        /// May change its tracks.
        Editor = "editor",
        /// May see it.
        Viewer = "viewer",
    }
}

text_enum! {
    /// What was done to a playlist.
    PlaylistAction {
        /// It was made.
        Created = "created",
        /// Its description was changed.
        Updated = "updated",
        /// It was deleted.
        Deleted = "deleted",
        /// It was brought back.
        Restored = "restored",
        /// A track was put on it.
        TrackAdded = "track_added",
        /// A track was taken off it, or was deleted itself.
        TrackRemoved = "track_removed",
        /// Its tracks were put in another order.
        Reordered = "reordered",
        /// Somebody began to follow it.
        Followed = "followed",
        /// Somebody ceased to follow it.
        Unfollowed = "unfollowed",
        /// Somebody began to like it.
        Liked = "liked",
        /// Somebody ceased to like it.
        Unliked = "unliked",
        /// Somebody was let in to work on it, or in another role.
        CollaboratorAdded = "collaborator_added",
        /// Somebody works on it no more.
        CollaboratorRemoved = "collaborator_removed",
    }
}

text_enum! {
    /// A format in which players exchange playlists.
    ExchangeFormat {
        /// Extended M3U in UTF-8.
        M3u8 = "m3u8",
        /// XSPF as JSON.
        Jspf = "jspf",
        /// XML Shareable Playlist Format, version 1.
        Xspf = "xspf",
    }
}

text_enum! {
    /// What became of an entry of an imported playlist.
    ImportOutcome {
        /// It is on the playlist.
        Matched = "matched",
        /// It was on the playlist already.
        Duplicate = "duplicate",
        /// Several tracks fit.
        Ambiguous = "ambiguous",
        /// No track fits.
        Missing = "missing",
    }
}
