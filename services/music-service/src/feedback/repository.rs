//! Rows of feedback.

use chrono::{DateTime, Utc};
use contracts::music::{FeedbackVoice, TrackFeedbackRequest, TrackFeedbackResponse};
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::mus_track_feedback;

/// A row of `mus_track_feedback`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mus_track_feedback, check_for_backend(diesel::pg::Pg))]
pub(super) struct Feedback {
    track_id: Uuid,
    was_helpful: bool,
    context: Option<String>,
    submitted_at: DateTime<Utc>,
}

/// What one person said, without the person.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mus_track_feedback, check_for_backend(diesel::pg::Pg))]
pub(super) struct Voice {
    pub(super) id: Uuid,
    was_helpful: bool,
    #[diesel(select_expression = mus_track_feedback::context.assume_not_null())]
    context: String,
    pub(super) submitted_at: DateTime<Utc>,
}

impl From<Feedback> for TrackFeedbackResponse {
    fn from(feedback: Feedback) -> Self {
        let Feedback { track_id, was_helpful, context, submitted_at } = feedback;
        Self { track_id, was_helpful, context, submitted_at }
    }
}

impl From<Voice> for FeedbackVoice {
    fn from(voice: Voice) -> Self {
        let Voice { was_helpful, context, submitted_at, .. } = voice;
        Self { was_helpful, context, submitted_at }
    }
}

/// Stores what a person says of a track, in the place of what was said before.
pub(super) async fn put(
    connection: &mut AsyncPgConnection,
    (user_id, track_id): (Uuid, Uuid),
    request: TrackFeedbackRequest,
) -> QueryResult<Feedback> {
    use mus_track_feedback as feedback;
    let said = (
        feedback::was_helpful.eq(request.was_helpful),
        feedback::context.eq(request.context),
        feedback::submitted_at.eq(dsl::now),
    );
    diesel::insert_into(feedback::table)
        .values((
            feedback::id.eq(contracts::ids::new_id()),
            feedback::user_id.eq(user_id),
            feedback::track_id.eq(track_id),
            said.clone(),
        ))
        .on_conflict((feedback::user_id, feedback::track_id))
        .do_update()
        .set(said)
        .returning(Feedback::as_returning())
        .get_result(connection)
        .await
}

/// What a person said of a track, by the unique key.
pub(super) async fn find(
    mut connection: &AsyncPgConnection,
    (user_id, track_id): (Uuid, Uuid),
) -> QueryResult<Option<Feedback>> {
    let own = of_person(user_id, track_id).select(Feedback::as_select());
    own.first(&mut connection).await.optional()
}

/// The same, held until the transaction ends.
pub(super) async fn lock(
    connection: &mut AsyncPgConnection,
    (user_id, track_id): (Uuid, Uuid),
) -> QueryResult<Option<Feedback>> {
    let own = of_person(user_id, track_id).select(Feedback::as_select());
    own.for_no_key_update().first(connection).await.optional()
}

/// Takes back what a person said of a track; `false` when nothing was said.
pub(super) async fn delete(
    connection: &mut AsyncPgConnection,
    (user_id, track_id): (Uuid, Uuid),
) -> QueryResult<bool> {
    Ok(diesel::delete(of_person(user_id, track_id)).execute(connection).await? == 1)
}

/// How many people a track helped, and how many it did not; served by `mus_track_feedback_of_track`.
pub(super) async fn counts(mut connection: &AsyncPgConnection, track_id: Uuid) -> QueryResult<(i64, i64)> {
    mus_track_feedback::table
        .filter(mus_track_feedback::track_id.eq(track_id))
        .select((
            dsl::sql::<BigInt>("count(*) FILTER (WHERE was_helpful)"),
            dsl::sql::<BigInt>("count(*) FILTER (WHERE NOT was_helpful)"),
        ))
        .first(&mut connection)
        .await
}

/// Those who told their situation, before one of them, the latest first; served by `mus_track_feedback_of_track`.
pub(super) async fn list_voices(
    mut connection: &AsyncPgConnection,
    track_id: Uuid,
    (submitted_at, id): (DateTime<Utc>, Uuid),
    limit: i64,
) -> QueryResult<Vec<Voice>> {
    use mus_track_feedback as feedback;
    feedback::table
        .filter(feedback::track_id.eq(track_id))
        .filter(feedback::context.is_not_null())
        .filter(feedback::submitted_at.le(submitted_at))
        .filter(feedback::submitted_at.lt(submitted_at).or(feedback::id.lt(id)))
        .order((feedback::submitted_at.desc(), feedback::id.desc()))
        .limit(limit)
        .select(Voice::as_select())
        .load(&mut connection)
        .await
}

#[dsl::auto_type(no_type_alias)]
fn of_person(user_id: Uuid, track_id: Uuid) -> _ {
    mus_track_feedback::table
        .filter(mus_track_feedback::user_id.eq(user_id))
        .filter(mus_track_feedback::track_id.eq(track_id))
}
