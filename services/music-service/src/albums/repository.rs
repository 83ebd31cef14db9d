//! Rows of albums.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use contracts::music::{AlbumResponse, UpdateAlbumRequest};
use contracts::{AlbumStatus, AlbumType, FileOwner, Visibility};
use database::{AsJson, AsText, statement};
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use http_kit::Caller;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::schema::mus_albums;
use crate::visibility::{Shown, sees};

/// A row of `mus_albums`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = mus_albums, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Album {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) genres: Vec<String>,
    pub(crate) artwork_file_id: Option<Uuid>,
    pub(crate) release_date: Option<NaiveDate>,
    pub(crate) album_type: AsText<AlbumType>,
    pub(crate) total_tracks: i32,
    pub(crate) total_duration: f64,
    pub(crate) is_explicit: bool,
    pub(crate) visibility: AsText<Visibility>,
    pub(crate) status: AsText<AlbumStatus>,
    pub(crate) mood: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) play_count: i64,
    pub(crate) metadata: AsJson<Map<String, Value>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) deleted_at: Option<DateTime<Utc>>,
    pub(crate) like_count: i64,
    pub(crate) chapter_id: Option<Uuid>,
    pub(crate) is_system: bool,
    pub(crate) created_by: Uuid,
    pub(crate) updated_by: Uuid,
}

impl Album {
    /// What decides who sees it.
    pub(crate) fn shown(&self) -> Shown {
        let is_out = matches!(self.status.0, AlbumStatus::Active | AlbumStatus::Published);
        Shown { owner: self.user_id, visibility: self.visibility.0, is_out }
    }
}

impl From<Album> for AlbumResponse {
    fn from(album: Album) -> Self {
        Self {
            id: album.id,
            user_id: album.user_id,
            title: album.title,
            description: album.description,
            genres: album.genres,
            artwork_file_id: album.artwork_file_id,
            release_date: album.release_date,
            album_type: album.album_type.0,
            total_tracks: album.total_tracks,
            total_duration: album.total_duration,
            is_explicit: album.is_explicit,
            visibility: album.visibility.0,
            status: album.status.0,
            mood: album.mood,
            language: album.language,
            play_count: album.play_count,
            like_count: album.like_count,
            chapter_id: album.chapter_id,
            is_system: album.is_system,
            metadata: album.metadata.0,
            created_by: album.created_by,
            updated_by: album.updated_by,
            created_at: album.created_at,
            updated_at: album.updated_at,
        }
    }
}

impl Album {
    /// The album with its picture, as one that uses files.
    pub(crate) fn picture(&self) -> (FileOwner, Uuid, Option<Uuid>) {
        (FileOwner::Album, self.id, self.artwork_file_id)
    }
}

/// What a patch changes; `None` leaves a column as it is.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = mus_albums)]
pub(crate) struct AlbumChanges {
    title: Option<String>,
    description: Option<Option<String>>,
    genres: Option<Vec<String>>,
    artwork_file_id: Option<Option<Uuid>>,
    release_date: Option<Option<NaiveDate>>,
    album_type: Option<AsText<AlbumType>>,
    is_explicit: Option<bool>,
    visibility: Option<AsText<Visibility>>,
    mood: Option<Option<String>>,
    language: Option<Option<String>>,
    metadata: Option<AsJson<Map<String, Value>>>,
    status: Option<AsText<AlbumStatus>>,
    chapter_id: Option<Option<Uuid>>,
    is_system: Option<bool>,
    updated_by: Uuid,
    updated_at: DateTime<Utc>,
}

impl AlbumChanges {
    pub(crate) fn from_request(request: UpdateAlbumRequest, (by, now): (Uuid, DateTime<Utc>)) -> Self {
        Self {
            title: request.title,
            description: request.description,
            genres: request.genres,
            artwork_file_id: request.artwork_file_id,
            release_date: request.release_date,
            album_type: request.album_type.map(AsText),
            is_explicit: request.is_explicit,
            visibility: request.visibility.map(AsText),
            mood: request.mood,
            language: request.language,
            metadata: request.metadata.map(AsJson),
            status: request.status.map(AsText),
            chapter_id: request.chapter_id,
            is_system: request.is_system,
            updated_by: by,
            updated_at: now,
        }
    }
}

pub(crate) async fn insert(connection: &mut AsyncPgConnection, album: &Album) -> QueryResult<usize> {
    diesel::insert_into(mus_albums::table).values(album).execute(connection).await
}

