//! Rows of the access log.

use chrono::{DateTime, Utc};
use contracts::AccessAction;
use contracts::storage::AccessLogResponse;
use database::AsText;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ipnet::IpNet;
use uuid::Uuid;

use crate::schema::{stg_access_logs, stg_versions};

/// A row of `stg_access_logs`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
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
        }
    }
}

pub(super) async fn insert_all(connection: &mut AsyncPgConnection, rows: &[Access]) -> QueryResult<usize> {
    diesel::insert_into(stg_access_logs::table).values(rows).execute(connection).await
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
