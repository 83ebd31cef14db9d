//! Rows of the access log.

pub(super) mod months;

use chrono::{DateTime, NaiveDate, Utc};
use contracts::AccessAction;
use contracts::storage::{AccessDayResponse, AccessLogResponse};
use database::{AsJson, AsText, statement};
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Inet, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ipnet::IpNet;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::schema::{stg_access_days, stg_access_logs, stg_versions};

/// A row of `stg_access_logs`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = stg_access_logs, check_for_backend(diesel::pg::Pg))]
pub(super) struct Access {
    pub(super) id: Uuid,
    pub(super) file_id: Uuid,
    pub(super) version_id: Option<Uuid>,
    pub(super) user_id: Option<Uuid>,
    pub(super) action: AsText<AccessAction>,
    pub(super) accessed_at: DateTime<Utc>,
    pub(super) ip_address: IpNet,
    pub(super) user_agent: Option<String>,
    pub(super) response_code: i32,
    pub(super) bytes_transferred: i64,
    pub(super) duration_ms: i32,
    pub(super) range_start: Option<i64>,
    pub(super) range_end: Option<i64>,
    pub(super) aborted: bool,
    pub(super) grant_issuer: Option<String>,
    pub(super) request_id: String,
    pub(super) referrer: Option<String>,
    pub(super) owner_id: Option<Uuid>,
    pub(super) metadata: AsJson<Map<String, Value>>,
}

/// A row with the number of its version.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct NumberedAccess {
    #[diesel(embed)]
    pub(super) access: Access,
    #[diesel(select_expression = stg_versions::version_number.nullable())]
    version: Option<i32>,
}

impl From<NumberedAccess> for AccessLogResponse {
    fn from(numbered: NumberedAccess) -> Self {
        let NumberedAccess { access, version } = numbered;
        Self {
            id: access.id,
            file_id: access.file_id,
            action: access.action.0,
            accessed_at: access.accessed_at,
            user_id: access.user_id,
            ip_address: access.ip_address.addr(),
            user_agent: access.user_agent,
            response_code: access.response_code,
            bytes_transferred: access.bytes_transferred,
            duration_ms: access.duration_ms,
            range_start: access.range_start,
            range_end: access.range_end,
            aborted: access.aborted,
            version,
            grant_issuer: access.grant_issuer,
            request_id: access.request_id,
            referrer: access.referrer,
            metadata: access.metadata.0,
        }
    }
}

/// One column of some rows.
fn column<'a, T>(rows: &'a [Access], value: impl Fn(&'a Access) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// Stores rows: a parameter a column, so that the statement is the same, and prepared, for any number of them.
pub(super) async fn insert_all(connection: &mut AsyncPgConnection, rows: &[Access]) -> QueryResult<usize> {
    statement::<()>(
        "INSERT INTO stg_access_logs (
             id, file_id, version_id, user_id, action, accessed_at, ip_address, user_agent, response_code, bytes_transferred,
             duration_ms, range_start, range_end, aborted, grant_issuer, request_id, referrer, owner_id,
             metadata)
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
    )
    .bind::<Array<SqlUuid>, _>(column(rows, |row| row.id))
    .bind::<Array<SqlUuid>, _>(column(rows, |row| row.file_id))
    .bind::<Array<Nullable<SqlUuid>>, _>(column(rows, |row| row.version_id))
    .bind::<Array<Nullable<SqlUuid>>, _>(column(rows, |row| row.user_id))
    .bind::<Array<Text>, _>(column(rows, |row| row.action))
    .bind::<Array<Timestamptz>, _>(column(rows, |row| row.accessed_at))
    .bind::<Array<Inet>, _>(column(rows, |row| row.ip_address))
    .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.user_agent.as_deref()))
    .bind::<Array<Integer>, _>(column(rows, |row| row.response_code))
    .bind::<Array<BigInt>, _>(column(rows, |row| row.bytes_transferred))
    .bind::<Array<Integer>, _>(column(rows, |row| row.duration_ms))
    .bind::<Array<Nullable<BigInt>>, _>(column(rows, |row| row.range_start))
    .bind::<Array<Nullable<BigInt>>, _>(column(rows, |row| row.range_end))
    .bind::<Array<Bool>, _>(column(rows, |row| row.aborted))
    .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.grant_issuer.as_deref()))
    .bind::<Array<Text>, _>(column(rows, |row| row.request_id.as_str()))
    .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.referrer.as_deref()))
    .bind::<Array<Nullable<SqlUuid>>, _>(column(rows, |row| row.owner_id))
    .bind::<Array<Jsonb>, _>(column(rows, |row| row.metadata.clone()))
    .execute(connection)
    .await
}

