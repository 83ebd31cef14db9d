//! Accounts from the shell: `refrain user create`, `role`, `password`.

use std::path::Path;

use anyhow::anyhow;
use aws_lc_rs::rand;
use identity::Service;
use user_service::accounts::{Accounts, NewAccount};

use crate::cli::{UserCommand, print_line, read_password};
use crate::data_dir::DataDir;
use crate::environment;

/// Runs a command on the accounts of the running server.
pub(crate) async fn run(data_dir: &Path, command: UserCommand) -> anyhow::Result<()> {
    let data_dir = DataDir::existing(data_dir)?;
    let accounts = running_accounts(&data_dir)?;
    let now = contracts::clock::now();
    match command {
        UserCommand::Create { email, name, role } => {
            let display_name = name.unwrap_or_else(|| name_of(&email));
            let password = read_password()?;
            let new = NewAccount { email: email.clone(), password, display_name, role };
            let id = accounts.create(new, now).await?;
            print_line(&format!("made the account {email} ({role}), id {id}"))
        }
        UserCommand::Role { email, role } => {
            accounts.set_role(&email, role, now).await?;
            print_line(&format!("{email} is {role}; its tokens of before are void within seconds"))
        }
        UserCommand::Password { email } => {
            accounts.set_password(&email, read_password()?, now).await?;
            print_line(&format!("the password of {email} is set, its sessions are ended"))
        }
    }
}

/// The accounts of the server that runs for this folder.
pub(crate) fn running_accounts(data_dir: &DataDir) -> anyhow::Result<Accounts> {
    Ok(Accounts::new(environment::database(data_dir, Service::User)?))
}

/// What stands before the @ of an address.
pub(crate) fn name_of(email: &str) -> String {
    email.split('@').next().unwrap_or(email).to_owned()
}

/// A password that nobody has to think of: 96 random bits.
pub(crate) fn new_password() -> anyhow::Result<String> {
    let mut bytes = [0; 12];
    rand::fill(&mut bytes).map_err(|_| anyhow!("no random bytes could be had"))?;
    Ok(hex::encode(bytes))
}
