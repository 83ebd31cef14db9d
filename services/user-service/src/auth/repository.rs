//! Rows of sessions: one a refresh token.

use chrono::{DateTime, Utc};
use contracts::DeviceType;
use contracts::user::SessionResponse;
use database::{AsText, statement};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ipnet::IpNet;
use uuid::Uuid;

use crate::schema::{usr_token_blacklist, usr_user_sessions};

/// Why a session was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Logout,
    Ended,
    Reuse,
    Password,
    Suspended,
    /// The sessions go on, with tokens that say the new role.
    Role,
    /// A new password came by mail.
    Reset,
    /// A guest got an address.
    Converted,
    /// A guest became part of an account.
    Merged,
    Erased,
    /// An API key was taken back.
    ApiKey,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::Ended => "ended",
            Self::Reuse => "reuse",
            Self::Password => "password",
            Self::Suspended => "suspended",
            Self::Role => "role",
            Self::Reset => "reset",
            Self::Converted => "converted",
            Self::Merged => "merged",
            Self::Erased => "erased",
            Self::ApiKey => "api-key",
        }
    }

    /// Whether API keys are of no use any more either.
    fn is_about_keys(self) -> bool {
        matches!(self, Self::Suspended | Self::Erased)
    }
}

/// A row of `usr_user_sessions`, but for what only later events fill.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = usr_user_sessions, check_for_backend(diesel::pg::Pg))]
pub(super) struct Session {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) family_id: Uuid,
    pub(super) refresh_token_hash: Vec<u8>,
    pub(super) successor_nonce: Vec<u8>,
    pub(super) device_type: AsText<DeviceType>,
    pub(super) device_info: Option<String>,
    pub(super) ip_address: IpNet,
    pub(super) user_agent: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) last_activity_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

/// What became of a token since.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = usr_user_sessions, check_for_backend(diesel::pg::Pg))]
pub(super) struct Held {
    #[diesel(embed)]
    pub(super) session: Session,
    pub(super) replaced_at: Option<DateTime<Utc>>,
    pub(super) revoked_at: Option<DateTime<Utc>>,
}

impl Session {
    /// The session as its account sees it. `current` is the one that asks.
    pub(super) fn response(self, current: Uuid) -> SessionResponse {
        SessionResponse {
            id: self.family_id,
            device_type: self.device_type.0,
            device_info: self.device_info,
            ip_address: self.ip_address.addr(),
            user_agent: self.user_agent,
            created_at: self.created_at,
            last_activity_at: self.last_activity_at,
            expires_at: self.expires_at,
            is_current: self.family_id == current,
        }
    }
}

pub(super) async fn insert(connection: &mut AsyncPgConnection, session: &Session) -> QueryResult<usize> {
    diesel::insert_into(usr_user_sessions::table).values(session).execute(connection).await
}

/// Whose a token is; served by `usr_user_sessions_token_key`.
pub(super) async fn user_of(mut connection: &AsyncPgConnection, hash: &[u8]) -> QueryResult<Option<Uuid>> {
    let session = usr_user_sessions::table.filter(usr_user_sessions::refresh_token_hash.eq(hash));
    session.select(usr_user_sessions::user_id).first(&mut connection).await.optional()
}

/// The row of a token, held until the transaction ends; served by `usr_user_sessions_token_key`.
pub(super) async fn lock_by_hash(
    connection: &mut AsyncPgConnection,
    hash: &[u8],
) -> QueryResult<Option<Held>> {
    usr_user_sessions::table
        .filter(usr_user_sessions::refresh_token_hash.eq(hash))
        .select(Held::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()
}

/// Marks a token that the caller holds as replaced.
pub(super) async fn replace(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    successor: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(usr_user_sessions::table.find(id))
        .set((usr_user_sessions::replaced_by.eq(successor), usr_user_sessions::replaced_at.eq(now)))
        .execute(connection)
        .await
}

/// Which sessions of an account.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    All,
    One(Uuid),
    AllBut(Uuid),
}

/// Voids the access tokens of sessions (`$1` is the account, `$2` the reason, `$3` now), to be put after `WITH voided (id) AS`.
const BLACKLIST: &str = "
    INSERT INTO usr_token_blacklist AS listed (session_id, user_id, reason, issued_until, expires_at)
    SELECT DISTINCT id, $1, $2, $3, $3 + interval '15 minutes' FROM voided
    ON CONFLICT (session_id) DO UPDATE
        SET reason = excluded.reason, issued_until = excluded.issued_until, expires_at = excluded.expires_at
    RETURNING session_id";

