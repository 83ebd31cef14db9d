//! Routes of export and import.

use std::collections::HashSet;

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, post, web};
use contracts::music::{
    ExportQuery, ImportPlaylistRequest, ImportPlaylistResponse, ImportedEntry, PlaylistResponse,
};
use contracts::{ExchangeFormat, ImportOutcome, PlaylistAction, Problem};
use diesel_async::AsyncPgConnection;
use http_kit::{
    Answer, ApiError, Authenticated, Caller, Id, IdempotencyKey, Json, MaybeAuthenticated, ValidQuery,
};
use serde_json::Map;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::exchange::{self, Entry, List, matching};
use super::super::repository::{self, Playlist};
use super::tracks::all_tracks;
use super::{detail, find_seen};
use crate::albums::repository as albums;
use crate::app::{ANSWERS, MusicState};
use crate::tracks::repository::Track;
use crate::visibility::Viewer;

/// Entries of a file at most.
const MAX_ENTRIES: usize = 1000;
const NAME_CHARS: usize = 255;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(export_playlist).service(import_playlist);
}

/// A playlist for other players, with the tracks that the caller may see.
#[utoipa::path(tag = "playlists", security((), ("access_token" = [])), params(("id" = Uuid, Path), ExportQuery), responses(
    (status = 200, description = "A file, named after the playlist", content(
        (String = "application/vnd.apple.mpegurl"), (Object = "application/json"), (String = "application/xspf+xml"))),
    (status = 400, description = "No such format", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/playlists/{id}/export")]
async fn export_playlist(
    state: web::Data<MusicState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    id: Id,
    query: ValidQuery<ExportQuery>,
) -> Result<HttpResponse, ApiError> {
    let format = query.0.format;
    let mut connection = state.database.connection().await?;
    let (playlist, _) = find_seen(&connection, *id, viewer.as_ref()).await?;
    let reader = Viewer::of(viewer.as_ref());
    let tracks = all_tracks(&mut connection, &playlist, reader).await?;
    let titles =
        albums::titles_of(&connection, tracks.iter().filter_map(|track| track.album_id).collect()).await?;
    let entries = tracks.into_iter().map(|track| {
        let album = track.album_id.and_then(|album_id| titles.get(&album_id).cloned());
        entry_of(track, album)
    });
    let list = List { title: Some(playlist.name), entries: entries.collect() };
    let file = exchange::write(format, &list).map_err(ApiError::internal)?;
    let (media_type, ending) = match format {
        ExchangeFormat::M3u8 => ("application/vnd.apple.mpegurl; charset=utf-8", "m3u8"),
        ExchangeFormat::Jspf => ("application/json", "jspf"),
        ExchangeFormat::Xspf => ("application/xspf+xml", "xspf"),
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        // By its id: a name may hold anything.
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}.{ending}\"", *id)))
        .body(file))
}

fn entry_of(track: Track, album: Option<String>) -> Entry {
    let artist = track.metadata.0.get("artist").and_then(|artist| artist.as_str()).map(str::to_owned);
    Entry {
        title: track.title,
        artist,
        album,
        duration: Some(track.duration),
        location: Some(format!("/api/streaming/stream/{}", track.id)),
        identifier: Some(format!("urn:uuid:{}", track.id)),
    }
}

/// Makes a playlist of a file of another player. Entries are found by id, else by title, length and artist among the tracks that
/// the caller may see.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(IdempotencyKey), responses(
    (status = 201, body = ImportPlaylistResponse),
    (status = 401, body = Problem),
    (status = 409, description = "The first request with this key still runs", body = Problem),
    (status = 422, description = "The file is not of its format, or too long", body = Problem),
))]
#[post("/api/playlists/import")]
async fn import_playlist(
    state: web::Data<MusicState>,
    key: IdempotencyKey,
    Authenticated(caller): Authenticated,
    body: Json<ImportPlaylistRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.of(&caller, &body.0)?;
    let ImportPlaylistRequest { name, format, content } = body.0;
    let list = exchange::read(format, &content).map_err(|fault| ApiError::invalid("/content", fault))?;
    if list.entries.len() > MAX_ENTRIES {
        return Err(ApiError::invalid("/content", format!("more than {MAX_ENTRIES} entries")));
    }
    let name = name.or_else(|| clean(list.title.as_deref())).unwrap_or_else(|| "Imported".to_owned());
    let playlist = super::lists::named(caller.user_id, name);
    let work = async |connection: &mut AsyncPgConnection| {
        let outcomes = outcomes(connection, &caller, &list.entries).await?;
        let wanted: Vec<Uuid> = outcomes
            .iter()
            .filter(|(outcome, _)| *outcome == ImportOutcome::Matched)
            .filter_map(|(_, id)| *id)
            .collect();
        let playlist = store(connection, &playlist, &wanted, &caller).await?;
        let entries =
            list.entries.into_iter().zip(outcomes).zip(1..).map(|((entry, (outcome, track_id)), number)| {
                ImportedEntry { entry: number, title: entry.title, outcome, track_id }
            });
        let location = format!("/api/playlists/{}", playlist.id);
        let answer =
            ImportPlaylistResponse { playlist: PlaylistResponse::from(playlist), entries: entries.collect() };
        Answer::created(location, &answer)
    };
    ANSWERS.once(&state.database, once, work).await
}

async fn outcomes(
    connection: &AsyncPgConnection,
    caller: &Caller,
    entries: &[Entry],
) -> Result<Vec<(ImportOutcome, Option<Uuid>)>, ApiError> {
    let named: Vec<Uuid> = entries.iter().filter_map(matching::named_id).collect();
    let titles: Vec<String> = entries.iter().map(|entry| entry.title.clone()).collect();
    let (folded, candidates, visible) = futures_util::try_join!(
        repository::fold_all(connection, &titles),
        repository::list_titled(connection, caller.user_id, &titles),
        super::super::smart::keep_visible(connection, named, Viewer::from(caller)),
    )?;
    let visible: HashSet<Uuid> = visible.into_iter().collect();
    Ok(matching::judge(entries, &folded, &visible, &candidates))
}

async fn store(
    connection: &mut AsyncPgConnection,
    playlist: &Playlist,
    track_ids: &[Uuid],
    caller: &Caller,
) -> Result<Playlist, ApiError> {
    let actor = (caller.user_id, playlist.created_at);
    repository::insert(connection, playlist).await?;
    repository::write_activity(connection, playlist.id, actor, PlaylistAction::Created, [Map::new()]).await?;
    // Those that can be played still: one may have been deleted since it was found.
    let addable = repository::find_addable(connection, track_ids, Viewer::from(caller)).await?;
    let kept: Vec<Uuid> = track_ids.iter().copied().filter(|id| addable.contains(id)).collect();
    let added = repository::append(connection, playlist.id, &kept, actor).await?;
    let details = added.iter().map(|id| detail("trackId", id.to_string()));
    repository::write_activity(connection, playlist.id, actor, PlaylistAction::TrackAdded, details).await?;
    repository::refresh_totals(connection, playlist.id, playlist.created_at).await?;
    repository::find(connection, playlist.id).await?.ok_or_else(|| ApiError::not_found("playlist"))
}

/// A name as the contract takes it.
fn clean(name: Option<&str>) -> Option<String> {
    let name: String = name?.chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect();
    let name = name.trim().to_owned();
    (!name.is_empty()).then_some(name)
}
