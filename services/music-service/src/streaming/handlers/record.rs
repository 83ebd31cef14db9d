//! A play with the session that it was, after the fact.

use std::time::Duration;

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, post, web};
use chrono::{DateTime, TimeDelta, Utc};
use contracts::music::{PlayResponse, RecordStreamPlayRequest};
use contracts::{Problem, SessionStatus, SessionType};
use database::{AsJson, AsText};
use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, Authenticated, Json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::repository::{self, Session};
use crate::app::MusicState;
use crate::plays::{self, NewPlay, Outcome, heard_seconds, union, within};
use crate::renditions::repository::{self as renditions, Rendition};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(record_play);
}

/// Records a play and the stream session that it was. The same `playId` with the same report again is answered with the play that is
/// stored.
#[utoipa::path(tag = "streaming", security(("access_token" = [])), responses(
    (status = 201, body = PlayResponse, headers(("location" = String))),
    (status = 200, description = "It was recorded before", body = PlayResponse),
    (status = 401, body = Problem),
    (status = 404, description = "The track is absent, hidden, or cannot be played", body = Problem),
    (status = 422, description = "A rule is broken, or the play id stands for another play", body = Problem),
    (status = 503, description = "Nothing was recorded; try again", body = Problem),
))]
#[post("/api/streaming/record-play")]
async fn record_play(
    state: web::Data<MusicState>,
    request: HttpRequest,
    Authenticated(caller): Authenticated,
    body: Json<RecordStreamPlayRequest>,
) -> Result<HttpResponse, ApiError> {
    let listener = plays::listener(&caller, &request);
    let play = NewPlay::new(body.play(), &listener, contracts::ids::new_id(), contracts::clock::now())?;
    let outcome = state.recorder.record(play.out_of(&body.0)).await?;
    let (play, is_new) = match outcome {
        Outcome::Recorded(play) => (play, true),
        Outcome::Duplicate(play) => (play, false),
    };
    // Also for a play that was there before: its session may have been lost with the process that stored it.
    let mut connection = state.database.connection().await?;
    if let Some(rendition) = heard_rendition(&connection, &play).await? {
        let session = session_of(body.0, &rendition, &play, (caller.user_id, listener.user_agent.family));
        let transaction = connection.transaction(async |connection| {
            // Whoever deleted the play meanwhile does not want the session either.
            match plays::hold(connection, caller.user_id, play.play_id).await? {
                true => repository::insert(connection, &session).await,
                false => Ok(0),
            }
        });
        transaction.await?;
    }
    if !is_new {
        return Ok(HttpResponse::Ok().json(play));
    }
    let location = format!("/api/library/plays/{}", play.play_id);
    Ok(HttpResponse::Created().insert_header((LOCATION, location)).json(play))
}

/// The rendition for which a play counts; none where it went with its track.
async fn heard_rendition(
    connection: &AsyncPgConnection,
    play: &PlayResponse,
) -> QueryResult<Option<Rendition>> {
    match play.result_id {
        Some(id) => renditions::find(connection, id).await,
        None => Ok(None),
    }
}

/// When a play ended: when all that was heard had been heard.
fn end_of(play: &PlayResponse, rendition: &Rendition) -> DateTime<Utc> {
    let share = play.completion_rate.map(|rate| rate * rendition.duration);
    let seconds = play.duration.or(share).unwrap_or_default();
    let heard = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    play.played_at + TimeDelta::from_std(heard).unwrap_or_default()
}

fn session_of(
    request: RecordStreamPlayRequest,
    rendition: &Rendition,
    play: &PlayResponse,
    (user_id, client_info): (uuid::Uuid, Option<String>),
) -> Session {
    let heard = within(union(request.heard.unwrap_or_default()), rendition.duration);
    Session {
        id: play.play_id,
        user_id,
        track_id: rendition.track_id,
        device_id: None,
        session_type: AsText(request.session_type.unwrap_or(SessionType::OnDemand)),
        quality: rendition.quality,
        bitrate: rendition.bitrate,
        started_at: play.played_at,
        ended_at: Some(end_of(play, rendition)),
        duration: play.duration.unwrap_or_else(|| heard_seconds(&heard)),
        bytes_streamed: 0,
        heard_intervals: AsJson(heard),
        skip_count: request.skip_count,
        pause_count: request.pause_count,
        seek_count: request.seek_count,
        buffer_events: 0,
        quality_adaptations: 0,
        status: AsText(SessionStatus::Completed),
        client_info,
        network_info: AsJson(request.network_info),
        errors: Vec::new(),
        play_id: Some(play.play_id),
        metadata: AsJson(serde_json::Map::new()),
        updated_at: contracts::clock::now(),
        result_id: Some(rendition.id),
    }
}
