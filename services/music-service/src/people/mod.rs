//! A person's data as a whole: told out, erased with the account, or given to the account that a guest becomes part of.
//!
//! Erasing and merging are one transaction each, set off by `user.account.deleted` and `.merged`. They leave every counter equal
//! to its rows, and after erasing, the person's id in no table: what others rightly keep, such as a track that was handed on,
//! belongs to the tombstone, the nil id.

mod handlers;
mod repository;

pub(crate) use handlers::configure;
pub(crate) use repository::{erase, merge};
