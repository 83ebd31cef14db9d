//! Rows of playlists.

use chrono::{DateTime, Utc};
use contracts::music::{PlaylistResponse, UpdatePlaylistRequest};
use contracts::{FileOwner, PlaylistCategory, PlaylistScope, PlaylistStatus, PlaylistType, Visibility};
use database::{AsJson, AsText};
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::schema::{mus_playlist_collaborators, mus_playlist_followers, mus_playlist_likes, mus_playlists};
use crate::search::has_words;
use crate::visibility::{Shown, Viewer, VisibleTo};

/// A row of `mus_playlists`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = mus_playlists, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Playlist {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) visibility: AsText<Visibility>,
    pub(crate) artwork_file_id: Option<Uuid>,
    pub(crate) category: AsText<PlaylistCategory>,
    pub(crate) icon: Option<String>,
    pub(crate) color: Option<String>,
    pub(crate) playlist_type: AsText<PlaylistType>,
    pub(crate) mood: Option<String>,
    pub(crate) genre: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) status: AsText<PlaylistStatus>,
    pub(crate) track_count: i32,
    pub(crate) total_duration: f64,
    pub(crate) play_count: i64,
    pub(crate) like_count: i64,
    pub(crate) follower_count: i64,
    pub(crate) metadata: AsJson<Map<String, Value>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) deleted_at: Option<DateTime<Utc>>,
    pub(crate) rules: Option<AsJson<Map<String, Value>>>,
    pub(crate) is_system: bool,
    pub(crate) smart_key: Option<String>,
}

impl Playlist {
    /// What decides who sees it.
    pub(crate) fn shown(&self) -> Shown {
        let is_out = self.status.0 == PlaylistStatus::Active;
        Shown { owner: self.user_id, visibility: self.visibility.0, is_out }
    }
}

impl From<Playlist> for PlaylistResponse {
    fn from(playlist: Playlist) -> Self {
        Self {
            id: playlist.id,
            user_id: playlist.user_id,
            name: playlist.name,
            description: playlist.description,
            visibility: playlist.visibility.0,
            artwork_file_id: playlist.artwork_file_id,
            category: playlist.category.0,
            icon: playlist.icon,
            color: playlist.color,
            playlist_type: playlist.playlist_type.0,
            rules: playlist.rules.map(|rules| rules.0),
            mood: playlist.mood,
            genre: playlist.genre,
            language: playlist.language,
            tags: playlist.tags,
            status: playlist.status.0,
            track_count: playlist.track_count,
            total_duration: playlist.total_duration,
            play_count: playlist.play_count,
            like_count: playlist.like_count,
            follower_count: playlist.follower_count,
            is_system: playlist.is_system,
            smart_key: playlist.smart_key,
            metadata: playlist.metadata.0,
            created_at: playlist.created_at,
            updated_at: playlist.updated_at,
        }
    }
}

impl Playlist {
    /// The playlist with its picture, as one that uses files.
    pub(crate) fn picture(&self) -> (FileOwner, Uuid, Option<Uuid>) {
        (FileOwner::Playlist, self.id, self.artwork_file_id)
    }
}

/// What a patch changes; `None` leaves a column as it is.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = mus_playlists)]
pub(crate) struct PlaylistChanges {
    name: Option<String>,
    description: Option<Option<String>>,
    visibility: Option<AsText<Visibility>>,
    artwork_file_id: Option<Option<Uuid>>,
    category: Option<AsText<PlaylistCategory>>,
    icon: Option<Option<String>>,
    color: Option<Option<String>>,
    playlist_type: Option<AsText<PlaylistType>>,
    mood: Option<Option<String>>,
    genre: Option<Option<String>>,
    language: Option<Option<String>>,
    tags: Option<Vec<String>>,
    metadata: Option<AsJson<Map<String, Value>>>,
    rules: Option<Option<AsJson<Map<String, Value>>>>,
    pub(crate) status: Option<AsText<PlaylistStatus>>,
    is_system: Option<bool>,
    smart_key: Option<Option<String>>,
    updated_at: DateTime<Utc>,
}

