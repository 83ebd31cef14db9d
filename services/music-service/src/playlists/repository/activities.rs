//! Rows of what was done to playlists.

use chrono::{DateTime, Utc};
use contracts::PlaylistAction;
use contracts::music::PlaylistActivityResponse;
use database::{AsJson, AsText};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::schema::mus_playlist_activities;

/// A row of `mus_playlist_activities`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = mus_playlist_activities, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Activity {
    pub(crate) id: Uuid,
    playlist_id: Uuid,
    user_id: Uuid,
    action: AsText<PlaylistAction>,
    details: AsJson<Map<String, Value>>,
    created_at: DateTime<Utc>,
}

impl From<Activity> for PlaylistActivityResponse {
    fn from(activity: Activity) -> Self {
        Self {
            id: activity.id,
            user_id: activity.user_id,
            action: activity.action.0,
            details: activity.details.0,
            created_at: activity.created_at,
        }
    }
}

/// Writes down what was done to a playlist, once for each set of details.
pub(crate) async fn write(
    connection: &mut AsyncPgConnection,
    playlist_id: Uuid,
    (user_id, created_at): (Uuid, DateTime<Utc>),
    action: PlaylistAction,
    details: impl IntoIterator<Item = Map<String, Value>>,
) -> QueryResult<usize> {
    let activities: Vec<Activity> = details
        .into_iter()
        .map(|details| Activity {
            id: contracts::ids::new_id(),
            playlist_id,
            user_id,
            action: AsText(action),
            details: AsJson(details),
            created_at,
        })
        .collect();
    diesel::insert_into(mus_playlist_activities::table).values(activities).execute(connection).await
}

/// Writes down that tracks went from playlists, because they were deleted.
pub(super) async fn write_removals(
    connection: &mut AsyncPgConnection,
    removed: &[(Uuid, Uuid)],
    (user_id, created_at): (Uuid, DateTime<Utc>),
) -> QueryResult<usize> {
    let activities: Vec<Activity> = removed
        .iter()
        .map(|(playlist_id, track_id)| Activity {
            id: contracts::ids::new_id(),
            playlist_id: *playlist_id,
            user_id,
            action: AsText(PlaylistAction::TrackRemoved),
            details: AsJson(Map::from_iter([
                ("trackId".to_owned(), Value::from(track_id.to_string())),
                ("reason".to_owned(), Value::from("deleted")),
            ])),
            created_at,
        })
        .collect();
    diesel::insert_into(mus_playlist_activities::table).values(activities).execute(connection).await
}

/// What was done to a playlist before the activity named `after`, the latest first; served by
/// `mus_playlist_activities_by_time`.
pub(crate) async fn list(
    mut connection: &AsyncPgConnection,
    playlist_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<Activity>> {
    mus_playlist_activities::table
        .filter(mus_playlist_activities::playlist_id.eq(playlist_id))
        .filter(mus_playlist_activities::id.lt(after.unwrap_or(Uuid::max())))
        .order(mus_playlist_activities::id.desc())
        .limit(limit)
        .select(Activity::as_select())
        .load(&mut connection)
        .await
}
