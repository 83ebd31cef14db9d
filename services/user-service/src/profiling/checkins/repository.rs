//! Rows of check-ins.

use chrono::{DateTime, Utc};
use contracts::user::{CheckinResponse, CreateCheckinRequest};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::usr_mood_checkins;

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
            responded_at: checkin.responded_at,
        }
    }
}

/// Breaks `usr_mood_checkins_account_fkey` when there is no such person.
pub(super) async fn insert(connection: &mut AsyncPgConnection, checkin: &Checkin) -> QueryResult<usize> {
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
