//! What people say to patterns, and what follows from it.

use chrono::{DateTime, Utc};
use contracts::events::InsightCreated;
use contracts::user::{PatternResponse, ReactRequest, ReactionResponse};
use contracts::{EventType, Reaction, TextEnum};
use database::{AsText, statement};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::super::domain::{ALGORITHM_VERSION, Bearing};
use crate::events::OUTBOX;
use crate::reflections::repository as reflections;
use crate::schema::usr_pattern_reactions;

/// Writes what a person says to a pattern. `not_me` hides it and takes back what was told of it; anything else shows it again.
/// Who is curious gets a reflection about it, once; what resonates is told, and said to be so by `speaker`.
pub(in super::super) async fn react(
    connection: &mut AsyncPgConnection,
    (user_id, speaker): (Uuid, Uuid),
    pattern: &PatternResponse,
    request: &ReactRequest,
    now: DateTime<Utc>,
) -> QueryResult<ReactionResponse> {
    write(connection, user_id, pattern, request).await?;
    let reaction = find(connection, user_id, pattern.id).await?;
    match request.reaction {
        Reaction::Curious if reaction.follow_up_reflection_id.is_none() => {
            let about = (user_id, Some(pattern.id));
            let reflection = reflections::begin(connection, about, &pattern.exploration_prompt, now).await?;
            follow_up(connection, (user_id, pattern.id), reflection.id).await?;
        }
        Reaction::Resonates => validate(connection, (user_id, speaker), pattern).await?,
        Reaction::Curious | Reaction::Partially | Reaction::NotMe => {}
    }
    super::refresh_insight_total(connection, user_id).await?;
    find(connection, user_id, pattern.id).await
}

async fn write(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    pattern: &PatternResponse,
    request: &ReactRequest,
) -> QueryResult<usize> {
    statement::<()>(
        "WITH said AS (
             INSERT INTO usr_pattern_reactions (user_id, pattern_id, reaction, explanation, sample_size)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (user_id, pattern_id) DO UPDATE SET reaction = excluded.reaction,
                 explanation = excluded.explanation, sample_size = excluded.sample_size, reacted_at = now(),
                 generated_insight_id = NULL),
         insights AS (
             UPDATE usr_insights
             SET withdrawn_at = CASE WHEN $3 = 'not_me' THEN now() END, validated_at = NULL, validated_by = NULL
             WHERE user_id = $1 AND pattern_id = $2 AND withdrawn_at IS NULL AND $3 <> 'resonates')
         UPDATE usr_user_patterns SET updated_at = now(), is_active = $3 <> 'not_me',
             deactivated_reason = CASE WHEN $3 = 'not_me' THEN 'not_me' END
         WHERE id = $2 AND user_id = $1 AND (is_active OR deactivated_reason = 'not_me')",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<SqlUuid, _>(pattern.id)
    .bind::<Text, _>(request.reaction.as_str())
    .bind::<Nullable<Text>, _>(&request.explanation)
    .bind::<Integer, _>(pattern.sample_size)
    .execute(connection)
    .await
}

async fn find(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    pattern_id: Uuid,
) -> QueryResult<ReactionResponse> {
    use usr_pattern_reactions as reactions;
    type Row = (AsText<Reaction>, Option<String>, i32, Option<Uuid>, Option<Uuid>, DateTime<Utc>);
    let (reaction, explanation, sample_size, follow_up_reflection_id, generated_insight_id, reacted_at): Row =
        reactions::table
            .find((user_id, pattern_id))
            .select((
                reactions::reaction,
                reactions::explanation,
                reactions::sample_size,
                reactions::follow_up_reflection_id,
                reactions::generated_insight_id,
                reactions::reacted_at,
            ))
            .first(connection)
            .await?;
    Ok(ReactionResponse {
        pattern_id,
        reaction: reaction.0,
        explanation,
        sample_size,
        follow_up_reflection_id,
        generated_insight_id,
        reacted_at,
    })
}

