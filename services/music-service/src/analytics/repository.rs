//! Rows of the roll-up.

use chrono::NaiveDate;
use contracts::DeviceType;
use contracts::music::StreamAnalyticsResponse;
use database::AsText;
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::schema::mus_stream_analytics;

/// A row of `mus_stream_analytics`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mus_stream_analytics, check_for_backend(diesel::pg::Pg))]
pub(super) struct DayOfTrack {
    date: NaiveDate,
    track_id: Uuid,
    device_type: AsText<DeviceType>,
    country: String,
    total_plays: i64,
    total_duration: f64,
    unique_listeners: i64,
    average_completion: Option<f64>,
    skip_rate: Option<f64>,
    average_bitrate: Option<f64>,
    buffer_events: i64,
    quality_adaptations: i64,
}

/// Where a page ends: the primary key of its last row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place(NaiveDate, Uuid, String, String);

impl DayOfTrack {
    pub(super) fn place(&self) -> Place {
        Place(self.date, self.track_id, self.device_type.0.to_string(), self.country.clone())
    }
}

impl From<DayOfTrack> for StreamAnalyticsResponse {
    fn from(row: DayOfTrack) -> Self {
        Self {
            date: row.date,
            track_id: row.track_id,
            device_type: row.device_type.0,
            country: row.country,
            total_plays: row.total_plays,
            total_duration: row.total_duration,
            unique_listeners: row.unique_listeners,
            average_completion: row.average_completion,
            skip_rate: row.skip_rate,
            average_bitrate: row.average_bitrate,
            buffer_events: row.buffer_events,
            quality_adaptations: row.quality_adaptations,
        }
    }
}

/// Rows of some days, the last one included, of one track where it is named, after one of them; served by the primary key and
/// `mus_stream_analytics_of_track`.
pub(super) async fn list(
    mut connection: &AsyncPgConnection,
    (from, to): (NaiveDate, NaiveDate),
    track_id: Option<Uuid>,
    after: Place,
    limit: i64,
) -> QueryResult<Vec<DayOfTrack>> {
    use mus_stream_analytics as rows;
    let Place(date, track, device_type, country) = after;
    let comes_after = dsl::sql::<Bool>("(date, track_id, device_type, country) > (")
        .bind::<Date, _>(date)
        .sql(", ")
        .bind::<SqlUuid, _>(track)
        .sql(", ")
        .bind::<Text, _>(device_type)
        .sql(", ")
        .bind::<Text, _>(country)
        .sql(")");
    // Boxed: the filter has an index and so a plan of its own.
    let mut days = rows::table
        .filter(rows::date.between(from, to))
        .filter(comes_after)
        .order((rows::date, rows::track_id, rows::device_type, rows::country))
        .limit(limit)
        .select(DayOfTrack::as_select())
        .into_boxed();
    if let Some(track_id) = track_id {
        days = days.filter(rows::track_id.eq(track_id));
    }
    days.load(&mut connection).await
}
