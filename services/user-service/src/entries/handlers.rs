//! Routes of entries.

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, delete, get, patch, post, web};
use chrono::Days;
use contracts::user::{CreateEntryRequest, EntryResponse, ListEntriesQuery, UpdateEntryRequest};
use contracts::{Page, Problem};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{
    Answer, ApiError, Authenticated, Caller, Id, IdempotencyKey, IfMatch, Json, ValidQuery, cursor, etag,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::analysis::Text;
use super::domain::{said_after, said_of, text_after};
use super::reading;
use super::repository::{self, Entry, EntryChanges, Filter, NewEntry, Which};
use crate::app::{ANSWERS, UserState};
use crate::books::repository::{self as books, Chapter};
use crate::{accounts, days, profiles, references};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create_entry)
        .service(list_entries)
        .service(get_entry)
        .service(update_entry)
        .service(delete_entry);
}

/// Writes an entry at the end of a chapter.
#[utoipa::path(tag = "entries", security(("access_token" = [])), params(IdempotencyKey), responses(
    (status = 201, body = EntryResponse, headers(("location" = String), ("etag" = String))),
    (status = 401, body = Problem),
    (status = 409, description = "The chapter is locked, the book read-only, or the first request with this key still runs", body = Problem),
    (status = 422, description = "A rule is broken, or there is no such chapter of the caller's", body = Problem),
))]
#[post("/api/entries")]
async fn create_entry(
    state: web::Data<UserState>,
    key: IdempotencyKey,
    Authenticated(caller): Authenticated,
    body: Json<CreateEntryRequest>,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let body = body.0;
    let once = key.of(&caller, &body)?;
    let work = async |connection: &mut AsyncPgConnection| {
        let chapter = lock_chapter(connection, body.chapter_id, &caller).await?;
        let text = Text {
            content: body.content.clone(),
            entry_type: body.entry_type,
            tags: body.tags.clone(),
            writer: reading::writer(connection, (chapter.user_id, None), &body.content).await?,
        };
        let reading = reading::analyse(text, said_of(&body)).await;
        let entry = NewEntry::new((chapter.user_id, chapter.book_id), body);
        let entry = repository::insert(connection, entry, &reading).await?;
        count(connection, (chapter.book_id, chapter.id), 1).await?;
        repository::refresh_person(connection, entry.user_id, now).await?;
        let (location, tag) = (format!("/api/entries/{}", entry.id), tag_of(&entry));
        Ok(Answer::created(location, &EntryResponse::from(entry))?.with_etag(tag))
    };
    ANSWERS.once(&state.database, once, work).await
}

/// The caller's entries, the last written first.
#[utoipa::path(tag = "entries", security(("access_token" = [])), params(ListEntriesQuery), responses(
    (status = 200, body = Page<EntryResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 422, body = Problem),
))]
#[get("/api/entries")]
async fn list_entries(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<ListEntriesQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let limit = query.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let after: Option<Uuid> = cursor::decode(query.cursor.as_deref())?;
    let words = query.q.as_deref().map(crate::books::search_words);
    if words == Some(None) {
        // Nothing to search for is found nowhere.
        return Ok(HttpResponse::Ok().json(cursor::page(Vec::<EntryResponse>::new(), limit, |_| ())?));
    }
    let connection = state.database.connection().await?;
    let account = accounts::repository::find(&connection, caller.user_id).await?;
    let zone = days::zone(account.as_ref().map_or("UTC", |account| &account.timezone));
    let filter = Filter {
        user_id: caller.user_id,
        book_id: query.book_id,
        entry_type: query.entry_type,
        theme: query.theme.map(|theme| theme.to_lowercase()),
        from: query.from.map(|day| days::midnight(day, zone)),
        before: query.to.map(|day| days::midnight(day + Days::new(1), zone)),
        words: words.flatten(),
    };
    let entries = repository::list(&connection, &filter, after, limit + 1).await?;
    let page = cursor::page(entries, limit, |entry| entry.id)?;
    Ok(HttpResponse::Ok().json(page.map(EntryResponse::from)))
}

/// An entry.
#[utoipa::path(tag = "entries", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = EntryResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/entries/{id}")]
async fn get_entry(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let entry = repository::find(&connection, *id).await?;
    let entry = entry.filter(|entry| caller.may_read(entry.user_id));
    Ok(answer(entry.ok_or_else(|| ApiError::not_found("entry"))?))
}

