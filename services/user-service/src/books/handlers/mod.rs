//! Routes of books.

mod chapters;
mod illustrations;
mod lists;
mod reading;

use chrono::{DateTime, Utc};
use contracts::{UnlockTrigger, Visibility};
use diesel_async::AsyncPgConnection;
use http_kit::{ApiError, Caller};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::{Circumstances, is_due, may_read, require_writable};
use super::repository::{self, Book, Chapter};
use crate::{circle, profiles};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    // Fixed segments before ids: the first route that matches is taken.
    config
        .configure(reading::configure)
        .configure(lists::configure)
        .configure(chapters::configure)
        .configure(illustrations::configure);
}

/// A book that a viewer may read.
async fn find_readable(
    connection: &AsyncPgConnection,
    id: Uuid,
    viewer: Option<&Caller>,
) -> Result<Book, ApiError> {
    let absent = || ApiError::not_found("book");
    let book = repository::find(connection, id).await?.ok_or_else(absent)?;
    let is_in_circle = match viewer {
        Some(viewer) if book.visibility.0 == Visibility::Shared => {
            circle::repository::exists_member(connection, book.user_id, viewer.user_id).await?
        }
        _ => false,
    };
    let state = (book.visibility.0, book.status.0);
    if may_read(viewer, book.user_id, state, is_in_circle) { Ok(book) } else { Err(absent()) }
}

/// A book that the caller may change, with its owner's turn: the caller's own, and admins what was published to everyone.
pub(crate) async fn lock_own(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    caller: &Caller,
) -> Result<Book, ApiError> {
    let book = find_own(connection, id, caller).await?;
    profiles::repository::lock(connection, book.user_id).await?;
    // What was read before the turn may have changed until it came, and with it who may see and change the book.
    find_own(connection, id, caller).await
}

async fn find_own(connection: &AsyncPgConnection, id: Uuid, caller: &Caller) -> Result<Book, ApiError> {
    let book = find_readable(connection, id, Some(caller)).await?;
    if !caller.may_change(book.user_id, book.visibility.0 == Visibility::Public) {
        return Err(ApiError::forbidden("Only its owner may change a book."));
    }
    Ok(book)
}

/// The same, when its chapters, entries and pictures may change.
async fn lock_writable(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    caller: &Caller,
) -> Result<Book, ApiError> {
    let book = lock_own(connection, id, caller).await?;
    require_writable(book.is_read_only)?;
    Ok(book)
}

/// A live chapter of a book.
async fn find_chapter(connection: &AsyncPgConnection, book_id: Uuid, id: Uuid) -> Result<Chapter, ApiError> {
    let chapter = repository::find_chapter(connection, id).await?;
    let chapter = chapter.filter(|chapter| chapter.book_id == book_id);
    chapter.ok_or_else(|| ApiError::not_found("chapter"))
}

/// Unlocks those of a book's chapters whose trigger holds, and tells whether there were any.
async fn unlock_due(
    connection: &mut AsyncPgConnection,
    book: &Book,
    chapters: &[Chapter],
    now: DateTime<Utc>,
) -> Result<bool, ApiError> {
    if !chapters.iter().any(|chapter| chapter.is_locked) {
        return Ok(false);
    }
    let progress = match chapters.iter().any(|chapter| chapter.unlock_trigger.0 == UnlockTrigger::Progress) {
        true => repository::find_progress(connection, book.user_id, book.id).await?,
        false => None,
    };
    let progress = progress.map_or(0.0, |progress| progress.reading_progress);
    let circumstances = Circumstances { now, entries: book.entry_count, progress };
    let due = chapters.iter().filter(|chapter| {
        let limits = (chapter.unlock_at, chapter.unlock_threshold);
        chapter.is_locked && is_due(chapter.unlock_trigger.0, limits, circumstances)
    });
    let due: Vec<_> = due.map(|chapter| (chapter.id, chapter.updated_at)).collect();
    Ok(!due.is_empty() && repository::unlock(connection, &due).await? > 0)
}

/// Whether a chapter takes entries, by now.
pub(crate) async fn is_open(
    connection: &mut AsyncPgConnection,
    book: &Book,
    chapter: &Chapter,
) -> Result<bool, ApiError> {
    let now = contracts::clock::now();
    let unlocked = unlock_due(connection, book, std::slice::from_ref(chapter), now).await?;
    Ok(unlocked || !chapter.is_locked)
}
