//! Findings as people read them.

use chrono::{DateTime, NaiveDate, Utc};
use contracts::user::{
    AnalysisRunResponse, AnalyticsQuery, AnalyticsResponse, InsightResponse, PatternResponse,
    ProfileMetricsQuery, ProfileMetricsResponse, ThemeFrequencyResponse,
};
use contracts::{AnalysisType, DeactivatedReason, PatternType, PeriodKind, ThemeSource, Trend};
use database::{AsJson, AsText};
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::Nullable;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Run;
use crate::schema::{
    usr_analysis_runs, usr_insights, usr_profile_analytics, usr_profile_metrics,
    usr_profile_theme_frequencies, usr_user_patterns,
};

/// Weeks, months and looks that one answer holds at most: the latest.
const MOST: i64 = 1000;

/// A person's themes after the named one, the most frequent first; served by `usr_profile_theme_frequencies_by_count`.
pub(crate) async fn list_themes(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    (count, theme): (i32, String),
    limit: i64,
) -> QueryResult<Vec<ThemeFrequencyResponse>> {
    use usr_profile_theme_frequencies as themes;
    type Row = (String, i32, DateTime<Utc>, DateTime<Utc>, AsText<ThemeSource>);
    let rows: Vec<Row> = themes::table
        .filter(themes::user_id.eq(user_id))
        .filter(themes::count.lt(count).or(themes::count.eq(count).and(themes::theme.gt(theme))))
        .order((themes::count.desc(), themes::theme))
        .limit(limit)
        .select((themes::theme, themes::count, themes::first_seen, themes::last_seen, themes::source))
        .load(&mut connection)
        .await?;
    let response = |(theme, count, first_seen, last_seen, source): Row| ThemeFrequencyResponse {
        theme,
        count,
        first_seen,
        last_seen,
        source: source.0,
    };
    Ok(rows.into_iter().map(response).collect())
}

/// A row of `usr_user_patterns`.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = usr_user_patterns, check_for_backend(diesel::pg::Pg))]
struct Pattern {
    id: Uuid,
    pattern_type: AsText<PatternType>,
    pattern_key: String,
    pattern_name: String,
    description: String,
    frequency: i32,
    peak_frequency: i32,
    strength: f64,
    confidence: f64,
    sample_size: i32,
    trend: AsText<Trend>,
    first_observed: NaiveDate,
    last_observed: NaiveDate,
    related_themes: Vec<String>,
    trigger_factors: Vec<String>,
    evidence_entry_ids: Vec<Uuid>,
    evidence_reflection_ids: Vec<Uuid>,
    exploration_prompt: String,
    is_active: bool,
    deactivated_reason: Option<AsText<DeactivatedReason>>,
    metadata: AsJson<Map<String, Value>>,
}

impl From<Pattern> for PatternResponse {
    fn from(pattern: Pattern) -> Self {
        Self {
            id: pattern.id,
            pattern_type: pattern.pattern_type.0,
            pattern_key: pattern.pattern_key,
            pattern_name: pattern.pattern_name,
            description: pattern.description,
            frequency: pattern.frequency,
            peak_frequency: pattern.peak_frequency,
            strength: pattern.strength,
            confidence: pattern.confidence,
            sample_size: pattern.sample_size,
            trend: pattern.trend.0,
            first_observed: pattern.first_observed,
            last_observed: pattern.last_observed,
            related_themes: pattern.related_themes,
            trigger_factors: pattern.trigger_factors,
            evidence_entry_ids: pattern.evidence_entry_ids,
            evidence_reflection_ids: pattern.evidence_reflection_ids,
            exploration_prompt: pattern.exploration_prompt,
            is_active: pattern.is_active,
            deactivated_reason: pattern.deactivated_reason.map(|reason| reason.0),
            metadata: pattern.metadata.0,
        }
    }
}

/// A person's active patterns before the named one, the last found first; served by `usr_user_patterns_of_user`.
pub(crate) async fn list_patterns(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<PatternResponse>> {
    let rows: Vec<Pattern> = usr_user_patterns::table
        .filter(usr_user_patterns::user_id.eq(user_id))
        .filter(usr_user_patterns::is_active)
        .filter(usr_user_patterns::id.lt(after.unwrap_or(Uuid::max())))
        .order(usr_user_patterns::id.desc())
        .limit(limit)
        .select(Pattern::as_select())
        .load(&mut connection)
        .await?;
    Ok(rows.into_iter().map(PatternResponse::from).collect())
}

/// A pattern of a person, shown or not, that was not deleted.
pub(crate) async fn find_pattern(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    id: Uuid,
) -> QueryResult<Option<PatternResponse>> {
    let pattern = usr_user_patterns::table.find(id).filter(usr_user_patterns::user_id.eq(user_id));
    let pattern = pattern.filter(usr_user_patterns::deleted_at.is_null());
    let pattern: Option<Pattern> =
        pattern.select(Pattern::as_select()).first(&mut connection).await.optional()?;
    Ok(pattern.map(PatternResponse::from))
}

/// A row of `usr_insights`.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = usr_insights, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Insight {
    pub(crate) id: Uuid,
    pattern_id: Uuid,
    run_id: Uuid,
    entry_id: Option<Uuid>,
    #[diesel(column_name = type_)]
    kind: AsText<PatternType>,
    category: AsText<AnalysisType>,
    actionable: bool,
    title: String,
    content: String,
    confidence: f64,
    sample_size: i32,
    evidence: AsJson<Vec<Uuid>>,
    themes: Vec<String>,
    priority: i32,
    method: String,
    algorithm_version: i32,
    generated_at: DateTime<Utc>,
    validated_at: Option<DateTime<Utc>>,
    validated_by: Option<Uuid>,
    dismissed_at: Option<DateTime<Utc>>,
}