/// Changes an entry (merge patch).
#[utoipa::path(tag = "entries", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = EntryResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 409, description = "The other chapter is locked, or a book read-only", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/entries/{id}")]
async fn update_entry(
    state: web::Data<UserState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<UpdateEntryRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.0;
    if body == UpdateEntryRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let entry = lock_entry(connection, *id, &caller).await?;
        if_match.require(&tag_of(&entry))?;
        if let Some(chapter_id) = body.chapter_id.filter(|chapter_id| *chapter_id != entry.chapter_id) {
            move_entry(connection, &entry, chapter_id, &caller).await?;
        }
        let said = said_after(entry.said(), &body);
        let content = body.content.as_ref().unwrap_or(&entry.content);
        let writer = reading::writer(connection, (entry.user_id, Some(entry.id)), content).await?;
        let before =
            Text { entry_type: entry.entry_type.0, tags: entry.tags, content: entry.content, writer };
        let reading = reading::analyse(text_after(before, &body), said).await;
        let entry = repository::update(connection, *id, &EntryChanges::from(body), &reading).await?;
        repository::refresh_person(connection, entry.user_id, now).await?;
        Ok::<_, ApiError>(entry)
    });
    Ok(answer(transaction.await?))
}

/// Deletes an entry.
#[utoipa::path(tag = "entries", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "It is gone"),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 409, description = "The book is read-only", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
))]
#[delete("/api/entries/{id}")]
async fn delete_entry(
    state: web::Data<UserState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let entry = lock_entry(connection, *id, &caller).await?;
        if_match.require(&tag_of(&entry))?;
        references::release_pictures(connection, Which::Entry(*id)).await?;
        repository::delete(connection, Which::Entry(*id)).await?;
        count(connection, (entry.book_id, entry.chapter_id), -1).await?;
        repository::refresh_person(connection, entry.user_id, now).await?;
        Ok::<_, ApiError>(())
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// An entry of the caller's that may change, with its owner's turn.
async fn lock_entry(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    caller: &Caller,
) -> Result<Entry, ApiError> {
    let absent = || ApiError::not_found("entry");
    let entry = repository::find(connection, id).await?;
    let entry = entry.filter(|entry| caller.may_read(entry.user_id)).ok_or_else(absent)?;
    if !caller.owns(entry.user_id) {
        return Err(ApiError::forbidden("Only its writer may change an entry."));
    }
    profiles::repository::lock(connection, entry.user_id).await?;
    // What was read before the turn may have changed until it came.
    let entry = repository::find(connection, id).await?.ok_or_else(absent)?;
    let book = books::find(connection, entry.book_id).await?.ok_or_else(absent)?;
    crate::books::require_writable(book.is_read_only)?;
    Ok(entry)
}

/// A chapter that takes entries, with its owner's turn. One whose trigger holds by now unlocks.
async fn lock_chapter(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    caller: &Caller,
) -> Result<Chapter, ApiError> {
    let absent = || ApiError::invalid("/chapterId", "there is no such chapter of yours");
    let chapter = books::find_chapter(connection, id).await?;
    let chapter = chapter.filter(|chapter| caller.owns(chapter.user_id)).ok_or_else(absent)?;
    let book = crate::books::lock_own(connection, chapter.book_id, caller).await.map_err(|_| absent())?;
    crate::books::require_writable(book.is_read_only)?;
    let chapter = books::find_chapter(connection, id).await?.ok_or_else(absent)?;
    if !crate::books::is_open(connection, &book, &chapter).await? {
        return Err(ApiError::conflict("The chapter is locked; see what unlocks it."));
    }
    Ok(chapter)
}

async fn move_entry(
    connection: &mut AsyncPgConnection,
    entry: &Entry,
    chapter_id: Uuid,
    caller: &Caller,
) -> Result<(), ApiError> {
    let chapter = lock_chapter(connection, chapter_id, caller).await?;
    if chapter.user_id != entry.user_id {
        return Err(ApiError::invalid("/chapterId", "the chapter is another person's"));
    }
    count(connection, (entry.book_id, entry.chapter_id), -1).await?;
    count(connection, (chapter.book_id, chapter.id), 1).await?;
    repository::move_to(connection, entry.id, (chapter.book_id, chapter.id)).await?;
    Ok(())
}

async fn count(
    connection: &mut AsyncPgConnection,
    (book_id, chapter_id): (Uuid, Uuid),
    entries: i32,
) -> Result<(), ApiError> {
    books::move_entry_count(connection, chapter_id, entries).await?;
    books::move_counts(connection, book_id, (0, entries)).await?;
    Ok(())
}

fn answer(entry: Entry) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, tag_of(&entry))).json(EntryResponse::from(entry))
}

fn tag_of(entry: &Entry) -> String {
    etag::of_row(entry.id, entry.updated_at)
}
