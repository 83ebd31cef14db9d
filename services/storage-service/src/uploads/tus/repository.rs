//! Rows of uploads that come in pieces. Each change of one is a single statement on condition of its number of fencing, so
//! that no lock is held while bytes come, and any replica may take the next piece.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::storage::UploadSessionResponse;
use diesel::dsl;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::stg_upload_sessions as sessions;

/// How long an upload waits for its next piece.
pub(super) const LIFETIME: TimeDelta = TimeDelta::hours(24);

/// A row of `stg_upload_sessions`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg))]
pub(super) struct Session {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) length: Option<i64>,
    pub(super) offset: i64,
    pub(super) metadata: Option<String>,
    pub(super) concat: Option<String>,
    pub(super) part_path: Option<String>,
    pub(super) fencing: i64,
    pub(super) settled: i64,
    pub(super) checksum: Option<String>,
    pub(super) completed_file_id: Option<Uuid>,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

impl From<Session> for UploadSessionResponse {
    fn from(session: Session) -> Self {
        Self {
            id: session.id,
            length: session.length,
            offset: session.offset,
            metadata: session.metadata,
            concat: session.concat,
            checksum: session.checksum,
            file_id: session.completed_file_id,
            expires_at: session.expires_at,
            created_at: session.created_at,
            updated_at: session.updated_at,
        }
    }
}

/// The right to write, until somebody else takes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim {
    pub(super) id: Uuid,
    pub(super) fencing: i64,
    /// The length that the request brought or the upload had.
    pub(super) length: Option<i64>,
}

pub(super) async fn insert(connection: &mut AsyncPgConnection, session: &Session) -> QueryResult<usize> {
    diesel::insert_into(sessions::table).values(session).execute(connection).await
}

/// A person's upload, by primary key.
pub(super) async fn find(
    mut connection: &AsyncPgConnection,
    (id, user_id): (Uuid, Uuid),
) -> QueryResult<Option<Session>> {
    let session = sessions::table.find(id).filter(sessions::user_id.eq(user_id));
    session.select(Session::as_select()).first(&mut connection).await.optional()
}

/// Lengths of a person's uploads that hold bytes, as many as may be; served by `stg_upload_sessions_of_user`.
pub(super) async fn list_unfinished(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
) -> QueryResult<Vec<Option<i64>>> {
    sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::part_path.is_not_null())
        .limit(super::MAX_UNFINISHED)
        .select(sessions::length)
        .load(&mut connection)
        .await
}

/// Those of some uploads that are the person's, by primary key.
pub(super) async fn list(
    mut connection: &AsyncPgConnection,
    ids: &[Uuid],
    user_id: Uuid,
) -> QueryResult<Vec<Session>> {
    let own = sessions::table.filter(sessions::id.eq_any(ids)).filter(sessions::user_id.eq(user_id));
    own.select(Session::as_select()).load(&mut connection).await
}

/// Takes the right to write at an offset from whoever had it; `None` when the upload is not the person's, is elsewhere, or
/// takes no more. By primary key.
pub(super) async fn claim(
    connection: &mut AsyncPgConnection,
    (id, user_id): (Uuid, Uuid),
    offset: i64,
    now: DateTime<Utc>,
) -> QueryResult<Option<Session>> {
    let open = sessions::table
        .find(id)
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::offset.eq(offset))
        .filter(sessions::part_path.is_not_null())
        .filter(sessions::expires_at.gt(now));
    diesel::update(open)
        .set((sessions::fencing.eq(sessions::fencing + 1_i64), sessions::updated_at.eq(now)))
        .returning(Session::as_returning())
        .get_result(connection)
        .await
        .optional()
}

/// The part is another file from now on.
pub(super) async fn move_part(
    connection: &mut AsyncPgConnection,
    claim: Claim,
    part_path: &str,
) -> QueryResult<bool> {
    let moved = diesel::update(held(claim)).set(sessions::part_path.eq(part_path));
    Ok(moved.execute(connection).await? == 1)
}

/// So many bytes are on the disk. False when the claim is an old one.
pub(super) async fn advance(
    connection: &mut AsyncPgConnection,
    claim: Claim,
    offset: i64,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let advanced = diesel::update(held(claim)).set((
        sessions::offset.eq(offset),
        sessions::length.eq(claim.length),
        sessions::expires_at.eq(now + LIFETIME),
        sessions::updated_at.eq(now),
    ));
    Ok(advanced.execute(connection).await? == 1)
}

/// The part is closed: the next writer may go on with the same file.
pub(super) async fn settle(connection: &mut AsyncPgConnection, claim: Claim) -> QueryResult<usize> {
    let settled = diesel::update(held(claim)).set(sessions::settled.eq(claim.fencing));
    settled.execute(connection).await
}

/// The upload is a file, in the transaction that makes it one. False when the claim is an old one.
pub(super) async fn complete(
    connection: &mut AsyncPgConnection,
    claim: Claim,
    (file_id, checksum, length): (Uuid, &str, i64),
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let completed = diesel::update(held(claim)).set((
        sessions::offset.eq(length),
        sessions::length.eq(length),
        sessions::part_path.eq(None::<String>),
        sessions::settled.eq(claim.fencing),
        sessions::checksum.eq(checksum),
        sessions::completed_file_id.eq(file_id),
        sessions::expires_at.eq(now + LIFETIME),
        sessions::updated_at.eq(now),
    ));
    Ok(completed.execute(connection).await? == 1)
}

/// Removes a person's upload and tells its part; `None` when there is none.
pub(super) async fn delete(
    connection: &mut AsyncPgConnection,
    (id, user_id): (Uuid, Uuid),
) -> QueryResult<Option<Option<String>>> {
    diesel::delete(sessions::table.find(id).filter(sessions::user_id.eq(user_id)))
        .returning(sessions::part_path)
        .get_result(connection)
        .await
        .optional()
}

/// Removes some uploads that have expired, and tells their parts; served by `stg_upload_sessions_by_end`.
pub(super) async fn delete_expired(
    connection: &mut AsyncPgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> QueryResult<Vec<Option<String>>> {
    let expired = sessions::table
        .filter(sessions::expires_at.le(now))
        .order(sessions::expires_at)
        .limit(limit)
        .select(sessions::id)
        .for_update()
        .skip_locked();
    let ids: Vec<Uuid> = expired.load(connection).await?;
    diesel::delete(sessions::table.filter(sessions::id.eq_any(ids)))
        .returning(sessions::part_path)
        .get_results(connection)
        .await
}

/// Those of some parts that a row names; served by `stg_upload_sessions_part_path_key`.
pub(super) async fn list_known_parts(
    mut connection: &AsyncPgConnection,
    parts: &[String],
) -> QueryResult<Vec<Option<String>>> {
    let known = sessions::table.filter(sessions::part_path.eq_any(parts));
    known.select(sessions::part_path).load(&mut connection).await
}

#[dsl::auto_type(no_type_alias)]
fn held(claim: Claim) -> _ {
    let (id, fencing): (Uuid, i64) = (claim.id, claim.fencing);
    sessions::table.filter(sessions::id.eq(id)).filter(sessions::fencing.eq(fencing))
}
