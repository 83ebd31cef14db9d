//! Routes of playlists themselves.

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, delete, get, patch, post, web};
use contracts::music::{
    CreatePlaylistRequest, ListPlaylistsQuery, PlaylistDetailResponse, PlaylistResponse,
    UpdatePlaylistRequest,
};
use contracts::{
    FileOwner, Page, PlaylistAction, PlaylistCategory, PlaylistScope, PlaylistStatus, PlaylistType, Problem,
    Visibility,
};
use database::{AsJson, AsText, violated_constraint};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{
    Answer, ApiError, Authenticated, Caller, Id, IdempotencyKey, IfMatch, Json, MaybeAuthenticated,
    ValidQuery, cursor, etag,
};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::domain::{judge_smart_key, read_rules, require_category, search_words};
use super::super::repository::{self, Filter, Mark, Playlist, PlaylistChanges};
use super::super::smart::{self, Program};
use super::{find_seen, lock_seen};
use crate::app::{ANSWERS, MusicState};
use crate::files::require_own_picture;
use crate::lifecycle::{require_restorable, transition};
use crate::references;
use crate::visibility::{Viewer, require_reach, require_system};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create_playlist)
        .service(list_playlists)
        .service(get_playlist)
        .service(update_playlist)
        .service(delete_playlist)
        .service(restore_playlist);
}

/// Makes a playlist.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(IdempotencyKey), responses(
    (status = 201, body = PlaylistResponse, headers(("location" = String), ("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only librarians publish to everyone, choose the category or make what comes with the service", body = Problem),
    (status = 409, description = "Another list has this smart key, or the first request with this key still runs", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/playlists")]
async fn create_playlist(
    state: web::Data<MusicState>,
    key: IdempotencyKey,
    Authenticated(caller): Authenticated,
    body: Json<CreatePlaylistRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.of(&caller, &body.0)?;
    if let Some(answer) = ANSWERS.known(&state.database, &once).await? {
        return Ok(answer);
    }
    let playlist = new_playlist(caller.user_id, body.0);
    judge_reach(&caller, &playlist)?;
    require_own_picture(&state, &caller, playlist.artwork_file_id).await?;
    let actor = (caller.user_id, playlist.created_at);
    let work = async |connection: &mut AsyncPgConnection| {
        judge_rules(connection, &playlist).await?;
        repository::insert(connection, &playlist).await.map_err(refused)?;
        references::tell_change(connection, None, playlist.picture()).await?;
        repository::write_activity(connection, playlist.id, actor, PlaylistAction::Created, [Map::new()])
            .await?;
        let location = format!("/api/playlists/{}", playlist.id);
        let tag = etag::of_row(playlist.id, playlist.updated_at);
        Ok(Answer::created(location, &PlaylistResponse::from(playlist))?.with_etag(tag))
    };
    ANSWERS.once(&state.database, once, work).await
}

fn judge_reach(caller: &Caller, playlist: &Playlist) -> Result<(), ApiError> {
    require_reach(caller, playlist.visibility.0)?;
    require_category(caller, playlist.category.0)?;
    require_system(caller, playlist.is_system)?;
    judge_smart_key((playlist.is_system, playlist.smart_key.as_deref()))
}

/// Playlists, the newest first.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(ListPlaylistsQuery), responses(
    (status = 200, body = Page<PlaylistResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/playlists")]
async fn list_playlists(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<ListPlaylistsQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let limit = query.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let after: Option<Uuid> = cursor::decode(query.cursor.as_deref())?;
    let words = match query.q.as_deref().map(search_words) {
        // Nothing to search for is found nowhere.
        Some(None) => {
            return Ok(HttpResponse::Ok().json(cursor::page(Vec::<PlaylistResponse>::new(), limit, |_| ())?));
        }
        Some(words) => words,
        None => None,
    };
    let scope = query.scope.unwrap_or(PlaylistScope::Mine);
    let filter = Filter { viewer: Viewer::from(&caller), scope, words, smart_key: query.smart_key };
    let connection = state.database.connection().await?;
    let playlists = repository::list(&connection, &filter, after, limit + 1).await?;
    let page = cursor::page(playlists, limit, |playlist| playlist.id)?;
    Ok(HttpResponse::Ok().json(page.map(PlaylistResponse::from)))
}

/// A playlist.
#[utoipa::path(tag = "playlists", security((), ("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = PlaylistDetailResponse, headers(("etag" = String))),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/playlists/{id}")]
async fn get_playlist(
    state: web::Data<MusicState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let (playlist, standing) = find_seen(&connection, *id, viewer.as_ref()).await?;
    let (is_liked, is_followed) = match &viewer {
        Some(viewer) => {
            let key = (playlist.id, viewer.user_id);
            futures_util::try_join!(
                repository::exists_mark(&connection, Mark::Like, key),
                repository::exists_mark(&connection, Mark::Follow, key),
            )?
        }
        None => (false, false),
    };
    let tag = etag::of_row(playlist.id, playlist.updated_at);
    let playlist = playlist.into();
    let detail = PlaylistDetailResponse { playlist, is_liked, is_followed, my_role: standing.role };
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(detail))
}

/// Changes a playlist (merge patch).
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = PlaylistResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Not the caller's, or only librarians may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 409, description = "Its state does not allow it, or another list has this smart key", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/playlists/{id}")]
async fn update_playlist(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<UpdatePlaylistRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.0;
    if body == UpdatePlaylistRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    require_reach(&caller, body.visibility.unwrap_or(Visibility::Personal))?;
    require_category(&caller, body.category.unwrap_or(PlaylistCategory::User))?;
    require_system(&caller, body.is_system == Some(true) || body.smart_key.is_some())?;
    require_own_picture(&state, &caller, body.artwork_file_id.flatten()).await?;
    let now = contracts::clock::now();
    let fields = changed_fields(&body)?;
    let changes = PlaylistChanges::from_request(body, now);
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let (playlist, standing) = lock_seen(connection, *id, &caller).await?;
        standing.require_charge()?;
        if_match.require(&etag::of_row(playlist.id, playlist.updated_at))?;
        let artwork_before = playlist.artwork_file_id;
        let playlist = update(connection, playlist, &changes).await?;
        references::tell_change(connection, artwork_before, playlist.picture()).await?;
        let actor = (caller.user_id, now);
        repository::write_activity(connection, *id, actor, PlaylistAction::Updated, [fields]).await?;
        Ok::<_, ApiError>(playlist)
    });
    let playlist = transaction.await?;
    let tag = etag::of_row(playlist.id, playlist.updated_at);
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(PlaylistResponse::from(playlist)))
}

