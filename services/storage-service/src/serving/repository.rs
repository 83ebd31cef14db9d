//! What is to be served, and rows of grants whose uses are counted.

use chrono::{DateTime, Utc};
use diesel::define_sql_function;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable};
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::files::repository::{self as files, File};
use crate::schema::{stg_files, stg_grant_uses as uses, stg_versions};
use crate::versions::repository::Version;

define_sql_function!(fn coalesce(number: Nullable<Integer>, current: Integer) -> Integer);

/// A live file and the version whose bytes are asked for, the current one when no number is said; by primary key, and
/// `stg_versions_number_key`.
pub(super) async fn find(
    mut connection: &AsyncPgConnection,
    file_id: Uuid,
    number: Option<i32>,
) -> QueryResult<Option<(File, Option<Version>)>> {
    let wanted = coalesce(number, stg_files::current_version);
    let is_wanted = stg_versions::file_id.eq(stg_files::id).and(stg_versions::version_number.eq(wanted));
    files::live()
        .left_join(stg_versions::table.on(is_wanted))
        .filter(stg_files::id.eq(file_id))
        .select((File::as_select(), Option::<Version>::as_select()))
        .first(&mut connection)
        .await
        .optional()
}

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
