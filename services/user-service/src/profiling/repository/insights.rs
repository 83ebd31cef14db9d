//! Insights: told of patterns that are strong and certain enough, taken back when their evidence goes.

use chrono::NaiveDate;
use contracts::{AnalysisType, PatternType};
use database::{AsJson, AsText, statement};
use diesel::QueryResult;
use diesel::sql_types::{Array, Date, Double, Integer, Jsonb, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use uuid::Uuid;

use super::super::domain::{ALGORITHM_VERSION, Bearing};
use super::Run;

/// How certain and how strong a pattern is at least of which a person is told.
const CONFIDENCE: f64 = 0.5;
const STRENGTH: f64 = 0.2;

/// What is to be told of a pattern.
#[derive(Debug, Serialize)]
struct News {
    id: Uuid,
    pattern_id: Uuid,
    category: AnalysisType,
    actionable: bool,
}

impl News {
    fn of((pattern_id, kind, key): (Uuid, AsText<PatternType>, String)) -> Self {
        let Bearing { category, actionable } = Bearing::of(kind.0, &key);
        Self { id: contracts::ids::new_id(), pattern_id, category, actionable }
    }
}

/// Tells of each pattern that this day's run saw and that crossed the thresholds, once, the most certain first; gives the ids of
/// the new ones. What the person deleted is not told again.
pub(crate) async fn write(connection: &mut AsyncPgConnection, run: &Run) -> QueryResult<Vec<Uuid>> {
    let untold = statement::<(SqlUuid, Text, Text)>(
        "SELECT id, pattern_type, pattern_key FROM usr_user_patterns AS pattern
         WHERE user_id = $1 AND is_active AND trend <> 'fading' AND confidence >= $2 AND strength >= $3
             AND NOT EXISTS (SELECT FROM usr_insights AS known WHERE known.user_id = $1
                 AND known.pattern_id = pattern.id AND (known.withdrawn_at IS NULL OR known.deleted_at IS NOT NULL))
         ORDER BY confidence DESC, id",
    );
    let untold = untold
        .bind::<SqlUuid, _>(run.user_id)
        .bind::<Double, _>(CONFIDENCE)
        .bind::<Double, _>(STRENGTH)
        .load(connection)
        .await?;
    statement::<SqlUuid>(
        "INSERT INTO usr_insights (
             id, user_id, pattern_id, run_id, type, title, content, confidence, sample_size, evidence, themes, priority,
             method, algorithm_version, category, actionable, entry_id, evidence_days)
         SELECT news.id, $1, pattern.id, $2, pattern_type, pattern_name, description, confidence, sample_size,
                to_jsonb(evidence_entry_ids || evidence_reflection_ids || evidence_checkin_ids), related_themes,
                least(5, 1 + floor((1 - confidence) * 10)::int), metadata->>'method', $4, category, actionable,
                CASE WHEN cardinality(evidence_entry_ids || evidence_reflection_ids || evidence_checkin_ids) = 1
                     THEN evidence_entry_ids[1] END,
                evidence_days
         FROM jsonb_to_recordset($3) AS news (id uuid, pattern_id uuid, category text, actionable boolean)
         JOIN usr_user_patterns AS pattern ON pattern.id = news.pattern_id
         RETURNING id",
    )
    .bind::<SqlUuid, _>(run.user_id)
    .bind::<SqlUuid, _>(run.id)
    .bind::<Jsonb, _>(AsJson(untold.into_iter().map(News::of).collect::<Vec<_>>()))
    .bind::<Integer, _>(ALGORITHM_VERSION)
    .load(connection)
    .await
}

