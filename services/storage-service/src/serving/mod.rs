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

/// For fuzz targets: ranges lie within what there is.
#[cfg(fuzzing)]
pub(crate) fn fuzz(text: &str) {
    for length in [0, 1, 65_536, u64::MAX] {
        let ranges = match ranges::wanted(Some(text), length) {
            ranges::Wanted::One(range) => vec![range],
            ranges::Wanted::Several(ranges) => ranges,
            ranges::Wanted::Whole | ranges::Wanted::Nothing => Vec::new(),
        };
        assert!(ranges.iter().all(|range| range.first <= range.last && range.last < length));
    }
}
