//! What is left to do of a delivery of events.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use contracts::events::{PlayDeleted, TrackPlayed};
use uuid::Uuid;

/// One thing that was told of a play.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    /// It was heard.
    Played(TrackPlayed),
    /// It was taken back.
    Deleted(PlayDeleted),
}

impl Told {
    /// Whether it takes something back.
    pub(crate) fn is_deletion(&self) -> bool {
        matches!(self, Self::Deleted(_))
    }

    /// Whose play it was.
    pub(crate) fn person(&mut self) -> &mut Uuid {
        match self {
            Self::Played(play) => &mut play.user_id,
            Self::Deleted(play) => &mut play.user_id,
        }
    }
}

/// A play's person and id.
pub(super) type Key = (Uuid, Uuid);

/// What a delivery comes to, in the order of persons and plays.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Plays to let go of, before others are kept.
    pub(super) gone: Vec<Key>,
    /// Plays to keep unless they are known.
    pub(super) kept: Vec<TrackPlayed>,
}

/// What was told, one after the other, comes to this: of a play that is told twice the first telling stays, and a deletion takes
/// back all that was told of it before.
pub(super) fn outcome(told: Vec<Told>) -> Outcome {
    let mut plays: BTreeMap<Key, (bool, Option<TrackPlayed>)> = BTreeMap::new();
    for told in told {
        match told {
            Told::Played(play) => {
                let (_, heard) = plays.entry((play.user_id, play.play_id)).or_default();
                heard.get_or_insert(play);
            }
            Told::Deleted(play) => {
                plays.insert((play.user_id, play.play_id), (true, None));
            }
        }
    }
    let mut outcome = Outcome::default();
    for (key, (is_deleted, heard)) in plays {
        outcome.gone.extend(is_deleted.then_some(key));
        outcome.kept.extend(heard);
    }
    outcome
}

/// The day of a play and whether it was night where the person was: by the clock of the device, else in the zone of the account.
pub(super) fn day_of(
    played_at: DateTime<Utc>,
    utc_offset_minutes: Option<i16>,
    zone: Tz,
) -> (NaiveDate, bool) {
    let there = match utc_offset_minutes {
        Some(minutes) => played_at.naive_utc() + TimeDelta::minutes(i64::from(minutes)),
        None => played_at.with_timezone(&zone).naive_local(),
    };
    (there.date(), !(6..22).contains(&there.hour()))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2026-03-01T21:59:59Z", Some(0), Tz::UTC, "2026-03-01", false)]
    #[case("2026-03-01T22:00:00Z", Some(0), Tz::UTC, "2026-03-01", true)]
    #[case("2026-03-02T05:59:59Z", Some(0), Tz::UTC, "2026-03-02", true)]
    #[case("2026-03-02T06:00:00Z", Some(0), Tz::UTC, "2026-03-02", false)]
    // The device's clock decides, whatever the account's zone.
    #[case("2026-12-31T23:30:00Z", Some(60), chrono_tz::Pacific::Auckland, "2027-01-01", true)]
    #[case("2026-12-31T23:30:00Z", None, chrono_tz::America::Los_Angeles, "2026-12-31", false)]
    #[case("2024-12-29T18:15:00Z", None, chrono_tz::Asia::Kathmandu, "2024-12-30", true)]
    fn nights_and_days(
        #[case] at: DateTime<Utc>,
        #[case] offset: Option<i16>,
        #[case] zone: Tz,
        #[case] day: NaiveDate,
        #[case] is_night: bool,
    ) {
        assert_eq!(day_of(at, offset, zone), (day, is_night));
    }
}
