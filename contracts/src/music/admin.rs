//! How the house is doing: for librarians and admins.

use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::DeviceType;

/// Which days, in UTC.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MetricsQuery {
    /// First day.
    #[garde(skip)]
    pub from: NaiveDate,
    /// Last day, included; at most 92 days.
    #[garde(skip)]
    pub to: NaiveDate,
}

/// What everybody listened to in a time, counted in the play log. Rates are `null` where nothing tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetricsResponse {
    /// First day, in UTC.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// People with a play.
    pub active_listeners: i64,
    /// Plays.
    pub plays: i64,
    /// Seconds heard, as far as clients told.
    pub seconds_heard: f64,
    /// Mean share of the track that was heard.
    #[schema(required)]
    pub mean_completion: Option<f64>,
    /// Share of plays that were skipped.
    #[schema(required)]
    pub skip_rate: Option<f64>,
    /// Share of plays of a track that the same person had played in this time already.
    #[schema(required)]
    pub replay_rate: Option<f64>,
}

/// Which rows of the daily roll-up of streams.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StreamAnalyticsQuery {
    /// First day.
    #[garde(skip)]
    pub from: NaiveDate,
    /// Last day, included.
    #[garde(skip)]
    pub to: NaiveDate,
    /// Only of this track; needed by those who are no librarians, whose own it must be.
    #[garde(skip)]
    pub track_id: Option<Uuid>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
}

/// One day of a track on one kind of device in one country. The last week is rebuilt every night; older days stay as they
/// are, also when their plays are deleted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StreamAnalyticsResponse {
    /// The day, in UTC.
    pub date: NaiveDate,
    /// The track.
    pub track_id: Uuid,
    /// What it was heard on; `unknown` for a session that became no play.
    pub device_type: DeviceType,
    /// ISO 3166-1 code that the player told in `networkInfo.country`, else `unknown`.
    pub country: String,
    /// Plays.
    pub total_plays: i64,
    /// Seconds heard.
    pub total_duration: f64,
    /// Different people with a play.
    pub unique_listeners: i64,
    /// Mean share of the track that was heard; `null` when no play tells.
    #[schema(required)]
    pub average_completion: Option<f64>,
    /// Share of plays that were skipped; `null` without plays.
    #[schema(required)]
    pub skip_rate: Option<f64>,
    /// Mean bits per second of the sessions; `null` when none tells.
    #[schema(required)]
    pub average_bitrate: Option<f64>,
    /// Times that players ran dry.
    pub buffer_events: i64,
    /// Times that players changed the quality.
    pub quality_adaptations: i64,
}
