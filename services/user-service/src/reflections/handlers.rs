//! Routes of reflections.

use actix_web::{HttpResponse, delete, get, post, put, web};
use chrono::{DateTime, Utc};
use contracts::page::PageQuery;
use contracts::user::{AnswerTurnRequest, CreateReflectionRequest, ReflectionResponse, ReflectionSummary};
use contracts::{EntryType, Page, Problem};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{
    Answer as Reply, ApiError, Authenticated, Caller, Id, IdempotencyKey, IfMatch, Json, ValidQuery, cursor,
    etag,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::{MOST, follow_ups, opening};
use super::repository::{self, Answer, Reflection, Turn};
use crate::app::{ANSWERS, UserState};
use crate::entries::analysis::{Said, Text};
use crate::entries::reading;
use crate::{profiles, profiling};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(begin_reflection)
        .service(list_reflections)
        .service(get_reflection)
        .service(answer_turn)
        .service(complete_reflection)
        .service(delete_reflection);
}

/// Begins a reflection: with a pattern's question, or with one of a fixed set.
#[utoipa::path(tag = "reflections", security(("access_token" = [])), params(IdempotencyKey), responses(
    (status = 201, body = ReflectionResponse, headers(("location" = String), ("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "There is no such person any more", body = Problem),
    (status = 409, description = "The first request with this key still runs", body = Problem),
    (status = 422, description = "No pattern that is shown to the caller", body = Problem),
))]
#[post("/api/reflections")]
async fn begin_reflection(
    state: web::Data<UserState>,
    key: IdempotencyKey,
    Authenticated(caller): Authenticated,
    body: Json<CreateReflectionRequest>,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let once = key.of(&caller, &body.0)?;
    let (user_id, pattern_id) = (caller.user_id, body.pattern_id);
    let work = async |connection: &mut AsyncPgConnection| {
        profiles::repository::lock(connection, user_id).await?;
        let before = repository::count_of(connection, user_id).await?;
        let before = before.ok_or_else(|| ApiError::not_found("profile"))?;
        let question = match pattern_id {
            Some(id) => shown_question(connection, user_id, id).await?,
            None => opening(before).to_owned(),
        };
        let reflection = repository::begin(connection, (user_id, pattern_id), &question, now).await?;
        if let Some(pattern_id) = pattern_id {
            profiling::repository::follow_up(connection, (user_id, pattern_id), reflection.id).await?;
        }
        let location = format!("/api/reflections/{}", reflection.id);
        let reflection = read(connection, &reflection).await?;
        Ok(Reply::created(location, &reflection)?.with_etag(etag::of(&reflection)?))
    };
    ANSWERS.once(&state.database, once, work).await
}

/// The caller's reflections, the last begun first.
#[utoipa::path(tag = "reflections", security(("access_token" = [])), params(PageQuery), responses(
    (status = 200, body = Page<ReflectionSummary>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/reflections")]
async fn list_reflections(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let limit = query.0.limit();
    let after: Option<Uuid> = cursor::decode(query.0.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let reflections = repository::list(&connection, caller.user_id, after, limit + 1).await?;
    Ok(HttpResponse::Ok().json(cursor::page(reflections, limit, |reflection| reflection.id)?))
}

/// A reflection with its questions and answers.
#[utoipa::path(tag = "reflections", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = ReflectionResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "Absent, or another's", body = Problem),
))]
#[get("/api/reflections/{id}")]
async fn get_reflection(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let reflection = find_seen(&connection, *id, &caller).await?;
    etag::answer(&read(&connection, &reflection).await?)
}

/// Answers a question, and asks the next. The same answer again changes nothing.
#[utoipa::path(tag = "reflections", security(("access_token" = [])), params(("id" = Uuid, Path), ("n" = i32, Path)), responses(
    (status = 200, body = ReflectionResponse, headers(("etag" = String))),
    (status = 400, description = "The id or the number cannot be read", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "Absent, another's, or not asked yet", body = Problem),
    (status = 409, description = "There is another answer, or the reflection is over", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[put("/api/reflections/{id}/turns/{n}")]
async fn answer_turn(
    state: web::Data<UserState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    path: web::Path<(String, String)>,
    body: Json<AnswerTurnRequest>,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let (id, number) = place(&path)?;
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let reflection = lock_own(connection, id, &caller).await?;
        let turns = repository::list_turns(connection, &reflection).await?;
        if_match.require_of(Some(&repository::response(&reflection, turns.clone())))?;
        let turn = turns.iter().find(|turn| turn.turn_number == number);
        let turn = turn.ok_or_else(|| ApiError::not_found("turn"))?;
        match &turn.response {
            Some(response) if *response == body.response && turn.is_breakthrough == body.is_breakthrough => {}
            Some(_) => return Err(ApiError::conflict("The question has another answer.")),
            None if reflection.completed_at.is_some() => {
                return Err(ApiError::conflict("The reflection is over."));
            }
            None => answer(connection, &reflection, (turn, &turns), &body, now).await?,
        }
        let reflection = find_seen(connection, id, &caller).await?;
        read(connection, &reflection).await
    });
    etag::answer(&transaction.await?)
}

