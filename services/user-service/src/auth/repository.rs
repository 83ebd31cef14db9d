//! Rows of sessions: one a refresh token.

use chrono::{DateTime, Utc};
use contracts::DeviceType;
use contracts::user::SessionResponse;
use database::AsText;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ipnet::IpNet;
use uuid::Uuid;

use crate::schema::usr_user_sessions;

/// Why a session was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Logout,
    Ended,
    Reuse,
    Password,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::Ended => "ended",
            Self::Reuse => "reuse",
            Self::Password => "password",
        }
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

/// Ends one session of an account; 0 when it has no such session that lives. Served by `usr_user_sessions_of_family`.
pub(super) async fn revoke(
    connection: &mut AsyncPgConnection,
    (user_id, family_id): (Uuid, Uuid),
    reason: Reason,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let rows = usr_user_sessions::table
        .filter(usr_user_sessions::family_id.eq(family_id))
        .filter(usr_user_sessions::user_id.eq(user_id))
        .filter(usr_user_sessions::revoked_at.is_null());
    diesel::update(rows)
        .set((usr_user_sessions::revoked_at.eq(now), usr_user_sessions::revoke_reason.eq(reason.as_str())))
        .execute(connection)
        .await
}

/// Ends every session of an account; served by `usr_user_sessions_of_user`.
pub(crate) async fn revoke_all(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    reason: Reason,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let rows = usr_user_sessions::table
        .filter(usr_user_sessions::user_id.eq(user_id))
        .filter(usr_user_sessions::revoked_at.is_null());
    diesel::update(rows)
        .set((usr_user_sessions::revoked_at.eq(now), usr_user_sessions::revoke_reason.eq(reason.as_str())))
        .execute(connection)
        .await
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
