//! The form of an upload, `multipart/form-data`. Its fields come in any order; the file goes to the disk as it comes.

use actix_multipart::{Field, Multipart, MultipartError};
use bytes::BytesMut;
use contracts::FileCategory;
use contracts::problem::ErrorCode;
use http_kit::ApiError;

use super::digest::Digests;
use super::facts::{self, Facts};
use super::pace;
use super::publish::Upload;
use crate::blob_store::{LocalBlobs, Received};
use crate::settings::Limits;

/// Of a field that is not the file.
const FIELD_BYTES: usize = 8 * 1024;

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
/// 400 when it breaks off, falls silent, is malformed or is not what the file's digests say, 413 when the file is too large, 422 with a pointer when a field
/// is unknown, missing, repeated or breaks a rule.
pub(super) async fn read(
    mut multipart: Multipart,
    blobs: &LocalBlobs,
    limits: Limits,
) -> Result<Upload, ApiError> {
    let mut fields = Fields::default();
    while let Some(field) = pace::next(&mut multipart, limits.patience).await? {
        let field = field.map_err(|error| refuse(&error))?;
        let name = field.name().unwrap_or_default().to_owned();
        let is_new = match name.as_str() {
            "category" => {
                fields.category.replace(facts::category(&text(field, &name, limits).await?)?).is_none()
            }
            "isPublic" => {
                fields.is_public.replace(facts::switch(&text(field, &name, limits).await?)?).is_none()
            }
            "tags" => fields.tags.replace(facts::tags(&text(field, &name, limits).await?)?).is_none(),
            "file" => fields.file.replace(file(field, blobs, limits).await?).is_none(),
            _ => return Err(ApiError::invalid(pointer(&name), "there is no such field")),
        };
        if !is_new {
            return Err(ApiError::invalid(pointer(&name), "it comes twice"));
        }
    }
    let (name, received) = fields.file.ok_or_else(|| ApiError::invalid("/file", "there is no file"))?;
    let facts = Facts {
        category: fields.category.unwrap_or(FileCategory::General),
        is_public: fields.is_public.unwrap_or(false),
        tags: fields.tags.unwrap_or_default(),
        name,
    };
    Ok(Upload { facts, received, claim: None })
}

async fn file(mut field: Field, blobs: &LocalBlobs, limits: Limits) -> Result<(String, Received), ApiError> {
    let given = field.content_disposition().and_then(|disposition| disposition.get_filename());
    let name = facts::clean_name(given.unwrap_or_default());
    let mut digests = Digests::of(field.headers())?;
    let mut incoming = blobs.receive().await.map_err(ApiError::unavailable)?;
    while let Some(chunk) = pace::next(&mut field, limits.patience).await? {
        let chunk = chunk.map_err(|error| refuse(&error))?;
        digests.update(&chunk);
        incoming.write(&chunk).await.map_err(ApiError::unavailable)?;
        limits.require(incoming.length())?;
    }
    digests.verify()?;
    Ok((name, incoming.finish().await.map_err(ApiError::unavailable)?))
}

async fn text(mut field: Field, name: &str, limits: Limits) -> Result<String, ApiError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = pace::next(&mut field, limits.patience).await? {
        bytes.extend_from_slice(&chunk.map_err(|error| refuse(&error))?);
        if bytes.len() > FIELD_BYTES {
            return Err(ApiError::invalid(pointer(name), format!("longer than {FIELD_BYTES} bytes")));
        }
    }
    String::from_utf8(bytes.to_vec()).map_err(|_| ApiError::invalid(pointer(name), "it is not UTF-8"))
}

fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn refuse(error: &MultipartError) -> ApiError {
    ApiError::new(ErrorCode::Unreadable, format!("The form cannot be read: {error}."))
}
