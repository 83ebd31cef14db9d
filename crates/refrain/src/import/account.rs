//! Whose library the music goes into. Who holds the data dir holds the signing keys in it, and so may act for any account
//! here; no password is asked for.

use std::sync::Arc;

use anyhow::bail;
use contracts::Role;
use contracts::client::Credentials;
use identity::{Service, TokenIssuer};
use user_service::accounts::NewAccount;
use uuid::Uuid;

use crate::cli::print_line;
use crate::data_dir::DataDir;
use crate::users;

/// An account to import for.
pub(super) struct Account {
    id: Uuid,
    role: Role,
}

/// The account with this address. One that is not there is made, with a password that is shown once.
pub(super) async fn find_or_create(data_dir: &DataDir, email: &str, public: bool) -> anyhow::Result<Account> {
    let accounts = users::running_accounts(data_dir)?;
    match accounts.find(email).await? {
        Some((_, Role::User)) if public => {
            bail!("{email} may not publish to everyone: `refrain user role {email} librarian`")
        }
        Some((id, role)) => return Ok(Account { id, role }),
        None => {}
    }
    let role = if public { Role::Librarian } else { Role::User };
    let password = users::new_password()?;
    let display_name = users::name_of(email);
    let new = NewAccount { email: email.to_owned(), password: password.clone(), display_name, role };
    let id = accounts.create(new, contracts::clock::now()).await?;
    print_line(&format!("made the account {email} ({role}), password {password}"))?;
    Ok(Account { id, role })
}

/// Tokens of the account, renewed for each call: an import may outlive any of them.
pub(super) fn credentials(data_dir: &DataDir, account: &Account) -> anyhow::Result<Credentials> {
    let issuer = TokenIssuer::new(Service::User, Arc::new(data_dir.signing_key(Service::User)?));
    let (id, role, session) = (account.id, account.role, contracts::ids::new_id());
    Ok(Arc::new(move || {
        let token = issuer.access(id, role, session, contracts::clock::now());
        token.map(|token| token.token).map_err(|error| error.to_string())
    }))
}
