//! Themes and patterns, each written in one statement.

use chrono::NaiveDate;
use database::{AsJson, Statement, statement};
use diesel::QueryResult;
use diesel::sql_types::{Array, BigInt, Date, Jsonb, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use uuid::Uuid;

use super::super::domain::Pattern;

/// Counts the themes of a person's own live entries anew, takes away those that vanished, and gives their number.
pub(crate) async fn refresh_themes(connection: &mut AsyncPgConnection, user_id: Uuid) -> QueryResult<i64> {
    count_themes("true").bind::<SqlUuid, _>(user_id).get_result(connection).await
}

/// The same of some themes, whose mentions have changed; served by `lib_entry_themes_by_theme`.
pub(crate) async fn recount_themes(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    themes: &[String],
) -> QueryResult<i64> {
    let counted = count_themes("theme = ANY ($2)").bind::<SqlUuid, _>(user_id);
    counted.bind::<Array<Text>, _>(themes).get_result(connection).await
}

/// Counts those of the themes of `$1` that are meant.
fn count_themes(meant: &str) -> Statement<BigInt, ()> {
    statement::<BigInt>(format!(
        "WITH counted AS (
             SELECT said.theme, count(*)::int AS count, min(entry.occurred_at) AS first_seen,
                    max(entry.occurred_at) AS last_seen,
                    (array_agg(said.source ORDER BY array_position(ARRAY['client', 'tag', 'lexicon', 'keyword'], said.source)))[1]
                        AS source
             FROM lib_entry_themes AS said JOIN lib_entries AS entry ON entry.id = said.entry_id
             WHERE said.user_id = $1 AND {meant} AND entry.deleted_at IS NULL
                 AND entry.entry_type NOT IN ('excerpt', 'bookmark')
             GROUP BY said.theme),
         gone AS (
             DELETE FROM usr_profile_theme_frequencies
             WHERE user_id = $1 AND {meant} AND theme NOT IN (SELECT theme FROM counted)),
         kept AS (
             INSERT INTO usr_profile_theme_frequencies AS frequency (user_id, theme, count, first_seen, last_seen, source)
             SELECT $1, theme, count, first_seen, last_seen, source FROM counted
             ON CONFLICT (user_id, theme) DO UPDATE
             SET count = excluded.count, first_seen = excluded.first_seen, last_seen = excluded.last_seen,
                 source = excluded.source
             WHERE (frequency.count, frequency.first_seen, frequency.last_seen, frequency.source)
                 IS DISTINCT FROM (excluded.count, excluded.first_seen, excluded.last_seen, excluded.source))
         SELECT count(*) FROM counted"
    ))
}

/// A pattern with the id that it gets if it is new.
#[derive(Debug, Serialize)]
struct Found<'a> {
    id: Uuid,
    #[serde(flatten)]
    pattern: &'a Pattern,
}

/// Writes what a run found. A pattern that it did not find fades: its certainty halves every two weeks, and after four it is not
/// shown. One of which the person said `not_me` stays hidden until it rests on twice as much; one that the person deleted stays as
/// it is.
pub(in super::super) async fn write_patterns(
    connection: &mut AsyncPgConnection,
    (user_id, today): (Uuid, NaiveDate),
    patterns: &[Pattern],
) -> QueryResult<()> {
    let found: Vec<Found<'_>> =
        patterns.iter().map(|pattern| Found { id: contracts::ids::new_id(), pattern }).collect();
    statement::<()>(UPSERT)
        .bind::<SqlUuid, _>(user_id)
        .bind::<Date, _>(today)
        .bind::<Jsonb, _>(AsJson(found))
        .execute(connection)
        .await?;
    let seen: Vec<String> =
        patterns.iter().map(|pattern| format!("{} {}", pattern.pattern_type, pattern.pattern_key)).collect();
    statement::<()>(FADE)
        .bind::<SqlUuid, _>(user_id)
        .bind::<Date, _>(today)
        .bind::<Array<Text>, _>(seen)
        .execute(connection)
        .await?;
    Ok(())
}

