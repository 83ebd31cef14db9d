//! Insights: told of patterns that are strong and certain enough, taken back when their evidence goes.

use database::statement;
use diesel::QueryResult;
use diesel::sql_types::{Array, Double, Integer, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::super::domain::ALGORITHM_VERSION;
use super::Run;

/// How certain and how strong a pattern is at least of which a person is told.
const CONFIDENCE: f64 = 0.5;
const STRENGTH: f64 = 0.2;

/// Tells of each pattern that this day's run saw and that crossed the thresholds, once; gives the ids of the new ones.
pub(crate) async fn write(connection: &mut AsyncPgConnection, run: &Run) -> QueryResult<Vec<Uuid>> {
    // One id for each pattern that might be told of.
    let candidates: i64 = statement::<diesel::sql_types::BigInt>(
        "SELECT count(*) FROM usr_user_patterns WHERE user_id = $1 AND is_active",
    )
    .bind::<SqlUuid, _>(run.user_id)
    .get_result(connection)
    .await?;
    let ids: Vec<Uuid> = (0..candidates).map(|_| contracts::ids::new_id()).collect();
    statement::<SqlUuid>(
        "WITH told AS (
             SELECT pattern.*, row_number() OVER (ORDER BY confidence DESC, id) AS place
             FROM usr_user_patterns AS pattern
             WHERE user_id = $1 AND is_active AND trend <> 'fading' AND confidence >= $5 AND strength >= $6
                 AND NOT EXISTS (SELECT FROM usr_insights AS known WHERE known.user_id = $1
                     AND known.pattern_id = pattern.id AND known.withdrawn_at IS NULL))
         INSERT INTO usr_insights (
             id, user_id, pattern_id, run_id, type, title, content, confidence, sample_size, evidence, themes, priority,
             method, algorithm_version)
         SELECT new.id, $1, told.id, $2, told.pattern_type, told.pattern_name, told.description, told.confidence,
                told.sample_size, to_jsonb(told.evidence_entry_ids || told.evidence_reflection_ids), told.related_themes,
                least(5, 1 + floor((1 - told.confidence) * 10)::int), told.metadata->>'method', $4
         FROM told JOIN unnest($3) WITH ORDINALITY AS new (id, place) USING (place)
         RETURNING id",
    )
    .bind::<SqlUuid, _>(run.user_id)
    .bind::<SqlUuid, _>(run.id)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Integer, _>(ALGORITHM_VERSION)
    .bind::<Double, _>(CONFIDENCE)
    .bind::<Double, _>(STRENGTH)
    .load(connection)
    .await
}

/// Takes back what rested on entries or reflections that are no more: insights are withdrawn, patterns and personas lose them as
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
         SET evidence_entry_ids = kept.entries, evidence_reflection_ids = kept.reflections, updated_at = now(),
             is_active = pattern.is_active AND cardinality(kept.entries || kept.reflections) > 0,
             deactivated_reason = CASE
                 WHEN NOT pattern.is_active THEN pattern.deactivated_reason
                 WHEN cardinality(kept.entries || kept.reflections) = 0 THEN 'evidence deleted' END
         FROM (SELECT id, ARRAY(SELECT entry FROM unnest(evidence_entry_ids) WITH ORDINALITY AS each (entry, place)
                                WHERE entry <> ALL ($2) ORDER BY place) AS entries,
                      ARRAY(SELECT own FROM unnest(evidence_reflection_ids) WITH ORDINALITY AS each (own, place)
                            WHERE own <> ALL ($2) ORDER BY place) AS reflections
               FROM usr_user_patterns
               WHERE user_id = $1 AND (evidence_entry_ids && $2 OR evidence_reflection_ids && $2)) AS kept
         WHERE pattern.id = kept.id",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<Array<SqlUuid>, _>(gone)
    .execute(connection)
    .await?;
    refresh_total(connection, user_id).await?;
    Ok(())
}

/// Counts a person's insights that hold.
pub(crate) async fn refresh_total(connection: &mut AsyncPgConnection, user_id: Uuid) -> QueryResult<usize> {
    statement::<()>(
        "UPDATE usr_profiles SET total_insights =
             (SELECT count(*) FROM usr_insights WHERE user_id = $1 AND withdrawn_at IS NULL)
         WHERE user_id = $1",
    )
    .bind::<SqlUuid, _>(user_id)
    .execute(connection)
    .await
}
