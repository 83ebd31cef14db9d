//! When a file goes.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::events::FilesReferenced;
use contracts::problem::ErrorCode;
use contracts::{FileCategory, FileOwner, FileRole, FileStatus};
use http_kit::ApiError;
use identity::Service;
use uuid::Uuid;

/// How old a file must be to be called an orphan: what is uploaded first and named by its track or its book afterwards.
pub(super) const MIN_AGE: TimeDelta = TimeDelta::hours(24);
/// How long an orphaned file is kept, and a deleted one can be restored: as long as tracks and albums can be.
pub(super) const GRACE: TimeDelta = TimeDelta::days(30);

/// A thing that uses files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Owner {
    pub(crate) service: Service,
    pub(crate) kind: FileOwner,
    pub(crate) id: Uuid,
}

impl Owner {
    /// The thing of another service that an event is about.
    pub(super) fn of(service: Service, told: &FilesReferenced) -> Self {
        Self { service, kind: told.owner_kind, id: told.owner_id }
    }

    /// A person who keeps a file.
    pub(super) fn person(id: Uuid) -> Self {
        Self { service: Service::Storage, kind: FileOwner::Account, id }
    }
}

/// The role of a file that a person keeps.
pub(super) const KEPT: FileRole = FileRole::Kept;

/// Whether a file of a category is the person's own until the person deletes it; the others wait for what they are for.
pub(super) fn is_kept_by_person(category: FileCategory) -> bool {
    matches!(category, FileCategory::General | FileCategory::Export)
}

/// Whether a file can be restored now.
///
/// # Errors
/// 409 when it is active, 410 when it was deleted too long ago.
pub(super) fn require_restorable(
    status: FileStatus,
    (delete_after, purged_at): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    let is_over = purged_at.is_some() || delete_after.is_some_and(|end| end <= now);
    match status {
        FileStatus::Active => Err(ApiError::conflict("It is neither deleted nor about to be.")),
        _ if is_over => Err(ApiError::new(ErrorCode::Gone, "It was deleted too long ago.")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_can_be_restored_until_it_is_gone() {
        let now = contracts::clock::now();
        let judged = |status, delete_after, purged_at| {
            require_restorable(status, (delete_after, purged_at), now).map_err(|error| error.code().status())
        };
        assert_eq!(judged(FileStatus::Active, None, None), Err(409));
        for status in [FileStatus::Orphaned, FileStatus::Deleted] {
            assert_eq!(judged(status, Some(now + TimeDelta::microseconds(1)), None), Ok(()));
            assert_eq!(judged(status, Some(now), None), Err(410));
        }
        assert_eq!(judged(FileStatus::Deleted, Some(now + GRACE), Some(now)), Err(410));
    }
}
