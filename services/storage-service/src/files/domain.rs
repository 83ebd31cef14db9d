//! What is looked for among one's files.

use chrono::{DateTime, Utc};
use contracts::storage::ListFilesQuery;
use contracts::{FileCategory, FileStatus};

/// Which files a list holds.
#[derive(Debug, Clone)]
pub(super) struct Search {
    pub(super) status: Option<FileStatus>,
    pub(super) category: Option<FileCategory>,
    pub(super) checksum: Option<String>,
    /// Patterns that the name fits, one for each word.
    pub(super) names: Vec<String>,
    pub(super) tag: Option<String>,
    /// A pattern that the media type fits.
    pub(super) content_type: Option<String>,
    /// Bytes, from and to.
    pub(super) sizes: (i64, i64),
    /// Times of the upload, from and before.
    pub(super) times: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
}

impl From<ListFilesQuery> for Search {
    fn from(query: ListFilesQuery) -> Self {
        let words = query.q.unwrap_or_default();
        Self {
            status: query.status,
            category: query.category,
            checksum: query.checksum.map(|checksum| checksum.to_ascii_lowercase()),
            names: words.split_whitespace().map(|word| format!("%{}%", literal(word))).collect(),
            tag: query.tag,
            content_type: query.content_type.map(|kind| media_type(&kind)),
            sizes: (query.min_size.unwrap_or(0), query.max_size.unwrap_or(i64::MAX)),
            times: (query.uploaded_from, query.uploaded_to),
        }
    }
}

fn media_type(kind: &str) -> String {
    match kind.strip_suffix("/*") {
        Some(family) => format!("{}/%", literal(&family.to_ascii_lowercase())),
        None => literal(&kind.to_ascii_lowercase()),
    }
}

/// Text that stands for itself in a pattern.
fn literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_stands_for_itself() {
        let query = ListFilesQuery { q: Some(" 100%  a_b\\ ".to_owned()), ..ListFilesQuery::default() };
        assert_eq!(Search::from(query).names, ["%100\\%%", "%a\\_b\\\\%"]);
        assert_eq!(media_type("Image/*"), "image/%");
        assert_eq!(media_type("%/*"), "\\%/%");
        assert_eq!(media_type("audio/flac"), "audio/flac");
    }
}
