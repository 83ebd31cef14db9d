//! Routes of rules: trying them out, and asking them why.

use actix_web::{HttpResponse, get, post, web};
use contracts::Problem;
use contracts::music::rules::Rules;
use contracts::music::{
    ConditionAnswer, ConditionCount, PreviewRulesRequest, RulesPreviewResponse, TrackResponse, WhyResponse,
};
use diesel_async::AsyncPgConnection;
use http_kit::{ApiError, Authenticated, Ids, Json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::domain::parse_rules;
use super::super::repository::{self, Playlist};
use super::super::smart::{self, Program};
use super::find_seen;
use crate::app::MusicState;
use crate::tracks::repository as tracks;

/// Tracks in a preview.
const PREVIEW: usize = 20;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(preview_rules).service(why);
}

/// The rules of a playlist with what they refer to; nothing for a manual one.
pub(super) async fn program_of(
    connection: &AsyncPgConnection,
    playlist: &Playlist,
) -> Result<Option<Program>, ApiError> {
    let Some(rules) = &playlist.rules else { return Ok(None) };
    // Rules that were stored hold; were they to be read otherwise some day, it is a fault of ours.
    let rules =
        Rules::parse(&rules.0).map_err(|faults| ApiError::internal(format!("stored rules: {faults:?}")))?;
    let known = smart::load_referenced(connection, playlist.user_id, &rules).await?;
    Ok(Some(Program::link(rules, playlist.user_id, Some(playlist.id), &known)))
}

/// Tries rules out: how many tracks they give the caller, the first of them, and how many hold each test alone.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), responses(
    (status = 200, body = RulesPreviewResponse),
    (status = 401, body = Problem),
    (status = 422, description = "The rules have faults", body = Problem),
))]
#[post("/api/playlists/rules/preview")]
async fn preview_rules(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    body: Json<PreviewRulesRequest>,
) -> Result<HttpResponse, ApiError> {
    let rules = parse_rules(&body.rules)?;
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let known = smart::load_referenced(&connection, caller.user_id, &rules).await?;
    Program::check(&rules, caller.user_id, None, &known).map_err(ApiError::invalid_fields)?;
    let program = Program::link(rules.clone(), caller.user_id, None, &known);
    let (found, is_exact) = smart::list_first(&mut connection, &program, now).await?;
    let counts = smart::count_each(&mut connection, &program, now).await?;
    let conditions = rules.condition.tests().into_iter().zip(counts);
    let conditions = conditions
        .map(|(test, (count, is_exact))| ConditionCount { pointer: test.pointer.clone(), count, is_exact })
        .collect();
    let count = i64::try_from(found.len()).map_err(ApiError::internal)?;
    let first = found.into_iter().take(PREVIEW).collect::<Vec<_>>();
    let tracks = tracks::list_in_order(&connection, &first).await?;
    let tracks = tracks.into_iter().map(TrackResponse::from).collect();
    Ok(HttpResponse::Ok().json(RulesPreviewResponse { count, is_exact, tracks, conditions }))
}

/// Why a track is on a smart or hybrid playlist, or is not: each test with what the track has there.
#[utoipa::path(tag = "playlists", security(("access_token" = [])),
    params(("id" = Uuid, Path), ("track_id" = Uuid, Path)), responses(
        (status = 200, body = WhyResponse),
        (status = 401, body = Problem),
        (status = 403, description = "What a person heard and rated is shown to those who may edit", body = Problem),
        (status = 404, description = "Playlist or track are absent or hidden", body = Problem),
        (status = 409, description = "A manual playlist has no rules", body = Problem),
    ))]
#[get("/api/playlists/{id}/tracks/{track_id}/why")]
async fn why(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    ids: Ids,
) -> Result<HttpResponse, ApiError> {
    let (id, track_id) = *ids;
    let connection = state.database.connection().await?;
    let (playlist, standing) = find_seen(&connection, id, Some(&caller)).await?;
    standing.require_insight()?;
    let track = tracks::find_seen(&connection, Some(&caller), track_id).await?;
    track.ok_or_else(|| ApiError::not_found("track"))?;
    let program = program_of(&connection, &playlist).await?;
    let program = program.ok_or_else(|| ApiError::conflict("A manual playlist has no rules."))?;
    let mut answers =
        smart::explain(&connection, &program, track_id, contracts::clock::now()).await?.into_iter();
    let holds = answers.next().is_some_and(|(holds, _)| holds);
    let conditions = program.rules().condition.tests().into_iter().zip(answers);
    let conditions = conditions.map(|(test, (holds, actual))| ConditionAnswer {
        pointer: test.pointer.clone(),
        field: test.field.name().to_owned(),
        holds,
        actual,
    });
    Ok(HttpResponse::Ok().json(WhyResponse {
        track_id,
        is_pinned: repository::exists_track(&connection, id, track_id).await?,
        is_excluded: program.rules().exclude.contains(&track_id),
        holds,
        conditions: conditions.collect(),
    }))
}
