//! Routes of stream sessions.

use actix_web::http::header::{ETAG, LOCATION};
use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use contracts::music::{
    EndSessionRequest, EndedSessionResponse, PlayResponse, RecordPlayRequest, SessionStreamResponse,
    StartSessionRequest, StartedSessionResponse, UpdateSessionRequest,
};
use contracts::{AccessAction, Problem, SessionStatus, SessionType};
use database::{AsJson, AsText};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, Authenticated, Caller, Id, IfMatch, Json, etag};
use serde_json::Map;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::domain::{changes, heard_with, play_of};
use super::super::repository::{self, Session};
use super::stream::{address, find_playable};
use crate::app::MusicState;
use crate::plays::{self, NewPlay, Outcome, PlayError};
use crate::renditions::repository as renditions;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(start_session).service(get_session).service(update_session).service(end_stream_session);
}

/// Begins to listen: a session, and where its sound is.
#[utoipa::path(tag = "streaming", security(("access_token" = [])), responses(
    (status = 201, body = StartedSessionResponse, headers(("location" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "The track is absent, hidden, or not playable", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/streaming/play")]
async fn start_session(
    state: web::Data<MusicState>,
    request: HttpRequest,
    Authenticated(caller): Authenticated,
    body: Json<StartSessionRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.0;
    let (track, rendition) = find_playable(&state, Some(&caller), body.track_id, body.quality).await?;
    let (stream_url, expires_at) = address(&state, Some(&caller), &rendition, AccessAction::Stream)?;
    let now = contracts::clock::now();
    let session = Session {
        id: contracts::ids::new_id(),
        user_id: caller.user_id,
        track_id: track.id,
        device_id: body.device_id,
        session_type: AsText(body.session_type.unwrap_or(SessionType::OnDemand)),
        quality: rendition.quality,
        bitrate: rendition.bitrate,
        started_at: now,
        ended_at: None,
        duration: 0.0,
        bytes_streamed: 0,
        heard_intervals: AsJson(Vec::new()),
        skip_count: 0,
        pause_count: 0,
        seek_count: 0,
        buffer_events: 0,
        quality_adaptations: 0,
        status: AsText(SessionStatus::Active),
        client_info: plays::listener(&caller, &request).user_agent.family,
        network_info: AsJson(Map::new()),
        errors: Vec::new(),
        play_id: None,
        metadata: AsJson(body.metadata),
        updated_at: now,
        result_id: Some(rendition.id),
    };
    let mut connection = state.database.connection().await?;
    repository::insert(&mut connection, &session).await?;
    let location = format!("/api/streaming/sessions/{}", session.id);
    let session = session.into();
    let started = StartedSessionResponse { session, stream_url, mime_type: rendition.format, expires_at };
    Ok(HttpResponse::Created().insert_header((LOCATION, location)).json(started))
}

/// A session of the caller's.
#[utoipa::path(tag = "streaming", security(("access_token" = [])), params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, body = SessionStreamResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "The caller has no such session", body = Problem),
))]
#[get("/api/streaming/sessions/{id}")]
async fn get_session(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let session = repository::find(&connection, caller.user_id, *id).await?;
    let session = session.ok_or_else(|| ApiError::not_found("session"))?;
    Ok(answer(session))
}

fn answer(session: Session) -> HttpResponse {
    let tag = etag::of_row(session.id, session.updated_at);
    HttpResponse::Ok().insert_header((ETAG, tag)).json(SessionStreamResponse::from(session))
}

/// Tells how a session goes on (merge patch). Reports may come late or twice.
#[utoipa::path(tag = "streaming", security(("access_token" = [])), params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, body = SessionStreamResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "The caller has no such session", body = Problem),
    (status = 409, description = "It has ended", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/streaming/sessions/{id}")]
async fn update_session(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<UpdateSessionRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.0;
    if body == UpdateSessionRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let session = repository::lock(connection, caller.user_id, *id).await?;
        let session = session.ok_or_else(|| ApiError::not_found("session"))?;
        if_match.require(&etag::of_row(session.id, session.updated_at))?;
        if session.ended_at.is_some() {
            return Err(ApiError::conflict("The session has ended."));
        }
        let heard = match body.heard.clone() {
            None => session.heard_intervals.0.clone(),
            Some(more) => {
                let length = length_of(connection, &session).await?;
                heard_with(&session, more, length)
                    .ok_or_else(|| ApiError::invalid("/heard", "too many intervals for one listening"))?
            }
        };
        let changes = changes(&session, body, heard, contracts::clock::now());
        Ok(repository::update(connection, (caller.user_id, *id), &changes).await?)
    });
    Ok(answer(transaction.await?))
}

/// Seconds of what is heard; without an end where the rendition is gone.
async fn length_of(connection: &AsyncPgConnection, session: &Session) -> Result<f64, ApiError> {
    let Some(id) = session.result_id else { return Ok(f64::INFINITY) };
    let rendition = renditions::find(connection, id).await?;
    Ok(rendition.map_or(f64::INFINITY, |rendition| rendition.duration))
}

/// Ends a session, which becomes a play. Ending it again gives the same.
#[utoipa::path(tag = "streaming", security(("access_token" = [])), params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, body = EndedSessionResponse),
    (status = 401, body = Problem),
    (status = 404, description = "The caller has no such session, or the track cannot be played any more", body = Problem),
    (status = 409, description = "It was aborted", body = Problem),
    (status = 422, body = Problem),
    (status = 503, description = "Nothing was recorded; try again", body = Problem),
))]
#[post("/api/streaming/sessions/{id}/end")]
async fn end_stream_session(
    state: web::Data<MusicState>,
    request: HttpRequest,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<EndSessionRequest>,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let session = repository::find(&connection, caller.user_id, *id).await?;
    drop(connection);
    let session = session.ok_or_else(|| ApiError::not_found("session"))?;
    if session.status.0 == SessionStatus::Aborted {
        return Err(ApiError::conflict("The session was aborted."));
    }
    let play = record(&state, &request, &caller, (play_of(&session, body.0), session.result_id)).await?;
    let mut connection = state.database.connection().await?;
    repository::complete(&mut connection, (caller.user_id, *id), contracts::clock::now()).await?;
    let session = repository::find(&connection, caller.user_id, *id).await?;
    let session = session.ok_or_else(|| ApiError::not_found("session"))?.into();
    Ok(HttpResponse::Ok().json(EndedSessionResponse { session, play }))
}

/// Records the play of a session. One that is there already is the session's, whatever was told since.
async fn record(
    state: &MusicState,
    request: &HttpRequest,
    caller: &Caller,
    (play, result_id): (RecordPlayRequest, Option<Uuid>),
) -> Result<PlayResponse, ApiError> {
    let play_id = play.play_id.unwrap_or_default();
    let listener = plays::listener(caller, request);
    let play = NewPlay::new(play, &listener, contracts::ids::new_id(), contracts::clock::now())?;
    match state.recorder.record(play.of_rendition(result_id)).await {
        Ok(Outcome::Recorded(play) | Outcome::Duplicate(play)) => Ok(play),
        Err(PlayError::OtherPlay) => {
            let connection = state.database.connection().await?;
            let stored = plays::find_play(&connection, caller.user_id, play_id).await?;
            stored.ok_or_else(|| ApiError::conflict("The play of this session was deleted."))
        }
        Err(error) => Err(error.into()),
    }
}
