//! Where the bytes of a track are.

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use contracts::{AccessAction, Problem};
use http_kit::{ApiError, Caller, Id, MaybeAuthenticated};
use identity::NewGrant;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::app::MusicState;
use crate::tracks::repository::{self as tracks, Track};

/// Longer than the longest track, so that a pause does not cut a listener off; shorter than a day.
const GRANT_LIFETIME: Duration = Duration::from_secs(2 * 60 * 60);

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(stream_track);
}

/// Where a track's bytes are: a redirect that an audio element or a player follows, ranges and all.
#[utoipa::path(tag = "streaming", security((), ("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 307, description = "To the bytes", headers(("location" = String, description = "Good for two hours"))),
    (status = 404, description = "Absent, hidden, or not playable", body = Problem),
))]
#[get("/api/streaming/stream/{id}")]
async fn stream_track(
    state: web::Data<MusicState>,
    MaybeAuthenticated(listener): MaybeAuthenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let track = find_playable(&state, listener.as_ref(), *id).await?;
    let (location, _) = address(&state, listener.as_ref(), &track)?;
    Ok(HttpResponse::TemporaryRedirect()
        .insert_header((LOCATION, location))
        // The target is one listener's.
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish())
}

/// A track that a listener may see and play.
pub(super) async fn find_playable(
    state: &MusicState,
    listener: Option<&Caller>,
    id: Uuid,
) -> Result<Track, ApiError> {
    let connection = state.database.connection().await?;
    let track = tracks::find_seen(&connection, listener, id).await?;
    track.filter(Track::is_playable).ok_or_else(|| ApiError::not_found("track"))
}

/// Where a track's sound is for a listener, and until when. Relative: whatever address the caller reached us by leads to the
/// bytes too.
pub(super) fn address(
    state: &MusicState,
    listener: Option<&Caller>,
    track: &Track,
) -> Result<(String, DateTime<Utc>), ApiError> {
    let now = contracts::clock::now();
    let grant = NewGrant {
        file: track.file_id,
        version: None,
        actions: BTreeSet::from([AccessAction::Stream]),
        account: listener.map(|listener| listener.user_id),
        uses: None,
        lifetime: GRANT_LIFETIME,
    };
    let grant = state.issuer.grant(grant, now).map_err(ApiError::internal)?;
    Ok((format!("/api/storage/files/{}/stream?grant={}", track.file_id, grant.token), now + GRANT_LIFETIME))
}
