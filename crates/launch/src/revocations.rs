//! Reads user-service's feed of revoked sessions, so that a logout takes effect everywhere within seconds.

use std::sync::Arc;
use std::time::Duration;

use contracts::client::UserClient;
use identity::{Service, Verifier};
use tokio::task::JoinHandle;

use crate::{Context, StartError};

const EVERY: Duration = Duration::from_secs(2);

/// A reader at work; it ends with this.
pub struct Revocations {
    task: Option<JoinHandle<()>>,
}

impl Revocations {
    /// Reads the feed for as long as the process runs. Where user-service is in the same process, it tells the verifier
    /// itself.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn follow(context: &Context) -> Result<Self, StartError> {
        if context.verifier.has_own(Service::User) {
            return Ok(Self { task: None });
        }
        let client = UserClient::new(context.connection(Service::User)?);
        let verifier = Arc::clone(&context.verifier);
        Ok(Self { task: Some(tokio::spawn(read_for_ever(client, verifier))) })
    }
}

impl Drop for Revocations {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn read_for_ever(client: UserClient, verifier: Arc<Verifier>) {
    let mut was_read = true;
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let failure = read(&client, &verifier).await.err();
        // Said once an outage: what is known stays in force.
        if let Some(cause) = failure.as_ref().filter(|_| was_read) {
            tracing::warn!(cause, "revoked sessions cannot be read");
        }
        was_read = failure.is_none();
    }
}

async fn read(client: &UserClient, verifier: &Verifier) -> Result<(), String> {
    let feed = client.revocations().await.map_err(|error| telemetry::error_chain(&error))?.feed;
    let read = verifier.read_revocations(&feed, contracts::clock::now()).await;
    read.map_err(|error| telemetry::error_chain(&error))
}
