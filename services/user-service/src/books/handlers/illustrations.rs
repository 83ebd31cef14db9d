//! Routes of pictures in books.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use contracts::page::PageQuery;
use contracts::user::{CreateIllustrationRequest, IllustrationResponse, UpdateIllustrationRequest};
use contracts::{Page, Problem};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{
    Answer, ApiError, Authenticated, Id, IdempotencyKey, Ids, IfMatch, Json, MaybeAuthenticated, ValidQuery,
    cursor, etag,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::repository::{self, Illustration, IllustrationChanges, NewIllustration, Place};
use super::{find_readable, lock_writable};
use crate::app::{ANSWERS, UserState};
use crate::{entries, pictures, references};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create_illustration)
        .service(list_illustrations)
        .service(get_illustration)
        .service(update_illustration)
        .service(delete_illustration);
}

/// Puts a picture into a book, or into a chapter or an entry of it. Its size is `null` in the answer when storage-service has not
/// looked at it yet.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(IdempotencyKey, ("id" = Uuid, Path)), responses(
    (status = 201, body = IllustrationResponse, headers(("location" = String), ("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only the book's owner may", body = Problem),
    (status = 404, description = "The book is absent or hidden", body = Problem),
    (status = 409, description = "The book is read-only, or the first request with this key still runs", body = Problem),
    (status = 422, description = "No picture of the caller's, or no part of the book", body = Problem),
))]
#[post("/api/books/{id}/illustrations")]
async fn create_illustration(
    state: web::Data<UserState>,
    key: IdempotencyKey,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<CreateIllustrationRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.0;
    let once = key.of(&caller, &body)?;
    if let Some(answer) = ANSWERS.known(&state.database, &once).await? {
        return Ok(answer);
    }
    let file_id = body.file_id;
    let size = pictures::require_own(&state, &caller, Some(file_id), "/fileId").await?;
    let work = async |connection: &mut AsyncPgConnection| {
        let book = lock_writable(connection, *id, &caller).await?;
        if let Some(chapter_id) = body.chapter_id {
            let chapter = repository::find_chapter(connection, chapter_id).await?;
            let chapter = chapter.filter(|chapter| chapter.book_id == book.id);
            chapter.ok_or_else(|| ApiError::invalid("/chapterId", "no chapter of this book"))?;
        }
        if let Some(entry_id) = body.entry_id {
            let entry = entries::repository::find(connection, entry_id).await?;
            let entry = entry.filter(|entry| entry.book_id == book.id);
            entry.ok_or_else(|| ApiError::invalid("/entryId", "no entry of this book"))?;
        }
        let illustration = NewIllustration::new((book.user_id, book.id), body, size);
        let illustration = repository::insert_illustration(connection, illustration).await?;
        references::tell_picture(connection, illustration.id, Some(illustration.file_id)).await?;
        let location = format!("/api/books/{}/illustrations/{}", book.id, illustration.id);
        let illustration = IllustrationResponse::from(illustration);
        Ok(Answer::created(location, &illustration)?.with_etag(etag::of(&illustration)?))
    };
    let answer = ANSWERS.once(&state.database, once, work).await?;
    if size.is_none() {
        // What was told of its size between the question and the row found no row: asked once more. The picture is there, whatever
        // comes of that.
        let size = pictures::require_own(&state, &caller, Some(file_id), "/fileId").await;
        if let Ok(Some(size)) = size
            && let Ok(mut connection) = state.database.connection().await
            && let Err(error) = repository::set_sizes(&mut connection, &[(file_id, size)]).await
        {
            tracing::warn!(%error, "the size of a picture is not noted");
        }
    }
    Ok(answer)
}

/// The pictures of a book, its chapters and entries.
#[utoipa::path(tag = "books", security((), ("access_token" = [])), params(("id" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<IllustrationResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 404, description = "The book is absent or hidden", body = Problem),
))]
#[get("/api/books/{id}/illustrations")]
async fn list_illustrations(
    state: web::Data<UserState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let limit = query.0.limit();
    let after: Option<Place> = cursor::decode(query.0.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let book = find_readable(&connection, *id, viewer.as_ref()).await?;
    let pictures = repository::list_illustrations(&connection, book.id, after, limit + 1).await?;
    let page = cursor::page(pictures, limit, Illustration::place)?;
    Ok(HttpResponse::Ok().json(page.map(IllustrationResponse::from)))
}

/// A picture in a book.
#[utoipa::path(tag = "books", security((), ("access_token" = [])), params(("id" = Uuid, Path), ("illustrationId" = Uuid, Path)), responses(
    (status = 200, body = IllustrationResponse, headers(("etag" = String))),
    (status = 404, description = "The book or the picture is absent or hidden", body = Problem),
))]
#[get("/api/books/{id}/illustrations/{illustrationId}")]
async fn get_illustration(
    state: web::Data<UserState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    ids: Ids,
) -> Result<HttpResponse, ApiError> {
    let (book_id, id) = *ids;
    let connection = state.database.connection().await?;
    let book = find_readable(&connection, book_id, viewer.as_ref()).await?;
    etag::answer(&IllustrationResponse::from(find(&connection, (book.id, id)).await?))
}

/// Changes what is said of a picture (merge patch).
#[utoipa::path(tag = "books", security(("access_token" = [])), params(("id" = Uuid, Path), ("illustrationId" = Uuid, Path)), responses(
    (status = 200, body = IllustrationResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only the book's owner may", body = Problem),
    (status = 404, description = "The book or the picture is absent or hidden", body = Problem),
    (status = 409, description = "The book is read-only", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/books/{id}/illustrations/{illustrationId}")]
async fn update_illustration(
    state: web::Data<UserState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    ids: Ids,
    body: Json<UpdateIllustrationRequest>,
) -> Result<HttpResponse, ApiError> {
    if body.0 == UpdateIllustrationRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    let (book_id, id) = *ids;
    let changes = IllustrationChanges::from(body.0);
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        lock_writable(connection, book_id, &caller).await?;
        let illustration = find(connection, (book_id, id)).await?;
        if_match.require_of(Some(&IllustrationResponse::from(illustration)))?;
        Ok::<_, ApiError>(repository::update_illustration(connection, id, &changes).await?)
    });
    etag::answer(&IllustrationResponse::from(transaction.await?))
}

/// Takes a picture out of a book; the file stays.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(("id" = Uuid, Path), ("illustrationId" = Uuid, Path)), responses(
    (status = 204, description = "It is out"),
    (status = 401, body = Problem),
    (status = 403, description = "Only the book's owner may", body = Problem),
    (status = 404, description = "The book or the picture is absent or hidden", body = Problem),
    (status = 409, description = "The book is read-only", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
))]
#[delete("/api/books/{id}/illustrations/{illustrationId}")]
async fn delete_illustration(
    state: web::Data<UserState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    ids: Ids,
) -> Result<HttpResponse, ApiError> {
    let (book_id, id) = *ids;
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        lock_writable(connection, book_id, &caller).await?;
        let illustration = find(connection, (book_id, id)).await?;
        if_match.require_of(Some(&IllustrationResponse::from(illustration)))?;
        repository::delete_illustration(connection, id).await?;
        Ok::<_, ApiError>(references::tell_picture(connection, id, None).await?)
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn find(connection: &AsyncPgConnection, (book_id, id): (Uuid, Uuid)) -> Result<Illustration, ApiError> {
    let illustration = repository::find_illustration(connection, book_id, id).await?;
    illustration.ok_or_else(|| ApiError::not_found("illustration"))
}
