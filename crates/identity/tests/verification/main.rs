//! Tokens issued and verified as the services do it, over real HTTP.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails should say where")]

mod forgeries;
mod helpers;
mod key_files;
mod key_refresh;
mod revocations;
mod tokens;
