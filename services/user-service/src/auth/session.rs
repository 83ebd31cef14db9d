//! The life of a session: begun, kept up, ended. Each step is one transaction that holds the row it judges.

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;
use chrono::{DateTime, Utc};
use contracts::problem::ErrorCode;
use contracts::user::TokenResponse;
use contracts::{AccountStatus, DeviceType};
use database::AsText;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, origin, request, user_agent};
use identity::ACCESS_LIFETIME;
use ipnet::IpNet;
use uuid::Uuid;

use super::blacklist;
use super::domain::{Judgement, REFRESH_LIFETIME, TokenState, judge};
use super::repository::{self, Held, Reason, Session, Which};
use crate::accounts::repository::{self as accounts, Account};
use crate::app::UserState;
use crate::secrets::{OpaqueToken, random_bytes};

const USER_AGENT_CHARS: usize = 512;

/// Where a session is used from.
pub(super) struct Client {
    device_type: DeviceType,
    ip_address: IpNet,
    user_agent: Option<String>,
}

impl Client {
    /// The client behind a request.
    pub(super) fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let user_agent = origin::header_text(request, USER_AGENT, USER_AGENT_CHARS);
        let device_type = user_agent.as_deref().and_then(|header| user_agent::parse(header).device_type);
        Ok(Self {
            device_type: device_type.unwrap_or(DeviceType::Unknown),
            ip_address: request::address(request)?.into(),
            user_agent,
        })
    }
}

/// Begins a session of an account, within the caller's transaction.
pub(super) async fn begin(
    connection: &mut AsyncPgConnection,
    account_id: Uuid,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<(Session, OpaqueToken), ApiError> {
    let token = OpaqueToken::random()?;
    let id = contracts::ids::new_id();
    let session = row(id, account_id, client, &token, now)?;
    repository::insert(connection, &session).await?;
    Ok((session, token))
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
        ip_address: client.ip_address,
        user_agent: client.user_agent.clone(),
        created_at: now,
        last_activity_at: now,
        expires_at: now + REFRESH_LIFETIME,
    })
}

/// What a refresh came to. A reuse is no error here: its revocation must be committed.
enum Refreshed {
    Tokens(Box<Account>, Uuid, OpaqueToken),
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
            let Some(held) = repository::lock_by_hash(connection, &token.hash()).await? else {
                return Ok(Refreshed::Refused);
            };
            exchange(connection, held, &token, client, now).await
        })
        .await?;
    match refreshed {
        Refreshed::Tokens(account, family_id, token) => {
            return tokens(state, *account, family_id, token, now);
        }
        Refreshed::Reused(ended) => blacklist::refuse(state, &ended, now),
        Refreshed::Refused => {}
    }
    Err(ApiError::new(ErrorCode::Unauthenticated, "The refresh token is not valid. Log in again."))
}

async fn exchange(
    connection: &mut AsyncPgConnection,
    held: Held,
    token: &OpaqueToken,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<Refreshed, ApiError> {
    let Held { session, replaced_at, revoked_at } = held;
    let account = accounts::find(connection, session.user_id).await?;
    let Some(account) = account.filter(|account| account.status.0 == AccountStatus::Active) else {
        return Ok(Refreshed::Refused);
    };
    let successor = token.successor(&session.successor_nonce);
    let token_state =
        TokenState { replaced_at, expires_at: session.expires_at, is_revoked: revoked_at.is_some() };
    match judge(token_state, now) {
        Judgement::Refuse => return Ok(Refreshed::Refused),
        Judgement::Reused => {
            let family = (session.user_id, Which::One(session.family_id));
            let ended = repository::revoke(connection, family, Reason::Reuse, now).await?;
            return Ok(Refreshed::Reused(ended));
        }
        Judgement::Repeat => {}
        Judgement::Rotate => {
            let next = row(contracts::ids::new_id(), session.user_id, client, &successor, now)?;
            let next = Session { family_id: session.family_id, created_at: session.created_at, ..next };
            repository::insert(connection, &next).await?;
            repository::replace(connection, session.id, next.id, now).await?;
        }
    }
    Ok(Refreshed::Tokens(Box::new(account), session.family_id, successor))
}

/// The answer with an access token for a session.
pub(super) fn tokens(
    state: &UserState,
    account: Account,
    family_id: Uuid,
    refresh_token: OpaqueToken,
    now: DateTime<Utc>,
) -> Result<TokenResponse, ApiError> {
    let access =
        state.issuer.access(account.id, account.role.0, family_id, now).map_err(ApiError::internal)?;
    Ok(TokenResponse {
        user: account.into(),
        access_token: access.token,
        refresh_token: refresh_token.into_string(),
        expires_in: ACCESS_LIFETIME.num_seconds(),
    })
}
