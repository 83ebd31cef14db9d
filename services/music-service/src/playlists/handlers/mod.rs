//! Routes of playlists.

mod activities;
mod collaborators;
mod engagement;
mod exchange;
mod lists;
mod rules;
mod tracks;

use contracts::CollaboratorRole;
use diesel_async::AsyncPgConnection;
use http_kit::{ApiError, Caller};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::Standing;
use super::repository::{self, Playlist};
use crate::visibility::sees;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .configure(lists::configure)
        .configure(rules::configure)
        .configure(exchange::configure)
        .configure(tracks::configure)
        .configure(engagement::configure)
        .configure(collaborators::configure)
        .configure(activities::configure);
}

/// A playlist that a viewer may see, and how the viewer stands to it.
async fn find_seen(
    connection: &AsyncPgConnection,
    id: Uuid,
    viewer: Option<&Caller>,
) -> Result<(Playlist, Standing), ApiError> {
    let (playlist, role) =
        futures_util::try_join!(repository::find(connection, id), role_of(connection, id, viewer))?;
    judge(connection, playlist, viewer, role).await
}

/// The same, held until the transaction ends.
async fn lock_seen(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    caller: &Caller,
) -> Result<(Playlist, Standing), ApiError> {
    let playlist = repository::lock(connection, id).await?;
    let role = repository::role_of(connection, id, caller.user_id).await?;
    judge(connection, playlist, Some(caller), role).await
}

async fn role_of(
    connection: &AsyncPgConnection,
    id: Uuid,
    viewer: Option<&Caller>,
) -> diesel::QueryResult<Option<CollaboratorRole>> {
    match viewer {
        Some(viewer) => repository::role_of(connection, id, viewer.user_id).await,
        None => Ok(None),
    }
}

async fn judge(
    connection: &AsyncPgConnection,
    playlist: Option<Playlist>,
    viewer: Option<&Caller>,
    role: Option<CollaboratorRole>,
) -> Result<(Playlist, Standing), ApiError> {
    let playlist = playlist.ok_or_else(|| ApiError::not_found("playlist"))?;
    let is_seen = sees(connection, viewer, playlist.shown()).await?;
    let standing = Standing::of(viewer, playlist.shown(), role, is_seen);
    standing.map(|standing| (playlist, standing)).ok_or_else(|| ApiError::not_found("playlist"))
}

/// Details of an activity with one field.
fn detail(name: &str, value: impl Into<Value>) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value.into())])
}
