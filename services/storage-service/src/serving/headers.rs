//! Headers of a representation.

use std::time::SystemTime;

use actix_web::HttpResponseBuilder;
use actix_web::http::header::{
    self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue, HttpDate,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contracts::AccessAction;
use http_kit::ApiError;

use crate::files::repository::File;
use crate::versions::repository::Version;

/// What is the same for all answers about one representation.
pub(super) struct Representation<'a> {
    pub(super) file: &'a File,
    pub(super) version: &'a Version,
    pub(super) action: AccessAction,
    /// Whether the URL names the version, whose bytes never change.
    pub(super) is_versioned: bool,
}

impl Representation<'_> {
    /// Strong: it is the hash of the bytes.
    pub(super) fn etag(&self) -> String {
        format!("\"{}\"", self.version.checksum)
    }

    /// When the bytes came, in whole seconds, as the header can say it.
    pub(super) fn modified(&self) -> SystemTime {
        let seconds = u64::try_from(self.version.created_at.timestamp()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds)
    }

    /// Writes what every answer carries, 304 included.
    pub(super) fn write_validators(&self, response: &mut HttpResponseBuilder) {
        let scope = if self.file.is_public { "public" } else { "private" };
        let freshness = if self.is_versioned { "max-age=31536000, immutable" } else { "no-cache" };
        response
            .insert_header((header::ETAG, self.etag()))
            .insert_header((header::LAST_MODIFIED, HttpDate::from(self.modified())))
            .insert_header((header::CACHE_CONTROL, format!("{scope}, {freshness}")));
    }

    /// Writes what an answer with bytes carries.
    pub(super) fn write_headers(&self, response: &mut HttpResponseBuilder) -> Result<(), ApiError> {
        self.write_validators(response);
        response
            .insert_header((header::ACCEPT_RANGES, "bytes"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header(("repr-digest", repr_digest(&self.version.checksum)?))
            .insert_header(self.disposition());
        if may_act(&self.version.content_type) {
            response.insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"));
        }
        Ok(())
    }

    /// RFC 6266: a name that any client reads, and the true one for those that read RFC 8187.
    fn disposition(&self) -> ContentDisposition {
        let name = &self.file.original_name;
        let plain: String =
            name.chars().map(|c| if c.is_ascii() && !matches!(c, '"' | '\\') { c } else { '_' }).collect();
        let mut parameters = vec![DispositionParam::Filename(plain.clone())];
        if plain != *name {
            parameters.push(DispositionParam::FilenameExt(ExtendedValue {
                charset: Charset::Ext("UTF-8".to_owned()),
                language_tag: None,
                value: name.clone().into_bytes(),
            }));
        }
        let disposition = match self.action {
            AccessAction::Download => DispositionType::Attachment,
            AccessAction::Stream | AccessAction::View => DispositionType::Inline,
        };
        ContentDisposition { disposition, parameters }
    }
}

/// Whether a browser could run what it finds in such a file: anything but sound, moving and still pictures.
fn may_act(content_type: &str) -> bool {
    let is_passive = ["audio/", "video/", "image/"].iter().any(|kind| content_type.starts_with(kind));
    !is_passive || content_type == "image/svg+xml"
}

/// The `Repr-Digest` header (RFC 9530) of a SHA-256 in hex.
///
/// # Errors
/// 500 when it is none.
pub(crate) fn repr_digest(checksum: &str) -> Result<String, ApiError> {
    let bytes = hex::decode(checksum).map_err(ApiError::internal)?;
    Ok(format!("sha-256=:{}:", STANDARD.encode(bytes)))
}
