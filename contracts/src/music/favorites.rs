//! Favourites: liked tracks and albums, each with what the person says of it.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{AlbumResponse, TrackResponse};
use crate::FavoriteSort;
use crate::patch::{clearable, settable};
use crate::problem::Problem;
use crate::rules::{no_repeats, printable};

/// Whether the caller likes a thing, and how many people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LikeResponse {
    /// Whether the caller likes it now.
    pub liked: bool,
    /// People who like it now.
    pub like_count: i64,
}

/// A liked track.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FavoriteTrackResponse {
    /// The track's id.
    pub track_id: Uuid,
    /// Since when it is liked.
    pub added_at: DateTime<Utc>,
    /// The person's plays of it, those before the like included.
    pub play_count: i64,
    /// The latest of them.
    #[schema(required)]
    pub last_played_at: Option<DateTime<Utc>>,
    /// 1 to 5.
    #[schema(required)]
    pub rating: Option<i16>,
    /// The person's notes.
    #[schema(required)]
    pub notes: Option<String>,
    /// The person's own tags.
    pub tags: Vec<String>,
    /// When the person last changed it.
    pub updated_at: DateTime<Utc>,
}

/// A liked track in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LikedTrackResponse {
    /// What the person says of it.
    #[serde(flatten)]
    pub favorite: FavoriteTrackResponse,
    /// The track.
    pub track: TrackResponse,
}

/// Changes what a person says of a liked track (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateFavoriteTrackRequest {
    /// 1 to 5; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(range(min = 1, max = 5))))]
    #[schema(minimum = 1, maximum = 5)]
    pub rating: Option<Option<i16>>,
    /// Notes; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, max = 4000), custom(printable))))]
    #[schema(max_length = 4000)]
    pub notes: Option<Option<String>>,
    /// The person's own tags, no repeats.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(
        length(max = 50),
        inner(custom(no_repeats), inner(length(chars, min = 1, max = 50), custom(printable)))
    )]
    #[schema(max_items = 50, nullable = false)]
    pub tags: Option<Vec<String>>,
}

/// Rates a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateRequest {
    /// 1 to 5; `null` clears.
    #[serde(deserialize_with = "Option::deserialize")]
    #[garde(range(min = 1, max = 5))]
    #[schema(required, minimum = 1, maximum = 5)]
    pub rating: Option<i16>,
}

/// Sets the notes on a liked track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotesRequest {
    /// Notes; `null` clears.
    #[serde(deserialize_with = "Option::deserialize")]
    #[garde(length(chars, max = 4000), inner(custom(printable)))]
    #[schema(required, max_length = 4000)]
    pub notes: Option<String>,
}

/// Sets the tags of a liked track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TagsRequest {
    /// The person's own tags, no repeats.
    #[garde(
        length(max = 50),
        custom(no_repeats),
        inner(length(chars, min = 1, max = 50), custom(printable))
    )]
    #[schema(max_items = 50)]
    pub tags: Vec<String>,
}

/// A liked album.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FavoriteAlbumResponse {
    /// The album's id.
    pub album_id: Uuid,
    /// Since when it is liked.
    pub added_at: DateTime<Utc>,
    /// The person's plays of its tracks, those before the like included.
    pub play_count: i64,
    /// The latest of them.
    #[schema(required)]
    pub last_played_at: Option<DateTime<Utc>>,
    /// 1 to 5.
    #[schema(required)]
    pub rating: Option<i16>,
    /// The best of its tracks, in the person's order.
    pub favorite_track_ids: Vec<Uuid>,
    /// Share of its tracks that the person has heard to at least half, 0 to 1.
    pub completion_rate: f64,
    /// When the person last changed it.
    pub updated_at: DateTime<Utc>,
}

/// A liked album in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LikedAlbumResponse {
    /// What the person says of it.
    #[serde(flatten)]
    pub favorite: FavoriteAlbumResponse,
    /// The album.
    pub album: AlbumResponse,
}

/// Changes what a person says of a liked album (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateFavoriteAlbumRequest {
    /// 1 to 5; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(range(min = 1, max = 5))))]
    #[schema(minimum = 1, maximum = 5)]
    pub rating: Option<Option<i16>>,
    /// Tracks of the album, no repeats, in the person's order.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(max = 200), inner(custom(no_repeats)))]
    #[schema(max_items = 200, nullable = false)]
    pub favorite_track_ids: Option<Vec<Uuid>>,
}

/// Which liked tracks are wanted, in which order.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LikedTracksQuery {
    /// The first has the most of it; `added` when absent.
    #[garde(skip)]
    #[param(inline)]
    pub sort: Option<FavoriteSort>,
    /// Only with this tag of the person's.
    #[garde(length(chars, min = 1, max = 50))]
    pub tag: Option<String>,
    /// Only with this rating.
    #[garde(range(min = 1, max = 5))]
    #[param(minimum = 1, maximum = 5)]
    pub rating: Option<i16>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before, of the same order.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
}

/// Which liked albums or followed creators are wanted, in which order.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FavoritesQuery {
    /// The first has the most of it; `added` when absent.
    #[garde(skip)]
    #[param(inline)]
    pub sort: Option<FavoriteSort>,
    /// Only with this rating.
    #[garde(range(min = 1, max = 5))]
    #[param(minimum = 1, maximum = 5)]
    pub rating: Option<i16>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before, of the same order.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
}

/// Likes and unlikes many tracks at once.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FavoritesBatchRequest {
    /// Tracks to like.
    #[serde(default)]
    #[garde(custom(no_repeats))]
    #[schema(max_items = 50)]
    pub add: Vec<Uuid>,
    /// Tracks to unlike. At most 50 with those to like, and none of them.
    #[serde(default)]
    #[garde(custom(fits_with(&self.add)))]
    #[schema(max_items = 50)]
    pub remove: Vec<Uuid>,
}

fn fits_with(add: &[Uuid]) -> impl FnOnce(&Vec<Uuid>, &()) -> garde::Result + '_ {
    move |remove, context| {
        no_repeats(remove, context)?;
        match add.len() + remove.len() {
            0 => Err(garde::Error::new("nothing to add and nothing to remove")),
            51.. => Err(garde::Error::new("more than 50 tracks")),
            _ if remove.iter().any(|id| add.contains(id)) => {
                Err(garde::Error::new("a track cannot be added and removed at once"))
            }
            _ => Ok(()),
        }
    }
}

/// What became of each track, those to like first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FavoritesBatchResponse {
    /// In the order of the request.
    pub items: Vec<FavoriteVerdict>,
}

/// What became of one track.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FavoriteVerdict {
    /// The track's id.
    pub track_id: Uuid,
    /// The state now, unless it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<LikeResponse>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// A track as a person sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackDetailResponse {
    /// The track.
    #[serde(flatten)]
    pub track: TrackResponse,
    /// Mean of all ratings; `null` when nobody rated it.
    #[schema(required)]
    pub average_rating: Option<f64>,
    /// Whether the caller likes it.
    pub is_favorite: bool,
    /// The caller's rating.
    #[schema(required)]
    pub my_rating: Option<i16>,
}
