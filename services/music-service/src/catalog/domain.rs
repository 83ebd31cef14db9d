//! What is looked for.

use chrono::NaiveDate;
use contracts::music::{CatalogQuery, ListAlbumsQuery, ListTracksQuery};
use contracts::problem::ErrorCode;
use contracts::{CatalogSort, Visibility};
use http_kit::{ApiError, cursor};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::playlists::search_words;

/// Where a page ends: the order, and the last row's place in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    Newest(Uuid),
    Title(String, Uuid),
}

/// What is looked for, and after which place.
#[derive(Debug, Default)]
pub(crate) struct Search {
    /// Whose; everybody's that is public when absent.
    pub(super) owner: Option<Uuid>,
    /// Each the beginning of a word of the title.
    pub(super) words: Option<Vec<String>>,
    /// The whole title.
    pub(super) title: Option<String>,
    pub(super) genre: Option<String>,
    pub(super) language: Option<String>,
    pub(super) mood: Option<String>,
    pub(super) visibility: Option<Visibility>,
    pub(super) album_id: Option<Uuid>,
    pub(super) file_id: Option<Uuid>,
    pub(super) variant_group_id: Option<Uuid>,
    pub(super) play_on_date: Option<NaiveDate>,
    pub(super) chapter_id: Option<Uuid>,
    sort: Option<CatalogSort>,
    pub(super) after: Option<Place>,
}

impl Search {
    /// Reads a query of the public catalogue; `None` when its words are no words, which nothing has.
    pub(crate) fn public(query: CatalogQuery) -> Result<Option<Self>, ApiError> {
        let CatalogQuery { q, genre, language, mood, sort, cursor, .. } = query;
        let search = Self { genre, language, mood, sort, ..Self::default() };
        search.after(q.as_deref(), cursor.as_deref())
    }

    /// The same of a person's own tracks.
    pub(crate) fn own_tracks(owner: Uuid, query: ListTracksQuery) -> Result<Option<Self>, ApiError> {
        let search = Self {
            owner: Some(owner),
            album_id: query.album_id,
            file_id: query.file_id,
            variant_group_id: query.variant_group_id,
            play_on_date: query.play_on_date,
            genre: query.genre,
            language: query.language,
            mood: query.mood,
            visibility: query.visibility,
            sort: query.sort,
            ..Self::default()
        };
        search.after(query.q.as_deref(), query.cursor.as_deref())
    }

    /// The same of a person's own albums.
    pub(crate) fn own_albums(owner: Uuid, query: ListAlbumsQuery) -> Result<Option<Self>, ApiError> {
        let search = Self {
            owner: Some(owner),
            title: query.title,
            chapter_id: query.chapter_id,
            genre: query.genre,
            language: query.language,
            mood: query.mood,
            visibility: query.visibility,
            sort: query.sort,
            ..Self::default()
        };
        search.after(query.q.as_deref(), query.cursor.as_deref())
    }

    fn after(self, q: Option<&str>, cursor: Option<&str>) -> Result<Option<Self>, ApiError> {
        let words = match q.map(search_words) {
            Some(None) => return Ok(None),
            words => words.flatten(),
        };
        let after: Option<Place> = cursor::decode(cursor)?;
        let fits = match &after {
            None => true,
            Some(Place::Newest(_)) => self.sort() == CatalogSort::Newest,
            Some(Place::Title(..)) => self.sort() == CatalogSort::Title,
        };
        if !fits {
            return Err(ApiError::new(ErrorCode::Unreadable, "The cursor is of a list in another order."));
        }
        Ok(Some(Self { words, after, ..self }))
    }

    pub(super) fn sort(&self) -> CatalogSort {
        self.sort.unwrap_or(CatalogSort::Newest)
    }

    /// The place of a row.
    pub(crate) fn place_of(&self, id: Uuid, title: &str) -> Place {
        match self.sort() {
            CatalogSort::Newest => Place::Newest(id),
            CatalogSort::Title => Place::Title(title.to_owned(), id),
        }
    }
}
