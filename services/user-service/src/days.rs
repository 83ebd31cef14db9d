//! Days of a person: they begin at midnight in the person's time zone.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// The zone of an account. Its rule has seen to it that there is one; a zone that has left the database is UTC.
pub(crate) fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}

/// When a day begins. Where clocks go forward at midnight, with the first time that there is.
pub(crate) fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let local = day.and_time(NaiveTime::MIN);
    let hours =
        (0..=3).filter_map(|hours| (local + TimeDelta::hours(hours)).and_local_timezone(zone).earliest());
    hours.map(|instant| instant.with_timezone(&Utc)).next().unwrap_or_else(|| local.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_where_the_person_is() {
        let day: NaiveDate = "2026-09-06".parse().expect("it is a day");
        // Clocks go forward at midnight.
        let santiago = midnight(day, chrono_tz::America::Santiago);
        assert_eq!(santiago.to_rfc3339(), "2026-09-06T04:00:00+00:00");
        assert_eq!(midnight(day, chrono_tz::Asia::Kathmandu).to_rfc3339(), "2026-09-05T18:15:00+00:00");
        assert_eq!(zone("Mars/Olympus"), Tz::UTC);
    }
}
