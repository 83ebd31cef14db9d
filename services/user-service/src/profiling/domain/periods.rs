//! Weeks and months of a person.

use chrono::{Datelike, Days, Months, NaiveDate};
use contracts::PeriodKind;

/// An ISO week or a month of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Period {
    pub(in super::super) kind: PeriodKind,
    pub(in super::super) first: NaiveDate,
    pub(in super::super) last: NaiveDate,
}

impl Period {
    /// The week or the month of a day.
    pub(in super::super) fn of(kind: PeriodKind, day: NaiveDate) -> Self {
        let (first, last) = match kind {
            PeriodKind::Week => {
                let monday = day - Days::new(u64::from(day.weekday().num_days_from_monday()));
                (monday, monday + Days::new(6))
            }
            PeriodKind::Month => {
                let first = day - Days::new(u64::from(day.day0()));
                (first, first + Months::new(1) - Days::new(1))
            }
        };
        Self { kind, first, last }
    }

    /// The one before.
    pub(in super::super) fn before(self) -> Self {
        Self::of(self.kind, self.first - Days::new(1))
    }

    pub(in super::super) fn contains(self, day: NaiveDate) -> bool {
        self.first <= day && day <= self.last
    }

    /// `2025-W03`, by the ISO year, or `2025-01`.
    pub(in super::super) fn name(self) -> String {
        match self.kind {
            PeriodKind::Week => {
                let week = self.first.iso_week();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            PeriodKind::Month => format!("{:04}-{:02}", self.first.year(), self.first.month()),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};
    use chrono_tz::Tz;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2024-12-29", "2024-W52", "2024-12")]
    #[case("2024-12-30", "2025-W01", "2024-12")]
    #[case("2025-01-01", "2025-W01", "2025-01")]
    #[case("2026-12-31", "2026-W53", "2026-12")]
    #[case("2027-01-01", "2026-W53", "2027-01")]
    #[case("2027-01-04", "2027-W01", "2027-01")]
    #[case("2024-02-29", "2024-W09", "2024-02")]
    fn days_have_their_week_and_month(#[case] day: NaiveDate, #[case] week: &str, #[case] month: &str) {
        let (in_week, in_month) = (Period::of(PeriodKind::Week, day), Period::of(PeriodKind::Month, day));
        assert_eq!((in_week.name().as_str(), in_month.name().as_str()), (week, month));
        assert!(in_week.contains(day) && in_month.contains(day));
        assert!(!in_week.before().contains(day) && !in_month.before().contains(day));
        assert_eq!(in_week.last - in_week.first, chrono::TimeDelta::days(6));
    }

    #[rstest]
    // Half an hour before the new year in UTC: where the person is decides.
    #[case(Tz::UTC, "2027-01-01T00:30:00", "2026-W53", "2027-01")]
    #[case(chrono_tz::America::Los_Angeles, "2027-01-01T00:30:00", "2026-W53", "2026-12")]
    #[case(chrono_tz::Pacific::Kiritimati, "2027-01-03T12:00:00", "2027-W01", "2027-01")]
    #[case(chrono_tz::Pacific::Pago_Pago, "2027-01-04T05:00:00", "2026-W53", "2027-01")]
    #[case(chrono_tz::Asia::Tokyo, "2024-12-29T15:30:00", "2025-W01", "2024-12")]
    #[case(chrono_tz::Europe::Lisbon, "2024-12-29T15:30:00", "2024-W52", "2024-12")]
    fn years_end_where_the_person_is(
        #[case] zone: Tz,
        #[case] utc: chrono::NaiveDateTime,
        #[case] week: &str,
        #[case] month: &str,
    ) {
        let day = Utc.from_utc_datetime(&utc).with_timezone(&zone).date_naive();
        assert_eq!(Period::of(PeriodKind::Week, day).name(), week);
        assert_eq!(Period::of(PeriodKind::Month, day).name(), month);
    }
}
