//! Reading entries: what is needed for it, off the async threads, and again what could not be read.

use std::sync::Arc;

use contracts::ProcessingStatus;
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
    let language = account.map(|account| account.language).unwrap_or_default();
    writer_of(connection, (user_id, entry_id), language, content).await
}

/// The same, of somebody whose language is known.
async fn writer_of(
    connection: &AsyncPgConnection,
    (user_id, entry_id): (Uuid, Option<Uuid>),
    language: String,
    content: &str,
) -> QueryResult<Writer> {
    let history = match analysis::has_keywords(content) {
        true => repository::list_before(connection, user_id, entry_id.unwrap_or(Uuid::max())).await?,
        false => Vec::new(),
    };
    Ok(Writer { language, history })
}

/// Reads an entry off the async threads. An entry is stored even if its analysis breaks down.
pub(crate) async fn analyse(text: Text, said: Said) -> Reading {
    // Shared: with a text go up to fifty others, which are needed once more only if it breaks down.
    let kept = Arc::new((text, said));
    let lent = Arc::clone(&kept);
    let reading = tokio::task::spawn_blocking(move || {
        let (text, said) = &*lent;
        analysis::read(text, said)
    });
    match reading.await {
        Ok(reading) => reading,
        Err(error) => {
            tracing::error!(%error, "an entry could not be read");
            let (text, said) = &*kept;
            analysis::unread(text, said)
        }
    }
}

/// Reads those of a person's entries again whose analysis broke down, in the person's turn; gives how many could be
/// read. One that breaks down again stays as it is: nothing of it has changed that anybody would have to be told.
pub(crate) async fn read_again(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    language: &str,
) -> QueryResult<usize> {
    let mut read = 0;
    let failed = repository::list_failed(connection, user_id, AGAIN).await?;
    for entry in &failed {
        let text = Text {
            content: entry.content.clone(),
            entry_type: entry.entry_type.0,
            tags: entry.tags.clone(),
            writer: writer_of(connection, (user_id, Some(entry.id)), language.to_owned(), &entry.content)
                .await?,
        };
        let reading = analyse(text, entry.said()).await;
        if reading.status == ProcessingStatus::Failed {
            continue;
        }
        read += 1;
        let nothing = EntryChanges::from(UpdateEntryRequest::default());
        repository::update(connection, entry.id, &nothing, &reading).await?;
    }
    Ok(read)
}