/// Ends a reflection: the question that waits stays without an answer. Again it changes nothing.
#[utoipa::path(tag = "reflections", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = ReflectionResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "Absent, or another's", body = Problem),
))]
#[post("/api/reflections/{id}/complete")]
async fn complete_reflection(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let reflection = lock_own(connection, *id, &caller).await?;
        repository::complete(connection, reflection.id, now).await?;
        let reflection = find_seen(connection, *id, &caller).await?;
        read(connection, &reflection).await
    });
    etag::answer(&transaction.await?)
}

/// Deletes a reflection with its answers, and takes back what rested on it.
#[utoipa::path(tag = "reflections", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "It is gone"),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "Absent, or another's", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
))]
#[delete("/api/reflections/{id}")]
async fn delete_reflection(
    state: web::Data<UserState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let reflection = lock_own(connection, *id, &caller).await?;
        if_match.require_of(Some(&read(connection, &reflection).await?))?;
        profiling::repository::withdraw(connection, reflection.user_id, &[reflection.id]).await?;
        repository::delete(connection, &reflection).await?;
        Ok::<_, ApiError>(())
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The reflection and the turn that a path names.
fn place((id, number): &(String, String)) -> Result<(Uuid, i32), ApiError> {
    let unreadable = |what| ApiError::new(contracts::ErrorCode::Unreadable, what);
    let id = id.parse().map_err(|_| unreadable("The id in the path is not a UUID."))?;
    let number = number.parse().map_err(|_| unreadable("The turn in the path is not a number."))?;
    Ok((id, number))
}

/// The question of a pattern that is shown to a person.
async fn shown_question(connection: &AsyncPgConnection, user_id: Uuid, id: Uuid) -> Result<String, ApiError> {
    let pattern = profiling::repository::find_pattern(connection, user_id, id).await?;
    let pattern = pattern.filter(|pattern| pattern.is_active);
    let pattern = pattern
        .ok_or_else(|| ApiError::invalid("/patternId", "there is no such pattern that is shown to you"))?;
    Ok(pattern.exploration_prompt)
}

async fn answer(
    connection: &mut AsyncPgConnection,
    reflection: &Reflection,
    (turn, turns): (&Turn, &[Turn]),
    body: &AnswerTurnRequest,
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    let text = Text {
        content: body.response.clone(),
        entry_type: EntryType::Reflection,
        tags: Vec::new(),
        writer: reading::writer(connection, (reflection.user_id, None), &body.response).await?,
    };
    let reading = reading::analyse(text, Said::default()).await;
    let asked: Vec<String> = turns.iter().map(|turn| turn.question.clone()).collect();
    let follow_ups = follow_ups(&reading, &asked);
    let answer = Answer {
        response: &body.response,
        is_breakthrough: body.is_breakthrough,
        reading: &reading,
        follow_ups: &follow_ups,
    };
    repository::answer(connection, reflection, turn, &answer, now).await?;
    let number = turn.turn_number + 1;
    let next = follow_ups.first().filter(|_| number <= MOST).map(|question| (number, question.as_str()));
    repository::go_on(connection, reflection, next, now).await?;
    Ok(())
}

/// A reflection of the caller's, or anybody's for admins.
async fn find_seen(
    connection: &AsyncPgConnection,
    id: Uuid,
    caller: &Caller,
) -> Result<Reflection, ApiError> {
    let reflection = repository::find(connection, id).await?;
    let reflection = reflection.filter(|reflection| caller.may_read(reflection.user_id));
    reflection.ok_or_else(|| ApiError::not_found("reflection"))
}

/// A reflection of the caller's, with its person's turn.
async fn lock_own(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    caller: &Caller,
) -> Result<Reflection, ApiError> {
    let owner = find_seen(connection, id, caller).await?.user_id;
    if !caller.owns(owner) {
        return Err(ApiError::forbidden("Only its person may go on with a reflection."));
    }
    profiles::repository::lock(connection, owner).await?;
    // What was read before the turn may have changed until it came.
    find_seen(connection, id, caller).await
}

async fn read(
    connection: &AsyncPgConnection,
    reflection: &Reflection,
) -> Result<ReflectionResponse, ApiError> {
    let turns = repository::list_turns(connection, reflection).await?;
    Ok(repository::response(reflection, turns))
}
