//! Routes of themes, patterns and insights.

use actix_web::{HttpResponse, delete, get, post, web};
use contracts::page::{DEFAULT_LIMIT, PageQuery};
use contracts::user::{
    InsightResponse, ListPatternsQuery, PatternResponse, ReactRequest, ReactionResponse,
    ThemeFrequencyResponse,
};
use contracts::{Page, Problem};
use diesel_async::AsyncConnection;
use http_kit::{ApiError, Authenticated, Id, Ids, IfMatch, Json, ValidQuery, cursor, etag};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::repository;
use super::{require_own, require_seen};
use crate::app::UserState;
use crate::profiles;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_themes)
        .service(list_patterns)
        .service(get_pattern)
        .service(react_to_pattern)
        .service(delete_pattern)
        .service(list_insights)
        .service(dismiss_insight)
        .service(delete_insight);
}

/// What a person writes about, the most frequent first.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<ThemeFrequencyResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 404, description = "Another's", body = Problem),
))]
#[get("/api/profiles/{userId}/themes")]
async fn list_themes(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    user_id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    require_seen(&caller, *user_id)?;
    let limit = query.0.limit();
    let after: Option<(i32, String)> = cursor::decode(query.0.cursor.as_deref())?;
    let after = after.unwrap_or((i32::MAX, String::new()));
    let connection = state.database.connection().await?;
    let themes = repository::list_themes(&connection, *user_id, after, limit + 1).await?;
    Ok(HttpResponse::Ok().json(cursor::page(themes, limit, |theme| (theme.count, theme.theme.clone()))?))
}

/// What keeps coming back, the last found first.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), ListPatternsQuery), responses(
    (status = 200, body = Page<PatternResponse>),
    (status = 400, description = "The reason cannot be read, or the cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 404, description = "Another's", body = Problem),
))]
#[get("/api/profiles/{userId}/patterns")]
async fn list_patterns(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    user_id: Id,
    query: ValidQuery<ListPatternsQuery>,
) -> Result<HttpResponse, ApiError> {
    require_seen(&caller, *user_id)?;
    let limit = query.0.limit.unwrap_or(DEFAULT_LIMIT);
    let after: Option<Uuid> = cursor::decode(query.0.cursor.as_deref())?;
    let which = (*user_id, query.0.deactivated_reason);
    let connection = state.database.connection().await?;
    let patterns = repository::list_patterns(&connection, which, after, limit + 1).await?;
    Ok(HttpResponse::Ok().json(cursor::page(patterns, limit, |pattern| pattern.id)?))
}

/// A pattern with its evidence, shown or not.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), ("id" = Uuid, Path)), responses(
    (status = 200, body = PatternResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "Absent, or another's", body = Problem),
))]
#[get("/api/profiles/{userId}/patterns/{id}")]
async fn get_pattern(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    ids: Ids,
) -> Result<HttpResponse, ApiError> {
    let (user_id, id) = *ids;
    require_seen(&caller, user_id)?;
    let connection = state.database.connection().await?;
    let pattern = repository::find_pattern(&connection, user_id, id).await?;
    etag::answer(&pattern.ok_or_else(|| ApiError::not_found("pattern"))?)
}

/// Says something to a pattern. `not_me` hides it until its evidence has doubled, and takes back what was told of it; `curious`
/// begins a reflection about it; what `resonates` is told and valid.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), ("id" = Uuid, Path)), responses(
    (status = 200, body = ReactionResponse),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "Absent, or another's", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/profiles/{userId}/patterns/{id}/reaction")]
async fn react_to_pattern(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    ids: Ids,
    body: Json<ReactRequest>,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let (user_id, id) = *ids;
    require_own(&caller, user_id)?;
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        profiles::repository::lock(connection, user_id).await?;
        let pattern = repository::find_pattern(connection, user_id, id).await?;
        let pattern = pattern.ok_or_else(|| ApiError::not_found("pattern"))?;
        let people = (user_id, caller.user_id);
        Ok::<_, ApiError>(repository::react(connection, people, &pattern, &body, now).await?)
    });
    Ok(HttpResponse::Ok().json(transaction.await?))
}

/// Deletes a pattern with what was told of it: no analysis finds it again.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), ("id" = Uuid, Path)), responses(
    (status = 204, description = "It is gone"),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "Absent, or another's", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
))]
#[delete("/api/profiles/{userId}/patterns/{id}")]
async fn delete_pattern(
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
        let pattern = repository::find_pattern(connection, user_id, id).await?;
        if_match.require_of(Some(&pattern.ok_or_else(|| ApiError::not_found("pattern"))?))?;
        Ok::<_, ApiError>(repository::delete(connection, (user_id, id), repository::PATTERN).await?)
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What a person is told, the last first.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<InsightResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 404, description = "Another's", body = Problem),
))]
#[get("/api/profiles/{userId}/insights")]
async fn list_insights(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    user_id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    require_seen(&caller, *user_id)?;
    let limit = query.0.limit();
    let after: Option<Uuid> = cursor::decode(query.0.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let insights = repository::list_insights(&connection, *user_id, after, limit + 1).await?;
    let page = cursor::page(insights, limit, |insight| insight.id)?;
    Ok(HttpResponse::Ok().json(page.map(InsightResponse::from)))
}

/// Puts an insight away.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), ("id" = Uuid, Path)), responses(
    (status = 200, body = InsightResponse),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "Absent, taken back, or another's", body = Problem),
))]
#[post("/api/profiles/{userId}/insights/{id}/dismiss")]
async fn dismiss_insight(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    ids: Ids,
) -> Result<HttpResponse, ApiError> {
    let (user_id, id) = *ids;
    require_own(&caller, user_id)?;
    let mut connection = state.database.connection().await?;
    let insight = repository::dismiss(&mut connection, user_id, id).await?;
    let insight = insight.ok_or_else(|| ApiError::not_found("insight"))?;
    Ok(HttpResponse::Ok().json(InsightResponse::from(insight)))
}

/// Deletes an insight: it is not told again, unless the person says that its pattern resonates.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), ("id" = Uuid, Path)), responses(
    (status = 204, description = "It is gone"),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "Absent, taken back, or another's", body = Problem),
))]
#[delete("/api/profiles/{userId}/insights/{id}")]
async fn delete_insight(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    ids: Ids,
) -> Result<HttpResponse, ApiError> {
    let (user_id, id) = *ids;
    require_own(&caller, user_id)?;
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        profiles::repository::lock(connection, user_id).await?;
        match repository::delete(connection, (user_id, id), repository::INSIGHT).await? {
            0 => Err(ApiError::not_found("insight")),
            _ => Ok(()),
        }
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}
