//! Rows of lyrics.

use chrono::{DateTime, Utc};
use contracts::Visibility;
use contracts::music::{LyricsResponse, SyncedLine};
use database::{AsJson, AsText};
use diesel::dsl;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::schema::mus_lyrics;
use crate::visibility::Shown;

/// A row of `mus_lyrics`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mus_lyrics, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Lyrics {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    entry_id: Option<Uuid>,
    pub(super) title: String,
    content: String,
    pub(super) synced_lines: AsJson<Vec<SyncedLine>>,
    language: Option<String>,
    themes: Vec<String>,
    style: Option<String>,
    mood: Option<String>,
    visibility: AsText<Visibility>,
    metadata: AsJson<Map<String, Value>>,
    created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

impl Lyrics {
    /// What decides who sees them.
    pub(super) fn shown(&self) -> Shown {
        Shown { owner: self.user_id, visibility: self.visibility.0, is_out: true }
    }

    /// Whether its words have times.
    pub(super) fn is_synced(&self) -> bool {
        !self.synced_lines.0.is_empty()
    }
}

impl From<Lyrics> for LyricsResponse {
    fn from(lyrics: Lyrics) -> Self {
        Self {
            id: lyrics.id,
            user_id: lyrics.user_id,
            entry_id: lyrics.entry_id,
            title: lyrics.title,
            content: lyrics.content,
            synced_lines: lyrics.synced_lines.0,
            language: lyrics.language,
            themes: lyrics.themes,
            style: lyrics.style,
            mood: lyrics.mood,
            visibility: lyrics.visibility.0,
            metadata: lyrics.metadata.0,
            created_at: lyrics.created_at,
            updated_at: lyrics.updated_at,
        }
    }
}

/// Lyrics to be stored.
#[derive(Debug, Insertable)]
#[diesel(table_name = mus_lyrics)]
pub(super) struct NewLyrics {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) entry_id: Option<Uuid>,
    pub(super) title: String,
    pub(super) content: String,
    pub(super) synced_lines: AsJson<Vec<SyncedLine>>,
    pub(super) language: Option<String>,
    pub(super) themes: Vec<String>,
    pub(super) style: Option<String>,
    pub(super) mood: Option<String>,
    pub(super) visibility: AsText<Visibility>,
    pub(super) metadata: AsJson<Map<String, Value>>,
}

/// What a patch changes; `None` leaves a column as it is.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = mus_lyrics)]
pub(super) struct LyricsChanges {
    pub(super) title: Option<String>,
    pub(super) content: Option<String>,
    pub(super) synced_lines: Option<AsJson<Vec<SyncedLine>>>,
    pub(super) entry_id: Option<Option<Uuid>>,
    pub(super) language: Option<Option<String>>,
    pub(super) themes: Option<Vec<String>>,
    pub(super) style: Option<Option<String>>,
    pub(super) mood: Option<Option<String>>,
    pub(super) visibility: Option<AsText<Visibility>>,
    pub(super) metadata: Option<AsJson<Map<String, Value>>>,
}

/// Stores lyrics.
pub(super) async fn insert(connection: &mut AsyncPgConnection, lyrics: &NewLyrics) -> QueryResult<Lyrics> {
    diesel::insert_into(mus_lyrics::table)
        .values((lyrics, mus_lyrics::created_at.eq(dsl::now), mus_lyrics::updated_at.eq(dsl::now)))
        .returning(Lyrics::as_returning())
        .get_result(connection)
        .await
}

/// Live lyrics, by primary key.
pub(super) async fn find(mut connection: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<Lyrics>> {
    live().filter(mus_lyrics::id.eq(id)).select(Lyrics::as_select()).first(&mut connection).await.optional()
}

/// Live lyrics, held until the transaction ends.
pub(super) async fn lock(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Lyrics>> {
    let lyrics = live().filter(mus_lyrics::id.eq(id)).select(Lyrics::as_select());
    lyrics.for_no_key_update().first(connection).await.optional()
}

/// Live lyrics, which nobody changes until the transaction ends.
pub(super) async fn lock_shared(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Lyrics>> {
    let lyrics = live().filter(mus_lyrics::id.eq(id)).select(Lyrics::as_select());
    lyrics.for_share().first(connection).await.optional()
}

/// A person's live lyrics before the ones named `after`, the newest first, of one journal entry where it is named; served by
/// `mus_lyrics_of_user` and `mus_lyrics_of_entry`.
pub(super) async fn list_of_user(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    entry_id: Option<Uuid>,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<Lyrics>> {
    // Boxed: the filter has an index and so a plan of its own.
    let mut lyrics = live()
        .filter(mus_lyrics::user_id.eq(user_id))
        .filter(mus_lyrics::id.lt(after.unwrap_or(Uuid::max())))
        .order(mus_lyrics::id.desc())
        .limit(limit)
        .select(Lyrics::as_select())
        .into_boxed();
    if let Some(entry_id) = entry_id {
        lyrics = lyrics.filter(mus_lyrics::entry_id.eq(entry_id));
    }
    lyrics.load(&mut connection).await
}

/// Changes lyrics that the caller holds.
pub(super) async fn update(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    changes: &LyricsChanges,
) -> QueryResult<Lyrics> {
    diesel::update(mus_lyrics::table.find(id))
        .set((changes, mus_lyrics::updated_at.eq(dsl::now)))
        .returning(Lyrics::as_returning())
        .get_result(connection)
        .await
}

/// Marks lyrics that the caller holds as deleted.
pub(super) async fn delete(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<usize> {
    diesel::update(mus_lyrics::table.find(id))
        .set((mus_lyrics::deleted_at.eq(dsl::now), mus_lyrics::updated_at.eq(dsl::now)))
        .execute(connection)
        .await
}

#[dsl::auto_type(no_type_alias)]
fn live() -> _ {
    mus_lyrics::table.filter(mus_lyrics::deleted_at.is_null())
}
