//! Works wishes for a new password off: finds the account, makes a token, sends the mail. The token is stored before the mail
//! leaves, so that a mail that was read always works; one that may not have left is sent again with a new token.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::{AccountStatus, AuditAction};
use database::{Connection, Database, DatabaseError};
use futures_util::FutureExt;

use super::repository::{self, Due};
use crate::accounts::repository as accounts;
use crate::audit_log::{self, Deed};
use crate::follower::Follower;
use crate::mail::Mailer;
use crate::secrets::OpaqueToken;

const PAUSE: Duration = Duration::from_secs(2);
/// Mails that an account gets within an hour: who wishes for more is not its person.
const AN_HOUR: i64 = 5;

/// Opens the mail room. The future ends after it was stopped.
pub(crate) fn open(
    database: Database,
    mailer: Mailer,
) -> (Follower, impl Future<Output = ()> + Send + 'static) {
    Follower::start("mail", PAUSE, move || round(database.clone(), mailer.clone()).boxed())
}

async fn round(database: Database, mailer: Mailer) -> Result<(), DatabaseError> {
    let mut connection = database.connection().await?;
    loop {
        let now = contracts::clock::now();
        let Some(due) = repository::claim(&mut connection, now).await? else {
            return Ok(());
        };
        settle(&mut connection, &mailer, due, now).await?;
    }
}

async fn settle(
    connection: &mut Connection,
    mailer: &Mailer,
    due: Due,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    let account = accounts::find_by_email(connection, &due.email).await?;
    let account = account.filter(|account| account.status.0 == AccountStatus::Active && now < due.expires_at);
    let Some(account) = account else {
        repository::delete(connection, due.id).await?;
        return Ok(());
    };
    if repository::count_sent(connection, account.id, now - TimeDelta::hours(1)).await? >= AN_HOUR {
        repository::delete(connection, due.id).await?;
        return Ok(());
    }
    let Ok(token) = OpaqueToken::random() else {
        return Ok(());
    };
    repository::prepare(connection, due.id, (account.id, &token.hash())).await?;
    match mailer.send_reset(&due.email, &token.into_string()).await {
        Ok(()) => {
            repository::mark_sent(connection, due.id, now).await?;
            let deed = Deed::of(account.id, AuditAction::ResetRequested);
            audit_log::record(connection, deed, now).await?;
        }
        Err(error) => tracing::warn!(cause = telemetry::error_chain(&error), "a mail waits for the next try"),
    }
    Ok(())
}