/// Changes a playlist that the caller holds, and judges its rules as they then are. What is refused is rolled back.
async fn update(
    connection: &mut AsyncPgConnection,
    before: Playlist,
    changes: &PlaylistChanges,
) -> Result<Playlist, ApiError> {
    transition(before.status.0, changes.status.unwrap_or(before.status).0)?;
    judge_smart_key(changes.system_of(&before))?;
    let (playlist_type, rules) = changes.rules_of(&before);
    read_rules(playlist_type, rules)?;
    if playlist_type == PlaylistType::Smart && before.track_count > 0 {
        return Err(ApiError::conflict("Take its tracks off before rules alone decide, or make it hybrid."));
    }
    let playlist = repository::update(connection, before.id, changes).await.map_err(refused)?;
    judge_rules(connection, &playlist).await?;
    Ok(playlist)
}

/// Why a playlist was not written.
fn refused(error: diesel::result::Error) -> ApiError {
    match violated_constraint(&error) {
        Some("mus_playlists_one_smart_key") => ApiError::conflict("Another playlist has this smart key."),
        _ => error.into(),
    }
}

/// Whether a playlist's rules fit its type, can be read, and refer to what is there.
async fn judge_rules(connection: &AsyncPgConnection, playlist: &Playlist) -> Result<(), ApiError> {
    let rules = read_rules(playlist.playlist_type.0, playlist.rules.as_ref().map(|rules| &rules.0))?;
    let Some(rules) = rules else { return Ok(()) };
    let known = smart::load_referenced(connection, playlist.user_id, &rules).await?;
    Program::check(&rules, playlist.user_id, Some(playlist.id), &known).map_err(ApiError::invalid_fields)
}

