//! Cursors of keyset pages: the last row's sort key, opaque to callers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeZone, Utc};
use contracts::Page;
use contracts::problem::ErrorCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::ApiError;

/// Reads the cursor of a query.
///
/// # Errors
/// 400 when it is none of this list's.
pub fn decode<K: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<K>, ApiError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let key = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    key.map(Some).ok_or_else(|| ApiError::new(ErrorCode::Unreadable, "The cursor is none of this list's."))
}

/// Writes a sort key as a cursor.
///
/// # Errors
/// 500 when the key cannot be written as JSON.
pub fn encode<K: Serialize>(key: &K) -> Result<String, ApiError> {
    serde_json::to_vec(key).map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).map_err(ApiError::internal)
}

/// Makes a page out of `limit + 1` rows: the one too many only says that there is another page.
///
/// # Errors
/// 500 when a key cannot be written as JSON.
pub fn page<T, K: Serialize>(
    mut items: Vec<T>,
    limit: i64,
    key: impl FnOnce(&T) -> K,
) -> Result<Page<T>, ApiError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = match items.last() {
        Some(last) if has_more => Some(encode(&key(last))?),
        _ => None,
    };
    Ok(Page { items, next_cursor })
}

/// A key that comes before every row of a list that is sorted by time and id, the latest first.
#[must_use]
pub fn end_of_time() -> (DateTime<Utc>, Uuid) {
    const YEAR_9999: i64 = 253_370_764_800;
    (Utc.timestamp_opt(YEAR_9999, 0).single().unwrap_or(DateTime::UNIX_EPOCH), Uuid::max())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_whether_there_is_another() {
        let first = page(vec![1, 2, 3], 2, |n| *n).expect("it is a page");
        assert_eq!(first.items, [1, 2]);
        assert_eq!(decode::<i32>(first.next_cursor.as_deref()).ok(), Some(Some(2)));
        assert_eq!(page(vec![1, 2], 2, |n| *n).expect("it is a page").next_cursor, None);
    }

    #[test]
    fn a_foreign_cursor_is_refused() {
        for cursor in ["%%%", "e30", ""] {
            assert!(decode::<i32>(Some(cursor)).is_err(), "{cursor}");
        }
    }
}
