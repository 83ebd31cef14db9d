//! What the relay asks of the tables, for one subscriber.

use chrono::{DateTime, Utc};
use contracts::TextEnum;
use contracts::events::{BATCH, Event, SPEC_VERSION};
use database::{AsJson, statement};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Outbox, Subscription};

/// How often an event is refused before it is given up.
const MAX_REFUSALS: i64 = 10;

#[derive(Queryable)]
struct Waiting {
    id: Uuid,
    kind: String,
    subject: String,
    data: AsJson<Map<String, Value>>,
    occurred_at: DateTime<Utc>,
}

impl Outbox {
    /// The next events for a subscriber, in order. Those behind one that was refused and waits are not among them. Served by
    /// `<prefix>_outbox_waiting`.
    pub(crate) async fn waiting(
        &self,
        connection: &mut AsyncPgConnection,
        to: &Subscription,
    ) -> QueryResult<Vec<Event>> {
        let prefix = self.prefix;
        let waiting = statement::<(SqlUuid, Text, Text, Jsonb, Timestamptz)>(format!(
            "SELECT id, type, subject, data, occurred_at FROM {prefix}_outbox AS event
             WHERE settled_at IS NULL AND type = ANY ($1) AND NOT $2 = ANY (taken_by)
               AND NOT EXISTS (
                   SELECT FROM {prefix}_outbox_refusals AS refusal
                   JOIN {prefix}_outbox AS refused ON refused.id = refusal.event_id
                   WHERE refusal.subscriber = $2
                     AND (refused.id = event.id AND refusal.given_up_at IS NOT NULL
                       OR refused.subject = event.subject AND refused.seq <= event.seq
                          AND refusal.given_up_at IS NULL AND refusal.next_attempt_at > now()))
             ORDER BY seq LIMIT {BATCH}",
        ));
        let types: Vec<&str> = to.types.iter().map(|kind| kind.as_str()).collect();
        let rows: Vec<Waiting> = waiting
            .bind::<Array<Text>, _>(&types)
            .bind::<Text, _>(to.subscriber.segment())
            .load(connection)
            .await?;
        let source = format!("/{}", self.service.name());
        let event = |row: Waiting| Event {
            specversion: SPEC_VERSION.to_owned(),
            id: row.id,
            source: source.clone(),
            kind: row.kind,
            subject: row.subject,
            time: row.occurred_at,
            data: row.data.0,
        };
        Ok(rows.into_iter().map(event).collect())
    }

    /// Marks events as taken by a subscriber; those that nobody else waits for are settled.
    pub(crate) async fn take(
        &self,
        connection: &mut AsyncPgConnection,
        to: &Subscription,
        events: &[Event],
    ) -> QueryResult<usize> {
        let prefix = self.prefix;
        let take = statement::<()>(format!(
            "UPDATE {prefix}_outbox AS event SET taken_by = array_append(taken_by, $1),
                 settled_at = CASE WHEN cardinality(taken_by) + 1 + (
                     SELECT count(*) FROM {prefix}_outbox_refusals AS refusal
                     WHERE refusal.event_id = event.id AND refusal.given_up_at IS NOT NULL) >= wanted THEN now() END
             FROM unnest($2, $3) AS taken (id, wanted) WHERE event.id = taken.id",
        ));
        let (ids, wanted) = self.ids_and_subscribers(events);
        take.bind::<Text, _>(to.subscriber.segment())
            .bind::<Array<SqlUuid>, _>(&ids)
            .bind::<Array<BigInt>, _>(&wanted)
            .execute(connection)
            .await
    }

