//! A person's data as a whole: told out, erased with the account, or given to the account that a guest becomes part of.
//!
//! Erasing and merging are one transaction each, set off by `user.account.deleted` and `.merged`. After erasing, the
//! person's id is in no table. Files that something still uses, such as tracks that everybody may hear, are nobody's then
//! (the nil id) and go with the last use of them; the others go at once, their bytes with the next run of the purge.

mod handlers;
mod repository;

pub(crate) use handlers::configure_internal;
pub(crate) use repository::{erase, merge};
