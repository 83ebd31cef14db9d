//! Routes of people who work on somebody else's playlist.

use actix_web::{HttpResponse, delete, get, post, web};
use contracts::music::{AddCollaboratorRequest, CollaboratorResponse};
use contracts::page::PageQuery;
use contracts::{Page, PlaylistAction, Problem};
use diesel_async::AsyncConnection;
use http_kit::{ApiError, Authenticated, Id, Ids, Json, ValidQuery, cursor};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::repository;
use super::{detail, find_seen, lock_seen};
use crate::app::MusicState;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(add_collaborator).service(list_playlist_collaborators).service(remove_collaborator);
}

/// Lets a person work on the playlist, or changes as what.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = CollaboratorResponse),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 409, description = "The owner needs no role", body = Problem),
))]
#[post("/api/playlists/{id}/collaborators")]
async fn add_collaborator(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<AddCollaboratorRequest>,
) -> Result<HttpResponse, ApiError> {
    let AddCollaboratorRequest { user_id, role } = body.0;
    let actor = (caller.user_id, contracts::clock::now());
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let (playlist, standing) = lock_seen(connection, *id, &caller).await?;
        standing.require_charge()?;
        if user_id == playlist.user_id {
            return Err(ApiError::conflict("The owner of a playlist needs no role on it."));
        }
        let mut details = detail("userId", user_id.to_string());
        details.append(&mut detail("role", role.to_string()));
        repository::write_activity(connection, *id, actor, PlaylistAction::CollaboratorAdded, [details])
            .await?;
        Ok(repository::upsert_collaborator(connection, *id, (user_id, role), actor).await?)
    });
    Ok(HttpResponse::Ok().json(CollaboratorResponse::from(transaction.await?)))
}

/// Who works on a playlist.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(("id" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<CollaboratorResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/playlists/{id}/collaborators")]
async fn list_playlist_collaborators(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let limit = query.0.limit();
    let after: Option<Uuid> = cursor::decode(query.0.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    find_seen(&connection, *id, Some(&caller)).await?;
    let collaborators = repository::list_collaborators(&connection, *id, after, limit + 1).await?;
    let page = cursor::page(collaborators, limit, |collaborator| collaborator.user_id)?;
    Ok(HttpResponse::Ok().json(page.map(CollaboratorResponse::from)))
}

/// Ends a person's work on a playlist: its owner's say, or one's own.
#[utoipa::path(tag = "playlists", security(("access_token" = [])),
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)), responses(
        (status = 204, description = "The person works on it no more"),
        (status = 401, body = Problem),
        (status = 403, description = "Only its owner may", body = Problem),
        (status = 404, description = "Absent or hidden, or the person does not work on it", body = Problem),
    ))]
#[delete("/api/playlists/{id}/collaborators/{user_id}")]
async fn remove_collaborator(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    ids: Ids,
) -> Result<HttpResponse, ApiError> {
    let (id, user_id) = *ids;
    let actor = (caller.user_id, contracts::clock::now());
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let (_, standing) = lock_seen(connection, id, &caller).await?;
        if user_id != caller.user_id {
            standing.require_charge()?;
        }
        if !repository::delete_collaborator(connection, id, user_id).await? {
            return Err(ApiError::not_found("collaborator"));
        }
        let who = detail("userId", user_id.to_string());
        repository::write_activity(connection, id, actor, PlaylistAction::CollaboratorRemoved, [who]).await?;
        Ok(())
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}
