//! Rows of API keys.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::ApiScope;
use contracts::user::ApiKeyResponse;
use database::AsText;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::usr_api_keys;

/// How exactly it is known when a key was last used.
const USED_TO: TimeDelta = TimeDelta::minutes(1);

/// A row of `usr_api_keys`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = usr_api_keys, check_for_backend(diesel::pg::Pg))]
pub(super) struct ApiKey {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) name: String,
    pub(super) key_hash: Vec<u8>,
    pub(super) scopes: Vec<AsText<ApiScope>>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) last_used_at: Option<DateTime<Utc>>,
    pub(super) expires_at: Option<DateTime<Utc>>,
    pub(super) revoked_at: Option<DateTime<Utc>>,
}

impl ApiKey {
    /// What it may do.
    pub(super) fn scopes(&self) -> Vec<ApiScope> {
        self.scopes.iter().map(|scope| scope.0).collect()
    }

    /// Whether it is good.
    pub(super) fn holds(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// The key itself is known in the moment of making only.
    pub(super) fn response(self, key: Option<String>) -> ApiKeyResponse {
        ApiKeyResponse {
            scopes: self.scopes(),
            id: self.id,
            key,
            name: self.name,
            created_at: self.created_at,
            last_used_at: self.last_used_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
        }
    }
}

pub(super) async fn insert(connection: &mut AsyncPgConnection, key: &ApiKey) -> QueryResult<usize> {
    diesel::insert_into(usr_api_keys::table).values(key).execute(connection).await
}

/// How many keys of an account are good; served by `usr_api_keys_of_user`.
pub(super) async fn count_live(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<i64> {
    usr_api_keys::table
        .filter(usr_api_keys::user_id.eq(user_id))
        .filter(usr_api_keys::revoked_at.is_null())
        .filter(usr_api_keys::expires_at.is_null().or(usr_api_keys::expires_at.gt(now).assume_not_null()))
        .count()
        .get_result(connection)
        .await
}

/// A key of an account, by primary key.
pub(super) async fn find(
    mut connection: &AsyncPgConnection,
    (user_id, id): (Uuid, Uuid),
) -> QueryResult<Option<ApiKey>> {
    let key = usr_api_keys::table.find(id).filter(usr_api_keys::user_id.eq(user_id));
    key.select(ApiKey::as_select()).first(&mut connection).await.optional()
}

/// A key of an account, held until the transaction ends.
pub(super) async fn lock(
    connection: &mut AsyncPgConnection,
    (user_id, id): (Uuid, Uuid),
) -> QueryResult<Option<ApiKey>> {
    let key = usr_api_keys::table.find(id).filter(usr_api_keys::user_id.eq(user_id));
    key.select(ApiKey::as_select()).for_no_key_update().first(connection).await.optional()
}

/// A key by its hash; served by `usr_api_keys_key_key`.
pub(super) async fn find_by_hash(
    mut connection: &AsyncPgConnection,
    hash: &[u8],
) -> QueryResult<Option<ApiKey>> {
    let key = usr_api_keys::table.filter(usr_api_keys::key_hash.eq(hash));
    key.select(ApiKey::as_select()).first(&mut connection).await.optional()
}

/// Keys of an account before one of them, the newest first; served by `usr_api_keys_of_user`.
pub(super) async fn list(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<ApiKey>> {
    usr_api_keys::table
        .filter(usr_api_keys::user_id.eq(user_id))
        .filter(usr_api_keys::id.lt(before.unwrap_or(Uuid::max())))
        .order(usr_api_keys::id.desc())
        .limit(limit)
        .select(ApiKey::as_select())
        .load(&mut connection)
        .await
}

/// Gives a key that the caller holds another name.
pub(super) async fn rename(connection: &mut AsyncPgConnection, id: Uuid, name: &str) -> QueryResult<ApiKey> {
    let key = diesel::update(usr_api_keys::table.find(id)).set(usr_api_keys::name.eq(name));
    key.returning(ApiKey::as_returning()).get_result(connection).await
}

/// Notes that a key is used, when that was last noted a minute ago.
pub(super) async fn set_last_used(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let is_old = usr_api_keys::last_used_at.is_null().or(usr_api_keys::last_used_at.le(now - USED_TO));
    diesel::update(usr_api_keys::table.find(id).filter(is_old.assume_not_null()))
        .set(usr_api_keys::last_used_at.eq(now))
        .execute(connection)
        .await
}
