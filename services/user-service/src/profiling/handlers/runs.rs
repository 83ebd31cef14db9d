//! Routes of runs.

use actix_web::{HttpResponse, get, post, web};
use contracts::page::PageQuery;
use contracts::user::AnalysisRunResponse;
use contracts::{Page, Problem, RunTrigger};
use http_kit::{ApiError, Authenticated, Id, Ids, ValidQuery, cursor, etag};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::{repository, runs};
use super::{require_own, require_seen};
use crate::accounts;
use crate::app::UserState;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(start_analysis).service(list_runs).service(get_run);
}

/// Begins an analysis of a person; its state is where `location` says.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path)), responses(
    (status = 202, body = AnalysisRunResponse, headers(("location" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "Another's, or no such person", body = Problem),
    (status = 409, description = "One is running", body = Problem),
))]
#[post("/api/profiles/{userId}/analysis")]
async fn start_analysis(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    user_id: Id,
) -> Result<HttpResponse, ApiError> {
    require_own(&caller, *user_id)?;
    let mut connection = state.database.connection().await?;
    let account = accounts::repository::find(&connection, *user_id).await?;
    account.ok_or_else(|| ApiError::not_found("profile"))?;
    let run = repository::claim(&mut connection, *user_id, RunTrigger::Manual).await?;
    drop(connection);
    let run = run.ok_or_else(|| ApiError::conflict("An analysis of this person is running."))?;
    // It goes on when the caller hangs up; when the process dies, the next claim takes over.
    tokio::spawn(runs::execute(state.database.clone(), run.clone()));
    let location = format!("/api/profiles/{}/runs/{}", *user_id, run.id);
    Ok(HttpResponse::Accepted().insert_header(("location", location)).json(AnalysisRunResponse::from(run)))
}

/// A person's analyses, the last first.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<AnalysisRunResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 404, description = "Another's", body = Problem),
))]
#[get("/api/profiles/{userId}/runs")]
async fn list_runs(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    user_id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    require_seen(&caller, *user_id)?;
    let limit = query.0.limit();
    let after: Option<Uuid> = cursor::decode(query.0.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let runs = repository::list_runs(&connection, *user_id, after, limit + 1).await?;
    Ok(HttpResponse::Ok().json(cursor::page(runs, limit, |run| run.id)?))
}

/// An analysis of a person.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), ("id" = Uuid, Path)), responses(
    (status = 200, body = AnalysisRunResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "Absent, or another's", body = Problem),
))]
#[get("/api/profiles/{userId}/runs/{id}")]
async fn get_run(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    ids: Ids,
) -> Result<HttpResponse, ApiError> {
    let (user_id, id) = *ids;
    require_seen(&caller, user_id)?;
    let connection = state.database.connection().await?;
    let run = repository::find_run(&connection, user_id, id).await?;
    etag::answer(&AnalysisRunResponse::from(run.ok_or_else(|| ApiError::not_found("run"))?))
}