impl PlaylistChanges {
    pub(crate) fn from_request(request: UpdatePlaylistRequest, now: DateTime<Utc>) -> Self {
        Self {
            name: request.name,
            description: request.description,
            visibility: request.visibility.map(AsText),
            artwork_file_id: request.artwork_file_id,
            category: request.category.map(AsText),
            icon: request.icon,
            color: request.color,
            playlist_type: request.playlist_type.map(AsText),
            mood: request.mood,
            genre: request.genre,
            language: request.language,
            tags: request.tags,
            metadata: request.metadata.map(AsJson),
            rules: request.rules.map(|rules| rules.map(AsJson)),
            status: request.status.map(AsText),
            is_system: request.is_system,
            smart_key: request.smart_key,
            updated_at: now,
        }
    }
}

impl PlaylistChanges {
    /// Whether it will come with the service, and the name by which apps will find it.
    pub(crate) fn system_of<'a>(&'a self, before: &'a Playlist) -> (bool, Option<&'a str>) {
        let key = self.smart_key.as_ref().unwrap_or(&before.smart_key);
        (self.is_system.unwrap_or(before.is_system), key.as_deref())
    }

    /// The type and the rules that a playlist will have.
    pub(crate) fn rules_of<'a>(
        &'a self,
        before: &'a Playlist,
    ) -> (PlaylistType, Option<&'a Map<String, Value>>) {
        let rules = self.rules.as_ref().unwrap_or(&before.rules);
        (self.playlist_type.unwrap_or(before.playlist_type).0, rules.as_ref().map(|rules| &rules.0))
    }
}

/// Which playlists a list holds.
#[derive(Debug)]
pub(crate) struct Filter {
    pub(crate) viewer: Viewer,
    pub(crate) scope: PlaylistScope,
    /// Each the beginning of a word of the name.
    pub(crate) words: Option<Vec<String>>,
    pub(crate) smart_key: Option<String>,
}

pub(crate) async fn insert(connection: &mut AsyncPgConnection, playlist: &Playlist) -> QueryResult<usize> {
    diesel::insert_into(mus_playlists::table).values(playlist).execute(connection).await
}

