//! Routes of chapters.

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, delete, get, patch, post, put, web};
use contracts::page::PageQuery;
use contracts::user::{
    ChapterResponse, CreateChapterRequest, PutInOrderRequest, ReadEntryResponse, UpdateChapterRequest,
};
use contracts::{Page, Problem};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{
    Answer, ApiError, Authenticated, Id, IdempotencyKey, Ids, IfMatch, Json, MaybeAuthenticated, ValidQuery,
    cursor, etag,
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::domain::is_permutation;
use super::super::repository::{self, Chapter, ChapterChanges, NewChapter};
use super::{find_chapter, find_readable, lock_writable, unlock_due};
use crate::app::{ANSWERS, UserState};
use crate::entries::repository::Which;
use crate::{entries, references};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(order_chapters)
        .service(create_chapter)
        .service(list_chapters)
        .service(order_entries)
        .service(get_chapter)
        .service(read_chapter)
        .service(update_chapter)
        .service(delete_chapter);
}

/// Adds a chapter at the end of a book.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(IdempotencyKey, ("id" = Uuid, Path)), responses(
    (status = 201, body = ChapterResponse, headers(("location" = String), ("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only the book's owner may", body = Problem),
    (status = 404, description = "The book is absent or hidden", body = Problem),
    (status = 409, description = "The book is read-only, or the first request with this key still runs", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/books/{id}/chapters")]
async fn create_chapter(
    state: web::Data<UserState>,
    key: IdempotencyKey,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<CreateChapterRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.of(&caller, &body.0)?;
    let work = async |connection: &mut AsyncPgConnection| {
        let book = lock_writable(connection, *id, &caller).await?;
        let chapter = NewChapter::new((book.user_id, book.id), body.0);
        repository::move_counts(connection, book.id, (1, 0)).await?;
        let chapter = repository::insert_chapter(connection, chapter).await?;
        let location = format!("/api/books/{}/chapters/{}", chapter.book_id, chapter.id);
        let tag = tag_of(&chapter);
        Ok(Answer::created(location, &ChapterResponse::from(chapter))?.with_etag(tag))
    };
    ANSWERS.once(&state.database, once, work).await
}

/// The chapters of a book, in order. One whose trigger holds unlocks.
#[utoipa::path(tag = "books", security((), ("access_token" = [])), params(("id" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<ChapterResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 404, description = "The book is absent or hidden", body = Problem),
))]
#[get("/api/books/{id}/chapters")]
async fn list_chapters(
    state: web::Data<UserState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let limit = query.0.limit();
    let after: Option<i32> = cursor::decode(query.0.cursor.as_deref())?;
    let mut connection = state.database.connection().await?;
    let book = find_readable(&connection, *id, viewer.as_ref()).await?;
    let mut chapters = repository::list_page_of_chapters(&connection, book.id, after, limit + 1).await?;
    if unlock_due(&mut connection, &book, &chapters, now).await? {
        chapters = repository::list_page_of_chapters(&connection, book.id, after, limit + 1).await?;
    }
    let page = cursor::page(chapters, limit, |chapter| chapter.sort_order)?;
    Ok(HttpResponse::Ok().json(page.map(ChapterResponse::from)))
}

/// A chapter. It unlocks when its trigger holds.
#[utoipa::path(tag = "books", security((), ("access_token" = [])), params(("id" = Uuid, Path), ("chapterId" = Uuid, Path)), responses(
    (status = 200, body = ChapterResponse, headers(("etag" = String))),
    (status = 404, description = "The book or the chapter is absent or hidden", body = Problem),
))]
#[get("/api/books/{id}/chapters/{chapterId}")]
async fn get_chapter(
    state: web::Data<UserState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    ids: Ids,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let (book_id, id) = *ids;
    let mut connection = state.database.connection().await?;
    let book = find_readable(&connection, book_id, viewer.as_ref()).await?;
    let mut chapter = find_chapter(&connection, book.id, id).await?;
    if unlock_due(&mut connection, &book, std::slice::from_ref(&chapter), now).await? {
        chapter = find_chapter(&connection, book.id, id).await?;
    }
    Ok(answer(chapter))
}

