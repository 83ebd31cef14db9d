//! Files: what somebody uploaded under a name. A file that is deleted is gone for readers; its bytes stay with its
//! versions.

mod domain;
mod handlers;
pub(crate) mod repository;

pub(crate) use handlers::{configure, configure_internal, no_file, require_insight, require_own};
