//! Uploads that come in pieces and go on after an interruption: tus 1.0 with creation, creation-with-upload,
//! creation-defer-length, checksum, expiration, termination and concatenation.
//!
//! Nothing is locked while bytes come. A request that writes takes a number (`fencing`) in one statement, and whatever it
//! counts in the table is on condition that its number is still the last: a later request at the same offset takes over at
//! once, in any replica, and the earlier one finds out with its next round. A part that somebody may still have open is
//! never written by two: the one who takes over copies what is acknowledged and goes on with the copy.

mod create;
mod handlers;
mod pour;
mod protocol;
mod receive;
mod repository;
mod upkeep;
mod whole;

pub(super) use handlers::configure;
pub(super) use repository::Claim;
pub(crate) use upkeep::remove_expired;
pub(super) use whole::complete;

/// For fuzz targets: the headers that have a grammar.
#[cfg(fuzzing)]
pub(crate) fn fuzz(text: &str) {
    let _ = protocol::Metadata::parse(text).map(|metadata| metadata.facts());
    let _ = protocol::Checksum::parse(text);
    let _ = protocol::Concat::parse(text);
}

/// Unfinished uploads of one person at once.
const MAX_UNFINISHED: i64 = 1000;
/// Bytes that they may hold together, in largest files.
const MAX_UNFINISHED_FILES: i64 = 16;
