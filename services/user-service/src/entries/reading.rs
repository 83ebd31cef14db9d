//! Reading entries: what is needed for it, off the async threads, and again what could not be read.

use contracts::user::UpdateEntryRequest;
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use super::analysis::{self, Reading, Said, Text, Writer};
use super::repository::{self, EntryChanges};
use crate::accounts;

/// Entries that are read again at a time.
const AGAIN: i64 = 100;

/// What is known of a text's writer: the language, and what was written before the entry (before now, of a new one).
pub(crate) async fn writer(
    connection: &AsyncPgConnection,
    (user_id, entry_id): (Uuid, Option<Uuid>),
    content: &str,
) -> QueryResult<Writer> {
    let account = accounts::repository::find(connection, user_id).await?;
    let history = match analysis::has_keywords(content) {
        true => repository::list_before(connection, user_id, entry_id.unwrap_or(Uuid::max())).await?,
        false => Vec::new(),
    };
    Ok(Writer { language: account.map(|account| account.language).unwrap_or_default(), history })
}

/// Reads an entry off the async threads. An entry is stored even if its analysis breaks down.
pub(crate) async fn analyse(text: Text, said: Said) -> Reading {
    let (kept_text, kept_said) = (text.clone(), said.clone());
    match tokio::task::spawn_blocking(move || analysis::read(&text, &said)).await {
        Ok(reading) => reading,
        Err(error) => {
            tracing::error!(%error, "an entry could not be read");
            analysis::unread(&kept_text, &kept_said)
        }
    }
}

/// Reads those of a person's entries again whose analysis broke down, in the person's turn; gives how many there were.
pub(crate) async fn read_again(connection: &mut AsyncPgConnection, user_id: Uuid) -> QueryResult<usize> {
    let failed = repository::list_failed(connection, user_id, AGAIN).await?;
    for entry in &failed {
        let text = Text {
            content: entry.content.clone(),
            entry_type: entry.entry_type.0,
            tags: entry.tags.clone(),
            writer: writer(connection, (user_id, Some(entry.id)), &entry.content).await?,
        };
        let reading = analyse(text, entry.said()).await;
        let nothing = EntryChanges::from(UpdateEntryRequest::default());
        repository::update(connection, entry.id, &nothing, &reading).await?;
    }
    Ok(failed.len())
}
