//! The order of a list of favourites, as its cursor tells it.

use chrono::{DateTime, Utc};
use contracts::FavoriteSort;
use contracts::problem::ErrorCode;
use http_kit::{ApiError, cursor};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where a page ends: the sort, the last row's value in it, and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    sort: FavoriteSort,
    value: i64,
    id: Uuid,
}

/// Which rows of a person's favourites are wanted.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) sort: FavoriteSort,
    pub(crate) rating: Option<i16>,
    pub(crate) tag: Option<String>,
    after: Option<Place>,
}

/// The values by which a row can be sorted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sortable {
    pub(crate) added_at: DateTime<Utc>,
    pub(crate) rating: Option<i16>,
    pub(crate) play_count: i64,
    pub(crate) last_played_at: Option<DateTime<Utc>>,
}

impl Wanted {
    /// Reads a query; the cursor must be of a list in the same order.
    pub(crate) fn new(
        sort: Option<FavoriteSort>,
        rating: Option<i16>,
        tag: Option<String>,
        cursor: Option<&str>,
    ) -> Result<Self, ApiError> {
        let sort = sort.unwrap_or(FavoriteSort::Added);
        let after: Option<Place> = cursor::decode(cursor)?;
        if after.is_some_and(|place| place.sort != sort) {
            return Err(ApiError::new(ErrorCode::Unreadable, "The cursor is of a list in another order."));
        }
        Ok(Self { sort, rating, tag, after })
    }

    /// The value and the id that rows must come after.
    pub(crate) fn after(&self) -> (i64, Uuid) {
        self.after.map_or((i64::MAX, Uuid::max()), |place| (place.value, place.id))
    }

    /// The place of a row in the wanted order.
    pub(crate) fn place_of(&self, id: Uuid, row: Sortable) -> Place {
        let micros = |instant: DateTime<Utc>| instant.timestamp_micros();
        let value = match self.sort {
            FavoriteSort::Added => micros(row.added_at),
            FavoriteSort::Rating => row.rating.map_or(0, i64::from),
            FavoriteSort::Plays => row.play_count,
            FavoriteSort::LastPlayed => row.last_played_at.map_or(0, micros),
        };
        Place { sort: self.sort, value, id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_order() {
        let row =
            Sortable { added_at: DateTime::UNIX_EPOCH, rating: Some(4), play_count: 7, last_played_at: None };
        let by = |sort, cursor: Option<&str>| Wanted::new(Some(sort), None, None, cursor);
        let rating = by(FavoriteSort::Rating, None).expect("there is no cursor");
        let cursor = cursor::encode(&rating.place_of(Uuid::nil(), row)).expect("it is JSON");
        let next = by(FavoriteSort::Rating, Some(&cursor)).expect("it is this order's");
        assert_eq!(next.after(), (4, Uuid::nil()));
        assert!(by(FavoriteSort::Plays, Some(&cursor)).is_err());
    }
}