/// Accesses of a file before one of them, the latest first; served by `stg_access_logs_of_file`.
pub(super) async fn list_of_file(
    mut connection: &AsyncPgConnection,
    file_id: Uuid,
    (accessed_at, id): (DateTime<Utc>, Uuid),
    limit: i64,
) -> QueryResult<Vec<NumberedAccess>> {
    use stg_access_logs as logs;
    logs::table
        .left_join(stg_versions::table.on(stg_versions::id.nullable().eq(logs::version_id)))
        .filter(logs::file_id.eq(file_id))
        .filter(logs::accessed_at.le(accessed_at))
        .filter(logs::accessed_at.lt(accessed_at).or(logs::id.lt(id)))
        .order((logs::accessed_at.desc(), logs::id.desc()))
        .limit(limit)
        .select(NumberedAccess::as_select())
        .load(&mut connection)
        .await
}

/// Accesses of a person's files before one of them, the latest first; served by `stg_access_logs_of_owner`.
pub(super) async fn list_of_owner(
    mut connection: &AsyncPgConnection,
    owner_id: Uuid,
    (accessed_at, id): (DateTime<Utc>, Uuid),
    limit: i64,
) -> QueryResult<Vec<NumberedAccess>> {
    use stg_access_logs as logs;
    logs::table
        .left_join(stg_versions::table.on(stg_versions::id.nullable().eq(logs::version_id)))
        .filter(logs::owner_id.eq(owner_id))
        .filter(logs::accessed_at.le(accessed_at))
        .filter(logs::accessed_at.lt(accessed_at).or(logs::id.lt(id)))
        .order((logs::accessed_at.desc(), logs::id.desc()))
        .limit(limit)
        .select(NumberedAccess::as_select())
        .load(&mut connection)
        .await
}

/// A row of `stg_access_days`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = stg_access_days, check_for_backend(diesel::pg::Pg))]
pub(super) struct AccessDay {
    pub(super) day: NaiveDate,
    pub(super) action: AsText<AccessAction>,
    responses: i64,
    refusals: i64,
    aborted: i64,
    bytes_sent: i64,
    readers: i64,
}

impl From<AccessDay> for AccessDayResponse {
    fn from(day: AccessDay) -> Self {
        Self {
            day: day.day,
            action: day.action.0,
            responses: day.responses,
            refusals: day.refusals,
            aborted: day.aborted,
            bytes_sent: day.bytes_sent,
            readers: day.readers,
        }
    }
}

/// Days of a file before one of them, the latest first; served by the primary key.
pub(super) async fn list_days(
    mut connection: &AsyncPgConnection,
    file_id: Uuid,
    (from, to): (NaiveDate, Option<NaiveDate>),
    before: Option<(NaiveDate, String)>,
    limit: i64,
) -> QueryResult<Vec<AccessDay>> {
    use stg_access_days as days;
    let mut page = days::table
        .filter(days::file_id.eq(file_id))
        .filter(days::day.ge(from))
        .order((days::day.desc(), days::action.desc()))
        .limit(limit)
        .select(AccessDay::as_select())
        .into_boxed();
    if let Some(to) = to {
        page = page.filter(days::day.le(to));
    }
    if let Some((day, action)) = before {
        page = page.filter(days::day.le(day)).filter(days::day.lt(day).or(days::action.lt(action)));
    }
    page.load(&mut connection).await
}

/// The last day that was rolled up; served by `stg_access_days_by_day`.
pub(super) async fn last_day(mut connection: &AsyncPgConnection) -> QueryResult<Option<NaiveDate>> {
    stg_access_days::table.select(dsl::max(stg_access_days::day)).first(&mut connection).await
}

/// Computes a day anew from the log; served by `stg_access_logs_by_time`.
pub(super) async fn roll_up(connection: &mut AsyncPgConnection, day: NaiveDate) -> QueryResult<usize> {
    statement::<()>(
        "INSERT INTO stg_access_days
             (file_id, day, action, responses, refusals, aborted, bytes_sent, readers, rolled_up_at)
         SELECT file_id, $1, action, count(*), count(*) FILTER (WHERE response_code >= 400),
             count(*) FILTER (WHERE aborted), sum(bytes_transferred), count(DISTINCT user_id), now()
         FROM stg_access_logs
         WHERE accessed_at >= $1::timestamp AT TIME ZONE 'UTC' AND accessed_at < ($1 + 1)::timestamp AT TIME ZONE 'UTC'
         GROUP BY file_id, action
         ON CONFLICT (file_id, day, action) DO UPDATE SET responses = excluded.responses, refusals = excluded.refusals,
             aborted = excluded.aborted, bytes_sent = excluded.bytes_sent, readers = excluded.readers,
             rolled_up_at = excluded.rolled_up_at",
    )
    .bind::<Date, _>(day)
    .execute(connection)
    .await
}

/// Forgets some of the accesses before an instant; served by `stg_access_logs_by_time`.
pub(super) async fn delete_before(
    connection: &mut AsyncPgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> QueryResult<usize> {
    statement::<()>(
        "DELETE FROM stg_access_logs WHERE accessed_at < $1 AND (id, accessed_at) IN (
             SELECT id, accessed_at FROM stg_access_logs WHERE accessed_at < $1 LIMIT $2)",
    )
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(limit)
    .execute(connection)
    .await
}
