//! Rows of accounts, and of the profile that each has.

use chrono::{DateTime, Utc};
use contracts::events::AccountChanged;
use contracts::user::{AccountResponse, UpdateAccountRequest};
use contracts::{AccountStatus, EventType, Role};
use database::AsText;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::domain::AccountError;
use crate::events::OUTBOX;
use crate::schema::{usr_accounts, usr_profiles};

impl From<diesel::result::Error> for AccountError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// A row of `usr_accounts`.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = usr_accounts, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    /// Never leaves the service.
    pub(crate) password_hash: String,
    pub(crate) display_name: String,
    pub(crate) role: AsText<Role>,
    pub(crate) status: AsText<AccountStatus>,
    pub(crate) timezone: String,
    pub(crate) language: String,
    pub(crate) last_login_at: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl From<Account> for AccountResponse {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            email: account.email,
            display_name: account.display_name,
            role: account.role.0,
            status: account.status.0,
            timezone: account.timezone,
            language: account.language,
            last_login_at: account.last_login_at,
            created_at: account.created_at,
            updated_at: account.updated_at,
        }
    }
}

/// What a patch changes; `None` leaves a column as it is.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = usr_accounts)]
pub(super) struct AccountChanges {
    display_name: Option<String>,
    timezone: Option<String>,
    language: Option<String>,
    updated_at: DateTime<Utc>,
}

impl AccountChanges {
    pub(super) fn from_request(request: UpdateAccountRequest, now: DateTime<Utc>) -> Self {
        let UpdateAccountRequest { display_name, timezone, language } = request;
        Self { display_name, timezone, language, updated_at: now }
    }
}

/// Writes an account, its empty profile, and the event.
pub(super) async fn insert(connection: &mut AsyncPgConnection, account: &Account) -> QueryResult<()> {
    diesel::insert_into(usr_accounts::table).values(account).execute(connection).await?;
    diesel::insert_into(usr_profiles::table)
        .values((
            usr_profiles::user_id.eq(account.id),
            usr_profiles::onboarding_initialized.eq(false),
            usr_profiles::last_updated.eq(account.created_at),
        ))
        .execute(connection)
        .await?;
    let event = AccountChanged { user_id: account.id };
    OUTBOX.enqueue(connection, EventType::AccountCreated, vec![(account.id, event)]).await
}

/// An account, by primary key.
pub(crate) async fn find(mut connection: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<Account>> {
    usr_accounts::table.find(id).select(Account::as_select()).first(&mut connection).await.optional()
}

/// An account, by its address in any case; served by `usr_accounts_email_key`.
pub(super) async fn find_by_email(
    mut connection: &AsyncPgConnection,
    email: &str,
) -> QueryResult<Option<Account>> {
    let account = usr_accounts::table.filter(usr_accounts::email.eq(email)).select(Account::as_select());
    account.first(&mut connection).await.optional()
}

/// An account, held until the transaction ends.
pub(crate) async fn lock(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Account>> {
    let account = usr_accounts::table.find(id).select(Account::as_select());
    account.for_no_key_update().first(connection).await.optional()
}

/// Changes an account that the caller holds.
pub(super) async fn update(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    changes: &AccountChanges,
) -> QueryResult<Account> {
    let account = diesel::update(usr_accounts::table.find(id)).set(changes);
    account.returning(Account::as_returning()).get_result(connection).await
}

/// Notes a login.
pub(crate) async fn set_last_login(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<Account> {
    let account = diesel::update(usr_accounts::table.find(id)).set(usr_accounts::last_login_at.eq(now));
    account.returning(Account::as_returning()).get_result(connection).await
}

/// Changes a role; `None` when no account has the address.
pub(super) async fn set_role(
    connection: &mut AsyncPgConnection,
    email: &str,
    role: Role,
    now: DateTime<Utc>,
) -> QueryResult<Option<Uuid>> {
    diesel::update(usr_accounts::table.filter(usr_accounts::email.eq(email)))
        .set((usr_accounts::role.eq(AsText(role)), usr_accounts::updated_at.eq(now)))
        .returning(usr_accounts::id)
        .get_result(connection)
        .await
        .optional()
}

/// Changes a password; `None` when no account has the address.
pub(super) async fn set_password(
    connection: &mut AsyncPgConnection,
    email: &str,
    hash: &str,
    now: DateTime<Utc>,
) -> QueryResult<Option<Uuid>> {
    diesel::update(usr_accounts::table.filter(usr_accounts::email.eq(email)))
        .set((usr_accounts::password_hash.eq(hash), usr_accounts::updated_at.eq(now)))
        .returning(usr_accounts::id)
        .get_result(connection)
        .await
        .optional()
}

/// Changes a password, by primary key.
pub(crate) async fn set_password_of(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    hash: &str,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(usr_accounts::table.find(id))
        .set((usr_accounts::password_hash.eq(hash), usr_accounts::updated_at.eq(now)))
        .execute(connection)
        .await
}

/// Changes the role and the status of an account that the caller holds; `None` leaves one as it is.
pub(super) async fn administer(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    (role, status): (Option<Role>, Option<AccountStatus>),
    now: DateTime<Utc>,
) -> QueryResult<Account> {
    let account = diesel::update(usr_accounts::table.find(id)).set((
        role.map(|role| usr_accounts::role.eq(AsText(role))),
        status.map(|status| usr_accounts::status.eq(AsText(status))),
        usr_accounts::updated_at.eq(now),
    ));
    account.returning(Account::as_returning()).get_result(connection).await
}

/// Accounts before one of them, the newest first, or the one with an address; served by the primary key and by
/// `usr_accounts_email_key`.
pub(super) async fn list(
    mut connection: &AsyncPgConnection,
    email: Option<&str>,
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<Account>> {
    // Boxed: an address and a page have plans of their own.
    let mut accounts = usr_accounts::table
        .filter(usr_accounts::id.lt(before.unwrap_or(Uuid::max())))
        .order(usr_accounts::id.desc())
        .limit(limit)
        .select(Account::as_select())
        .into_boxed();
    if let Some(email) = email {
        accounts = accounts.filter(usr_accounts::email.eq(email));
    }
    accounts.load(&mut connection).await
}
