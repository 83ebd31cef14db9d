//! Routes of check-ins.

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, delete, get, post, web};
use chrono::{DateTime, Utc};
use contracts::page::PageQuery;
use contracts::user::{CheckinResponse, CreateCheckinRequest};
use contracts::{Page, Problem};
use database::violated_constraint;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{
    Answer, ApiError, Authenticated, Id, IdempotencyKey, Ids, IfMatch, Json, ValidQuery, cursor, etag,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::handlers::{require_own, require_seen};
use super::super::repository as findings;
use super::repository::{self, Checkin};
use crate::app::{ANSWERS, UserState};
use crate::{profiles, reflections};

pub(in super::super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(create_checkin).service(list_checkins).service(get_checkin).service(delete_checkin);
}

/// Says how one is.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(IdempotencyKey, ("userId" = Uuid, Path)), responses(
    (status = 201, body = CheckinResponse, headers(("location" = String), ("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "Another's, or no such person", body = Problem),
    (status = 409, description = "The first request with this key still runs", body = Problem),
    (status = 422, description = "A rule is broken, or there is no such reflection of the person's", body = Problem),
))]
#[post("/api/profiles/{userId}/checkins")]
async fn create_checkin(
    state: web::Data<UserState>,
    key: IdempotencyKey,
    Authenticated(caller): Authenticated,
    user_id: Id,
    body: Json<CreateCheckinRequest>,
) -> Result<HttpResponse, ApiError> {
    require_own(&caller, *user_id)?;
    let once = key.of(&caller, &body.0)?;
    let absent = || ApiError::invalid("/linkedReflectionId", "there is no such reflection of yours");
    let work = async |connection: &mut AsyncPgConnection| {
        if let Some(id) = body.linked_reflection_id {
            let reflection = reflections::repository::find(connection, id).await?;
            reflection.filter(|reflection| reflection.user_id == *user_id).ok_or_else(absent)?;
        }
        let mut checkin = Checkin::new(*user_id, body.0, contracts::clock::now());
        repository::insert(connection, &mut checkin).await.map_err(|error| {
            match violated_constraint(&error) {
                Some("usr_mood_checkins_account_fkey") => ApiError::not_found("profile"),
                Some("usr_mood_checkins_reflection_fkey") => absent(),
                _ => error.into(),
            }
        })?;
        let location = format!("/api/profiles/{}/checkins/{}", *user_id, checkin.id);
        let tag = tag_of(&checkin);
        Ok(Answer::created(location, &CheckinResponse::from(checkin))?.with_etag(tag))
    };
    ANSWERS.once(&state.database, once, work).await
}

/// How a person said to be, the latest first.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<CheckinResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 404, description = "Another's", body = Problem),
))]
#[get("/api/profiles/{userId}/checkins")]
async fn list_checkins(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    user_id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    require_seen(&caller, *user_id)?;
    let limit = query.0.limit();
    let after: Option<(DateTime<Utc>, Uuid)> = cursor::decode(query.0.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let after = after.unwrap_or_else(cursor::end_of_time);
    let checkins = repository::list(&connection, *user_id, after, limit + 1).await?;
    let page = cursor::page(checkins, limit, |checkin| (checkin.responded_at, checkin.id))?;
    Ok(HttpResponse::Ok().json(page.map(CheckinResponse::from)))
}

/// How a person said to be, once.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), ("id" = Uuid, Path)), responses(
    (status = 200, body = CheckinResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "Absent, or another's", body = Problem),
))]
#[get("/api/profiles/{userId}/checkins/{id}")]
async fn get_checkin(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    ids: Ids,
) -> Result<HttpResponse, ApiError> {
    let (user_id, id) = *ids;
    require_seen(&caller, user_id)?;
    let connection = state.database.connection().await?;
    let checkin = find(&connection, (user_id, id)).await?;
    let tag = (ETAG, tag_of(&checkin));
    Ok(HttpResponse::Ok().insert_header(tag).json(CheckinResponse::from(checkin)))
}

/// Deletes a check-in, and takes back what was told of it.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), ("id" = Uuid, Path)), responses(
    (status = 204, description = "It is gone"),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "Absent, or another's", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
))]
#[delete("/api/profiles/{userId}/checkins/{id}")]
async fn delete_checkin(
    state: web::Data<UserState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    ids: Ids,
) -> Result<HttpResponse, ApiError> {
    let (user_id, id) = *ids;
    require_own(&caller, user_id)?;
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        profiles::repository::lock(connection, user_id).await?;
        if_match.require(&tag_of(&find(connection, (user_id, id)).await?))?;
        repository::delete(connection, id).await?;
        Ok::<_, ApiError>(findings::withdraw(connection, user_id, &[id]).await?)
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn find(connection: &AsyncPgConnection, (user_id, id): (Uuid, Uuid)) -> Result<Checkin, ApiError> {
    let checkin = repository::find(connection, user_id, id).await?;
    checkin.ok_or_else(|| ApiError::not_found("checkin"))
}

fn tag_of(checkin: &Checkin) -> String {
    etag::of_row(checkin.id, checkin.responded_at)
}
