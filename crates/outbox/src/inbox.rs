//! Hears events: each has its effect once, whatever is delivered twice.

use std::collections::HashSet;

use contracts::events::Event;
use contracts::{EventType, TextEnum};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::Outbox;

/// An event that came for the first time.
#[derive(Debug, Clone)]
pub struct Heard {
    /// What happened.
    pub kind: EventType,
    /// The event as it was delivered.
    pub event: Event,
}

impl Heard {
    /// The payload.
    ///
    /// # Errors
    /// When it is not what its type promises: the delivery is refused, and tried again by who sent it.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_value(Value::Object(self.event.data.clone()))
    }
}

/// Marks events as heard in the caller's transaction, and returns those that came for the first time and are of types that
/// `wants` names, in their order. What comes again at the same time waits for the transaction and is then known.
///
/// # Errors
/// When the database refuses.
pub async fn hear(
    outbox: &Outbox,
    connection: &mut AsyncPgConnection,
    wants: &[EventType],
    events: Vec<Event>,
) -> QueryResult<Vec<Heard>> {
    let mut known: Vec<Heard> = events
        .into_iter()
        .filter_map(|event| Some(Heard { kind: EventType::from_word(&event.kind)?, event }))
        .filter(|heard| wants.contains(&heard.kind))
        .collect();
    let ids: Vec<Uuid> = known.iter().map(|heard| heard.event.id).collect();
    let sources: Vec<&str> = known.iter().map(|heard| heard.event.source.as_str()).collect();
    let kinds: Vec<&str> = known.iter().map(|heard| heard.kind.as_str()).collect();
    // In the order of the ids: two deliveries of the same events wait for each other in one direction.
    let insert = statement::<SqlUuid>(format!(
        "INSERT INTO {}_inbox (event_id, source, type, received_at)
         SELECT DISTINCT ON (id) id, source, type, now() FROM unnest($1, $2, $3) AS event (id, source, type) ORDER BY id
         ON CONFLICT (event_id) DO NOTHING RETURNING event_id",
        outbox.prefix,
    ));
    let new: Vec<Uuid> = insert
        .bind::<Array<SqlUuid>, _>(&ids)
        .bind::<Array<Text>, _>(&sources)
        .bind::<Array<Text>, _>(&kinds)
        .load(connection)
        .await?;
    let mut new: HashSet<Uuid> = new.into_iter().collect();
    known.retain(|heard| new.remove(&heard.event.id));
    Ok(known)
}
