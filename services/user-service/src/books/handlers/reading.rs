//! Routes of reading: how far people are, and books to be taken along.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, put, web};
use chrono::{DateTime, Utc};
use contracts::page::PageQuery;
use contracts::user::{
    BookExport, ChapterExport, ExportBookQuery, LibraryBookResponse, ReadingProgressResponse,
    SetProgressRequest,
};
use contracts::{BookFormat, Page, Problem};
use diesel_async::AsyncConnection;
use http_kit::{ApiError, Authenticated, Id, IfMatch, Json, ValidQuery, cursor, etag};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::{export, repository};
use super::find_readable;
use crate::app::UserState;
use crate::{entries, profiles};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_library).service(get_progress).service(set_progress).service(export_book);
}

/// The books that the caller reads, the last read first.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(PageQuery), responses(
    (status = 200, body = Page<LibraryBookResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/books/library")]
async fn list_library(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let limit = query.0.limit();
    let after: Option<(DateTime<Utc>, Uuid)> = cursor::decode(query.0.cursor.as_deref())?;
    let after = after.unwrap_or_else(cursor::end_of_time);
    let connection = state.database.connection().await?;
    let books = repository::list_library(&connection, caller.user_id, after, limit + 1).await?;
    let page = cursor::page(books, limit, |item| (item.progress.last_accessed_at, item.progress.book_id))?;
    Ok(HttpResponse::Ok().json(page))
}

/// How far the caller is in a book.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = ReadingProgressResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "The book is absent or hidden, or the caller never read in it", body = Problem),
))]
#[get("/api/books/{id}/progress")]
async fn get_progress(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    find_readable(&connection, *id, Some(&caller)).await?;
    let progress = repository::find_progress(&connection, caller.user_id, *id).await?;
    let progress = progress.ok_or_else(|| ApiError::not_found("progress"))?;
    etag::answer(&ReadingProgressResponse::from(progress))
}

/// Says how far the caller has read.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = ReadingProgressResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "The book is absent or hidden", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, description = "The entry is not of this book", body = Problem),
))]
#[put("/api/books/{id}/progress")]
async fn set_progress(
    state: web::Data<UserState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<SetProgressRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    find_readable(&connection, *id, Some(&caller)).await?;
    let transaction = connection.transaction(async |connection| {
        // In the caller's turn: of those who read one tag only one is to find it still true. A first reading has no row to hold.
        profiles::repository::lock(connection, caller.user_id).await?;
        let before = repository::find_progress(connection, caller.user_id, *id).await?;
        if_match.require_of(before.map(ReadingProgressResponse::from).as_ref())?;
        let (place, share) = match body.entry_id {
            None => (None, 0.0),
            Some(entry_id) => {
                let found = repository::share_of_entry(connection, *id, entry_id).await?;
                let (chapter_id, share) =
                    found.ok_or_else(|| ApiError::invalid("/entryId", "no entry of this book"))?;
                (Some((chapter_id, entry_id)), share)
            }
        };
        let share = body.reading_progress.unwrap_or(share);
        repository::upsert_progress(connection, (caller.user_id, *id), place, share).await?;
        let progress = repository::find_progress(connection, caller.user_id, *id).await?;
        progress.ok_or_else(|| ApiError::not_found("progress"))
    });
    etag::answer(&ReadingProgressResponse::from(transaction.await?))
}

/// A book of the caller's to be taken along.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(("id" = Uuid, Path), ExportBookQuery), responses(
    (status = 200, content((String = "text/markdown"), (BookExport = "application/json"))),
    (status = 400, description = "No such format", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/books/{id}/export")]
async fn export_book(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    id: Id,
    query: ValidQuery<ExportBookQuery>,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let book = find_readable(&connection, *id, Some(&caller)).await?;
    if !caller.may_read(book.user_id) {
        return Err(ApiError::forbidden("Only its owner may take a book along."));
    }
    let (chapters, entries) = futures_util::try_join!(
        repository::list_chapters(&connection, book.id),
        entries::repository::list_of_book(&connection, book.id),
    )?;
    let chapters = chapters.into_iter().map(|chapter| {
        let own = entries.iter().filter(|entry| entry.chapter_id == chapter.id);
        ChapterExport { entries: own.cloned().map(Into::into).collect(), chapter: chapter.into() }
    });
    let whole = BookExport { chapters: chapters.collect(), book: book.into() };
    // By its id: a title may hold anything.
    let named = |ending| (CONTENT_DISPOSITION, format!("attachment; filename=\"{}.{ending}\"", *id));
    Ok(match query.0.format {
        BookFormat::Json => HttpResponse::Ok().insert_header(named("json")).json(whole),
        BookFormat::Markdown => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/markdown; charset=utf-8"))
            .insert_header(named("md"))
            .body(export::markdown(&whole)),
    })
}