/// Puts the chapters of a book in another order.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "They are in this order"),
    (status = 401, body = Problem),
    (status = 403, description = "Only the book's owner may", body = Problem),
    (status = 404, description = "The book is absent or hidden", body = Problem),
    (status = 409, description = "The list is not one of this book's chapters, each once, or the book is read-only", body = Problem),
    (status = 422, body = Problem),
))]
#[put("/api/books/{id}/chapters/order")]
async fn order_chapters(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<PutInOrderRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let book = lock_writable(connection, *id, &caller).await?;
        let chapters = repository::list_chapters(connection, book.id).await?;
        let there = chapters.into_iter().map(|chapter| chapter.id).collect();
        if !is_permutation(there, &body.ids) {
            return Err(ApiError::conflict("The list must name every chapter of the book once."));
        }
        Ok::<_, ApiError>(repository::put_chapters_in_order(connection, &body.ids).await?)
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The entries of a chapter, in order, as readers of its book see them.
#[utoipa::path(tag = "books", security((), ("access_token" = [])), params(("id" = Uuid, Path), ("chapterId" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<ReadEntryResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 404, description = "The book or the chapter is absent or hidden", body = Problem),
))]
#[get("/api/books/{id}/chapters/{chapterId}/entries")]
async fn read_chapter(
    state: web::Data<UserState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    ids: Ids,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let (book_id, chapter_id) = *ids;
    let limit = query.0.limit();
    let after: Option<i32> = cursor::decode(query.0.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let book = find_readable(&connection, book_id, viewer.as_ref()).await?;
    let chapter = find_chapter(&connection, book.id, chapter_id).await?;
    let entries = entries::repository::list_of_chapter(&connection, chapter.id, after, limit + 1).await?;
    let page = cursor::page(entries, limit, |entry| entry.sort_order)?;
    Ok(HttpResponse::Ok().json(page.map(ReadEntryResponse::from)))
}

/// Puts the entries of a chapter in another order.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(("id" = Uuid, Path), ("chapterId" = Uuid, Path)), responses(
    (status = 204, description = "They are in this order"),
    (status = 401, body = Problem),
    (status = 403, description = "Only the book's owner may", body = Problem),
    (status = 404, description = "The book or the chapter is absent or hidden", body = Problem),
    (status = 409, description = "The list is not one of this chapter's entries, each once, or the book is read-only", body = Problem),
    (status = 422, body = Problem),
))]
#[put("/api/books/{id}/chapters/{chapterId}/entries/order")]
async fn order_entries(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    ids: Ids,
    body: Json<PutInOrderRequest>,
) -> Result<HttpResponse, ApiError> {
    let (book_id, chapter_id) = *ids;
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        lock_writable(connection, book_id, &caller).await?;
        find_chapter(connection, book_id, chapter_id).await?;
        let there = entries::repository::list_ids(connection, chapter_id).await?;
        if !is_permutation(there, &body.ids) {
            return Err(ApiError::conflict("The list must name every entry of the chapter once."));
        }
        Ok::<_, ApiError>(entries::repository::put_in_order(connection, &body.ids).await?)
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Changes a chapter (merge patch).
#[utoipa::path(tag = "books", security(("access_token" = [])), params(("id" = Uuid, Path), ("chapterId" = Uuid, Path)), responses(
    (status = 200, body = ChapterResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only the book's owner may", body = Problem),
    (status = 404, description = "The book or the chapter is absent or hidden", body = Problem),
    (status = 409, description = "The book is read-only", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/books/{id}/chapters/{chapterId}")]
async fn update_chapter(
    state: web::Data<UserState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    ids: Ids,
    body: Json<UpdateChapterRequest>,
) -> Result<HttpResponse, ApiError> {
    if body.0 == UpdateChapterRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    let (book_id, chapter_id) = *ids;
    let changes = ChapterChanges::from(body.0);
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        lock_writable(connection, book_id, &caller).await?;
        let chapter = find_chapter(connection, book_id, chapter_id).await?;
        if_match.require(&tag_of(&chapter))?;
        Ok::<_, ApiError>(repository::update_chapter(connection, chapter_id, &changes).await?)
    });
    Ok(answer(transaction.await?))
}

/// Deletes a chapter with its entries.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(("id" = Uuid, Path), ("chapterId" = Uuid, Path)), responses(
    (status = 204, description = "It is gone"),
    (status = 401, body = Problem),
    (status = 403, description = "Only the book's owner may", body = Problem),
    (status = 404, description = "The book or the chapter is absent or hidden", body = Problem),
    (status = 409, description = "The book is read-only", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
))]
#[delete("/api/books/{id}/chapters/{chapterId}")]
async fn delete_chapter(
    state: web::Data<UserState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    ids: Ids,
) -> Result<HttpResponse, ApiError> {
    let (book_id, chapter_id) = *ids;
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let book = lock_writable(connection, book_id, &caller).await?;
        let chapter = find_chapter(connection, book_id, chapter_id).await?;
        if_match.require(&tag_of(&chapter))?;
        references::release_pictures(connection, Which::OfChapter(chapter_id)).await?;
        repository::delete_chapter(connection, chapter_id).await?;
        entries::repository::delete(connection, Which::OfChapter(chapter_id)).await?;
        repository::move_counts(connection, book_id, (-1, -chapter.entry_count)).await?;
        entries::repository::refresh_person(connection, book.user_id, now).await?;
        Ok::<_, ApiError>(())
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}

fn answer(chapter: Chapter) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, tag_of(&chapter))).json(ChapterResponse::from(chapter))
}

fn tag_of(chapter: &Chapter) -> String {
    etag::of_row(chapter.id, chapter.updated_at)
}
