//! Accounts as admins see them: all of them, and what each may do.

use actix_web::{HttpRequest, HttpResponse, get, patch, web};
use chrono::{DateTime, Utc};
use contracts::user::{AccountResponse, AdministerAccountRequest, ListAccountsQuery};
use contracts::{AccountStatus, AuditAction, Page, Problem, TextEnum};
use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, Authenticated, Caller, Id, InPerson, Json, ValidQuery, cursor};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::repository::{self, Account};
use crate::app::UserState;
use crate::audit_log::{self, Deed, Origin};
use crate::auth;
use crate::auth::repository::{self as sessions, Reason, Which};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_accounts).service(administer_account);
}

/// Every account, the newest first. Admins only.
#[utoipa::path(tag = "admin", security(("access_token" = [])), params(ListAccountsQuery), responses(
    (status = 200, body = Page<AccountResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 403, body = Problem),
))]
#[get("/api/admin/users")]
async fn list_accounts(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<ListAccountsQuery>,
) -> Result<HttpResponse, ApiError> {
    require_admin(caller)?;
    let ListAccountsQuery { email, limit, cursor } = query.0;
    let limit = limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let before = cursor::decode(cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let accounts = repository::list(&connection, email.as_deref(), before, limit + 1).await?;
    let page = cursor::page(accounts, limit, |account| account.id)?;
    Ok(HttpResponse::Ok().json(page.map(AccountResponse::from)))
}

/// Changes what an account may do (merge patch). Within seconds no token of before holds any more; a suspended account
/// loses its sessions too. Nobody changes their own. Admins only.
#[utoipa::path(tag = "admin", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = AccountResponse),
    (status = 401, body = Problem),
    (status = 403, body = Problem),
    (status = 404, body = Problem),
    (status = 409, description = "It is the caller's own account, or it is deleted", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/admin/users/{id}")]
async fn administer_account(
    state: web::Data<UserState>,
    request: HttpRequest,
    InPerson(caller): InPerson,
    id: Id,
    body: Json<AdministerAccountRequest>,
) -> Result<HttpResponse, ApiError> {
    require_admin(caller)?;
    let AdministerAccountRequest { role, status } = body.0;
    if role.is_none() && status.is_none() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    if caller.user_id == *id {
        return Err(ApiError::conflict("Another admin must change this account."));
    }
    let now = contracts::clock::now();
    let origin = Origin::of(&request)?;
    let mut connection = state.database.connection().await?;
    let (account, voided) = connection
        .transaction(async |connection| {
            let before = repository::lock(connection, *id).await?;
            let before = before.ok_or_else(|| ApiError::not_found("account"))?;
            if before.status.0 == AccountStatus::Deleted {
                return Err(ApiError::conflict("The account is about to be erased."));
            }
            let by = (*id, caller.user_id);
            let account = repository::administer(connection, by, (role, status), now).await?;
            for deed in deeds(&before, &account) {
                audit_log::record(connection, deed.by(caller.user_id, &origin), now).await?;
            }
            let voided = void(connection, &before, &account, now).await?;
            Ok::<_, ApiError>((account, voided))
        })
        .await?;
    auth::refuse(&state, &voided, now);
    Ok(HttpResponse::Ok().json(AccountResponse::from(account)))
}

/// What is written down of a change.
fn deeds(before: &Account, after: &Account) -> Vec<Deed> {
    let mut deeds = Vec::new();
    if before.role != after.role {
        deeds.push(Deed::of(after.id, AuditAction::RoleChanged).with("role", after.role.0.as_str()));
    }
    if before.status != after.status {
        let is_suspended = after.status.0 == AccountStatus::Suspended;
        let action = if is_suspended { AuditAction::Suspended } else { AuditAction::Reinstated };
        deeds.push(Deed::of(after.id, action));
    }
    deeds
}

/// Voids the tokens of before where they would say too much.
async fn void(
    connection: &mut AsyncPgConnection,
    before: &Account,
    after: &Account,
    now: DateTime<Utc>,
) -> QueryResult<Vec<Uuid>> {
    if after.status.0 == AccountStatus::Suspended {
        sessions::revoke(connection, (after.id, Which::All), Reason::Suspended, now).await
    } else if after.role != before.role {
        sessions::void_tokens(connection, after.id, Reason::Role, now).await
    } else {
        Ok(Vec::new())
    }
}

fn require_admin(caller: Caller) -> Result<(), ApiError> {
    if caller.is_admin() { Ok(()) } else { Err(ApiError::forbidden("Only admins may administer accounts.")) }
}
