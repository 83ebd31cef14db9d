//! Accounts: people who can log in, and guests. One address is one account, whatever its case; a role comes from the shell or an
//! admin, never from the account itself.

mod admin;
mod domain;
mod handlers;
mod passwords;
pub(crate) mod repository;
mod service;

pub use domain::AccountError;
pub(crate) use handlers::configure;
pub(crate) use service::insert;
pub use service::{Accounts, NewAccount};
