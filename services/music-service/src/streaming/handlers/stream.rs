//! Where the bytes of a track are.

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use contracts::music::StreamQuery;
use contracts::{AccessAction, Problem, Quality};
use http_kit::{ApiError, Caller, Id, MaybeAuthenticated, ValidQuery};
use identity::NewGrant;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::app::MusicState;
use crate::renditions::best;
use crate::renditions::repository::{self as renditions, Rendition};
use crate::tracks::repository::{self as tracks, Track};

/// Longer than the longest track, so that a pause does not cut a listener off; shorter than a day.
const GRANT_LIFETIME: Duration = Duration::from_secs(2 * 60 * 60);
/// Renditions of a track among which the best is looked for.
const MAX_RENDITIONS: i64 = 100;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(stream_track);
}

/// Where a track's bytes are: a redirect that an audio element or a player follows, ranges and all.
#[utoipa::path(tag = "streaming", security((), ("access_token" = [])), params(("id" = Uuid, Path), StreamQuery), responses(
    (status = 307, description = "To the bytes", headers(("location" = String, description = "Good for two hours"))),
    (status = 404, description = "Absent, hidden, or not playable", body = Problem),
))]
#[get("/api/streaming/stream/{id}")]
async fn stream_track(
    state: web::Data<MusicState>,
    MaybeAuthenticated(listener): MaybeAuthenticated,
    id: Id,
    query: ValidQuery<StreamQuery>,
) -> Result<HttpResponse, ApiError> {
    let (_, rendition) = find_playable(&state, listener.as_ref(), *id, query.0.quality).await?;
    let (location, _) = address(&state, listener.as_ref(), &rendition, AccessAction::Stream)?;
    Ok(HttpResponse::TemporaryRedirect()
        .insert_header((LOCATION, location))
        // The target is one listener's.
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish())
}

/// A track that a listener may see and play, with the rendition that fits a wish best.
pub(super) async fn find_playable(
    state: &MusicState,
    listener: Option<&Caller>,
    id: Uuid,
    wanted: Option<Quality>,
) -> Result<(Track, Rendition), ApiError> {
    let connection = state.database.connection().await?;
    let (track, renditions) = futures_util::try_join!(
        tracks::find_seen(&connection, listener, id),
        renditions::list_of_track(&connection, id, None, MAX_RENDITIONS),
    )?;
    let track = track.filter(Track::is_playable).ok_or_else(|| ApiError::not_found("track"))?;
    let rendition = best(renditions, wanted).ok_or_else(|| ApiError::not_found("rendition"))?;
    Ok((track, rendition))
}

/// Where a rendition is for a listener, and until when. Relative: whatever address the caller reached us by leads to the bytes
/// too.
pub(crate) fn address(
    state: &MusicState,
    listener: Option<&Caller>,
    rendition: &Rendition,
    action: AccessAction,
) -> Result<(String, DateTime<Utc>), ApiError> {
    let now = contracts::clock::now();
    let grant = NewGrant {
        file: rendition.file_id,
        version: rendition.file_version,
        actions: BTreeSet::from([action]),
        account: listener.map(|listener| listener.user_id),
        uses: None,
        lifetime: GRANT_LIFETIME,
    };
    let grant = state.issuer.grant(grant, now).map_err(ApiError::internal)?;
    let place = match (rendition.file_version, action) {
        (Some(version), _) => format!("versions/{version}/content"),
        (None, AccessAction::Download) => "download".to_owned(),
        (None, _) => "stream".to_owned(),
    };
    let address = format!("/api/storage/files/{}/{place}?grant={}", rendition.file_id, grant.token);
    Ok((address, now + GRANT_LIFETIME))
}
