//! Rows of requests. A request is taken by whoever is first to set its time on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use contracts::user::{DataRequestResponse, ReceiptPart};
use contracts::{DataRequestKind, DataRequestStatus};
use database::{AsJson, AsText, statement};
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::super::domain::{FILE_KEPT, LEASE, MOST_TRIES, PATIENCE, RECEIPT_KEPT, pause};
use crate::schema::usr_data_requests;

/// A row of `usr_data_requests`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = usr_data_requests, check_for_backend(diesel::pg::Pg))]
pub(in super::super) struct DataRequest {
    pub(in super::super) id: Uuid,
    pub(in super::super) user_id: Option<Uuid>,
    pub(in super::super) person_hash: Vec<u8>,
    pub(in super::super) kind: AsText<DataRequestKind>,
    pub(in super::super) status: AsText<DataRequestStatus>,
    pub(in super::super) keep_public_tracks: bool,
    pub(in super::super) receipt: AsJson<BTreeMap<String, ReceiptPart>>,
    pub(in super::super) receipt_token_hash: Vec<u8>,
    pub(in super::super) file_id: Option<Uuid>,
    pub(in super::super) attempts: i32,
    pub(in super::super) run_after: Option<DateTime<Utc>>,
    pub(in super::super) error: Option<String>,
    pub(in super::super) requested_at: DateTime<Utc>,
    pub(in super::super) completed_at: Option<DateTime<Utc>>,
    pub(in super::super) expires_at: Option<DateTime<Utc>>,
}

impl DataRequest {
    /// The token of the receipt is known in the moment of making only.
    pub(in super::super) fn response(self, receipt_token: Option<String>) -> DataRequestResponse {
        DataRequestResponse {
            id: self.id,
            kind: self.kind.0,
            status: self.status.0,
            keep_public_tracks: self.keep_public_tracks,
            receipt: self.receipt.0,
            receipt_token,
            file_id: self.file_id,
            error: self.error,
            requested_at: self.requested_at,
            completed_at: self.completed_at,
            expires_at: self.expires_at,
        }
    }
}

pub(in super::super) async fn insert(
    connection: &mut AsyncPgConnection,
    request: &DataRequest,
) -> QueryResult<usize> {
    diesel::insert_into(usr_data_requests::table).values(request).execute(connection).await
}

/// A request, by primary key.
pub(in super::super) async fn find(
    mut connection: &AsyncPgConnection,
    id: Uuid,
) -> QueryResult<Option<DataRequest>> {
    let request = usr_data_requests::table.find(id).select(DataRequest::as_select());
    request.first(&mut connection).await.optional()
}

/// A request, held until the transaction ends.
pub(in super::super) async fn lock(
    connection: &mut AsyncPgConnection,
    id: Uuid,
) -> QueryResult<Option<DataRequest>> {
    let request = usr_data_requests::table.find(id).select(DataRequest::as_select());
    request.for_update().first(connection).await.optional()
}

