//! Findings as people read them.

use chrono::{DateTime, NaiveDate, Utc};
use contracts::user::{AnalysisRunResponse, InsightResponse, PatternResponse, ThemeFrequencyResponse};
use contracts::{AnalysisType, DeactivatedReason, PatternType, ThemeSource, Trend};
use database::{AsJson, AsText};
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::Nullable;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Run;
use crate::schema::{usr_analysis_runs, usr_insights, usr_profile_theme_frequencies, usr_user_patterns};

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
    evidence_checkin_ids: Vec<Uuid>,
    evidence_days: Vec<NaiveDate>,
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
            evidence_checkin_ids: pattern.evidence_checkin_ids,
            evidence_days: pattern.evidence_days,
            exploration_prompt: pattern.exploration_prompt,
            is_active: pattern.is_active,
            deactivated_reason: pattern.deactivated_reason.map(|reason| reason.0),
            metadata: pattern.metadata.0,
        }
    }
}

/// A person's active patterns, or those that are hidden for a reason, before the named one, the last found first; served by
/// `usr_user_patterns_of_user`.
pub(crate) async fn list_patterns(
    mut connection: &AsyncPgConnection,
    (user_id, hidden): (Uuid, Option<DeactivatedReason>),
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<PatternResponse>> {
    let rows: Vec<Pattern> = usr_user_patterns::table
        .filter(usr_user_patterns::user_id.eq(user_id))
        .filter(usr_user_patterns::deleted_at.is_null())
        .filter(usr_user_patterns::deactivated_reason.is_not_distinct_from(hidden.map(AsText)))
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
    evidence_days: Vec<NaiveDate>,
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
            evidence_days: insight.evidence_days,
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

/// A run of a person, by primary key.
pub(crate) async fn find_run(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    id: Uuid,
) -> QueryResult<Option<Run>> {
    let run = usr_analysis_runs::table.find(id).filter(usr_analysis_runs::user_id.eq(user_id));
    run.select(Run::as_select()).first(&mut connection).await.optional()
}
