//! Rows of stream sessions.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::music::SessionStreamResponse;
use contracts::{Quality, SessionStatus, SessionType};
use database::{AsJson, AsText, Database, DatabaseError};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::schema::mus_stream_sessions;

/// A session of which nothing was heard for so long has been left.
const ABANDONED: TimeDelta = TimeDelta::minutes(30);

/// A row of `mus_stream_sessions`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = mus_stream_sessions, check_for_backend(diesel::pg::Pg))]
pub(super) struct Session {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) track_id: Uuid,
    pub(super) device_id: Option<String>,
    pub(super) session_type: AsText<SessionType>,
    pub(super) quality: AsText<Quality>,
    pub(super) bitrate: Option<i32>,
    pub(super) started_at: DateTime<Utc>,
    pub(super) ended_at: Option<DateTime<Utc>>,
    pub(super) duration: f64,
    pub(super) bytes_streamed: i64,
    pub(super) heard_intervals: AsJson<Vec<[u32; 2]>>,
    pub(super) skip_count: i32,
    pub(super) pause_count: i32,
    pub(super) seek_count: i32,
    pub(super) buffer_events: i32,
    pub(super) status: AsText<SessionStatus>,
    pub(super) client_info: Option<String>,
    pub(super) network_info: AsJson<Map<String, Value>>,
    pub(super) errors: Vec<String>,
    pub(super) play_id: Option<Uuid>,
    pub(super) metadata: AsJson<Map<String, Value>>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) result_id: Option<Uuid>,
    pub(super) quality_adaptations: i32,
}

/// What a player's report changes.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = mus_stream_sessions)]
pub(super) struct SessionChanges {
    pub(super) status: Option<AsText<SessionStatus>>,
    pub(super) duration: f64,
    pub(super) bytes_streamed: i64,
    pub(super) heard_intervals: AsJson<Vec<[u32; 2]>>,
    pub(super) skip_count: i32,
    pub(super) pause_count: i32,
    pub(super) seek_count: i32,
    pub(super) buffer_events: i32,
    pub(super) quality_adaptations: i32,
    pub(super) errors: Vec<String>,
    pub(super) network_info: Option<AsJson<Map<String, Value>>>,
    pub(super) updated_at: DateTime<Utc>,
}

impl From<Session> for SessionStreamResponse {
    fn from(session: Session) -> Self {
        Self {
            id: session.id,
            track_id: session.track_id,
            device_id: session.device_id,
            session_type: session.session_type.0,
            quality: session.quality.0,
            bitrate: session.bitrate,
            status: session.status.0,
            started_at: session.started_at,
            ended_at: session.ended_at,
            duration: session.duration,
            bytes_streamed: session.bytes_streamed,
            heard: session.heard_intervals.0,
            skip_count: session.skip_count,
            pause_count: session.pause_count,
            seek_count: session.seek_count,
            buffer_events: session.buffer_events,
            quality_adaptations: session.quality_adaptations,
            errors: session.errors,
            network_info: session.network_info.0,
            client: session.client_info,
            play_id: session.play_id,
            result_id: session.result_id,
            metadata: session.metadata.0,
        }
    }
}

/// Stores a session, unless it is there already.
pub(super) async fn insert(connection: &mut AsyncPgConnection, session: &Session) -> QueryResult<usize> {
    let session = diesel::insert_into(mus_stream_sessions::table).values(session);
    session.on_conflict_do_nothing().execute(connection).await
}

/// A session of a person's, by primary key.
pub(super) async fn find(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    id: Uuid,
) -> QueryResult<Option<Session>> {
    let session = mus_stream_sessions::table.find((user_id, id)).select(Session::as_select());
    session.first(&mut connection).await.optional()
}

/// A session of a person's, held until the transaction ends.
pub(super) async fn lock(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    id: Uuid,
) -> QueryResult<Option<Session>> {
    let session = mus_stream_sessions::table.find((user_id, id)).select(Session::as_select());
    session.for_no_key_update().first(connection).await.optional()
}

/// Changes a session that the caller holds.
pub(super) async fn update(
    connection: &mut AsyncPgConnection,
    (user_id, id): (Uuid, Uuid),
    changes: &SessionChanges,
) -> QueryResult<Session> {
    let session = diesel::update(mus_stream_sessions::table.find((user_id, id))).set(changes);
    session.returning(Session::as_returning()).get_result(connection).await
}

/// Ends a session whose play is stored. Ending it again changes nothing.
pub(super) async fn complete(
    connection: &mut AsyncPgConnection,
    (user_id, id): (Uuid, Uuid),
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(mus_stream_sessions::table.find((user_id, id)))
        .filter(mus_stream_sessions::play_id.is_null())
        .set((
            mus_stream_sessions::status.eq(AsText(SessionStatus::Completed)),
            mus_stream_sessions::play_id.eq(id),
            mus_stream_sessions::ended_at.eq(now),
            mus_stream_sessions::updated_at.eq(now),
        ))
        .execute(connection)
        .await
}

/// Ends the sessions that were left; served by `mus_stream_sessions_going_on`.
pub(crate) async fn abort_abandoned(database: Database) -> Result<String, DatabaseError> {
    let now = contracts::clock::now();
    let mut connection = database.connection().await?;
    let aborted = diesel::update(mus_stream_sessions::table)
        .filter(mus_stream_sessions::ended_at.is_null())
        .filter(mus_stream_sessions::updated_at.lt(now - ABANDONED))
        .set((
            mus_stream_sessions::status.eq(AsText(SessionStatus::Aborted)),
            // Nobody knows when; it was heard of then for the last time.
            mus_stream_sessions::ended_at.eq(mus_stream_sessions::updated_at.nullable()),
        ))
        .execute(&mut connection)
        .await
        .map_err(DatabaseError::from)?;
    Ok(format!("{aborted} sessions aborted"))
}