/// A live playlist, by primary key.
pub(crate) async fn find(mut connection: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<Playlist>> {
    let playlist = live().filter(mus_playlists::id.eq(id)).select(Playlist::as_select());
    playlist.first(&mut connection).await.optional()
}

/// A live playlist, held until the transaction ends.
pub(crate) async fn lock(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Playlist>> {
    let playlist = live().filter(mus_playlists::id.eq(id)).select(Playlist::as_select());
    playlist.for_no_key_update().first(connection).await.optional()
}

/// A playlist, deleted or not, held until the transaction ends.
pub(crate) async fn lock_any(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Playlist>> {
    let playlist = mus_playlists::table.find(id).select(Playlist::as_select());
    playlist.for_no_key_update().first(connection).await.optional()
}

/// Holds playlists until the transaction ends, in the order of their ids: before tracks and albums, as everybody does.
pub(crate) async fn hold(connection: &mut AsyncPgConnection, ids: &[Uuid]) -> QueryResult<Vec<Uuid>> {
    let playlists = mus_playlists::table.filter(mus_playlists::id.eq_any(ids)).order(mus_playlists::id);
    playlists.select(mus_playlists::id).for_no_key_update().load(connection).await
}

/// Changes a playlist that the caller holds.
pub(crate) async fn update(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    changes: &PlaylistChanges,
) -> QueryResult<Playlist> {
    let playlist = diesel::update(mus_playlists::table.find(id)).set(changes);
    playlist.returning(Playlist::as_returning()).get_result(connection).await
}

/// Marks a playlist that the caller holds as deleted.
pub(crate) async fn mark_deleted(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(mus_playlists::table.find(id))
        .set((
            mus_playlists::status.eq(AsText(PlaylistStatus::Deleted)),
            mus_playlists::deleted_at.eq(now),
            mus_playlists::updated_at.eq(now),
        ))
        .execute(connection)
        .await
}

/// Brings back a playlist that the caller holds.
pub(crate) async fn restore(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<Playlist> {
    diesel::update(mus_playlists::table.find(id))
        .set((
            mus_playlists::status.eq(AsText(PlaylistStatus::Active)),
            mus_playlists::deleted_at.eq(None::<DateTime<Utc>>),
            mus_playlists::updated_at.eq(now),
        ))
        .returning(Playlist::as_returning())
        .get_result(connection)
        .await
}

/// Moves the counts of likes and follows of a playlist that the caller holds, and gives both.
pub(crate) async fn move_counts(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    (likes, followers): (i64, i64),
) -> QueryResult<(i64, i64)> {
    diesel::update(mus_playlists::table.find(id))
        .set((
            mus_playlists::like_count.eq(mus_playlists::like_count + likes),
            mus_playlists::follower_count.eq(mus_playlists::follower_count + followers),
        ))
        .returning((mus_playlists::like_count, mus_playlists::follower_count))
        .get_result(connection)
        .await
}

/// Live playlists before the one named `after`, the newest first; served by `mus_playlists_of_user`, `_public`, `_featured`,
/// `_one_smart_key` and `_by_words`, or by the viewer's likes and follows.
pub(crate) async fn list(
    mut connection: &AsyncPgConnection,
    filter: &Filter,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<Playlist>> {
    use mus_playlist_collaborators as collaborators;
    let worked_on = collaborators::table
        .filter(collaborators::user_id.eq(filter.viewer.id))
        .filter(collaborators::playlist_id.eq(mus_playlists::id));
    let is_visible = VisibleTo::playlist(filter.viewer).or(dsl::exists(worked_on));
    // Boxed: each scope has an index and so a plan of its own.
    let mut playlists = mus_playlists::table
        .filter(mus_playlists::id.lt(after.unwrap_or(Uuid::max())))
        .order(mus_playlists::id.desc())
        .limit(limit)
        .select(Playlist::as_select())
        .into_boxed();
    let is_active = mus_playlists::status.eq(AsText(PlaylistStatus::Active));
    // In words, not as parameters: a plan that is made for all parameters could not use the partial indexes.
    let is_listed =
        dsl::sql::<Bool>("mus_playlists.visibility = 'public' AND mus_playlists.status = 'active'");
    let is_featured = dsl::sql::<Bool>("mus_playlists.category = 'featured'");
    let liked = mus_playlist_likes::table
        .filter(mus_playlist_likes::user_id.eq(filter.viewer.id))
        .select(mus_playlist_likes::playlist_id);
    let followed = mus_playlist_followers::table
        .filter(mus_playlist_followers::user_id.eq(filter.viewer.id))
        .select(mus_playlist_followers::playlist_id);
    playlists = match filter.scope {
        PlaylistScope::Mine => playlists
            .filter(mus_playlists::user_id.eq(filter.viewer.id))
            .filter(mus_playlists::deleted_at.is_null()),
        PlaylistScope::Liked => {
            playlists.filter(mus_playlists::id.eq_any(liked)).filter(is_visible).filter(is_active)
        }
        PlaylistScope::Followed => {
            playlists.filter(mus_playlists::id.eq_any(followed)).filter(is_visible).filter(is_active)
        }
        PlaylistScope::Featured => playlists.filter(is_listed).filter(is_featured),
        PlaylistScope::Public => playlists.filter(is_listed),
    };
    if let Some(key) = &filter.smart_key {
        playlists = playlists.filter(mus_playlists::smart_key.eq(key));
    }
    if let Some(words) = &filter.words {
        playlists = playlists.filter(has_words("mus_playlists.name", words));
    }
    playlists.load(&mut connection).await
}

#[dsl::auto_type(no_type_alias)]
fn live() -> _ {
    mus_playlists::table.filter(mus_playlists::deleted_at.is_null())
}
