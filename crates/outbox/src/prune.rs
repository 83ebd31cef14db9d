//! Forgets what everybody has heard.

use database::{Database, DatabaseError, statement};
use diesel_async::RunQueryDsl;

use crate::Outbox;

impl Outbox {
    /// Deletes events that were settled a week ago, with their refusals, and ids that were heard a month ago: nobody delivers
    /// an event for so long after it was taken. What was given up waits a month for somebody who delivers it again.
    ///
    /// # Errors
    /// When the database is away or refuses.
    pub async fn prune(self, database: Database) -> Result<String, DatabaseError> {
        let mut connection = database.connection().await?;
        let prefix = self.prefix;
        let told = statement::<()>(format!(
            "DELETE FROM {prefix}_outbox AS event WHERE settled_at < now() - interval '7 days' AND NOT EXISTS (
                 SELECT FROM {prefix}_outbox_refusals AS refusal
                 WHERE refusal.event_id = event.id AND refusal.given_up_at > now() - interval '30 days')",
        ));
        let heard = statement::<()>(format!(
            "DELETE FROM {prefix}_inbox WHERE received_at < now() - interval '30 days'",
        ));
        let told = told.execute(&mut connection).await.map_err(DatabaseError::from)?;
        let heard = heard.execute(&mut connection).await.map_err(DatabaseError::from)?;
        Ok(format!("{told} events and {heard} ids forgotten"))
    }
}
