//! What is looked for.

use contracts::CatalogSort;
use contracts::music::CatalogQuery;
use contracts::problem::ErrorCode;
use http_kit::{ApiError, cursor};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::playlists::search_words;

/// Where a page ends: the order, and the last row's place in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Place {
    Newest(Uuid),
    Title(String, Uuid),
}

/// What is looked for, and after which place.
#[derive(Debug)]
pub(super) struct Search {
    /// Each the beginning of a word of the title.
    pub(super) words: Option<Vec<String>>,
    pub(super) genre: Option<String>,
    pub(super) language: Option<String>,
    pub(super) mood: Option<String>,
    pub(super) sort: CatalogSort,
    pub(super) after: Option<Place>,
}

impl Search {
    /// Reads a query; `None` when its words are no words, which nothing has.
    pub(super) fn new(query: CatalogQuery) -> Result<Option<Self>, ApiError> {
        let words = match query.q.as_deref().map(search_words) {
            Some(None) => return Ok(None),
            words => words.flatten(),
        };
        let sort = query.sort.unwrap_or(CatalogSort::Newest);
        let after: Option<Place> = cursor::decode(query.cursor.as_deref())?;
        let fits = match &after {
            None => true,
            Some(Place::Newest(_)) => sort == CatalogSort::Newest,
            Some(Place::Title(..)) => sort == CatalogSort::Title,
        };
        if !fits {
            return Err(ApiError::new(ErrorCode::Unreadable, "The cursor is of a list in another order."));
        }
        let CatalogQuery { genre, language, mood, .. } = query;
        Ok(Some(Self { words, genre, language, mood, sort, after }))
    }

    /// The place of a row.
    pub(super) fn place_of(&self, id: Uuid, title: &str) -> Place {
        match self.sort {
            CatalogSort::Newest => Place::Newest(id),
            CatalogSort::Title => Place::Title(title.to_owned(), id),
        }
    }
}
