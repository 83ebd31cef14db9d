//! The life of tracks, albums and playlists: drafts come out, are put away, and may come back; what is deleted is gone for
//! readers and can be restored for a while. The one place that says which way leads where.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::TextEnum;
use http_kit::ApiError;

/// How long what was deleted can be restored.
const RESTORABLE: TimeDelta = TimeDelta::days(30);

/// Whether a thing may go from one state to another. Staying where it is is always allowed, but in the end.
///
/// # Errors
/// 409 when no way leads there.
pub(crate) fn transition<S: TextEnum>(from: S, to: S) -> Result<(), ApiError> {
    let (from, to) = (from.as_str(), to.as_str());
    let is_open = match from {
        "draft" => matches!(to, "draft" | "processing" | "active" | "published" | "deleted"),
        "processing" => matches!(to, "draft" | "processing" | "active" | "published" | "deleted"),
        "active" | "published" => matches!(to, "active" | "published" | "archived" | "deleted"),
        "archived" => matches!(to, "archived" | "active" | "deleted"),
        "deleted" => to == "active",
        _ => false,
    };
    if is_open { Ok(()) } else { Err(ApiError::conflict(format!("What is {from} does not become {to}."))) }
}

/// Whether a thing of the caller's that was deleted then can be restored now.
///
/// # Errors
/// 409 when it was not deleted, 410 when that was too long ago.
pub(crate) fn require_restorable(
    deleted_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    match deleted_at {
        None => Err(ApiError::conflict("It is not deleted.")),
        Some(deleted_at) if deleted_at + RESTORABLE < now => {
            Err(ApiError::new(contracts::ErrorCode::Gone, "It was deleted more than 30 days ago."))
        }
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::{AlbumStatus, TrackStatus};

    #[test]
    fn every_way_is_open_or_closed_as_the_table_says() {
        use TrackStatus::{Active, Archived, Deleted, Draft, Processing, Published};
        for (from, open) in [
            (Draft, vec![Draft, Processing, Active, Published, Deleted]),
            (Processing, vec![Draft, Processing, Active, Published, Deleted]),
            (Active, vec![Active, Published, Archived, Deleted]),
            (Published, vec![Active, Published, Archived, Deleted]),
            (Archived, vec![Active, Archived, Deleted]),
            (Deleted, vec![Active]),
        ] {
            for to in TrackStatus::ALL {
                assert_eq!(transition(from, *to).is_ok(), open.contains(to), "{from} to {to}");
            }
        }
        assert!(transition(AlbumStatus::Archived, AlbumStatus::Published).is_err());
    }

    #[test]
    fn what_was_deleted_can_be_restored_for_thirty_days() {
        let now = contracts::clock::now();
        assert!(require_restorable(Some(now - RESTORABLE), now).is_ok());
        let late = require_restorable(Some(now - RESTORABLE - TimeDelta::microseconds(1)), now);
        assert_eq!(late.map_err(|error| error.code().status()), Err(410));
        assert_eq!(require_restorable(None, now).map_err(|error| error.code().status()), Err(409));
    }
}