/// A person's requests before one of them, the latest first; served by `usr_data_requests_of_person`.
pub(in super::super) async fn list(
    mut connection: &AsyncPgConnection,
    person_hash: &[u8],
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<DataRequest>> {
    usr_data_requests::table
        .filter(usr_data_requests::person_hash.eq(person_hash))
        .filter(usr_data_requests::id.lt(before.unwrap_or(Uuid::max())))
        .order(usr_data_requests::id.desc())
        .limit(limit)
        .select(DataRequest::as_select())
        .load(&mut connection)
        .await
}

/// Takes the request that waits longest. No copy is begun of who is to be erased, and nobody is erased of whom a copy is being
/// made: it would come after. Served by `usr_data_requests_due`.
pub(in super::super) async fn claim(
    connection: &mut AsyncPgConnection,
    now: DateTime<Utc>,
) -> QueryResult<Option<DataRequest>> {
    let claim = statement::<SqlUuid>(
        "UPDATE usr_data_requests SET attempts = attempts + 1, run_after = $2,
             status = CASE kind WHEN 'export' THEN 'running' ELSE status END
         WHERE id = (
             SELECT due.id FROM usr_data_requests AS due
             WHERE due.run_after <= $1 AND NOT EXISTS (
                 SELECT FROM usr_data_requests AS other
                 WHERE other.person_hash = due.person_hash AND CASE due.kind
                     WHEN 'export' THEN other.kind = 'erase' AND other.status IN ('pending', 'running')
                     ELSE other.kind = 'export' AND other.status = 'running' AND other.run_after > $1 END)
             ORDER BY due.run_after LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id",
    );
    let claim = claim.bind::<Timestamptz, _>(now).bind::<Timestamptz, _>(now + LEASE);
    match claim.get_result::<Uuid>(connection).await.optional()? {
        Some(id) => find(connection, id).await,
        None => Ok(None),
    }
}

/// Says that an export is still being made, in the try that took it.
pub(in super::super) async fn prolong(
    connection: &mut AsyncPgConnection,
    request: &DataRequest,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let running = usr_data_requests::table
        .find(request.id)
        .filter(usr_data_requests::attempts.eq(request.attempts))
        .filter(usr_data_requests::status.eq(AsText(DataRequestStatus::Running)));
    diesel::update(running).set(usr_data_requests::run_after.eq(now + LEASE)).execute(connection).await
}

/// Gives exports of a person up that nobody is at work on; served by `usr_data_requests_of_person`.
pub(in super::super) async fn cancel_exports(
    connection: &mut AsyncPgConnection,
    person_hash: &[u8],
) -> QueryResult<usize> {
    let waiting = usr_data_requests::table
        .filter(usr_data_requests::person_hash.eq(person_hash))
        .filter(usr_data_requests::kind.eq(AsText(DataRequestKind::Export)))
        .filter(usr_data_requests::status.eq(AsText(DataRequestStatus::Pending)));
    diesel::update(waiting)
        .set((
            usr_data_requests::status.eq(AsText(DataRequestStatus::Failed)),
            usr_data_requests::run_after.eq(None::<DateTime<Utc>>),
            usr_data_requests::error.eq("the account is to be erased"),
        ))
        .execute(connection)
        .await
}

/// Notes what is wrong with a request that was taken, and when it is tried again; an export that was tried often is given up.
pub(in super::super) async fn fail(
    connection: &mut AsyncPgConnection,
    request: &DataRequest,
    error: &str,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let is_over = request.kind.0 == DataRequestKind::Export && request.attempts >= MOST_TRIES;
    let status = match request.kind.0 {
        DataRequestKind::Export if is_over => DataRequestStatus::Failed,
        // Nobody is at work on it until it is taken again.
        DataRequestKind::Export => DataRequestStatus::Pending,
        DataRequestKind::Erase => request.status.0,
    };
    diesel::update(usr_data_requests::table.find(request.id))
        .filter(usr_data_requests::run_after.is_not_null())
        .set((
            usr_data_requests::status.eq(AsText(status)),
            usr_data_requests::run_after.eq((!is_over).then(|| now + pause(request.attempts))),
            usr_data_requests::expires_at.eq(is_over.then(|| now + RECEIPT_KEPT)),
            usr_data_requests::error.eq(error),
        ))
        .execute(connection)
        .await
}

/// Notes that an export is done and where it is; none when nobody waits for what this try made.
pub(in super::super) async fn complete_export(
    connection: &mut AsyncPgConnection,
    request: &DataRequest,
    file_id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let running = usr_data_requests::table
        .find(request.id)
        .filter(usr_data_requests::attempts.eq(request.attempts))
        .filter(usr_data_requests::status.eq(AsText(DataRequestStatus::Running)));
    diesel::update(running)
        .set((
            usr_data_requests::status.eq(AsText(DataRequestStatus::Completed)),
            usr_data_requests::run_after.eq(None::<DateTime<Utc>>),
            usr_data_requests::file_id.eq(file_id),
            usr_data_requests::error.eq(None::<String>),
            usr_data_requests::completed_at.eq(now),
            usr_data_requests::expires_at.eq(now + FILE_KEPT),
        ))
        .execute(connection)
        .await
}

/// Notes that the others were told of an erasure and when they are told again.
pub(in super::super) async fn mark_told(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(usr_data_requests::table.find(id))
        .set((
            usr_data_requests::status.eq(AsText(DataRequestStatus::Running)),
            usr_data_requests::run_after.eq(now + PATIENCE),
            usr_data_requests::error.eq(None::<String>),
        ))
        .execute(connection)
        .await
}

/// Adds what a service removed, the first time that it says so, to an erasure that the caller holds.
pub(in super::super) async fn add_to_receipt(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    service: &str,
    part: ReceiptPart,
) -> QueryResult<usize> {
    statement::<()>(
        "UPDATE usr_data_requests SET receipt = jsonb_build_object($2, $3) || receipt WHERE id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(service)
    .bind::<Jsonb, _>(AsJson(part))
    .execute(connection)
    .await
}

/// Ends an erasure: from now on it names nobody.
pub(in super::super) async fn complete_erasure(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(usr_data_requests::table.find(id))
        .set((
            usr_data_requests::status.eq(AsText(DataRequestStatus::Completed)),
            usr_data_requests::user_id.eq(None::<Uuid>),
            usr_data_requests::run_after.eq(None::<DateTime<Utc>>),
            usr_data_requests::completed_at.eq(now),
            usr_data_requests::expires_at.eq(now + RECEIPT_KEPT),
        ))
        .execute(connection)
        .await
}

/// An export whose file has been kept long enough; served by `usr_data_requests_over`.
pub(in super::super) async fn find_over(
    mut connection: &AsyncPgConnection,
    now: DateTime<Utc>,
) -> QueryResult<Option<DataRequest>> {
    usr_data_requests::table
        .filter(usr_data_requests::expires_at.le(now))
        .filter(usr_data_requests::file_id.is_not_null())
        .order(usr_data_requests::expires_at)
        .select(DataRequest::as_select())
        .first(&mut connection)
        .await
        .optional()
}

/// Notes that the file of an export is gone.
pub(in super::super) async fn expire(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(usr_data_requests::table.find(id))
        .set((
            usr_data_requests::status.eq(AsText(DataRequestStatus::Expired)),
            usr_data_requests::file_id.eq(None::<Uuid>),
            usr_data_requests::expires_at.eq(now + RECEIPT_KEPT),
        ))
        .execute(connection)
        .await
}

/// Forgets requests that nobody needs to be told of any more; served by `usr_data_requests_over`.
pub(in super::super) async fn delete_over(
    connection: &mut AsyncPgConnection,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let over = usr_data_requests::table
        .filter(usr_data_requests::expires_at.le(now))
        .filter(usr_data_requests::file_id.is_null());
    diesel::delete(over).execute(connection).await
}
