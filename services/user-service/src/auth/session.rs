//! The life of a session: begun, kept up, ended. Each step is one transaction that holds the row it judges.

use actix_web::HttpRequest;
use chrono::{DateTime, Utc};
use contracts::problem::ErrorCode;
use contracts::user::TokenResponse;
use contracts::{AccountStatus, AuditAction, DeviceType};
use database::AsText;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, user_agent};
use identity::ACCESS_LIFETIME;
use uuid::Uuid;

use super::blacklist;
use super::domain::{Judgement, REFRESH_LIFETIME, TokenState, judge};
use super::repository::{self, Held, Reason, Session, Which};
use crate::accounts::repository::{self as accounts, Account};
use crate::app::UserState;
use crate::audit_log::{self, Deed, Origin};
use crate::secrets::{OpaqueToken, random_bytes};

/// Where a session is used from.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) origin: Origin,
    device_type: DeviceType,
    device_info: Option<String>,
}

impl Client {
    /// The client behind a request.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let origin = Origin::of(request)?;
        let agent = origin.user_agent.as_deref().map(user_agent::parse).unwrap_or_default();
        let device_info = match (agent.family, agent.system) {
            (Some(family), Some(system)) => Some(format!("{family} on {system}")),
            (family, system) => family.or(system),
        };
        let device_type = agent.device_type.unwrap_or(DeviceType::Unknown);
        Ok(Self { origin, device_type, device_info })
    }
}

/// Begins a session of an account, within the caller's transaction.
pub(crate) async fn begin(
    connection: &mut AsyncPgConnection,
    account_id: Uuid,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<Begun, ApiError> {
    let refresh_token = OpaqueToken::random()?;
    let session_id = contracts::ids::new_id();
    let session = row(session_id, account_id, client, &refresh_token, now)?;
    repository::insert(connection, &session).await?;
    Ok(Begun { session_id, refresh_token })
}

/// A session, and the first token of its chain.
pub(crate) struct Begun {
    session_id: Uuid,
    refresh_token: OpaqueToken,
}

fn row(
    id: Uuid,
    user_id: Uuid,
    client: &Client,
    token: &OpaqueToken,
    now: DateTime<Utc>,
) -> Result<Session, ApiError> {
    Ok(Session {
        id,
        user_id,
        family_id: id,
        refresh_token_hash: token.hash(),
        successor_nonce: random_bytes()?.to_vec(),
        device_type: AsText(client.device_type),
        device_info: client.device_info.clone(),
        ip_address: client.origin.ip_address,
        user_agent: client.origin.user_agent.clone(),
        created_at: now,
        last_activity_at: now,
        expires_at: now + REFRESH_LIFETIME,
    })
}

/// What a refresh came to. A reuse is no error here: its revocation must be committed.
enum Refreshed {
    Tokens(Box<Account>, Begun),
    Refused,
    Reused(Vec<Uuid>),
}

/// Exchanges a refresh token for new tokens.
pub(super) async fn refresh(
    state: &UserState,
    token: OpaqueToken,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<TokenResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let refreshed = connection
        .transaction(async |connection| {
            let hash = token.hash();
            // The account before its sessions, as everybody who ends them does.
            let Some(user_id) = repository::user_of(connection, &hash).await? else {
                return Ok(Refreshed::Refused);
            };
            let account = accounts::lock(connection, user_id).await?;
            let held = repository::lock_by_hash(connection, &hash).await?;
            let account = account.filter(|account| account.status.0 == AccountStatus::Active);
            let Some((account, held)) = account.zip(held) else {
                return Ok(Refreshed::Refused);
            };
            exchange(connection, account, (held, &token), client, now).await
        })
        .await?;
    match refreshed {
        Refreshed::Tokens(account, begun) => return tokens(state, *account, begun, now),
        Refreshed::Reused(ended) => blacklist::refuse(state, &ended, now),
        Refreshed::Refused => {}
    }
    Err(ApiError::new(ErrorCode::Unauthenticated, "The refresh token is not valid. Log in again."))
}

async fn exchange(
    connection: &mut AsyncPgConnection,
    account: Account,
    (held, token): (Held, &OpaqueToken),
    client: &Client,
    now: DateTime<Utc>,
) -> Result<Refreshed, ApiError> {
    let Held { session, replaced_at, revoked_at } = held;
    let successor = token.successor(&session.successor_nonce);
    let token_state =
        TokenState { replaced_at, expires_at: session.expires_at, is_revoked: revoked_at.is_some() };
    match judge(token_state, now) {
        Judgement::Refuse => return Ok(Refreshed::Refused),
        Judgement::Reused => {
            let family = (session.user_id, Which::One(session.family_id));
            let ended = repository::revoke(connection, family, Reason::Reuse, now).await?;
            let deed = Deed::of(account.id, AuditAction::TokenReused).by(None, &client.origin);
            let deed = deed.with("sessionId", session.family_id.to_string());
            audit_log::record(connection, deed, now).await?;
            return Ok(Refreshed::Reused(ended));
        }
        Judgement::Repeat => {}
        Judgement::Rotate => {
            let next = row(contracts::ids::new_id(), session.user_id, client, &successor, now)?;
            let next = Session { family_id: session.family_id, created_at: session.created_at, ..next };
            repository::insert(connection, &next).await?;
            repository::replace(connection, session.id, next.id, now).await?;
            accounts::set_last_seen(connection, account.id, now).await?;
        }
    }
    let begun = Begun { session_id: session.family_id, refresh_token: successor };
    Ok(Refreshed::Tokens(Box::new(account), begun))
}

/// The answer with an access token for a session.
pub(crate) fn tokens(
    state: &UserState,
    account: Account,
    begun: Begun,
    now: DateTime<Utc>,
) -> Result<TokenResponse, ApiError> {
    let access = state.issuer.access(account.id, account.role.0, begun.session_id, now);
    Ok(TokenResponse {
        user: account.into(),
        access_token: access.map_err(ApiError::internal)?.token,
        refresh_token: begun.refresh_token.into_string(),
        expires_in: ACCESS_LIFETIME.num_seconds(),
    })
}
