//! Words about accounts: what is written down of them, what keys may do, what people ask for.

text_enum! {
    /// State of an account.
    AccountStatus {
        /// May log in.
        Active = "active",
        /// Locked out by an admin.
        Suspended = "suspended",
        /// About to be erased.
        Deleted = "deleted",
    }
}

text_enum! {
    /// What an API key may do.
    ApiScope {
        /// Read what the account may read.
        Read = "read",
        /// Also write.
        Write = "write",
        /// Act in the account's role; without it, as a plain user.
        Role = "role",
    }
}

text_enum! {
    /// What happened to an account that matters for its security.
    AuditAction {
        /// It was made.
        Registered = "registered",
        /// A guest's account was made.
        GuestBegan = "guest-began",
        /// A guest got an address and a password.
        GuestConverted = "guest-converted",
        /// A guest became part of it.
        GuestMerged = "guest-merged",
        /// Somebody logged in.
        LoggedIn = "logged-in",
        /// Somebody tried to.
        LoginFailed = "login-failed",
        /// A session was left.
        LoggedOut = "logged-out",
        /// A session was ended from another.
        SessionEnded = "session-ended",
        /// A refresh token came again that was used long ago: its session was ended.
        TokenReused = "token-reused",
        /// It has another password.
        PasswordChanged = "password-changed",
        /// Somebody asked for a new password by mail.
        ResetRequested = "reset-requested",
        /// It has a new password by mail.
        PasswordReset = "password-reset",
        /// It may do other things.
        RoleChanged = "role-changed",
        /// It was locked out.
        Suspended = "suspended",
        /// It was let in again.
        Reinstated = "reinstated",
        /// A key was made.
        ApiKeyCreated = "api-key-created",
        /// A key was taken back.
        ApiKeyRevoked = "api-key-revoked",
        /// Its data was asked for.
        ExportRequested = "export-requested",
        /// It is to be erased.
        EraseRequested = "erase-requested",
    }
}

text_enum! {
    /// What a person asks for as a whole.
    DataRequestKind {
        /// A copy of everything.
        Export = "export",
        /// That nothing stays.
        Erase = "erase",
    }
}

text_enum! {
    /// How far such a request is.
    DataRequestStatus {
        /// Nothing was done yet.
        Pending = "pending",
        /// user-service did its part; others have not answered yet.
        Running = "running",
        /// It is done; the receipt says what was.
        Completed = "completed",
        /// It was tried too often.
        Failed = "failed",
        /// It was done, and what came of it was taken away at its time.
        Expired = "expired",
    }
}
