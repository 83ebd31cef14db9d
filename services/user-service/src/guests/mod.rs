//! Guests: people who use the app before they have an account. A guest's token is all there is to prove who it is. Later the
//! guest gets an address and stays the same account, or becomes part of an account that is there: everything moves, in one
//! transaction, and the other services are told.

mod handlers;
mod merge;
mod repository;

pub(crate) use handlers::configure;
pub(crate) use repository::heirs;
