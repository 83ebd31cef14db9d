//! Routes of guests.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, post, web};
use chrono::{DateTime, Utc};
use contracts::events::AccountMerged;
use contracts::user::{BeginGuestRequest, ConvertGuestRequest, TokenResponse};
use contracts::{AccountStatus, AuditAction, EventType, Problem, Role};
use database::violated_constraint;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, InPerson, Json, MaybeJson};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::merge::merge;
use super::repository;
use crate::accounts::repository::{self as account_rows, Account, By, Settings};
use crate::accounts::{self, AccountError};
use crate::app::UserState;
use crate::audit_log::{self, Deed};
use crate::auth;
use crate::auth::repository::{self as sessions, Reason, Which};
use crate::auth::session::{self, Begun, Client};
use crate::events::OUTBOX;
use crate::references;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(begin_guest).service(convert_guest);
}

/// Makes a guest's account and its first session. A body may be left out.
#[utoipa::path(tag = "auth", request_body = Option<BeginGuestRequest>, responses(
    (status = 201, body = TokenResponse, headers(("location" = String))),
    (status = 422, body = Problem),
    (status = 429, body = Problem),
))]
#[post("/api/auth/guest")]
async fn begin_guest(
    state: web::Data<UserState>,
    request: HttpRequest,
    body: MaybeJson<BeginGuestRequest>,
) -> Result<HttpResponse, ApiError> {
    state.attempt(&request, None)?;
    let now = contracts::clock::now();
    let client = Client::of(&request)?;
    let BeginGuestRequest { display_name, timezone, language } = body.0;
    let display_name = display_name.unwrap_or_else(|| "Guest".to_owned());
    let guest = Account::new(Settings { display_name, timezone, language }, Role::User, By::Itself, now);
    let mut connection = state.database.connection().await?;
    let begun = connection
        .transaction(async |connection| {
            accounts::insert(connection, &guest).await?;
            let deed = Deed::of(guest.id, AuditAction::GuestBegan).by(guest.id, &client.origin);
            audit_log::record(connection, deed, now).await?;
            session::begin(connection, guest.id, &client, now).await
        })
        .await?;
    let location = format!("/api/users/{}", guest.id);
    let tokens = session::tokens(&state, guest, begun, now)?;
    Ok(HttpResponse::Created().insert_header((LOCATION, location)).json(tokens))
}

/// Gives the guest that calls an address and a password; it stays the same account. With address and password of an account
/// that is there, the guest becomes part of that: all its things move, and the answer is that account's. The guest's
/// session is ended in any case, and a new one begins.
#[utoipa::path(tag = "auth", security(("access_token" = [])), responses(
    (status = 200, body = TokenResponse),
    (status = 401, body = Problem),
    (status = 403, description = "There is an account with this address, and the password is not its", body = Problem),
    (status = 409, description = "The caller is no guest", body = Problem),
    (status = 422, body = Problem),
    (status = 429, body = Problem),
))]
#[post("/api/auth/guest/convert")]
async fn convert_guest(
    state: web::Data<UserState>,
    request: HttpRequest,
    InPerson(caller): InPerson,
    body: Json<ConvertGuestRequest>,
) -> Result<HttpResponse, ApiError> {
    state.attempt(&request, Some(&body.email))?;
    let change =
        Change { guest: caller.user_id, client: Client::of(&request)?, now: contracts::clock::now() };
    let known = state.accounts.find(&body.email).await?;
    // Passwords are hashed and checked before a connection is held.
    let (account, begun, ended) = if known.is_some() {
        let ConvertGuestRequest { email, password, .. } = body.0;
        let account = state.accounts.authenticate(&email, password).await?;
        let account =
            account.ok_or_else(|| ApiError::forbidden("The address and the password do not fit."))?;
        let mut connection = state.database.connection().await?;
        connection.transaction(async |connection| change.become_part_of(connection, &account).await).await?
    } else {
        let hash = state.accounts.hash(body.password.clone()).await?;
        let mut connection = state.database.connection().await?;
        connection
            .transaction(async |connection| change.become_account(connection, &body, &hash).await)
            .await?
    };
    auth::refuse(&state, &ended, change.now);
    Ok(HttpResponse::Ok().json(session::tokens(&state, account, begun, change.now)?))
}

/// A guest that is about to be none.
struct Change {
    guest: Uuid,
    client: Client,
    now: DateTime<Utc>,
}

/// The account, its new session, and the sessions that were ended.
type Changed = (Account, Begun, Vec<Uuid>);

impl Change {
    async fn become_account(
        &self,
        connection: &mut AsyncPgConnection,
        request: &ConvertGuestRequest,
        hash: &str,
    ) -> Result<Changed, ApiError> {
        require_guest(account_rows::lock(connection, self.guest).await?.as_ref())?;
        let login = (request.email.as_str(), hash, request.display_name.as_deref());
        let account = match account_rows::convert(connection, self.guest, login, self.now).await {
            Err(error) if violated_constraint(&error) == Some("usr_accounts_email_key") => {
                return Err(AccountError::EmailTaken.into());
            }
            converted => converted?,
        };
        let ended =
            sessions::revoke(connection, (self.guest, Which::All), Reason::Converted, self.now).await?;
        let deed = Deed::of(self.guest, AuditAction::GuestConverted).by(self.guest, &self.client.origin);
        audit_log::record(connection, deed, self.now).await?;
        let begun = session::begin(connection, self.guest, &self.client, self.now).await?;
        Ok((account, begun, ended))
    }

    async fn become_part_of(
        &self,
        connection: &mut AsyncPgConnection,
        shown: &Account,
    ) -> Result<Changed, ApiError> {
        let (guest, account) = repository::hold_both(connection, self.guest, shown.id).await?;
        require_guest(guest.as_ref())?;
        // With the password that was shown: another one may have been set meanwhile.
        let account = account.filter(|account| {
            account.status.0 == AccountStatus::Active
                && !account.is_guest
                && account.password_hash == shown.password_hash
        });
        let account = account.ok_or_else(|| ApiError::conflict("The account may not be used."))?;
        let ended = sessions::revoke(connection, (self.guest, Which::All), Reason::Merged, self.now).await?;
        merge(connection, (self.guest, account.id), self.now).await?;
        let merged = AccountMerged { guest_id: self.guest, user_id: account.id };
        OUTBOX.enqueue(connection, EventType::AccountMerged, vec![(account.id, merged)]).await?;
        // Of two pictures one is used by now.
        if let Some(theirs) = guest.and_then(|guest| guest.avatar_file_id) {
            let picture = account.avatar_file_id.or(Some(theirs));
            references::tell_avatar(connection, None, (account.id, picture)).await?;
        }
        let deed = Deed::of(account.id, AuditAction::GuestMerged).by(account.id, &self.client.origin);
        audit_log::record(connection, deed, self.now).await?;
        let account = account_rows::set_last_login(connection, account.id, self.now).await?;
        let begun = session::begin(connection, account.id, &self.client, self.now).await?;
        Ok((account, begun, ended))
    }
}

fn require_guest(guest: Option<&Account>) -> Result<(), ApiError> {
    match guest {
        Some(guest) if guest.is_guest && guest.status.0 == AccountStatus::Active => Ok(()),
        _ => Err(ApiError::conflict("Only a guest can be converted.")),
    }
}