/// Ends sessions of an account, voids their access tokens, and gives the sessions; none when there was none that lived. A
/// suspension voids the tokens of API keys too. Served by `usr_user_sessions_of_user` and `_of_family`.
pub(crate) async fn revoke(
    connection: &mut AsyncPgConnection,
    (user_id, which): (Uuid, Which),
    reason: Reason,
    now: DateTime<Utc>,
) -> QueryResult<Vec<Uuid>> {
    let (family_id, is_it) = match which {
        Which::All => (None, true),
        Which::One(id) => (Some(id), true),
        Which::AllBut(id) => (Some(id), false),
    };
    let revoke = format!(
        "WITH ended (id) AS (
             UPDATE usr_user_sessions SET revoked_at = $3, revoke_reason = $2
             WHERE user_id = $1 AND ($4 IS NULL OR (family_id = $4) = $5) AND revoked_at IS NULL
             RETURNING family_id
         ), voided (id) AS (
             SELECT id FROM ended
             UNION SELECT id FROM usr_api_keys WHERE user_id = $1 AND $6 AND revoked_at IS NULL
         ) {BLACKLIST}"
    );
    statement::<SqlUuid>(revoke)
        .bind::<SqlUuid, _>(user_id)
        .bind::<Text, _>(reason.as_str())
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<SqlUuid>, _>(family_id)
        .bind::<Bool, _>(is_it)
        .bind::<Bool, _>(reason.is_about_keys())
        .load(connection)
        .await
}

/// Voids the access tokens of an account's sessions and API keys, which go on with new ones, and gives the sessions.
pub(crate) async fn void_tokens(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    reason: Reason,
    now: DateTime<Utc>,
) -> QueryResult<Vec<Uuid>> {
    let void = format!(
        "WITH voided (id) AS (
             SELECT family_id FROM usr_user_sessions WHERE user_id = $1 AND revoked_at IS NULL AND replaced_by IS NULL
             UNION SELECT id FROM usr_api_keys WHERE user_id = $1 AND revoked_at IS NULL
         ) {BLACKLIST}"
    );
    statement::<SqlUuid>(void)
        .bind::<SqlUuid, _>(user_id)
        .bind::<Text, _>(reason.as_str())
        .bind::<Timestamptz, _>(now)
        .load(connection)
        .await
}

/// Takes API keys of an account back, voids their access tokens, and gives the keys; none when there was none. Served by
/// `usr_api_keys_of_user`.
pub(crate) async fn revoke_keys(
    connection: &mut AsyncPgConnection,
    (user_id, key_id): (Uuid, Option<Uuid>),
    now: DateTime<Utc>,
) -> QueryResult<Vec<Uuid>> {
    let revoke = format!(
        "WITH voided (id) AS (
             UPDATE usr_api_keys SET revoked_at = $3
             WHERE user_id = $1 AND ($4 IS NULL OR id = $4) AND revoked_at IS NULL RETURNING id
         ) {BLACKLIST}"
    );
    statement::<SqlUuid>(revoke)
        .bind::<SqlUuid, _>(user_id)
        .bind::<Text, _>(Reason::ApiKey.as_str())
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<SqlUuid>, _>(key_id)
        .load(connection)
        .await
}

/// Sessions of which a token may still be alive, each with the instant up to which its tokens are void; served by
/// `usr_token_blacklist_live`.
pub(super) async fn list_blacklisted(
    mut connection: &AsyncPgConnection,
    now: DateTime<Utc>,
) -> QueryResult<Vec<(Uuid, DateTime<Utc>)>> {
    usr_token_blacklist::table
        .filter(usr_token_blacklist::expires_at.gt(now))
        .select((usr_token_blacklist::session_id, usr_token_blacklist::issued_until))
        .load(&mut connection)
        .await
}

/// Forgets sessions of which no token is alive; served by `usr_token_blacklist_live`.
pub(super) async fn delete_expired(
    connection: &mut AsyncPgConnection,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let expired = usr_token_blacklist::table.filter(usr_token_blacklist::expires_at.le(now));
    diesel::delete(expired).execute(connection).await
}

/// An account's sessions that live, the one that was used last first; served by `usr_user_sessions_live`.
pub(super) async fn list_live(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    (before, now): (Option<Uuid>, DateTime<Utc>),
    limit: i64,
) -> QueryResult<Vec<Session>> {
    usr_user_sessions::table
        .filter(usr_user_sessions::user_id.eq(user_id))
        .filter(usr_user_sessions::replaced_by.is_null())
        .filter(usr_user_sessions::revoked_at.is_null())
        .filter(usr_user_sessions::expires_at.gt(now))
        .filter(usr_user_sessions::id.lt(before.unwrap_or(Uuid::max())))
        .order(usr_user_sessions::id.desc())
        .limit(limit)
        .select(Session::as_select())
        .load(&mut connection)
        .await
}
