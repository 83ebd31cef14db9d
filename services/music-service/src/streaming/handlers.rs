//! Routes of streaming.

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpResponse, get, web};
use contracts::{AccessAction, Problem, TrackStatus};
use http_kit::{ApiError, Id, MaybeAuthenticated};
use identity::NewGrant;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::MusicState;
use crate::tracks::repository as tracks;
use crate::visibility::may_see;

/// Longer than the longest track, so that a pause does not cut a listener off; shorter than a day.
const GRANT_LIFETIME: Duration = Duration::from_secs(2 * 60 * 60);

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(stream_track);
}

/// Where a track's bytes are: a redirect that an audio element or a player follows, ranges and all.
#[utoipa::path(tag = "streaming", security((), ("access_token" = [])), params(("id" = uuid::Uuid, Path)), responses(
    (status = 307, description = "To the bytes", headers(("location" = String, description = "Good for two hours"))),
    (status = 404, description = "Absent, hidden, or not playable", body = Problem),
))]
#[get("/api/streaming/stream/{id}")]
async fn stream_track(
    state: web::Data<MusicState>,
    MaybeAuthenticated(listener): MaybeAuthenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let track = tracks::find(&connection, *id).await?.filter(|track| {
        let is_playable = matches!(track.status.0, TrackStatus::Active | TrackStatus::Published);
        is_playable && may_see(listener.as_ref(), track.user_id, track.visibility.0)
    });
    let track = track.ok_or_else(|| ApiError::not_found("track"))?;
    let grant = NewGrant {
        file: track.file_id,
        version: None,
        actions: BTreeSet::from([AccessAction::Stream]),
        account: listener.map(|listener| listener.user_id),
        uses: None,
        lifetime: GRANT_LIFETIME,
    };
    let grant = state.issuer.grant(grant, contracts::clock::now()).map_err(ApiError::internal)?;
    // Relative: whatever address the caller reached us by leads to the bytes too.
    let location = format!("/api/storage/files/{}/stream?grant={}", track.file_id, grant.token);
    Ok(HttpResponse::TemporaryRedirect()
        .insert_header((LOCATION, location))
        // The target is one listener's.
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish())
}
