//! Route of explore.

use actix_web::{HttpResponse, get, web};
use contracts::music::{ExploreResponse, PlaylistResponse};
use contracts::{PlaylistScope, Problem};
use http_kit::{ApiError, Authenticated};
use utoipa_actix_web::service_config::ServiceConfig;

use super::repository;
use crate::app::MusicState;
use crate::follows::repository as follows;
use crate::playlists::repository::{self as playlists, Filter};
use crate::visibility::Viewer;

/// Items of a section at most.
const SECTION: i64 = 20;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(explore);
}

/// What to hear next.
#[utoipa::path(tag = "explore", security(("access_token" = [])), responses(
    (status = 200, body = ExploreResponse),
    (status = 401, body = Problem),
))]
#[get("/api/explore")]
async fn explore(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
) -> Result<HttpResponse, ApiError> {
    let viewer = Viewer::from(&caller);
    let featured = Filter { viewer, scope: PlaylistScope::Featured, words: None, smart_key: None };
    let connection = state.database.connection().await?;
    let (recently_played, most_played, new, featured, popular, in_progress) = futures_util::try_join!(
        repository::recently_played(&connection, viewer, SECTION),
        repository::most_played(&connection, viewer, SECTION),
        follows::list_new_releases(&connection, caller.user_id, None, SECTION),
        playlists::list(&connection, &featured, None, SECTION),
        repository::popular(&connection, viewer, SECTION),
        repository::in_progress(&connection, caller.user_id, SECTION),
    )?;
    Ok(HttpResponse::Ok().json(ExploreResponse {
        recently_played,
        most_played,
        new_from_followed: new.into_iter().map(Into::into).collect(),
        featured_playlists: featured.into_iter().map(PlaylistResponse::from).collect(),
        popular,
        works_in_progress: in_progress.into_iter().map(Into::into).collect(),
    }))
}
