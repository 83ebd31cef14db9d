//! Playlists in the formats of other players.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::PlaylistResponse;
use crate::rules::printable;
use crate::{ExchangeFormat, ImportOutcome};

/// In which format.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// `m3u8`, `jspf` or `xspf`.
    #[garde(skip)]
    #[param(inline)]
    pub format: ExchangeFormat,
}

/// Makes a playlist of a file of another player.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImportPlaylistRequest {
    /// The playlist's name; the file's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 255), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    /// Which format it is.
    #[garde(skip)]
    pub format: ExchangeFormat,
    /// The file's text; at most 512 KiB and 1,000 entries.
    #[garde(length(bytes, min = 1, max = 524_288))]
    #[schema(min_length = 1, max_length = 524_288)]
    pub content: String,
}

/// The playlist that was made, and what became of each entry of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportPlaylistResponse {
    /// The playlist.
    pub playlist: PlaylistResponse,
    /// In the order of the file.
    pub entries: Vec<ImportedEntry>,
}

/// What became of one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportedEntry {
    /// Which entry of the file, from 1.
    pub entry: i32,
    /// What it says it is.
    pub title: String,
    /// What became of it.
    pub outcome: ImportOutcome,
    /// The track that it was found to be.
    #[schema(required)]
    pub track_id: Option<Uuid>,
}