/// Notes the reflection that followed a reaction, when there was one.
pub(crate) async fn follow_up(
    connection: &mut AsyncPgConnection,
    (user_id, pattern_id): (Uuid, Uuid),
    reflection_id: Uuid,
) -> QueryResult<usize> {
    diesel::update(usr_pattern_reactions::table.find((user_id, pattern_id)))
        .set(usr_pattern_reactions::follow_up_reflection_id.eq(reflection_id))
        .execute(connection)
        .await
}

/// The insight of a pattern that resonates is valid, and told again when it was deleted. Where none is told, the person's word is
/// reason enough to tell it.
async fn validate(
    connection: &mut AsyncPgConnection,
    (user_id, speaker): (Uuid, Uuid),
    pattern: &PatternResponse,
) -> QueryResult<()> {
    let pattern_id = pattern.id;
    let Bearing { category, actionable } = Bearing::of(pattern.pattern_type, &pattern.pattern_key);
    let valid: Option<(Uuid, bool)> = statement::<(SqlUuid, Bool)>(VALIDATE)
        .bind::<SqlUuid, _>(user_id)
        .bind::<SqlUuid, _>(pattern_id)
        .bind::<SqlUuid, _>(speaker)
        .bind::<SqlUuid, _>(contracts::ids::new_id())
        .bind::<Integer, _>(ALGORITHM_VERSION)
        .bind::<Text, _>(category.as_str())
        .bind::<Bool, _>(actionable)
        .get_result(connection)
        .await
        .optional()?;
    let Some((insight_id, is_new)) = valid else { return Ok(()) };
    diesel::update(usr_pattern_reactions::table.find((user_id, pattern_id)))
        .set(usr_pattern_reactions::generated_insight_id.eq(insight_id))
        .execute(connection)
        .await?;
    if is_new {
        let event = InsightCreated { user_id, insight_id };
        OUTBOX.enqueue(connection, EventType::InsightCreated, vec![(user_id, event)]).await?;
    }
    Ok(())
}

const VALIDATE: &str = "
    WITH known AS (
        UPDATE usr_insights SET validated_at = coalesce(validated_at, now()), validated_by = coalesce(validated_by, $3),
            deleted_at = NULL
        WHERE user_id = $1 AND pattern_id = $2 AND withdrawn_at IS NULL RETURNING id),
     made AS (
        INSERT INTO usr_insights (
            id, user_id, pattern_id, run_id, type, title, content, confidence, sample_size, evidence, themes, priority,
            method, algorithm_version, validated_at, validated_by, category, actionable, entry_id, evidence_days)
        SELECT $4, $1, pattern.id, run.id, pattern.pattern_type, pattern.pattern_name, pattern.description,
            pattern.confidence, pattern.sample_size,
            to_jsonb(pattern.evidence_entry_ids || pattern.evidence_reflection_ids || pattern.evidence_checkin_ids), pattern.related_themes,
            least(5, 1 + floor((1 - pattern.confidence) * 10)::int),
            (pattern.metadata->>'method') || ', and the person''s word', $5, now(), $3, $6, $7,
            CASE WHEN cardinality(pattern.evidence_entry_ids || pattern.evidence_reflection_ids || pattern.evidence_checkin_ids) = 1
                 THEN pattern.evidence_entry_ids[1] END,
            pattern.evidence_days
        FROM usr_user_patterns AS pattern
        CROSS JOIN LATERAL (SELECT id FROM usr_analysis_runs
            WHERE user_id = $1 AND status = 'completed' ORDER BY id DESC LIMIT 1) AS run
        WHERE pattern.id = $2 AND pattern.user_id = $1 AND pattern.is_active AND NOT EXISTS (SELECT FROM known)
        RETURNING id)
    SELECT id, false FROM known UNION ALL SELECT id, true FROM made";
