//! The life of a file: active as long as something refers to it, then orphaned, then deleted, then purged.
//!
//! Who uses a file is a row of `stg_file_references`. Other services tell theirs by events, each time all files of one thing;
//! a file without such a purpose is kept by the person who uploaded it. What nothing refers to is marked after a while,
//! and its bytes go [`domain::GRACE`] later; a reference that comes before brings it back.
//!
//! Whoever adds references or judges that there are none holds the file's row, and looks at the references in a later
//! statement: so neither misses what the other did.

mod compare;
mod domain;
mod handlers;
mod orphans;
mod purge;
mod references;
mod repository;
mod scrub;
mod sweep;

pub(crate) use compare::configure_internal;
pub(crate) use handlers::{configure, require_unused};
pub(crate) use orphans::mark_orphans;
pub(crate) use purge::purge_files;
pub(crate) use references::{delete_forsaken, hold, keep_uploaded, replace};
pub(crate) use scrub::scrub_blobs;
pub(crate) use sweep::sweep_blobs;
