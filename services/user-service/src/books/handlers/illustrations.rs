//! Routes of pictures in books.

use actix_web::{HttpResponse, delete, get, post, web};
use contracts::Problem;
use contracts::user::{CreateIllustrationRequest, IllustrationResponse};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{Answer, ApiError, Authenticated, Id, IdempotencyKey, Ids, Json, MaybeAuthenticated};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::repository::{self, NewIllustration};
use super::{find_readable, lock_writable};
use crate::app::{ANSWERS, UserState};
use crate::{entries, pictures, references};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(create_illustration).service(list_illustrations).service(delete_illustration);
}

/// Puts a picture into a book, or into a chapter or an entry of it. Its size is `null` in the answer when storage-service has not
/// looked at it yet.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(IdempotencyKey, ("id" = Uuid, Path)), responses(
    (status = 201, body = IllustrationResponse, headers(("location" = String))),
    (status = 401, body = Problem),
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
        Answer::created(location, &IllustrationResponse::from(illustration))
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
#[utoipa::path(tag = "books", security((), ("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = [IllustrationResponse]),
    (status = 404, description = "The book is absent or hidden", body = Problem),
))]
#[get("/api/books/{id}/illustrations")]
async fn list_illustrations(
    state: web::Data<UserState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let book = find_readable(&connection, *id, viewer.as_ref()).await?;
    let pictures = repository::list_illustrations(&connection, book.id).await?;
    let pictures: Vec<IllustrationResponse> = pictures.into_iter().map(IllustrationResponse::from).collect();
    Ok(HttpResponse::Ok().json(pictures))
}

/// Takes a picture out of a book; the file stays.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(("id" = Uuid, Path), ("illustrationId" = Uuid, Path)), responses(
    (status = 204, description = "It is out"),
    (status = 401, body = Problem),
    (status = 404, description = "The book or the picture is absent or hidden", body = Problem),
    (status = 409, description = "The book is read-only", body = Problem),
))]
#[delete("/api/books/{id}/illustrations/{illustrationId}")]
async fn delete_illustration(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    ids: Ids,
) -> Result<HttpResponse, ApiError> {
    let (book_id, id) = *ids;
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        lock_writable(connection, book_id, &caller).await?;
        match repository::delete_illustration(connection, book_id, id).await? {
            0 => Err(ApiError::not_found("illustration")),
            _ => Ok(references::tell_picture(connection, id, None).await?),
        }
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}
