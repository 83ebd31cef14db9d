//! The public catalogue.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::CatalogSort;

/// Which tracks or albums are wanted, in which order.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CatalogQuery {
    /// Only with these words, or beginnings of words, in the title; letter case and accents do not matter.
    #[garde(length(chars, min = 1, max = 100))]
    pub q: Option<String>,
    /// Only with this genre; letter case does not matter here and below.
    #[garde(length(chars, min = 1, max = 50))]
    pub genre: Option<String>,
    /// Only with this BCP 47 tag.
    #[garde(length(chars, min = 1, max = 35))]
    pub language: Option<String>,
    /// Only with this mood.
    #[garde(length(chars, min = 1, max = 50))]
    pub mood: Option<String>,
    /// `newest` when absent.
    #[garde(skip)]
    #[param(inline)]
    pub sort: Option<CatalogSort>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before, of the same order.
    #[garde(length(bytes, max = 2048))]
    pub cursor: Option<String>,
}
