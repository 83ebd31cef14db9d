//! Who may read and change a book, and when a chapter unlocks.

use chrono::{DateTime, Utc};
use contracts::{BookStatus, Role, UnlockTrigger, Visibility};
use http_kit::{ApiError, Caller};
use uuid::Uuid;

/// Whether a book of `owner` may be read, by a viewer who is in the owner's circle or not. Who may not is told that it does not exist.
pub(super) fn may_read(
    viewer: Option<&Caller>,
    owner: Uuid,
    (visibility, status): (Visibility, BookStatus),
    is_in_circle: bool,
) -> bool {
    let is_shown = match visibility {
        Visibility::Personal => false,
        Visibility::Shared => is_in_circle,
        Visibility::Public => true,
    };
    viewer.is_some_and(|viewer| viewer.may_read(owner)) || (is_shown && status == BookStatus::Active)
}

/// Refuses to show a book to more people than the caller's role allows: `public` is for librarians and admins.
pub(super) fn require_reach(caller: &Caller, visibility: Visibility) -> Result<(), ApiError> {
    if visibility == Visibility::Public && caller.role == Role::User {
        return Err(ApiError::forbidden("Only librarians may publish to everyone."));
    }
    Ok(())
}

/// Refuses to let anybody but librarians and admins say that a book comes with the service.
pub(super) fn require_system(caller: &Caller, is_system: bool) -> Result<(), ApiError> {
    if is_system && caller.role == Role::User {
        return Err(ApiError::forbidden("Only librarians make what comes with the service."));
    }
    Ok(())
}

/// What apps know a book for is said of those that come with the service.
pub(super) fn judge_system_type((is_system, kind): (bool, Option<&str>)) -> Result<(), ApiError> {
    match kind {
        Some(_) if !is_system => {
            Err(ApiError::invalid("/systemType", "only a book that comes with the service has one"))
        }
        _ => Ok(()),
    }
}

/// Refuses to change chapters, entries and pictures of a book that is to stay as it is.
pub(crate) fn require_writable(is_read_only: bool) -> Result<(), ApiError> {
    if is_read_only {
        Err(ApiError::conflict("The book is read-only; its owner can change that."))
    } else {
        Ok(())
    }
}

/// What a trigger looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circumstances {
    pub(super) now: DateTime<Utc>,
    /// Entries of the book.
    pub(super) entries: i32,
    /// Share of the book that its owner has read, 0 to 1.
    pub(super) progress: f64,
}

/// Whether a chapter's trigger holds.
pub(super) fn is_due(
    trigger: UnlockTrigger,
    (at, threshold): (Option<DateTime<Utc>>, Option<i32>),
    circumstances: Circumstances,
) -> bool {
    match trigger {
        UnlockTrigger::None => true,
        UnlockTrigger::Date => at.is_some_and(|at| at <= circumstances.now),
        UnlockTrigger::Entries => threshold.is_some_and(|threshold| circumstances.entries >= threshold),
        UnlockTrigger::Progress => {
            threshold.is_some_and(|threshold| circumstances.progress * 100.0 >= f64::from(threshold))
        }
    }
}

/// The words of a search. `None` when there is no word in it.
pub(crate) fn search_words(text: &str) -> Option<Vec<String>> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_owned).collect();
    (!words.is_empty()).then_some(words)
}

/// Whether a list names each of those that are there once.
pub(crate) fn is_permutation(mut there: Vec<Uuid>, wanted: &[Uuid]) -> bool {
    let mut wanted = wanted.to_vec();
    there.sort_unstable();
    wanted.sort_unstable();
    there == wanted
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(UnlockTrigger::None, 0, None, true)]
    #[case(UnlockTrigger::Date, 0, None, true)]
    #[case(UnlockTrigger::Date, 1, None, false)]
    #[case(UnlockTrigger::Entries, 0, Some(7), true)]
    #[case(UnlockTrigger::Entries, 0, Some(8), false)]
    #[case(UnlockTrigger::Progress, 0, Some(50), true)]
    #[case(UnlockTrigger::Progress, 0, Some(51), false)]
    fn a_chapter_is_due_from_its_threshold_on(
        #[case] trigger: UnlockTrigger,
        #[case] seconds_ahead: i64,
        #[case] threshold: Option<i32>,
        #[case] expected: bool,
    ) {
        let now = DateTime::UNIX_EPOCH;
        let at = Some(now + TimeDelta::seconds(seconds_ahead));
        let circumstances = Circumstances { now, entries: 7, progress: 0.5 };
        assert_eq!(is_due(trigger, (at, threshold), circumstances), expected);
    }

    #[test]
    fn a_draft_is_for_its_owner_whatever_its_visibility() {
        let caller =
            |role| Caller { user_id: Uuid::from_u128(1), role, session_id: Uuid::nil(), is_key: false };
        let (mine, others) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let draft = (Visibility::Public, BookStatus::Draft);
        assert!(may_read(Some(&caller(Role::User)), mine, draft, false));
        assert!(may_read(Some(&caller(Role::Admin)), others, draft, false));
        assert!(!may_read(Some(&caller(Role::Librarian)), others, draft, true));
        assert!(may_read(None, others, (Visibility::Public, BookStatus::Active), false));
    }

    #[test]
    fn a_shared_book_is_for_the_circle_once_it_is_published() {
        let (user_id, others) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let member = Caller { user_id, role: Role::User, session_id: Uuid::nil(), is_key: false };
        let may = |status, is_in_circle| {
            may_read(Some(&member), others, (Visibility::Shared, status), is_in_circle)
        };
        assert!(may(BookStatus::Active, true));
        assert!(!may(BookStatus::Active, false));
        assert!(!may(BookStatus::Draft, true));
        assert!(!may(BookStatus::Archived, true));
        assert!(!may_read(Some(&member), others, (Visibility::Personal, BookStatus::Active), true));
    }
}