/// Takes back what rested on entries, reflections or check-ins that are no more: insights are withdrawn, patterns and personas lose them as
/// evidence, and are not shown without any.
pub(crate) async fn withdraw(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    gone: &[Uuid],
) -> QueryResult<()> {
    statement::<()>(
        "WITH insights AS (
             UPDATE usr_insights SET withdrawn_at = now()
             WHERE user_id = $1 AND withdrawn_at IS NULL
                 AND evidence ?| (SELECT array_agg(id::text) FROM unnest($2) AS id)),
         personas AS (
             UPDATE usr_user_personas AS persona
             SET evidence = kept.ids, is_active = persona.is_active AND jsonb_array_length(kept.ids) > 0
             FROM (SELECT id, persona.evidence - (SELECT array_agg(id::text) FROM unnest($2) AS id) AS ids
                   FROM usr_user_personas AS persona WHERE user_id = $1) AS kept
             WHERE persona.id = kept.id AND persona.evidence <> kept.ids)
         UPDATE usr_user_patterns AS pattern
         SET evidence_entry_ids = kept.entries, evidence_reflection_ids = kept.reflections,
             evidence_checkin_ids = kept.checkins, updated_at = now(),
             is_active = pattern.is_active AND cardinality(kept.entries || kept.reflections || kept.checkins) > 0,
             deactivated_reason = CASE
                 WHEN NOT pattern.is_active THEN pattern.deactivated_reason
                 WHEN cardinality(kept.entries || kept.reflections || kept.checkins) = 0 THEN 'evidence deleted' END
         FROM (SELECT id, ARRAY(SELECT entry FROM unnest(evidence_entry_ids) WITH ORDINALITY AS each (entry, place)
                                WHERE entry <> ALL ($2) ORDER BY place) AS entries,
                      ARRAY(SELECT own FROM unnest(evidence_reflection_ids) WITH ORDINALITY AS each (own, place)
                            WHERE own <> ALL ($2) ORDER BY place) AS reflections,
                      ARRAY(SELECT said FROM unnest(evidence_checkin_ids) WITH ORDINALITY AS each (said, place)
                            WHERE said <> ALL ($2) ORDER BY place) AS checkins
               FROM usr_user_patterns
               WHERE user_id = $1 AND (evidence_entry_ids && $2 OR evidence_reflection_ids && $2 OR evidence_checkin_ids && $2))
             AS kept
         WHERE pattern.id = kept.id",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<Array<SqlUuid>, _>(gone)
    .execute(connection)
    .await?;
    refresh_total(connection, user_id).await?;
    Ok(())
}

/// Takes back what rested on days of listening of which plays were deleted: insights are withdrawn, because their numbers were of
/// those days as they were; patterns lose the days on which nothing was heard any more, and are not shown without any.
pub(crate) async fn withdraw_days(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    changed: &[NaiveDate],
) -> QueryResult<()> {
    statement::<()>(
        "WITH insights AS (
             UPDATE usr_insights SET withdrawn_at = now()
             WHERE user_id = $1 AND withdrawn_at IS NULL AND evidence_days && $2)
         UPDATE usr_user_patterns AS pattern
         SET evidence_days = kept.days, updated_at = now(),
             is_active = pattern.is_active AND cardinality(kept.days) > 0,
             deactivated_reason = CASE
                 WHEN NOT pattern.is_active THEN pattern.deactivated_reason
                 WHEN cardinality(kept.days) = 0 THEN 'evidence deleted' END
         FROM (SELECT id, ARRAY(SELECT each.day FROM unnest(evidence_days) AS each (day)
                                WHERE each.day <> ALL ($2) OR EXISTS (SELECT FROM usr_listening_days AS heard
                                    WHERE heard.user_id = $1 AND heard.day = each.day) ORDER BY each.day) AS days
               FROM usr_user_patterns WHERE user_id = $1 AND evidence_days && $2) AS kept
         WHERE pattern.id = kept.id AND pattern.evidence_days <> kept.days",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<Array<Date>, _>(changed)
    .execute(connection)
    .await?;
    refresh_total(connection, user_id).await?;
    Ok(())
}

/// Counts a person's insights that hold and were not deleted.
pub(crate) async fn refresh_total(connection: &mut AsyncPgConnection, user_id: Uuid) -> QueryResult<usize> {
    statement::<()>(
        "UPDATE usr_profiles SET total_insights =
             (SELECT count(*) FROM usr_insights WHERE user_id = $1 AND withdrawn_at IS NULL AND deleted_at IS NULL)
         WHERE user_id = $1",
    )
    .bind::<SqlUuid, _>(user_id)
    .execute(connection)
    .await
}
