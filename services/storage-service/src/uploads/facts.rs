//! What an upload says of its file, however it comes.

use contracts::{FileCategory, TextEnum};
use http_kit::ApiError;
use serde::Serialize;

const NAME_CHARS: usize = 255;
const TAGS: usize = 50;
const TAG_CHARS: usize = 50;

/// What is said of a file beside its bytes.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Facts {
    pub(super) category: FileCategory,
    pub(super) is_public: bool,
    pub(super) tags: Vec<String>,
    pub(super) name: String,
}

pub(super) fn category(text: &str) -> Result<FileCategory, ApiError> {
    FileCategory::from_word(text.trim()).ok_or_else(|| {
        let words: Vec<_> = FileCategory::ALL.iter().map(|category| category.as_str()).collect();
        ApiError::invalid("/category", format!("not one of {}", words.join(", ")))
    })
}

pub(super) fn switch(text: &str) -> Result<bool, ApiError> {
    text.trim().parse().map_err(|_| ApiError::invalid("/isPublic", "it is true or false"))
}

pub(super) fn tags(text: &str) -> Result<Vec<String>, ApiError> {
    let tags: Vec<String> =
        text.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect();
    let is_fit = |tag: &String| tag.chars().count() <= TAG_CHARS && !tag.chars().any(char::is_control);
    if tags.len() <= TAGS && tags.iter().all(is_fit) {
        return Ok(tags);
    }
    Err(ApiError::invalid("/tags", format!("at most {TAGS} tags of at most {TAG_CHARS} characters")))
}

/// The last part of a name, fit to be shown and to be sent in a header.
pub(super) fn clean_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let printable: String = last.chars().filter(|c| !c.is_control()).collect();
    let name: String = printable.trim().chars().take(NAME_CHARS).collect();
    if matches!(name.as_str(), "" | "." | "..") { "unnamed".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_folders_and_no_control_characters() {
        for (given, name) in [
            ("song.mp3", "song.mp3"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Music\\song.mp3", "song.mp3"),
            ("a\r\nSet-Cookie: b", "aSet-Cookie: b"),
            ("..", "unnamed"),
            ("music/", "unnamed"),
            ("Überraschung 🎵.flac", "Überraschung 🎵.flac"),
        ] {
            assert_eq!(clean_name(given), name);
        }
        assert_eq!(clean_name(&"ä".repeat(300)).chars().count(), NAME_CHARS);
    }

    #[test]
    fn tags_are_separated_by_commas() {
        assert_eq!(tags(" a, b ,,c").ok(), Some(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]));
        assert!(tags(&"x,".repeat(51)).is_err());
        assert!(tags(&"x".repeat(51)).is_err());
    }
}
