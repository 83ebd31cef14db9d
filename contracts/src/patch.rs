//! Partial updates are JSON merge patches (RFC 7396): a field that is absent leaves things as they are, `null`
//! clears, a value sets. Such a field is an `Option<Option<T>>`, absent being `None`.

use serde::{Deserialize, Deserializer};

/// Deserialises a clearable field: `null` becomes `Some(None)`. Use with `#[serde(default, deserialize_with)]`.
///
/// # Errors
/// When the value is neither `null` nor a `T`.
pub fn clearable<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// Deserialises a field that can be set but not cleared: `null` is refused. Use with
/// `#[serde(default, deserialize_with)]`.
///
/// # Errors
/// When the value is not a `T`.
pub fn settable<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
