//! API keys: with them programs act for an account, as far as the scopes of the key go. A key is exchanged for access tokens
//! like those of a session, of which it takes the place: every service verifies them as it does others, and the feed of
//! revoked sessions ends them. A key can neither make keys nor decide about the account.

mod handlers;
mod repository;

pub(crate) use handlers::configure;