impl From<Insight> for InsightResponse {
    fn from(insight: Insight) -> Self {
        Self {
            id: insight.id,
            pattern_id: insight.pattern_id,
            run_id: insight.run_id,
            entry_id: insight.entry_id,
            kind: insight.kind.0,
            category: insight.category.0,
            actionable: insight.actionable,
            title: insight.title,
            content: insight.content,
            confidence: insight.confidence,
            sample_size: insight.sample_size,
            evidence: insight.evidence.0,
            themes: insight.themes,
            priority: insight.priority,
            method: insight.method,
            algorithm_version: insight.algorithm_version,
            generated_at: insight.generated_at,
            validated_at: insight.validated_at,
            validated_by: insight.validated_by,
            dismissed_at: insight.dismissed_at,
        }
    }
}

/// A person's insights that hold and were not deleted, before the named one, the last told first; served by `usr_insights_of_user`.
pub(crate) async fn list_insights(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<Insight>> {
    usr_insights::table
        .filter(usr_insights::user_id.eq(user_id))
        .filter(usr_insights::withdrawn_at.is_null())
        .filter(usr_insights::deleted_at.is_null())
        .filter(usr_insights::id.lt(after.unwrap_or(Uuid::max())))
        .order(usr_insights::id.desc())
        .limit(limit)
        .select(Insight::as_select())
        .load(&mut connection)
        .await
}

/// Puts an insight away; the first time stays. `None` when the person has no such insight that holds.
pub(crate) async fn dismiss(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    id: Uuid,
) -> QueryResult<Option<Insight>> {
    let insight = usr_insights::table
        .find(id)
        .filter(usr_insights::user_id.eq(user_id))
        .filter(usr_insights::withdrawn_at.is_null())
        .filter(usr_insights::deleted_at.is_null());
    let at = dsl::sql::<Nullable<diesel::sql_types::Timestamptz>>("coalesce(dismissed_at, now())");
    let dismissed = diesel::update(insight).set(usr_insights::dismissed_at.eq(at));
    dismissed.returning(Insight::as_returning()).get_result(connection).await.optional()
}

/// A person's runs before the named one, the last first; served by `usr_analysis_runs_of_user`.
pub(crate) async fn list_runs(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<AnalysisRunResponse>> {
    let runs: Vec<Run> = usr_analysis_runs::table
        .filter(usr_analysis_runs::user_id.eq(user_id))
        .filter(usr_analysis_runs::id.lt(after.unwrap_or(Uuid::max())))
        .order(usr_analysis_runs::id.desc())
        .limit(limit)
        .select(Run::as_select())
        .load(&mut connection)
        .await?;
    Ok(runs.into_iter().map(AnalysisRunResponse::from).collect())
}

type MetricsRow =
    (String, AsText<PeriodKind>, NaiveDate, i32, i32, i32, i32, i32, DateTime<Utc>, DateTime<Utc>);

/// A person's weeks and months, the latest first; one of them when it is named. Served by `usr_profile_metrics_by_start`.
pub(crate) async fn list_metrics(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    query: &ProfileMetricsQuery,
    period: Option<&str>,
) -> QueryResult<Vec<ProfileMetricsResponse>> {
    use usr_profile_metrics as metrics;
    let mut rows = metrics::table
        .filter(metrics::user_id.eq(user_id))
        .order((metrics::period_start.desc(), metrics::period_kind))
        .limit(MOST)
        .select((
            metrics::period,
            metrics::period_kind,
            metrics::period_start,
            metrics::insight_count,
            metrics::unique_themes,
            metrics::entry_count,
            metrics::plays,
            metrics::new_insights,
            metrics::created_at,
            metrics::updated_at,
        ))
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
    if let Some(period) = period {
        rows = rows.filter(metrics::period.eq(period.to_owned()));
    }
    let rows: Vec<MetricsRow> = rows.load(&mut connection).await?;
    let response = |(
        period,
        kind,
        period_start,
        insight_count,
        unique_themes,
        entry_count,
        plays,
        new_insights,
        created_at,
        updated_at,
    ): MetricsRow| {
        ProfileMetricsResponse {
            period,
            period_kind: kind.0,
            period_start,
            insight_count,
            unique_themes,
            entry_count,
            plays,
            new_insights,
            created_at,
            updated_at,
        }
    };
    Ok(rows.into_iter().map(response).collect())
}

type AnalyticsRow = (
    AsText<AnalysisType>,
    AsText<PeriodKind>,
    NaiveDate,
    NaiveDate,
    AsJson<Map<String, Value>>,
    AsJson<Map<String, Value>>,
    DateTime<Utc>,
);

/// Looks at a person's weeks and months, the latest first; served by the primary key.
pub(crate) async fn list_analytics(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    query: &AnalyticsQuery,
) -> QueryResult<Vec<AnalyticsResponse>> {
    use usr_profile_analytics as analytics;
    let mut rows = analytics::table
        .filter(analytics::user_id.eq(user_id))
        .order((analytics::valid_from.desc(), analytics::timeframe, analytics::analysis_type))
        .limit(MOST)
        .select((
            analytics::analysis_type,
            analytics::timeframe,
            analytics::valid_from,
            analytics::valid_to,
            analytics::data,
            analytics::progress_indicators,
            analytics::computed_at,
        ))
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
    let rows: Vec<AnalyticsRow> = rows.load(&mut connection).await?;
    let response = |(kind, timeframe, valid_from, valid_to, data, progress, computed_at): AnalyticsRow| {
        AnalyticsResponse {
            analysis_type: kind.0,
            timeframe: timeframe.0,
            valid_from,
            valid_to,
            data: data.0,
            progress_indicators: progress.0,
            computed_at,
        }
    };
    Ok(rows.into_iter().map(response).collect())
}
