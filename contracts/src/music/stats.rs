//! What a person listened to. Exact at once: computed from the plays when asked.

use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::StatsGroup;
use crate::rules::time_zone;

/// What was listened to, taken together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Listening {
    /// Plays.
    pub plays: i64,
    /// Of those, the ones that were skipped.
    pub skips: i64,
    /// Seconds heard, as far as clients told.
    pub seconds_heard: f64,
    /// Different tracks.
    pub distinct_tracks: i64,
    /// Mean share of the track that was heard; `null` when no play tells.
    #[schema(required)]
    pub mean_completion: Option<f64>,
}

/// One group of plays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListeningGroup {
    /// A day, an hour, an id, a word.
    pub key: String,
    /// For people, where the key is an id: the title.
    #[schema(required)]
    pub label: Option<String>,
    /// What was listened to.
    #[serde(flatten)]
    pub listening: Listening,
}

/// Statistics of a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatsResponse {
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// The zone whose days these are.
    pub timezone: String,
    /// All of it.
    pub totals: Listening,
    /// In the order of time, or the most plays first.
    pub groups: Vec<ListeningGroup>,
}

/// A week, a month or a year, looked back on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecapResponse {
    /// `2026-W05` (ISO 8601 week), `2026-01` or `2026`.
    pub period: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// The zone whose days these are.
    pub timezone: String,
    /// All of it.
    pub totals: Listening,
    /// The most played tracks, ten at most.
    pub tracks: Vec<ListeningGroup>,
    /// The most played albums, ten at most.
    pub albums: Vec<ListeningGroup>,
    /// The most played creators, ten at most.
    pub creators: Vec<ListeningGroup>,
    /// The most played genres, ten at most.
    pub genres: Vec<ListeningGroup>,
    /// Hours of the day with plays.
    pub hours: Vec<ListeningGroup>,
    /// Days with plays.
    pub days: Vec<ListeningGroup>,
}

/// Which time, in which groups.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatsQuery {
    /// First day.
    #[garde(skip)]
    pub from: NaiveDate,
    /// Last day, included.
    #[garde(skip)]
    pub to: NaiveDate,
    /// `day` when absent.
    #[garde(skip)]
    #[param(inline)]
    pub group_by: Option<StatsGroup>,
    /// Zone of the IANA database whose days are meant; `UTC` when absent.
    #[garde(inner(custom(time_zone)))]
    pub timezone: Option<String>,
    /// 1 to 1000 groups; when absent 100, and all of days, hours and weekdays.
    #[garde(range(min = 1, max = 1000))]
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
}

/// Which days of a calendar.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CalendarQuery {
    /// First day.
    #[garde(skip)]
    pub from: NaiveDate,
    /// Last day, included.
    #[garde(skip)]
    pub to: NaiveDate,
    /// Zone of the IANA database whose days are meant; `UTC` when absent.
    #[garde(inner(custom(time_zone)))]
    pub timezone: Option<String>,
}

/// In which zone.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ZoneQuery {
    /// Zone of the IANA database whose days are meant; `UTC` when absent.
    #[garde(inner(custom(time_zone)))]
    pub timezone: Option<String>,
}

/// Days with plays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CalendarResponse {
    /// The zone whose days these are.
    pub timezone: String,
    /// In the order of time; days without plays are left out.
    pub days: Vec<ListeningGroup>,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DayResponse {
    /// The day.
    pub date: NaiveDate,
    /// The zone whose day it is.
    pub timezone: String,
    /// All of it.
    pub totals: Listening,
    /// Its hours with plays.
    pub hours: Vec<ListeningGroup>,
    /// Its tracks, the most played first.
    pub tracks: Vec<ListeningGroup>,
}
