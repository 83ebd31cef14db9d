//! Rows of accounts, and of the profile that each has.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::events::AccountChanged;
use contracts::user::{AccountResponse, UpdateAccountRequest};
use contracts::{AccountStatus, EventType, Role};
use database::{AsJson, AsText};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::domain::AccountError;
use crate::events::OUTBOX;
use crate::schema::{usr_accounts, usr_profiles};

/// How exactly it is known when an account was last used.
const SEEN_TO: TimeDelta = TimeDelta::minutes(5);

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
    /// A guest has none.
    pub(crate) email: Option<String>,
    /// Never leaves the service. A guest has none.
    pub(crate) password_hash: Option<String>,
    pub(crate) display_name: String,
    pub(crate) role: AsText<Role>,
    pub(crate) status: AsText<AccountStatus>,
    pub(crate) timezone: String,
    pub(crate) language: String,
    pub(crate) last_login_at: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) is_guest: bool,
    pub(crate) email_verified: bool,
    pub(crate) avatar_file_id: Option<Uuid>,
    pub(crate) preferences: AsJson<Map<String, Value>>,
    pub(crate) last_seen_at: Option<DateTime<Utc>>,
    pub(crate) created_by: Option<Uuid>,
    pub(crate) updated_by: Option<Uuid>,
    pub(crate) deleted_at: Option<DateTime<Utc>>,
}

impl Account {
    /// An account that nobody has used yet, made by itself or, where `by` is nobody, from the shell.
    pub(crate) fn new(settings: Settings, role: Role, by: By, now: DateTime<Utc>) -> Self {
        let id = contracts::ids::new_id();
        let by = (by == By::Itself).then_some(id);
        Self {
            id,
            email: None,
            password_hash: None,
            display_name: settings.display_name,
            role: AsText(role),
            status: AsText(AccountStatus::Active),
            timezone: settings.timezone.unwrap_or_else(|| "UTC".to_owned()),
            language: settings.language.unwrap_or_else(|| "en".to_owned()),
            last_login_at: None,
            created_at: now,
            updated_at: now,
            is_guest: true,
            email_verified: false,
            avatar_file_id: None,
            preferences: AsJson::default(),
            last_seen_at: by.map(|_| now),
            created_by: by,
            updated_by: by,
            deleted_at: None,
        }
    }

    /// The same with an address and a password.
    pub(crate) fn with_login(self, email: String, password_hash: String) -> Self {
        Self { email: Some(email), password_hash: Some(password_hash), is_guest: false, ..self }
    }
}

/// What a new account is called and where it lives.
pub(crate) struct Settings {
    pub(crate) display_name: String,
    pub(crate) timezone: Option<String>,
    pub(crate) language: Option<String>,
}

/// Who makes an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Itself,
    Shell,
}

impl From<Account> for AccountResponse {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            email: account.email,
            email_verified: account.email_verified,
            is_guest: account.is_guest,
            display_name: account.display_name,
            role: account.role.0,
            status: account.status.0,
            timezone: account.timezone,
            language: account.language,
            avatar_file_id: account.avatar_file_id,
            preferences: account.preferences.0,
            last_login_at: account.last_login_at,
            last_seen_at: account.last_seen_at,
            created_by: account.created_by,
            updated_by: account.updated_by,
            deleted_at: account.deleted_at,
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
    avatar_file_id: Option<Option<Uuid>>,
    preferences: Option<AsJson<Map<String, Value>>>,
    updated_at: DateTime<Utc>,
    updated_by: Uuid,
}

impl AccountChanges {
    pub(super) fn from_request(request: UpdateAccountRequest, by: Uuid, now: DateTime<Utc>) -> Self {
        let UpdateAccountRequest { display_name, timezone, language, avatar_file_id, preferences } = request;
        let preferences = preferences.map(AsJson);
        Self {
            display_name,
            timezone,
            language,
            avatar_file_id,
            preferences,
            updated_at: now,
            updated_by: by,
        }
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
pub(crate) async fn find_by_email(
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
    let account = diesel::update(usr_accounts::table.find(id))
        .set((usr_accounts::last_login_at.eq(now), usr_accounts::last_seen_at.eq(now)));
    account.returning(Account::as_returning()).get_result(connection).await
}

/// Notes that an account is used, when that was last noted five minutes ago.
pub(crate) async fn set_last_seen(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let is_old = usr_accounts::last_seen_at.is_null().or(usr_accounts::last_seen_at.le(now - SEEN_TO));
    diesel::update(usr_accounts::table.find(id).filter(is_old.assume_not_null()))
        .set(usr_accounts::last_seen_at.eq(now))
        .execute(connection)
        .await
}

/// Makes an account of a guest's, which the caller holds.
pub(crate) async fn convert(
    connection: &mut AsyncPgConnection,
    guest: Uuid,
    (email, password_hash, display_name): (&str, &str, Option<&str>),
    now: DateTime<Utc>,
) -> QueryResult<Account> {
    let account = diesel::update(usr_accounts::table.find(guest)).set((
        usr_accounts::is_guest.eq(false),
        usr_accounts::email.eq(email),
        usr_accounts::password_hash.eq(password_hash),
        display_name.map(|name| usr_accounts::display_name.eq(name)),
        usr_accounts::updated_at.eq(now),
        usr_accounts::updated_by.eq(guest),
    ));
    account.returning(Account::as_returning()).get_result(connection).await
}

/// Marks an account that the caller holds as about to be erased.
pub(crate) async fn mark_deleted(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(usr_accounts::table.find(id))
        .set((
            usr_accounts::status.eq(AsText(AccountStatus::Deleted)),
            usr_accounts::deleted_at.eq(now),
            usr_accounts::updated_at.eq(now),
            usr_accounts::updated_by.eq(id),
        ))
        .execute(connection)
        .await
}

/// Changes a role; `None` when no account has the address.
pub(super) async fn set_role(
    connection: &mut AsyncPgConnection,
    email: &str,
    role: Role,
    now: DateTime<Utc>,
) -> QueryResult<Option<Uuid>> {
    diesel::update(usr_accounts::table.filter(usr_accounts::email.eq(email)))
        .set((
            usr_accounts::role.eq(AsText(role)),
            usr_accounts::updated_at.eq(now),
            usr_accounts::updated_by.eq(None::<Uuid>),
        ))
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
        .set((
            usr_accounts::password_hash.eq(hash),
            usr_accounts::updated_at.eq(now),
            usr_accounts::updated_by.eq(None::<Uuid>),
        ))
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
        .set((
            usr_accounts::password_hash.eq(hash),
            usr_accounts::updated_at.eq(now),
            usr_accounts::updated_by.eq(id),
        ))
        .execute(connection)
        .await
}

/// Says that the address reaches its person.
pub(crate) async fn set_verified(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<usize> {
    let account = diesel::update(usr_accounts::table.find(id));
    account.set(usr_accounts::email_verified.eq(true)).execute(connection).await
}

/// Changes the role and the status of an account that the caller holds; `None` leaves one as it is.
pub(super) async fn administer(
    connection: &mut AsyncPgConnection,
    (id, by): (Uuid, Uuid),
    (role, status): (Option<Role>, Option<AccountStatus>),
    now: DateTime<Utc>,
) -> QueryResult<Account> {
    let account = diesel::update(usr_accounts::table.find(id)).set((
        role.map(|role| usr_accounts::role.eq(AsText(role))),
        status.map(|status| usr_accounts::status.eq(AsText(status))),
        usr_accounts::updated_at.eq(now),
        usr_accounts::updated_by.eq(by),
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
