//! Rules of smart and hybrid playlists: which tracks, in which order, how many.
//!
//! ```json
//! {
//!   "all": [
//!     {"field": "genre", "op": "is", "value": "jazz"},
//!     {"any": [
//!       {"field": "playCount", "op": "gte", "value": 3},
//!       {"not": {"field": "lastPlayed", "op": "inTheLast", "value": {"amount": 2, "unit": "weeks"}}}
//!     ]}
//!   ],
//!   "sort": [{"field": "rating", "order": "desc"}, {"field": "random", "seed": 7}],
//!   "limit": 50, "limitPerAlbum": 2, "limitPerCreator": 5, "maxMinutes": 90,
//!   "timezone": "Europe/Berlin", "exclude": []
//! }
//! ```
//!
//! At the top stands one of `all`, `any`, `not`, or a single test. What nobody said counts as 0, `false` or nothing: a track
//! that was never played has a `playCount` of 0, was not played `inTheLast` anything, and is `notInTheLast`.

mod fields;
mod parse;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

pub use fields::{Field, Kind};

/// How deep groups may be nested.
pub const MAX_DEPTH: usize = 8;
/// Tests in one set of rules at most.
pub const MAX_TESTS: usize = 50;
/// Tracks that rules give at most, also where they have no limit of their own.
pub const MAX_LIMIT: u32 = 10_000;

/// Rules that were read from JSON and hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Which tracks.
    pub condition: Condition,
    /// In which order; the newest first when empty. Ties are broken by id.
    pub sort: Vec<SortKey>,
    /// How many at most.
    pub limit: u32,
    /// How many of one album.
    pub limit_per_album: Option<u32>,
    /// How many of one creator.
    pub limit_per_creator: Option<u32>,
    /// How long together at most.
    pub max_minutes: Option<u32>,
    /// For hours of the day, weeks and months.
    pub timezone: Tz,
    /// Tracks that are left out, whatever the conditions say.
    pub exclude: Vec<Uuid>,
}

/// Which tracks.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Each of them holds; true when there is none.
    All(Vec<Condition>),
    /// One of them holds; false when there is none.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// A single test.
    Test(Test),
}

/// A field, and what is asked of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Where it stands in the JSON (RFC 6901).
    pub pointer: String,
    /// Of what.
    pub field: Field,
    /// What.
    pub predicate: Predicate,
}

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// Of a text, or of one of several texts. Letter case does not matter; accents matter to [`TextOp::Is`] alone.
    Text {
        /// How they are compared.
        op: TextOp,
        /// With what.
        value: String,
        /// Whether the answer is turned round.
        negated: bool,
    },
    /// Of a number.
    Number {
        /// How they are compared.
        op: NumberOp,
        /// With what.
        value: f64,
    },
    /// A number between two, both included.
    Range(f64, f64),
    /// Yes or no.
    Bool(bool),
    /// Before an instant.
    Before(DateTime<Utc>),
    /// After an instant.
    After(DateTime<Utc>),
    /// Within a time that ends now, or not within it.
    InTheLast {
        /// Which time.
        span: Span,
        /// Whether the answer is turned round.
        negated: bool,
    },
    /// Whether there is anything.
    Present(bool),
    /// Whether it is on a playlist.
    OnPlaylist {
        /// Which.
        id: Uuid,
        /// Whether the answer is turned round.
        negated: bool,
    },
}

/// How texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextOp {
    /// The whole text.
    Is,
    /// Somewhere in it.
    Contains,
    /// Its beginning.
    StartsWith,
    /// Its end.
    EndsWith,
}

/// How numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberOp {
    /// Equal.
    Is,
    /// Not equal.
    IsNot,
    /// More.
    Gt,
    /// As many or more.
    Gte,
    /// Fewer.
    Lt,
    /// As many or fewer.
    Lte,
}

/// A time that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// So many hours.
    Hours(u32),
    /// So many days of 24 hours.
    Days(u32),
    /// So many months of the calendar.
    Months(u32),
    /// Since Monday, in the rules' time zone.
    ThisIsoWeek,
    /// Since the first of the month, in the rules' time zone.
    ThisMonth,
}

/// By what tracks are sorted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SortKey {
    /// By a field.
    Field {
        /// Which.
        field: Field,
        /// Whether the most comes first.
        descending: bool,
    },
    /// Shuffled; the same seed gives the same order.
    Random {
        /// The seed.
        seed: i64,
    },
}

impl Rules {
    /// Reads rules.
    ///
    /// # Errors
    /// With every fault and where it is, pointers beginning at the rules.
    pub fn parse(rules: &serde_json::Map<String, serde_json::Value>) -> Result<Self, Vec<crate::FieldError>> {
        parse::rules(rules)
    }
}

impl Condition {
    /// The tests in it, in the order in which they are written.
    #[must_use]
    pub fn tests(&self) -> Vec<&Test> {
        match self {
            Self::All(conditions) | Self::Any(conditions) => {
                conditions.iter().flat_map(Self::tests).collect()
            }
            Self::Not(condition) => condition.tests(),
            Self::Test(test) => vec![test],
        }
    }
}

impl Span {
    /// When it began.
    #[must_use]
    pub fn start(self, now: DateTime<Utc>, timezone: Tz) -> DateTime<Utc> {
        use chrono::{Datelike, Days, Months, TimeDelta};
        let today = now.with_timezone(&timezone).date_naive();
        let midnight = |day: chrono::NaiveDate| {
            let local = day.and_time(chrono::NaiveTime::MIN).and_local_timezone(timezone);
            // Where a clock is put forward at midnight, the day begins an hour later.
            local.earliest().map_or(now, |instant| instant.with_timezone(&Utc))
        };
        match self {
            Self::Hours(hours) => now - TimeDelta::hours(hours.into()),
            Self::Days(days) => now - TimeDelta::days(days.into()),
            Self::Months(months) => {
                now.checked_sub_months(Months::new(months)).unwrap_or(DateTime::<Utc>::MIN_UTC)
            }
            Self::ThisIsoWeek => {
                let since_monday = Days::new(today.weekday().num_days_from_monday().into());
                midnight(today.checked_sub_days(since_monday).unwrap_or(today))
            }
            Self::ThisMonth => midnight(today.with_day(1).unwrap_or(today)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_begin_where_the_calendar_says() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("it is an instant");
        let berlin = chrono_tz::Europe::Berlin;
        // Monday, half past midnight in Berlin: Sunday still in UTC.
        let now = at("2026-03-01T23:30:00Z");
        assert_eq!(Span::ThisIsoWeek.start(now, berlin), at("2026-03-01T23:00:00Z"));
        assert_eq!(Span::ThisIsoWeek.start(now, Tz::UTC), at("2026-02-23T00:00:00Z"));
        assert_eq!(Span::ThisMonth.start(now, berlin), at("2026-02-28T23:00:00Z"));
        assert_eq!(Span::Months(1).start(at("2026-03-31T12:00:00Z"), Tz::UTC), at("2026-02-28T12:00:00Z"));
        assert_eq!(Span::Hours(2).start(now, Tz::UTC), at("2026-03-01T21:30:00Z"));
    }
}