const UPSERT: &str = "
    WITH found AS (
        SELECT found.*, coalesce(reaction.reaction = 'not_me' AND found.sample_size < 2 * reaction.sample_size, false) AS is_hidden
        FROM jsonb_to_recordset($3) AS found (
            id uuid, pattern_type text, pattern_key text, pattern_name text, description text, frequency integer,
            strength double precision, confidence double precision, sample_size integer, trend text, first_observed date,
            last_observed date, related_themes text[], trigger_factors text[], evidence_entry_ids uuid[],
            evidence_reflection_ids uuid[], evidence_checkin_ids uuid[], evidence_days date[], exploration_prompt text, metadata jsonb)
        LEFT JOIN usr_user_patterns AS known ON known.user_id = $1 AND known.pattern_type = found.pattern_type
            AND known.pattern_key = found.pattern_key
        LEFT JOIN usr_pattern_reactions AS reaction ON reaction.user_id = $1 AND reaction.pattern_id = known.id)
    INSERT INTO usr_user_patterns AS pattern (
        id, user_id, pattern_type, pattern_key, pattern_name, description, frequency, peak_frequency, strength, confidence,
        sample_size, trend, first_observed, last_observed, last_detected, related_themes, trigger_factors,
        evidence_entry_ids, evidence_reflection_ids, evidence_checkin_ids, evidence_days, exploration_prompt, is_active,
        deactivated_reason, metadata)
    SELECT id, $1, pattern_type, pattern_key, pattern_name, description, frequency, frequency, strength, confidence,
        sample_size, trend, first_observed, last_observed, $2, related_themes, trigger_factors, evidence_entry_ids,
        evidence_reflection_ids, evidence_checkin_ids, evidence_days, exploration_prompt, NOT is_hidden, CASE WHEN is_hidden THEN 'not_me' END,
        metadata || jsonb_build_object('detectedConfidence', confidence)
    FROM found
    ON CONFLICT ON CONSTRAINT usr_user_patterns_key DO UPDATE SET
        pattern_name = excluded.pattern_name, description = excluded.description, frequency = excluded.frequency,
        peak_frequency = greatest(pattern.peak_frequency, excluded.frequency), strength = excluded.strength,
        confidence = excluded.confidence, sample_size = excluded.sample_size, trend = excluded.trend,
        first_observed = least(pattern.first_observed, excluded.first_observed), last_observed = excluded.last_observed,
        last_detected = excluded.last_detected, related_themes = excluded.related_themes,
        trigger_factors = excluded.trigger_factors, evidence_entry_ids = excluded.evidence_entry_ids,
        evidence_reflection_ids = excluded.evidence_reflection_ids,
        evidence_checkin_ids = excluded.evidence_checkin_ids, evidence_days = excluded.evidence_days,
        exploration_prompt = excluded.exploration_prompt, is_active = excluded.is_active,
        deactivated_reason = excluded.deactivated_reason, metadata = excluded.metadata, updated_at = now()
    WHERE pattern.deleted_at IS NULL AND
          (pattern.pattern_name, pattern.description, pattern.frequency, pattern.strength, pattern.confidence,
           pattern.sample_size, pattern.trend, pattern.last_observed, pattern.last_detected, pattern.related_themes,
           pattern.evidence_entry_ids, pattern.evidence_reflection_ids, pattern.evidence_checkin_ids, pattern.evidence_days, pattern.is_active, pattern.deactivated_reason, pattern.metadata)
        IS DISTINCT FROM
          (excluded.pattern_name, excluded.description, excluded.frequency, excluded.strength, excluded.confidence,
           excluded.sample_size, excluded.trend, excluded.last_observed, excluded.last_detected, excluded.related_themes,
           excluded.evidence_entry_ids, excluded.evidence_reflection_ids, excluded.evidence_checkin_ids, excluded.evidence_days, excluded.is_active, excluded.deactivated_reason, excluded.metadata)";

const FADE: &str = "
    UPDATE usr_user_patterns AS pattern
    SET trend = 'fading', updated_at = now(),
        confidence = (metadata->>'detectedConfidence')::double precision * power(0.5, ($2 - last_detected) / 14.0),
        is_active = is_active AND $2 - last_detected < 28,
        deactivated_reason = CASE WHEN NOT is_active THEN deactivated_reason WHEN $2 - last_detected >= 28 THEN 'not seen' END
    WHERE user_id = $1 AND deleted_at IS NULL AND pattern_type || ' ' || pattern_key <> ALL ($3)
        AND (trend, confidence, is_active) IS DISTINCT FROM (
            'fading', (metadata->>'detectedConfidence')::double precision * power(0.5, ($2 - last_detected) / 14.0),
            is_active AND $2 - last_detected < 28)";
