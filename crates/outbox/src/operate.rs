//! What operators see of the events of a service, and do with them.

use chrono::{DateTime, Utc};
use contracts::Page;
use contracts::events::{DeadLetterResponse, ReplayEventsRequest, ReplayEventsResponse};
use contracts::page::PageQuery;
use database::{Database, DatabaseError};
use diesel_async::AsyncConnection;
use http_kit::{ApiError, Caller, cursor};
use uuid::Uuid;

use crate::Outbox;

impl Outbox {
    /// What was given up, the last first.
    ///
    /// # Errors
    /// 403 for everybody but admins, 400 for a cursor of another list.
    pub async fn dead_letters(
        &self,
        database: &Database,
        caller: &Caller,
        query: PageQuery,
    ) -> Result<Page<DeadLetterResponse>, ApiError> {
        require_admin(caller)?;
        let limit = query.limit();
        let before: Option<(DateTime<Utc>, Uuid, String)> = cursor::decode(query.cursor.as_deref())?;
        let before = before.unwrap_or_else(|| {
            let (time, id) = cursor::end_of_time();
            (time, id, String::new())
        });
        let connection = database.connection().await?;
        let letters = self.list_dead_letters(&connection, before, limit + 1).await?;
        cursor::page(letters, limit, |letter| {
            (letter.given_up_at, letter.event.id, letter.subscriber.clone())
        })
    }

    /// Delivers an event again to everybody who refused it until it was given up.
    ///
    /// # Errors
    /// 403 for everybody but admins, 404 when it is no dead letter, 409 when an earlier one of its subject is or when nobody
    /// wants it.
    pub async fn replay_dead_letter(
        &self,
        database: &Database,
        caller: &Caller,
        event: Uuid,
    ) -> Result<(), ApiError> {
        require_admin(caller)?;
        let mut connection = database.connection().await?;
        let transaction = connection.transaction(async |connection| {
            self.wait_for_deliveries(connection).await?;
            let held = self.lock_dead_letter(connection, event).await?;
            if held.is_empty() {
                return Err(ApiError::not_found("dead letter"));
            }
            if !held.iter().any(|(kind, subscriber)| self.is_wanted(kind, subscriber)) {
                return Err(ApiError::conflict("Nobody who refused it wants such events any more."));
            }
            if self.exists_dead_letter_before(connection, event).await? {
                return Err(ApiError::conflict(
                    "An earlier event of its subject was given up: that one first.",
                ));
            }
            self.forget_refusals(connection, event).await?;
            tracing::info!(%event, by = %caller.user_id, "a dead letter is delivered again");
            Ok(())
        });
        transaction.await
    }

    /// Delivers what happened from a time on to one subscriber again.
    ///
    /// # Errors
    /// 403 for everybody but admins, 422 when nobody of that name wants these events.
    pub async fn replay_log(
        &self,
        database: &Database,
        caller: &Caller,
        request: &ReplayEventsRequest,
    ) -> Result<ReplayEventsResponse, ApiError> {
        require_admin(caller)?;
        let to = self.subscription_of(&request.subscriber);
        let to =
            to.ok_or_else(|| ApiError::invalid("/subscriber", "nobody of this name wants these events"))?;
        let mut connection = database.connection().await?;
        let transaction = connection.transaction(async |connection| {
            self.wait_for_deliveries(connection).await?;
            self.forget_taken(connection, to, request.since).await
        });
        let events = transaction.await.map_err(DatabaseError::from)?;
        tracing::info!(to = %to.subscriber, since = %request.since, events, by = %caller.user_id, "events are delivered again");
        Ok(ReplayEventsResponse { events })
    }
}

fn require_admin(caller: &Caller) -> Result<(), ApiError> {
    if caller.is_admin() { Ok(()) } else { Err(ApiError::forbidden("Only admins see and replay events.")) }
}