/// A live album, by primary key.
pub(crate) async fn find(mut connection: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<Album>> {
    live().filter(mus_albums::id.eq(id)).select(Album::as_select()).first(&mut connection).await.optional()
}

/// A live album that a viewer may see.
pub(crate) async fn find_seen(
    connection: &AsyncPgConnection,
    viewer: Option<&Caller>,
    id: Uuid,
) -> QueryResult<Option<Album>> {
    match find(connection, id).await? {
        Some(album) if sees(connection, viewer, album.shown()).await? => Ok(Some(album)),
        _ => Ok(None),
    }
}

/// Live albums by their ids.
pub(crate) async fn list(mut connection: &AsyncPgConnection, ids: &[Uuid]) -> QueryResult<Vec<Album>> {
    live().filter(mus_albums::id.eq_any(ids)).select(Album::as_select()).load(&mut connection).await
}

/// A live album, held until the transaction ends.
pub(crate) async fn lock(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Album>> {
    let album = live().filter(mus_albums::id.eq(id)).select(Album::as_select());
    album.for_no_key_update().first(connection).await.optional()
}

/// An album, deleted or not, held until the transaction ends.
pub(crate) async fn lock_any(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Album>> {
    let album = mus_albums::table.find(id).select(Album::as_select());
    album.for_no_key_update().first(connection).await.optional()
}

/// Brings a deleted album back that the caller holds.
pub(crate) async fn restore(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    (by, now): (Uuid, DateTime<Utc>),
) -> QueryResult<usize> {
    diesel::update(mus_albums::table.find(id))
        .set((
            mus_albums::status.eq(AsText(AlbumStatus::Active)),
            mus_albums::deleted_at.eq(None::<DateTime<Utc>>),
            mus_albums::updated_by.eq(by),
            mus_albums::updated_at.eq(now),
        ))
        .execute(connection)
        .await
}

/// Titles of albums by their ids.
pub(crate) async fn titles_of(
    mut connection: &AsyncPgConnection,
    ids: Vec<Uuid>,
) -> QueryResult<HashMap<Uuid, String>> {
    let titles =
        mus_albums::table.filter(mus_albums::id.eq_any(ids)).select((mus_albums::id, mus_albums::title));
    let titles: Vec<(Uuid, String)> = titles.load(&mut connection).await?;
    Ok(titles.into_iter().collect())
}

/// Those of the named albums that live, held until the transaction ends; always in the same order, so that two movers
/// of tracks between them do not wait for each other.
pub(crate) async fn lock_all(
    connection: &mut AsyncPgConnection,
    ids: &[Option<Uuid>],
) -> QueryResult<Vec<Album>> {
    let ids = ids.iter().flatten().copied().collect::<Vec<Uuid>>();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let albums = live().filter(mus_albums::id.eq_any(ids)).order(mus_albums::id).select(Album::as_select());
    albums.for_no_key_update().load(connection).await
}

/// Changes an album that the caller holds.
pub(crate) async fn update(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    changes: &AlbumChanges,
) -> QueryResult<Album> {
    let album = diesel::update(mus_albums::table.find(id)).set(changes);
    album.returning(Album::as_returning()).get_result(connection).await
}

/// Marks an album that the caller holds as deleted.
pub(crate) async fn delete(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    (by, now): (Uuid, DateTime<Utc>),
) -> QueryResult<usize> {
    diesel::update(mus_albums::table.find(id))
        .set((
            mus_albums::status.eq(AsText(AlbumStatus::Deleted)),
            mus_albums::deleted_at.eq(now),
            mus_albums::updated_by.eq(by),
            mus_albums::updated_at.eq(now),
        ))
        .execute(connection)
        .await
}

/// Counts the live tracks of an album that the caller holds anew; served by `mus_tracks_of_album`. Seconds are added up as
/// decimals: a sum of doubles depends on the order of its rows.
pub(crate) async fn refresh_totals(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<usize> {
    statement::<()>(
        "UPDATE mus_albums SET total_tracks = held.tracks, total_duration = held.seconds
         FROM (SELECT count(*)::int AS tracks,
                      round(coalesce(sum(duration::numeric), 0), 3)::double precision AS seconds
               FROM mus_tracks WHERE album_id = $1 AND deleted_at IS NULL) AS held
         WHERE mus_albums.id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .execute(connection)
    .await
}

/// Moves the count of people who like an album, and gives it as it then is.
pub(crate) async fn move_likes(connection: &mut AsyncPgConnection, id: Uuid, by: i64) -> QueryResult<i64> {
    if by == 0 {
        return mus_albums::table.find(id).select(mus_albums::like_count).first(connection).await;
    }
    diesel::update(mus_albums::table.find(id))
        .set(mus_albums::like_count.eq(mus_albums::like_count + by))
        .returning(mus_albums::like_count)
        .get_result(connection)
        .await
}

#[dsl::auto_type(no_type_alias)]
fn live() -> _ {
    mus_albums::table.filter(mus_albums::deleted_at.is_null())
}
