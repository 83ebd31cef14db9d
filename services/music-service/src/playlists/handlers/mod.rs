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
    judge(playlist, viewer, role)
}

/// The same, held until the transaction ends.
async fn lock_seen(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    caller: &Caller,
) -> Result<(Playlist, Standing), ApiError> {
    let playlist = repository::lock(connection, id).await?;
    let role = repository::role_of(connection, id, caller.user_id).await?;
    judge(playlist, Some(caller), role)
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

fn judge(
    playlist: Option<Playlist>,
    viewer: Option<&Caller>,
    role: Option<CollaboratorRole>,
) -> Result<(Playlist, Standing), ApiError> {
    let seen = playlist.and_then(|playlist| {
        let standing = Standing::of(viewer, playlist.user_id, playlist.visibility.0, role)?;
        Some((playlist, standing))
    });
    seen.ok_or_else(|| ApiError::not_found("playlist"))
}

/// Details of an activity with one field.
fn detail(name: &str, value: impl Into<Value>) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value.into())])
}
