//! Writes events in the transaction of what they tell.

use std::fmt::Debug;

use contracts::EventType;
use database::{AsJson, AsText, statement};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Jsonb, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use uuid::Uuid;

use crate::Outbox;

impl Outbox {
    /// Writes events of one type, each with its subject, in the caller's transaction.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn enqueue<T: Serialize + Debug + Send + Sync>(
        &self,
        connection: &mut AsyncPgConnection,
        kind: EventType,
        events: Vec<(Uuid, T)>,
    ) -> QueryResult<()> {
        if events.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = events.iter().map(|_| contracts::ids::new_id()).collect();
        let (subjects, data): (Vec<_>, Vec<_>) =
            events.into_iter().map(|(subject, data)| (subject.to_string(), AsJson(data))).unzip();
        let insert = statement::<()>(format!(
            "INSERT INTO {}_outbox (id, type, subject, data, occurred_at, taken_by, settled_at)
             SELECT id, $2, subject, data, now(), '{{}}', CASE WHEN NOT $5 THEN now() END
             FROM unnest($1, $3, $4) WITH ORDINALITY AS event (id, subject, data, position) ORDER BY position",
            self.prefix,
        ));
        insert
            .bind::<Array<SqlUuid>, _>(&ids)
            .bind::<Text, _>(AsText(kind))
            .bind::<Array<Text>, _>(&subjects)
            .bind::<Array<Jsonb>, _>(&data)
            .bind::<Bool, _>(self.is_awaited(kind))
            .execute(connection)
            .await
            .map(drop)
    }
}
