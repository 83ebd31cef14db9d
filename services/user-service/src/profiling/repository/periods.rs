//! Weeks and months as people read them, in pages.

use chrono::{DateTime, NaiveDate, Utc};
use contracts::user::{AnalyticsQuery, AnalyticsResponse, ProfileMetricsQuery, ProfileMetricsResponse};
use contracts::{AnalysisType, PeriodKind};
use database::{AsJson, AsText};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::schema::{usr_profile_analytics, usr_profile_metrics};

/// A row of `usr_profile_metrics`.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = usr_profile_metrics, check_for_backend(diesel::pg::Pg))]
struct Metrics {
    period: String,
    period_kind: AsText<PeriodKind>,
    period_start: NaiveDate,
    insight_count: i32,
    unique_themes: i32,
    entry_count: i32,
    plays: i32,
    new_insights: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Metrics> for ProfileMetricsResponse {
    fn from(metrics: Metrics) -> Self {
        Self {
            period: metrics.period,
            period_kind: metrics.period_kind.0,
            period_start: metrics.period_start,
            insight_count: metrics.insight_count,
            unique_themes: metrics.unique_themes,
            entry_count: metrics.entry_count,
            plays: metrics.plays,
            new_insights: metrics.new_insights,
            created_at: metrics.created_at,
            updated_at: metrics.updated_at,
        }
    }
}

/// A person's weeks and months after the named one, the latest first; served by `usr_profile_metrics_by_start`.
pub(in super::super) async fn list_metrics(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    query: &ProfileMetricsQuery,
    after: Option<(NaiveDate, String)>,
    limit: i64,
) -> QueryResult<Vec<ProfileMetricsResponse>> {
    use usr_profile_metrics as metrics;
    let mut rows = metrics::table
        .filter(metrics::user_id.eq(user_id))
        .order((metrics::period_start.desc(), metrics::period))
        .limit(limit)
        .select(Metrics::as_select())
        .into_boxed();
    if let Some(kind) = query.kind {
        rows = rows.filter(metrics::period_kind.eq(AsText(kind)));
    }
    if let Some(from) = query.from {
        rows = rows.filter(metrics::period_start.ge(from));
    }
    if let Some(to) = query.to {
        rows = rows.filter(metrics::period_start.le(to));
    }
    if let Some((start, period)) = after {
        let same = metrics::period_start.eq(start).and(metrics::period.gt(period));
        rows = rows.filter(metrics::period_start.lt(start).or(same));
    }
    let rows: Vec<Metrics> = rows.load(&mut connection).await?;
    Ok(rows.into_iter().map(ProfileMetricsResponse::from).collect())
}

/// One week or month of a person, by primary key.
pub(in super::super) async fn find_metrics(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    period: &str,
) -> QueryResult<Option<ProfileMetricsResponse>> {
    let metrics = usr_profile_metrics::table.find((user_id, period)).select(Metrics::as_select());
    let metrics: Option<Metrics> = metrics.first(&mut connection).await.optional()?;
    Ok(metrics.map(ProfileMetricsResponse::from))
}

/// A row of `usr_profile_analytics`.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = usr_profile_analytics, check_for_backend(diesel::pg::Pg))]
struct Analytics {
    analysis_type: AsText<AnalysisType>,
    timeframe: AsText<PeriodKind>,
    valid_from: NaiveDate,
    valid_to: NaiveDate,
    data: AsJson<Map<String, Value>>,
    progress_indicators: AsJson<Map<String, Value>>,
    computed_at: DateTime<Utc>,
}

impl From<Analytics> for AnalyticsResponse {
    fn from(analytics: Analytics) -> Self {
        Self {
            analysis_type: analytics.analysis_type.0,
            timeframe: analytics.timeframe.0,
            valid_from: analytics.valid_from,
            valid_to: analytics.valid_to,
            data: analytics.data.0,
            progress_indicators: analytics.progress_indicators.0,
            computed_at: analytics.computed_at,
        }
    }
}

/// What a page of looks comes after.
pub(in super::super) type Look = (NaiveDate, PeriodKind, AnalysisType);

/// Looks at a person's weeks and months after the named one, the latest first; served by the primary key.
pub(in super::super) async fn list_analytics(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    query: &AnalyticsQuery,
    after: Option<Look>,
    limit: i64,
) -> QueryResult<Vec<AnalyticsResponse>> {
    use usr_profile_analytics as analytics;
    let mut rows = analytics::table
        .filter(analytics::user_id.eq(user_id))
        .order((analytics::valid_from.desc(), analytics::timeframe, analytics::analysis_type))
        .limit(limit)
        .select(Analytics::as_select())
        .into_boxed();
    if let Some(kind) = query.kind {
        rows = rows.filter(analytics::analysis_type.eq(AsText(kind)));
    }
    if let Some(timeframe) = query.timeframe {
        rows = rows.filter(analytics::timeframe.eq(AsText(timeframe)));
    }
    if let Some(from) = query.from {
        rows = rows.filter(analytics::valid_from.ge(from));
    }
    if let Some(to) = query.to {
        rows = rows.filter(analytics::valid_from.le(to));
    }
    if let Some((from, timeframe, kind)) = after {
        let same = analytics::timeframe.eq(AsText(timeframe)).and(analytics::analysis_type.gt(AsText(kind)));
        let later = analytics::timeframe.gt(AsText(timeframe)).or(same);
        rows = rows.filter(analytics::valid_from.lt(from).or(analytics::valid_from.eq(from).and(later)));
    }
    let rows: Vec<Analytics> = rows.load(&mut connection).await?;
    Ok(rows.into_iter().map(AnalyticsResponse::from).collect())
}
