//! Rows of check-ins.

use chrono::{DateTime, Utc};
use contracts::PatternType;
use contracts::user::{CheckinResponse, CreateCheckinRequest};
use database::AsText;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::{usr_mood_checkins, usr_user_patterns};

/// A row of `usr_mood_checkins`.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = usr_mood_checkins, check_for_backend(diesel::pg::Pg))]
pub(super) struct Checkin {
    pub(super) id: Uuid,
    user_id: Uuid,
    mood: String,
    emotional_intensity: Option<i32>,
    content: Option<String>,
    trigger_tag: Option<String>,
    linked_reflection_id: Option<Uuid>,
    pub(super) pattern_connection_id: Option<Uuid>,
    pub(super) responded_at: DateTime<Utc>,
}

impl Checkin {
    pub(super) fn new(user_id: Uuid, request: CreateCheckinRequest, now: DateTime<Utc>) -> Self {
        Self {
            id: contracts::ids::new_id(),
            user_id,
            mood: request.mood,
            emotional_intensity: request.emotional_intensity,
            content: request.content,
            trigger_tag: request.trigger_tag,
            linked_reflection_id: request.linked_reflection_id,
            pattern_connection_id: None,
            responded_at: request.responded_at.unwrap_or(now),
        }
    }
}

impl From<Checkin> for CheckinResponse {
    fn from(checkin: Checkin) -> Self {
        Self {
            id: checkin.id,
            mood: checkin.mood,
            emotional_intensity: checkin.emotional_intensity,
            content: checkin.content,
            trigger_tag: checkin.trigger_tag,
            linked_reflection_id: checkin.linked_reflection_id,
            pattern_connection_id: checkin.pattern_connection_id,
            responded_at: checkin.responded_at,
        }
    }
}

/// Puts a check-in beside the pattern of its mood, if one is shown to the person. Breaks `usr_mood_checkins_account_fkey` when there
/// is no such person, and `usr_mood_checkins_reflection_fkey` when the reflection has just been deleted.
pub(super) async fn insert(connection: &mut AsyncPgConnection, checkin: &mut Checkin) -> QueryResult<usize> {
    use usr_user_patterns as patterns;
    let key = format!("mood:{}", checkin.mood.trim().to_lowercase());
    let pattern = patterns::table.filter(patterns::user_id.eq(checkin.user_id)).filter(patterns::is_active);
    let pattern = pattern.filter(patterns::pattern_type.eq(AsText(PatternType::Emotional)));
    let pattern = pattern.filter(patterns::pattern_key.eq(key)).select(patterns::id);
    checkin.pattern_connection_id = pattern.first(connection).await.optional()?;
    let checkin = &*checkin;
    diesel::insert_into(usr_mood_checkins::table).values(checkin).execute(connection).await
}

/// A person's check-ins before a time, the latest first; served by `usr_mood_checkins_by_time`.
pub(super) async fn list(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    (before, id): (DateTime<Utc>, Uuid),
    limit: i64,
) -> QueryResult<Vec<Checkin>> {
    use usr_mood_checkins as checkins;
    checkins::table
        .filter(checkins::user_id.eq(user_id))
        .filter(
            checkins::responded_at.lt(before).or(checkins::responded_at.eq(before).and(checkins::id.lt(id))),
        )
        .order((checkins::responded_at.desc(), checkins::id.desc()))
        .limit(limit)
        .select(Checkin::as_select())
        .load(&mut connection)
        .await
}

/// A check-in of a person, by primary key.
pub(super) async fn find(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    id: Uuid,
) -> QueryResult<Option<Checkin>> {
    let checkin = usr_mood_checkins::table.find(id).filter(usr_mood_checkins::user_id.eq(user_id));
    checkin.select(Checkin::as_select()).first(&mut connection).await.optional()
}

pub(super) async fn delete(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<usize> {
    diesel::delete(usr_mood_checkins::table.find(id)).execute(connection).await
}
