//! The form of an upload, `multipart/form-data`. Its fields come in any order; the file goes to the disk as it comes.

use actix_multipart::{Field, Multipart, MultipartError};
use bytes::BytesMut;
use contracts::problem::ErrorCode;
use contracts::{FileCategory, TextEnum};
use futures_util::StreamExt;
use http_kit::ApiError;

use crate::blob_store::{LocalBlobs, Received};

/// Of a field that is not the file.
const FIELD_BYTES: usize = 8 * 1024;
const NAME_CHARS: usize = 255;
const TAGS: usize = 50;
const TAG_CHARS: usize = 50;

/// An upload that has come in whole.
pub(super) struct Form {
    pub(super) category: FileCategory,
    pub(super) is_public: bool,
    pub(super) tags: Vec<String>,
    pub(super) name: String,
    pub(super) received: Received,
}

#[derive(Default)]
struct Fields {
    category: Option<FileCategory>,
    is_public: Option<bool>,
    tags: Option<Vec<String>>,
    file: Option<(String, Received)>,
}

/// Reads a form to its end.
///
/// # Errors
/// 400 when it breaks off or is malformed, 413 when the file is larger than `max_bytes`, 422 with a pointer when a field
/// is unknown, missing, repeated or breaks a rule.
pub(super) async fn read(
    mut multipart: Multipart,
    blobs: &LocalBlobs,
    max_bytes: u64,
) -> Result<Form, ApiError> {
    let mut fields = Fields::default();
    while let Some(field) = multipart.next().await {
        let field = field.map_err(|error| refuse(&error))?;
        let name = field.name().unwrap_or_default().to_owned();
        let is_new = match name.as_str() {
            "category" => fields.category.replace(category(&text(field, &name).await?)?).is_none(),
            "isPublic" => fields.is_public.replace(switch(&text(field, &name).await?)?).is_none(),
            "tags" => fields.tags.replace(tags(&text(field, &name).await?)?).is_none(),
            "file" => fields.file.replace(file(field, blobs, max_bytes).await?).is_none(),
            _ => return Err(ApiError::invalid(pointer(&name), "there is no such field")),
        };
        if !is_new {
            return Err(ApiError::invalid(pointer(&name), "it comes twice"));
        }
    }
    let (name, received) = fields.file.ok_or_else(|| ApiError::invalid("/file", "there is no file"))?;
    Ok(Form {
        category: fields.category.unwrap_or(FileCategory::General),
        is_public: fields.is_public.unwrap_or(false),
        tags: fields.tags.unwrap_or_default(),
        name,
        received,
    })
}

async fn file(mut field: Field, blobs: &LocalBlobs, max_bytes: u64) -> Result<(String, Received), ApiError> {
    let given = field.content_disposition().and_then(|disposition| disposition.get_filename());
    let name = clean_name(given.unwrap_or_default());
    let mut incoming = blobs.receive().await.map_err(ApiError::unavailable)?;
    while let Some(chunk) = field.next().await {
        let chunk = chunk.map_err(|error| refuse(&error))?;
        incoming.write(&chunk).await.map_err(ApiError::unavailable)?;
        if incoming.length() > max_bytes {
            let detail = format!("A file may hold {max_bytes} bytes; this one has more than that.");
            return Err(ApiError::new(ErrorCode::TooLarge, detail));
        }
    }
    Ok((name, incoming.finish().await.map_err(ApiError::unavailable)?))
}

async fn text(mut field: Field, name: &str) -> Result<String, ApiError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = field.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| refuse(&error))?);
        if bytes.len() > FIELD_BYTES {
            return Err(ApiError::invalid(pointer(name), format!("longer than {FIELD_BYTES} bytes")));
        }
    }
    String::from_utf8(bytes.to_vec()).map_err(|_| ApiError::invalid(pointer(name), "it is not UTF-8"))
}

fn category(text: &str) -> Result<FileCategory, ApiError> {
    FileCategory::from_word(text.trim()).ok_or_else(|| {
        let words: Vec<_> = FileCategory::ALL.iter().map(|category| category.as_str()).collect();
        ApiError::invalid("/category", format!("not one of {}", words.join(", ")))
    })
}

fn switch(text: &str) -> Result<bool, ApiError> {
    text.trim().parse().map_err(|_| ApiError::invalid("/isPublic", "it is true or false"))
}

fn tags(text: &str) -> Result<Vec<String>, ApiError> {
    let tags: Vec<String> =
        text.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect();
    let is_fit = |tag: &String| tag.chars().count() <= TAG_CHARS && !tag.chars().any(char::is_control);
    if tags.len() <= TAGS && tags.iter().all(is_fit) {
        return Ok(tags);
    }
    Err(ApiError::invalid("/tags", format!("at most {TAGS} tags of at most {TAG_CHARS} characters")))
}

/// The last part of a name, fit to be shown and to be sent in a header.
fn clean_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let printable: String = last.chars().filter(|c| !c.is_control()).collect();
    let name: String = printable.trim().chars().take(NAME_CHARS).collect();
    if matches!(name.as_str(), "" | "." | "..") { "unnamed".to_owned() } else { name }
}

fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn refuse(error: &MultipartError) -> ApiError {
    ApiError::new(ErrorCode::Unreadable, format!("The form cannot be read: {error}."))
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
