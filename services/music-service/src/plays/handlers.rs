//! Routes of plays.

use actix_web::http::header::{LOCATION, USER_AGENT};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use contracts::music::{
    PlayResponse, PlayVerdict, RecentPlayResponse, RecentlyPlayedQuery, RecordPlayRequest,
    RecordPlaysRequest, RecordPlaysResponse,
};
use contracts::problem::ErrorCode;
use contracts::{DistinctBy, Page, Problem};
use diesel_async::AsyncConnection;
use futures_util::future::join_all;
use http_kit::user_agent::UserAgent;
use http_kit::{
    ApiError, Authenticated, Caller, Id, IfMatch, Json, ValidQuery, cursor, etag, request, user_agent,
};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain::{Listener, NewPlay, PlayError};
use super::recorder::Outcome;
use super::{removal, repository};
use crate::app::MusicState;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(track_play)
        .service(track_plays)
        .service(get_play)
        .service(delete_play)
        .service(delete_plays)
        .service(recently_played);
}

/// Records a play. The same `playId` with the same body again is answered with the play that is stored.
#[utoipa::path(tag = "plays", security(("access_token" = [])), responses(
    (status = 201, body = PlayResponse, headers(("location" = String))),
    (status = 200, description = "It was recorded before", body = PlayResponse),
    (status = 401, body = Problem),
    (status = 404, description = "The track is absent, hidden, or cannot be played", body = Problem),
    (status = 422, description = "A rule is broken, or the play id stands for another play", body = Problem),
    (status = 503, description = "Nothing was recorded; try again", body = Problem),
))]
#[post("/api/library/track-play")]
async fn track_play(
    state: web::Data<MusicState>,
    request: HttpRequest,
    Authenticated(caller): Authenticated,
    body: Json<RecordPlayRequest>,
) -> Result<HttpResponse, ApiError> {
    let listener = listener(&caller, &request);
    let play = NewPlay::new(body.0, &listener, contracts::ids::new_id(), contracts::clock::now())?;
    Ok(match state.recorder.record(play).await? {
        Outcome::Recorded(play) => {
            let location = format!("/api/library/plays/{}", play.play_id);
            HttpResponse::Created().insert_header((LOCATION, location)).json(play)
        }
        Outcome::Duplicate(play) => HttpResponse::Ok().json(play),
    })
}

/// Records many plays, each on its own: one that is rejected keeps no other from its verdict.
#[utoipa::path(tag = "plays", security(("access_token" = [])), request_body = RecordPlaysRequest<RecordPlayRequest>,
    responses(
        (status = 200, description = "A verdict for each play", body = RecordPlaysResponse),
        (status = 401, body = Problem),
        (status = 422, body = Problem),
        (status = 503, description = "None was stored; send all again", body = Problem),
    ))]
#[post("/api/library/track-plays")]
async fn track_plays(
    state: web::Data<MusicState>,
    request: HttpRequest,
    Authenticated(caller): Authenticated,
    body: Json<RecordPlaysRequest<Value>>,
) -> Result<HttpResponse, ApiError> {
    let (listener, now) = (listener(&caller, &request), contracts::clock::now());
    let recorded = join_all(body.0.plays.into_iter().map(async |play| {
        let play: RecordPlayRequest = http_kit::body::read_item(&play)?;
        let play = NewPlay::new(play, &listener, contracts::ids::new_id(), now)?;
        Ok::<_, ApiError>(state.recorder.record(play).await?)
    }));
    let instance = request::id(&request);
    let mut recorded = recorded.await;
    // Where all failed, it is the request that failed.
    let is_failure = |recorded: &Result<Outcome, ApiError>| recorded.as_ref().is_err_and(is_ours);
    if recorded.iter().all(is_failure)
        && let Some(Err(failure)) = recorded.pop()
    {
        return Err(failure);
    }
    let items = recorded.into_iter().map(|recorded| verdict(recorded, &instance)).collect();
    Ok(HttpResponse::Ok().json(RecordPlaysResponse { items }))
}

