//! Days, weeks, months and years in a time zone.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;

/// Longest time that is computed at once, in days.
const MAX_DAYS: i64 = 3 * 366;

/// Days, the first and the last included, in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time {
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
    pub(super) timezone: Tz,
}

impl Time {
    /// `None` when the days are in no order, or too many.
    pub(super) fn new(from: NaiveDate, to: NaiveDate, timezone: Tz) -> Option<Self> {
        let days = to.signed_duration_since(from).num_days();
        (0..MAX_DAYS).contains(&days).then_some(Self { from, to, timezone })
    }

    /// A week (`2026-W05`), a month (`2026-01`) or a year (`2026`). `None` for anything else.
    pub(super) fn of_period(period: &str, timezone: Tz) -> Option<Self> {
        let year = |text: &str| (text.len() == 4).then(|| text.parse::<i32>().ok()).flatten();
        let two = |text: &str| (text.len() == 2).then(|| text.parse::<u32>().ok()).flatten();
        let (from, to) = match period.split_once('-') {
            None => {
                let first = NaiveDate::from_ymd_opt(year(period)?, 1, 1)?;
                (first, NaiveDate::from_ymd_opt(first.year(), 12, 31)?)
            }
            Some((of, week)) if week.starts_with('W') => {
                let monday = NaiveDate::from_isoywd_opt(year(of)?, two(week.get(1..)?)?, Weekday::Mon)?;
                (monday, monday.checked_add_days(Days::new(6))?)
            }
            Some((of, month)) => {
                let first = NaiveDate::from_ymd_opt(year(of)?, two(month)?, 1)?;
                (first, first.checked_add_months(Months::new(1))?.pred_opt()?)
            }
        };
        Self::new(from, to, timezone)
    }

    /// When it begins, and when it has ended.
    pub(super) fn instants(self) -> (DateTime<Utc>, DateTime<Utc>) {
        let after = self.to.checked_add_days(Days::new(1)).unwrap_or(self.to);
        (self.midnight(self.from), self.midnight(after))
    }

    fn midnight(self, day: NaiveDate) -> DateTime<Utc> {
        let local = day.and_time(NaiveTime::MIN);
        // Where clocks go forward at midnight, the day begins with the first time that there is.
        let hours = (0..=3).filter_map(|hours| {
            (local + chrono::TimeDelta::hours(hours)).and_local_timezone(self.timezone).earliest()
        });
        hours.map(|instant| instant.with_timezone(&Utc)).next().unwrap_or_else(|| local.and_utc())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(period: &str) -> Option<(String, String)> {
        Time::of_period(period, Tz::UTC).map(|time| (time.from.to_string(), time.to.to_string()))
    }

    #[test]
    fn periods_have_their_edges() {
        let some = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        assert_eq!(days("2025-W01"), some("2024-12-30", "2025-01-05"));
        assert_eq!(days("2026-W53"), some("2026-12-28", "2027-01-03"));
        assert_eq!(days("2024-02"), some("2024-02-01", "2024-02-29"));
        assert_eq!(days("2026"), some("2026-01-01", "2026-12-31"));
        for wrong in
            ["2025-W53", "2026-13", "2026-1", "26", "2026-W5", "W05", "2026-", "2026-01-01", "", "2026-Wé"]
        {
            assert_eq!(days(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_day_is_as_long_as_its_zone_makes_it() {
        let hours = |day: &str, zone: Tz| {
            let day = day.parse().expect("it is a day");
            let (start, end) = Time::new(day, day, zone).expect("it is one day").instants();
            (end - start).num_hours()
        };
        assert_eq!(hours("2026-03-29", chrono_tz::Europe::Berlin), 23);
        assert_eq!(hours("2026-10-25", chrono_tz::Europe::Berlin), 25);
        // Clocks go forward at midnight.
        assert_eq!(hours("2026-09-06", chrono_tz::America::Santiago), 23);
    }
}