    /// Keeps a refusal. Returns whether the event is given up by it.
    pub(crate) async fn refuse(
        &self,
        connection: &mut AsyncPgConnection,
        to: &Subscription,
        event: &Event,
        reason: &str,
    ) -> QueryResult<bool> {
        let prefix = self.prefix;
        // A second, two, four, ... minutes in the end.
        let refuse = statement::<Bool>(format!(
            "INSERT INTO {prefix}_outbox_refusals AS refusal
                 (event_id, subscriber, attempts, next_attempt_at, last_error, given_up_at)
             VALUES ($1, $2, 1, now() + interval '1 second', $3, NULL)
             ON CONFLICT (event_id, subscriber) DO UPDATE SET
                 attempts = refusal.attempts + 1,
                 next_attempt_at = now() + interval '1 second' * 2 ^ refusal.attempts,
                 last_error = excluded.last_error,
                 given_up_at = CASE WHEN refusal.attempts + 1 >= {MAX_REFUSALS} THEN now() END
             RETURNING given_up_at IS NOT NULL",
        ));
        let is_given_up: bool = refuse
            .bind::<SqlUuid, _>(event.id)
            .bind::<Text, _>(to.subscriber.segment())
            .bind::<Text, _>(reason)
            .get_result(connection)
            .await?;
        if is_given_up {
            let settle = statement::<()>(format!(
                "UPDATE {prefix}_outbox AS event SET settled_at = now()
                 WHERE id = $1 AND settled_at IS NULL AND cardinality(taken_by) + (
                     SELECT count(*) FROM {prefix}_outbox_refusals AS refusal
                     WHERE refusal.event_id = event.id AND refusal.given_up_at IS NOT NULL) >= $2",
            ));
            let wanted = self.subscribers_of(&event.kind);
            settle.bind::<SqlUuid, _>(event.id).bind::<BigInt, _>(wanted).execute(connection).await?;
        }
        Ok(is_given_up)
    }

    /// Has the deliveries to a subscriber alone, among all replicas, for as long as the connection lives. The schema is part
    /// of the key: a lock is the whole database's.
    pub(crate) async fn try_lock(
        &self,
        connection: &mut AsyncPgConnection,
        to: &Subscription,
    ) -> QueryResult<bool> {
        let lock = "SELECT pg_try_advisory_lock(hashtextextended(current_schema() || $1, 2))";
        let key = key(self.prefix, to.subscriber);
        statement::<Bool>(lock).bind::<Text, _>(key).get_result(connection).await
    }

    /// Gives the deliveries back.
    pub(crate) async fn unlock(
        &self,
        connection: &mut AsyncPgConnection,
        to: &Subscription,
    ) -> QueryResult<bool> {
        let unlock = "SELECT pg_advisory_unlock(hashtextextended(current_schema() || $1, 2))";
        let key = key(self.prefix, to.subscriber);
        statement::<Bool>(unlock).bind::<Text, _>(key).get_result(connection).await
    }

    fn ids_and_subscribers(&self, events: &[Event]) -> (Vec<Uuid>, Vec<i64>) {
        events.iter().map(|event| (event.id, self.subscribers_of(&event.kind))).unzip()
    }
}

/// Waits until no event of the service whose database this is is on its way, and lets none go until the connection gives its locks
/// back. For who wants to see several databases at one moment.
///
/// # Errors
/// When the database is away or refuses.
pub async fn hold_deliveries(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    for prefix in ["mus", "usr", "stg"] {
        for subscriber in identity::Service::ALL {
            let lock = "SELECT pg_advisory_lock(hashtextextended(current_schema() || $1, 2)) IS NOT NULL";
            let lock = statement::<Bool>(lock).bind::<Text, _>(key(prefix, subscriber));
            let _: bool = lock.get_result(connection).await?;
        }
    }
    Ok(())
}

pub(crate) fn key(prefix: &str, subscriber: identity::Service) -> String {
    format!(".{prefix}_outbox to {subscriber}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::EventType;
    use identity::Service;

    #[test]
    fn what_two_services_want_waits_for_both() {
        const TYPES: &[EventType] = &[EventType::TrackDeleted];
        let outbox = Outbox::new(
            Service::Music,
            "mus",
            &[
                Subscription { subscriber: Service::Storage, types: TYPES },
                Subscription { subscriber: Service::User, types: TYPES },
            ],
        );
        assert_eq!(outbox.subscribers_of("music.track.deleted"), 2);
        assert_eq!(outbox.subscribers_of("music.track.created"), 0);
    }
}
