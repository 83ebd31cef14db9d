//! The rows behind what operators do with events.

use chrono::{DateTime, Utc};
use contracts::TextEnum;
use contracts::events::{DeadLetterResponse, Event, SPEC_VERSION};
use database::{AsJson, statement};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Outbox, Subscription};

/// The place of a dead letter in their list.
type Place = (DateTime<Utc>, Uuid, String);

#[derive(Queryable)]
struct DeadLetter {
    id: Uuid,
    kind: String,
    subject: String,
    data: AsJson<Map<String, Value>>,
    occurred_at: DateTime<Utc>,
    subscriber: String,
    attempts: i32,
    last_error: String,
    given_up_at: DateTime<Utc>,
}

impl Outbox {
    /// What was given up before a place. Served by `<prefix>_outbox_refusals_given_up`.
    pub(crate) async fn list_dead_letters(
        &self,
        mut connection: &AsyncPgConnection,
        (time, event, subscriber): Place,
        limit: i64,
    ) -> QueryResult<Vec<DeadLetterResponse>> {
        let prefix = self.prefix;
        let page = statement::<(SqlUuid, Text, Text, Jsonb, Timestamptz, Text, Integer, Text, Timestamptz)>(
            format!(
                "SELECT id, type, subject, data, occurred_at, subscriber, attempts, last_error, given_up_at
             FROM {prefix}_outbox_refusals JOIN {prefix}_outbox ON id = event_id
             WHERE given_up_at IS NOT NULL AND (given_up_at, event_id, subscriber) < ($1, $2, $3)
             ORDER BY given_up_at DESC, event_id DESC, subscriber DESC LIMIT $4",
            ),
        );
        let rows: Vec<DeadLetter> = page
            .bind::<Timestamptz, _>(time)
            .bind::<SqlUuid, _>(event)
            .bind::<Text, _>(subscriber)
            .bind::<BigInt, _>(limit)
            .load(&mut connection)
            .await?;
        Ok(rows.into_iter().map(|row| row.told_by(self)).collect())
    }

    /// Holds a dead letter until the transaction ends. Returns its type, once for each subscriber that refused it, with the subscriber.
    pub(crate) async fn lock_dead_letter(
        &self,
        connection: &mut AsyncPgConnection,
        event: Uuid,
    ) -> QueryResult<Vec<(String, String)>> {
        let prefix = self.prefix;
        let lock = statement::<(Text, Text)>(format!(
            "SELECT type, subscriber FROM {prefix}_outbox_refusals AS refusal JOIN {prefix}_outbox ON id = event_id
             WHERE event_id = $1 AND given_up_at IS NOT NULL ORDER BY subscriber FOR UPDATE OF refusal",
        ));
        lock.bind::<SqlUuid, _>(event).load(connection).await
    }

    /// Whether an earlier event of the same subject was given up by one of the same subscribers.
    pub(crate) async fn exists_dead_letter_before(
        &self,
        connection: &mut AsyncPgConnection,
        event: Uuid,
    ) -> QueryResult<bool> {
        let prefix = self.prefix;
        let earlier = statement::<Bool>(format!(
            "SELECT EXISTS (
                 SELECT FROM {prefix}_outbox AS this
                 JOIN {prefix}_outbox_refusals AS refusal ON refusal.event_id = this.id AND refusal.given_up_at IS NOT NULL
                 JOIN {prefix}_outbox_refusals AS other
                     ON other.subscriber = refusal.subscriber AND other.given_up_at IS NOT NULL
                 JOIN {prefix}_outbox AS earlier
                     ON earlier.id = other.event_id AND earlier.subject = this.subject AND earlier.seq < this.seq
                 WHERE this.id = $1)",
        ));
        earlier.bind::<SqlUuid, _>(event).get_result(connection).await
    }

    /// Makes an event wait again for those who refused it until it was given up.
    pub(crate) async fn forget_refusals(
        &self,
        connection: &mut AsyncPgConnection,
        event: Uuid,
    ) -> QueryResult<usize> {
        let prefix = self.prefix;
        let forget = statement::<()>(format!(
            "WITH forgotten AS (
                 DELETE FROM {prefix}_outbox_refusals WHERE event_id = $1 AND given_up_at IS NOT NULL)
             UPDATE {prefix}_outbox SET settled_at = NULL WHERE id = $1",
        ));
        forget.bind::<SqlUuid, _>(event).execute(connection).await
    }

    /// Waits for the deliveries that are under way, and lets none begin before the transaction ends: what is told meanwhile of an event
    /// would be told of what it was before.
    pub(crate) async fn wait_for_deliveries(&self, connection: &mut AsyncPgConnection) -> QueryResult<()> {
        for to in self.subscriptions {
            let wait =
                "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 2)) IS NOT NULL";
            let key = crate::rows::key(self.prefix, to.subscriber);
            let _: bool = statement::<Bool>(wait).bind::<Text, _>(key).get_result(connection).await?;
        }
        Ok(())
    }

    /// Makes everything from a time on wait again for a subscriber, refused or taken. Returns how many events.
    pub(crate) async fn forget_taken(
        &self,
        connection: &mut AsyncPgConnection,
        to: &Subscription,
        since: DateTime<Utc>,
    ) -> QueryResult<i64> {
        let prefix = self.prefix;
        let forget = statement::<BigInt>(format!(
            "WITH again AS (
                 UPDATE {prefix}_outbox SET taken_by = array_remove(taken_by, $1), settled_at = NULL
                 WHERE occurred_at >= $2 AND type = ANY ($3) RETURNING id
             ), forgotten AS (
                 DELETE FROM {prefix}_outbox_refusals WHERE subscriber = $1 AND event_id IN (SELECT id FROM again))
             SELECT count(*) FROM again",
        ));
        let types: Vec<&str> = to.types.iter().map(|kind| kind.as_str()).collect();
        forget
            .bind::<Text, _>(to.subscriber.segment())
            .bind::<Timestamptz, _>(since)
            .bind::<Array<Text>, _>(&types)
            .get_result(connection)
            .await
    }
}

impl DeadLetter {
    fn told_by(self, outbox: &Outbox) -> DeadLetterResponse {
        DeadLetterResponse {
            event: Event {
                specversion: SPEC_VERSION.to_owned(),
                id: self.id,
                source: format!("/{}", outbox.service.name()),
                kind: self.kind,
                subject: self.subject,
                time: self.occurred_at,
                data: self.data.0,
            },
            subscriber: self.subscriber,
            attempts: self.attempts,
            last_error: self.last_error,
            given_up_at: self.given_up_at,
        }
    }
}
