//! Accounts and profiles.
