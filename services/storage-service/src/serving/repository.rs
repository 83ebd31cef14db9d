//! Rows of grants whose uses are counted.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::stg_grant_uses as uses;

/// Counts one more use, unless that would be more than `allowed`; by primary key.
pub(super) async fn count_use(
    connection: &mut AsyncPgConnection,
    grant_id: Uuid,
    allowed: i32,
    expires_at: DateTime<Utc>,
) -> QueryResult<bool> {
    let counted = diesel::insert_into(uses::table)
        .values((uses::grant_id.eq(grant_id), uses::uses.eq(1), uses::expires_at.eq(expires_at)))
        .on_conflict(uses::grant_id)
        .do_update()
        .set(uses::uses.eq(uses::uses + excluded(uses::uses)));
    let counted = diesel::query_dsl::methods::FilterDsl::filter(counted, uses::uses.lt(allowed));
    Ok(counted.execute(connection).await? == 1)
}

/// Forgets grants that have ended; served by `stg_grant_uses_by_end`.
pub(super) async fn delete_expired_uses(
    connection: &mut AsyncPgConnection,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::delete(uses::table.filter(uses::expires_at.le(now))).execute(connection).await
}
