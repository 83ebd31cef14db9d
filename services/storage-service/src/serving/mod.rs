//! Bytes of files. All of them leave through one function, [`respond::serve`], which judges access, conditions and
//! ranges (RFC 9110, sections 13 and 14) and leaves one row in the access log for each response; an [`archive`] of many files
//! is made of the same bodies, with a row for each.

mod archive;
mod body;
mod conditions;
mod grants;
mod handlers;
mod headers;
mod permission;
mod plan;
mod ranges;
mod repository;
mod respond;
mod view;

pub(crate) use grants::forget_expired_grants;
pub(crate) use handlers::configure;
pub(crate) use headers::repr_digest;
