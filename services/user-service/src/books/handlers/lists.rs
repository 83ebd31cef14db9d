//! Routes of books themselves.

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, delete, get, patch, post, web};
use contracts::user::{BookResponse, CreateBookRequest, ListBooksQuery, UpdateBookRequest};
use contracts::{BookScope, BookStatus, Page, Problem, Visibility};
use database::violated_constraint;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{
    Answer, ApiError, Authenticated, Caller, Id, IdempotencyKey, IfMatch, Json, MaybeAuthenticated,
    ValidQuery, cursor, etag,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::domain::{judge_system_type, require_reach, require_system, search_words};
use super::super::repository::{self, Book, BookChanges, Filter, NewBook};
use super::{find_readable, lock_own};
use crate::app::{ANSWERS, UserState};
use crate::entries::repository::Which;
use crate::{entries, pictures, references};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create_book)
        .service(list_books)
        .service(get_book)
        .service(update_book)
        .service(delete_book)
        .service(publish_book)
        .service(archive_book);
}

/// Makes a book, as a draft.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(IdempotencyKey), responses(
    (status = 201, body = BookResponse, headers(("location" = String), ("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only librarians publish to everyone or make what comes with the service", body = Problem),
    (status = 409, description = "The caller has a book of this title, or the first request with this key still runs", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/books")]
async fn create_book(
    state: web::Data<UserState>,
    key: IdempotencyKey,
    Authenticated(caller): Authenticated,
    body: Json<CreateBookRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.of(&caller, &body.0)?;
    if let Some(answer) = ANSWERS.known(&state.database, &once).await? {
        return Ok(answer);
    }
    let book = NewBook::new(caller.user_id, body.0);
    require_reach(&caller, book.visibility.0)?;
    require_system(&caller, book.system().0)?;
    judge_system_type(book.system())?;
    pictures::require_own(&state, &caller, book.cover_file_id, "/coverFileId").await?;
    let work = async |connection: &mut AsyncPgConnection| {
        let book = repository::insert(connection, &book).await.map_err(refuse_title)?;
        references::tell_cover(connection, None, (book.id, book.cover_file_id)).await?;
        let (location, tag) = (format!("/api/books/{}", book.id), tag_of(&book));
        Ok(Answer::created(location, &BookResponse::from(book))?.with_etag(tag))
    };
    ANSWERS.once(&state.database, once, work).await
}

/// Books, the newest first.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(ListBooksQuery), responses(
    (status = 200, body = Page<BookResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/books")]
async fn list_books(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<ListBooksQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let limit = query.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let after: Option<Uuid> = cursor::decode(query.cursor.as_deref())?;
    let scope = query.scope.unwrap_or(BookScope::Mine);
    let words = query.q.as_deref().map(search_words);
    if words == Some(None) {
        // Nothing to search for is found nowhere.
        return Ok(HttpResponse::Ok().json(Page::<BookResponse>::default()));
    }
    let filter = Filter {
        scope,
        caller_id: caller.user_id,
        status: query.status,
        system_type: query.system_type,
        words: words.flatten(),
    };
    let connection = state.database.connection().await?;
    let books = repository::list(&connection, &filter, after, limit + 1).await?;
    let page = cursor::page(books, limit, |book| book.id)?;
    Ok(HttpResponse::Ok().json(page.map(BookResponse::from)))
}

/// A book.
#[utoipa::path(tag = "books", security((), ("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = BookResponse, headers(("etag" = String))),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/books/{id}")]
async fn get_book(
    state: web::Data<UserState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    Ok(answer(find_readable(&connection, *id, viewer.as_ref()).await?))
}

/// Changes a book (merge patch).
#[utoipa::path(tag = "books", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = BookResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only librarians publish to everyone or make what comes with the service", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 409, description = "Another book has this title", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/books/{id}")]
async fn update_book(
    state: web::Data<UserState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<UpdateBookRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.0;
    if body == UpdateBookRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    require_reach(&caller, body.visibility.unwrap_or(Visibility::Personal))?;
    require_system(&caller, body.is_system == Some(true) || body.system_type.is_some())?;
    pictures::require_own(&state, &caller, body.cover_file_id.flatten(), "/coverFileId").await?;
    let changes = BookChanges::from(body);
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let book = lock_own(connection, *id, &caller).await?;
        if_match.require(&tag_of(&book))?;
        judge_system_type(changes.system_of(&book))?;
        let changed = repository::update(connection, *id, &changes).await.map_err(refuse_title)?;
        references::tell_cover(connection, book.cover_file_id, (book.id, changed.cover_file_id)).await?;
        Ok::<_, ApiError>(changed)
    });
    Ok(answer(transaction.await?))
}

/// Deletes a book with its chapters and entries.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "It is gone"),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
))]
#[delete("/api/books/{id}")]
async fn delete_book(
    state: web::Data<UserState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let book = lock_own(connection, *id, &caller).await?;
        if_match.require(&tag_of(&book))?;
        references::release_book(connection, &book).await?;
        repository::delete(connection, *id).await?;
        entries::repository::delete(connection, Which::OfBook(*id)).await?;
        entries::repository::refresh_person(connection, book.user_id, now).await?;
        Ok::<_, ApiError>(())
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Publishes a book to those who may see it.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = BookResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 409, description = "It is published already", body = Problem),
))]
#[post("/api/books/{id}/publish")]
async fn publish_book(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    set_status(&state, &caller, *id, BookStatus::Active).await
}

/// Puts a book away; publishing brings it back.
#[utoipa::path(tag = "books", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = BookResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 409, description = "It is put away already", body = Problem),
))]
#[post("/api/books/{id}/archive")]
async fn archive_book(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    set_status(&state, &caller, *id, BookStatus::Archived).await
}

async fn set_status(
    state: &UserState,
    caller: &Caller,
    id: Uuid,
    status: BookStatus,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let book = lock_own(connection, id, caller).await?;
        if book.status.0 == status {
            return Err(ApiError::conflict(format!("The book is {status} already.")));
        }
        Ok(repository::set_status(connection, id, status).await?)
    });
    Ok(answer(transaction.await?))
}

fn answer(book: Book) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, tag_of(&book))).json(BookResponse::from(book))
}

fn tag_of(book: &Book) -> String {
    etag::of_row(book.id, book.updated_at)
}

fn refuse_title(error: diesel::result::Error) -> ApiError {
    match violated_constraint(&error) {
        Some("lib_books_title_key") => ApiError::conflict("There is a book of this title already."),
        _ => error.into(),
    }
}
