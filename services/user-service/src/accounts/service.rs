//! What can be done with accounts, by HTTP and from the shell alike.

use chrono::{DateTime, Utc};
use contracts::problem::FieldError;
use contracts::user::RegisterRequest;
use contracts::{AccountStatus, AuditAction, Role, TextEnum};
use database::{Database, violated_constraint};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use garde::Validate;
use uuid::Uuid;

use super::AccountError;
use super::passwords::Passwords;
use super::repository::{self, Account, By, Settings};
use crate::audit_log::{self, Deed};
use crate::auth::repository as sessions;

/// An account to be made from the shell.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Unique among accounts.
    pub email: String,
    /// 8 to 128 characters.
    pub password: String,
    /// The name that others see.
    pub display_name: String,
    /// What it may do.
    pub role: Role,
}

/// Makes, finds and changes accounts. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    database: Database,
    passwords: Passwords,
}

impl Accounts {
    /// Accounts in a database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database, passwords: Passwords::new() }
    }

    /// Makes an account with its profile, and returns its id.
    ///
    /// # Errors
    /// [`AccountError::Invalid`], [`AccountError::EmailTaken`], or a failure.
    pub async fn create(&self, new: NewAccount, now: DateTime<Utc>) -> Result<Uuid, AccountError> {
        let request = RegisterRequest {
            email: new.email,
            password: new.password,
            display_name: new.display_name,
            timezone: None,
            language: None,
        };
        require_valid(&request)?;
        let account = self.prepare(request, new.role, By::Shell, now).await?;
        let mut connection = self.database.connection().await?;
        let id = account.id;
        connection
            .transaction(async |connection| {
                insert(connection, &account).await?;
                let deed = Deed::of(id, AuditAction::Registered).with("role", new.role.as_str());
                audit_log::record(connection, deed, now).await?;
                Ok::<_, AccountError>(())
            })
            .await?;
        Ok(id)
    }

    /// A row for a request that keeps the rules.
    pub(crate) async fn prepare(
        &self,
        request: RegisterRequest,
        role: Role,
        by: By,
        now: DateTime<Utc>,
    ) -> Result<Account, AccountError> {
        let RegisterRequest { email, password, display_name, timezone, language } = request;
        let password_hash = self.hash(password).await?;
        let account = Account::new(Settings { display_name, timezone, language }, role, by, now);
        Ok(account.with_login(email, password_hash))
    }

    /// The hash of a password that keeps the rules.
    pub(crate) async fn hash(&self, password: String) -> Result<String, AccountError> {
        self.passwords.hash(password).await
    }

    /// The account with this address and password, if it may log in. An unknown address takes as long to refuse as a
    /// wrong password.
    pub(crate) async fn authenticate(
        &self,
        email: &str,
        password: String,
    ) -> Result<Option<Account>, AccountError> {
        let connection = self.database.connection().await?;
        let account = repository::find_by_email(&connection, email).await?;
        // Not held while the hash is made.
        drop(connection);
        let hash = account.as_ref().and_then(|account| account.password_hash.clone());
        let fits = self.passwords.verify(password, hash).await?;
        Ok(account.filter(|account| fits && account.status.0 == AccountStatus::Active))
    }

    /// The hashes of the current password, which is shown, and of a new one; `None` when the current one does not fit.
    pub(crate) async fn replace_password(
        &self,
        id: Uuid,
        current: String,
        new: String,
    ) -> Result<Option<(Option<String>, String)>, AccountError> {
        let connection = self.database.connection().await?;
        let account = repository::find(&connection, id).await?;
        // Not held while hashes are made.
        drop(connection);
        let hash = account.and_then(|account| account.password_hash);
        if !self.passwords.verify(current, hash.clone()).await? {
            return Ok(None);
        }
        let new = self.passwords.hash(new).await?;
        Ok(Some((hash, new)))
    }

    /// The id and role of the account with this address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, email: &str) -> Result<Option<(Uuid, Role)>, AccountError> {
        let connection = self.database.connection().await?;
        let account = repository::find_by_email(&connection, email).await?;
        Ok(account.map(|account| (account.id, account.role.0)))
    }

    /// Changes what an account may do. Its access tokens of before are void; its sessions go on with new ones.
    ///
    /// # Errors
    /// [`AccountError::NoAccount`], or a failure.
    pub async fn set_role(&self, email: &str, role: Role, now: DateTime<Utc>) -> Result<(), AccountError> {
        let mut connection = self.database.connection().await?;
        connection
            .transaction(async |connection| {
                let id = repository::set_role(connection, email, role, now).await?;
                let id = id.ok_or(AccountError::NoAccount)?;
                sessions::void_tokens(connection, id, sessions::Reason::Role, now).await?;
                let deed = Deed::of(id, AuditAction::RoleChanged).with("role", role.as_str());
                audit_log::record(connection, deed, now).await?;
                Ok(())
            })
            .await
    }

    /// Sets a password and ends the account's sessions.
    ///
    /// # Errors
    /// [`AccountError::Invalid`], [`AccountError::NoAccount`], or a failure.
    pub async fn set_password(
        &self,
        email: &str,
        password: String,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        // The rule of registration, on a request that is fine but for the password.
        require_valid(&RegisterRequest {
            email: "rule@example.org".to_owned(),
            password: password.clone(),
            display_name: "Rule".to_owned(),
            timezone: None,
            language: None,
        })?;
        let hash = self.passwords.hash(password).await?;
        let mut connection = self.database.connection().await?;
        connection
            .transaction(async |connection| {
                let id = repository::set_password(connection, email, &hash, now).await?;
                let id = id.ok_or(AccountError::NoAccount)?;
                sessions::revoke(connection, (id, sessions::Which::All), sessions::Reason::Password, now)
                    .await?;
                audit_log::record(connection, Deed::of(id, AuditAction::PasswordChanged), now).await?;
                Ok(())
            })
            .await
    }
}

/// Writes an account with its profile, within the caller's transaction.
pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    account: &Account,
) -> Result<(), AccountError> {
    match repository::insert(connection, account).await {
        Ok(()) => Ok(()),
        Err(error) if violated_constraint(&error) == Some("usr_accounts_email_key") => {
            Err(AccountError::EmailTaken)
        }
        Err(error) => Err(error.into()),
    }
}

fn require_valid(request: &RegisterRequest) -> Result<(), AccountError> {
    let Err(report) = request.validate() else {
        return Ok(());
    };
    let errors = report.iter().map(|(path, error)| FieldError::new(format!("/{path}"), error.message()));
    Err(AccountError::Invalid(errors.collect()))
}