/// The names of the fields that a patch has, for its activity.
fn changed_fields(patch: &UpdatePlaylistRequest) -> Result<Map<String, Value>, ApiError> {
    let patch = serde_json::to_value(patch).map_err(ApiError::internal)?;
    let names = patch.as_object().map(|fields| fields.keys().cloned().map(Value::from).collect::<Vec<_>>());
    Ok(super::detail("fields", names.unwrap_or_default()))
}

/// Deletes a playlist; its owner can restore it for 30 days.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "It is gone for readers"),
    (status = 401, body = Problem),
    (status = 403, description = "Not the caller's", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
))]
#[delete("/api/playlists/{id}")]
async fn delete_playlist(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let (playlist, standing) = lock_seen(connection, *id, &caller).await?;
        standing.require_charge()?;
        if_match.require(&etag::of_row(playlist.id, playlist.updated_at))?;
        repository::mark_deleted(connection, *id, now).await?;
        let gone = (FileOwner::Playlist, *id, None);
        references::tell_change(connection, playlist.artwork_file_id, gone).await?;
        let actor = (caller.user_id, now);
        repository::write_activity(connection, *id, actor, PlaylistAction::Deleted, [Map::new()]).await?;
        Ok::<_, ApiError>(())
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Brings a deleted playlist back, with its tracks, likes and followers.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = PlaylistResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "The caller has no such playlist", body = Problem),
    (status = 409, description = "It is not deleted", body = Problem),
    (status = 410, description = "It was deleted too long ago", body = Problem),
))]
#[post("/api/playlists/{id}/restore")]
async fn restore_playlist(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let playlist = repository::lock_any(connection, *id).await?;
        let playlist = playlist.ok_or_else(|| ApiError::not_found("playlist"))?;
        playlist.shown().require_change_of_hidden(&caller, "playlist")?;
        require_restorable(playlist.deleted_at, now)?;
        references::tell_change(connection, None, playlist.picture()).await?;
        let actor = (caller.user_id, now);
        repository::write_activity(connection, *id, actor, PlaylistAction::Restored, [Map::new()]).await?;
        repository::restore(connection, *id, now).await.map_err(refused)
    });
    let playlist = transaction.await?;
    let tag = etag::of_row(playlist.id, playlist.updated_at);
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(PlaylistResponse::from(playlist)))
}

/// A new manual playlist with nothing but a name.
pub(super) fn named(user_id: Uuid, name: String) -> Playlist {
    let request = CreatePlaylistRequest { name, ..CreatePlaylistRequest::default() };
    new_playlist(user_id, request)
}

fn new_playlist(user_id: Uuid, request: CreatePlaylistRequest) -> Playlist {
    let now = contracts::clock::now();
    Playlist {
        id: contracts::ids::new_id(),
        user_id,
        name: request.name,
        description: request.description,
        visibility: AsText(request.visibility.unwrap_or(Visibility::Personal)),
        artwork_file_id: request.artwork_file_id,
        category: AsText(request.category.unwrap_or(PlaylistCategory::User)),
        icon: request.icon,
        color: request.color,
        playlist_type: AsText(request.playlist_type.unwrap_or(PlaylistType::Manual)),
        mood: request.mood,
        genre: request.genre,
        language: request.language,
        tags: request.tags,
        status: AsText(PlaylistStatus::Active),
        track_count: 0,
        total_duration: 0.0,
        play_count: 0,
        like_count: 0,
        follower_count: 0,
        metadata: AsJson(request.metadata),
        created_at: now,
        updated_at: now,
        deleted_at: None,
        rules: request.rules.map(AsJson),
        is_system: request.is_system,
        smart_key: request.smart_key,
    }
}