/// Whether a play failed for a reason on our side, so that it may be sent again as it is.
fn is_ours(error: &ApiError) -> bool {
    error.code().status() >= 500
}

fn verdict(recorded: Result<Outcome, ApiError>, instance: &str) -> PlayVerdict {
    match recorded {
        Ok(Outcome::Recorded(play)) => PlayVerdict::Recorded { play },
        Ok(Outcome::Duplicate(play)) => PlayVerdict::Duplicate { play },
        Err(error) => PlayVerdict::Rejected { problem: error.problem(instance) },
    }
}

/// A play of the caller's, by the client's id of it.
#[utoipa::path(tag = "plays", security(("access_token" = [])), params(("id" = Uuid, Path, description = "The `playId`")),
    responses(
        (status = 200, body = PlayResponse, headers(("etag" = String))),
        (status = 401, body = Problem),
        (status = 404, description = "The caller has no such play", body = Problem),
    ))]
#[get("/api/library/plays/{id}")]
async fn get_play(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    play_id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let play = repository::find(&connection, caller.user_id, *play_id).await?;
    let play = play.ok_or_else(|| ApiError::not_found("play"))?;
    etag::answer(&PlayResponse::from(play))
}

/// Deletes a play, and the stream session that it was; every counter that it moved goes back.
#[utoipa::path(tag = "plays", security(("access_token" = [])), params(("id" = Uuid, Path, description = "The `playId`")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, body = Problem),
        (status = 404, description = "The caller has no such play", body = Problem),
        (status = 412, description = "It is another play", body = Problem),
    ))]
#[delete("/api/library/plays/{id}")]
async fn delete_play(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    play_id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let play = repository::find_response(connection, caller.user_id, *play_id).await?;
        let play = play.ok_or_else(|| ApiError::not_found("play"))?;
        if_match.require_of(Some(&play))?;
        match removal::remove_one(connection, caller.user_id, *play_id).await? {
            true => Ok(()),
            false => Err(ApiError::not_found("play")),
        }
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Deletes all plays of the caller's, and the stream sessions that they were; every counter that they moved goes back. It takes as
/// long as the history is; cut off in the middle, it may be sent again.
#[utoipa::path(tag = "plays", security(("access_token" = [])), responses(
    (status = 204, description = "The caller has no plays now"),
    (status = 401, body = Problem),
))]
#[delete("/api/library/plays")]
async fn delete_plays(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    removal::remove_history(&mut connection, caller.user_id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The caller's plays, the latest first.
#[utoipa::path(tag = "plays", security(("access_token" = [])), params(RecentlyPlayedQuery), responses(
    (status = 200, body = Page<RecentPlayResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/library/recently-played")]
async fn recently_played(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<RecentlyPlayedQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let limit = query.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let before = cursor::decode(query.cursor.as_deref())?.unwrap_or_else(cursor::end_of_time);
    let connection = state.database.connection().await?;
    let plays = match query.distinct {
        None => repository::list_before(&connection, caller.user_id, before, limit + 1).await?,
        Some(DistinctBy::Track) => {
            repository::list_tracks_before(&connection, caller.user_id, before, limit + 1).await?
        }
    };
    let page = cursor::page(plays, limit, |recent| (recent.play.played_at, recent.play.id))?;
    Ok(HttpResponse::Ok().json(page.map(RecentPlayResponse::from)))
}

pub(crate) fn listener(caller: &Caller, request: &HttpRequest) -> Listener {
    let header = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    Listener {
        user_id: caller.user_id,
        is_admin: caller.is_admin(),
        user_agent: header.map_or_else(UserAgent::default, user_agent::parse),
    }
}

impl From<PlayError> for ApiError {
    fn from(error: PlayError) -> Self {
        match error {
            PlayError::InTheFuture => Self::invalid("/playedAt", error.to_string()),
            PlayError::NoTrack => Self::not_found("track"),
            PlayError::OtherPlay => Self::invalid("/playId", error.to_string()),
            PlayError::Full | PlayError::Unavailable => Self::unavailable(error),
            PlayError::Failed => Self::new(ErrorCode::Internal, "The play could not be stored."),
        }
    }
}
