//! What the headers of tus 1.0 say.

use actix_web::HttpRequest;
use aws_lc_rs::digest::{self, Algorithm};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contracts::FileCategory;
use contracts::problem::ErrorCode;
use http_kit::ApiError;
use uuid::Uuid;

use crate::uploads::facts::{self, Facts};

pub(super) const VERSION: &str = "1.0.0";
pub(super) const EXTENSIONS: &str =
    "creation,creation-with-upload,creation-defer-length,checksum,expiration,termination,concatenation";
pub(super) const CHECKSUMS: &str = "sha1,sha256,sha512";
pub(super) const MEDIA_TYPE: &str = "application/offset+octet-stream";
pub(super) const PATH: &str = "/api/storage/uploads";

const METADATA_BYTES: usize = 4096;
const MAX_PARTS: usize = 100;

/// Refuses a client that speaks another version, before anything is done.
pub(super) fn require_version(request: &HttpRequest) -> Result<(), ApiError> {
    if text(request, "tus-resumable")? == Some(VERSION) {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::PreconditionFailed, format!("Tus-Resumable must be {VERSION}.")))
}

/// Whether the body is a piece of an upload.
pub(super) fn is_piece(request: &HttpRequest) -> bool {
    matches!(text(request, "content-type"), Ok(Some(MEDIA_TYPE)))
}

/// A header that holds a number of bytes.
pub(super) fn number(request: &HttpRequest, name: &'static str) -> Result<Option<i64>, ApiError> {
    let Some(text) = text(request, name)? else { return Ok(None) };
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_number);
    number.map(Some).ok_or_else(|| unreadable(format!("{name} is no number of bytes.")))
}

pub(super) fn text<'a>(request: &'a HttpRequest, name: &'static str) -> Result<Option<&'a str>, ApiError> {
    let mut values = request.headers().get_all(name);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(unreadable(format!("{name} comes twice.")));
    }
    let value = value.to_str().map_err(|_| unreadable(format!("{name} is not ASCII.")))?;
    Ok(Some(value.trim()))
}

fn unreadable(detail: String) -> ApiError {
    ApiError::new(ErrorCode::Unreadable, detail)
}

/// `Upload-Metadata`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Metadata(Vec<(String, Vec<u8>)>);

impl Metadata {
    /// Reads pairs of a key and a value in Base64.
    pub(super) fn parse(header: &str) -> Result<Self, ApiError> {
        if header.len() > METADATA_BYTES {
            return Err(unreadable(format!("Upload-Metadata holds more than {METADATA_BYTES} bytes.")));
        }
        let mut pairs: Vec<(String, Vec<u8>)> = Vec::new();
        for pair in header.split(',').map(str::trim) {
            let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
            let value = STANDARD.decode(value).ok().filter(|_| !key.is_empty());
            let value = value.ok_or_else(|| {
                unreadable("Upload-Metadata is keys and values in Base64, separated by commas.".to_owned())
            })?;
            if pairs.iter().any(|(known, _)| known == key) {
                return Err(unreadable(format!("Upload-Metadata has {key:?} twice.")));
            }
            pairs.push((key.to_owned(), value));
        }
        Ok(Self(pairs))
    }

    /// What it says of the file; keys that mean nothing here are left alone.
    ///
    /// # Errors
    /// 422 with the key's pointer when a value breaks a rule.
    pub(super) fn facts(&self) -> Result<Facts, ApiError> {
        let category = self.text("category")?.map(facts::category).transpose()?;
        Ok(Facts {
            category: category.unwrap_or(FileCategory::General),
            is_public: self.text("isPublic")?.map(facts::switch).transpose()?.unwrap_or(false),
            tags: self.text("tags")?.map(facts::tags).transpose()?.unwrap_or_default(),
            // What the clients of the protocol call it.
            name: facts::clean_name(self.text("filename")?.or(self.text("name")?).unwrap_or_default()),
        })
    }

    fn text(&self, key: &str) -> Result<Option<&str>, ApiError> {
        let value = self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_slice());
        let text = value.map(std::str::from_utf8).transpose();
        text.map_err(|_| ApiError::invalid(format!("/{key}"), "it is not UTF-8"))
    }
}

/// `Upload-Checksum`: of the one body that it comes with.
#[derive(Debug, Clone)]
pub(super) struct Checksum {
    pub(super) algorithm: &'static Algorithm,
    pub(super) expected: Vec<u8>,
}

impl Checksum {
    pub(super) fn parse(header: &str) -> Result<Self, ApiError> {
        let (name, value) = header.split_once(' ').unwrap_or((header, ""));
        let algorithm = match name {
            "sha1" => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            "sha256" => &digest::SHA256,
            "sha512" => &digest::SHA512,
            _ => return Err(unreadable(format!("Upload-Checksum: the algorithms are {CHECKSUMS}."))),
        };
        let expected = STANDARD.decode(value.trim()).ok();
        let expected = expected.filter(|bytes| bytes.len() == algorithm.output_len());
        let expected =
            expected.ok_or_else(|| unreadable(format!("Upload-Checksum is no {name} in Base64.")))?;
        Ok(Self { algorithm, expected })
    }
}

/// `Upload-Concat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Concat {
    /// An upload that will be a piece of another.
    Partial,
    /// An upload that is these, one after another.
    Final(Vec<Uuid>),
}

impl Concat {
    pub(super) fn parse(header: &str) -> Result<Self, ApiError> {
        if header == "partial" {
            return Ok(Self::Partial);
        }
        let urls = header.strip_prefix("final;").map(|urls| urls.split_ascii_whitespace());
        let ids: Option<Vec<Uuid>> = urls.and_then(|urls| urls.map(id_of).collect());
        match ids {
            Some(ids) if (1..=MAX_PARTS).contains(&ids.len()) => Ok(Self::Final(ids)),
            _ => Err(unreadable(format!(
                "Upload-Concat is partial, or final; and URLs of 1 to {MAX_PARTS} uploads of here."
            ))),
        }
    }
}

fn id_of(url: &str) -> Option<Uuid> {
    let (before, id) = url.rsplit_once('/')?;
    let is_ours = before == PATH || before.split_once("://").is_some_and(|(_, rest)| rest.ends_with(PATH));
    id.parse().ok().filter(|_| is_ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_keys_and_values() {
        let read = |header| Metadata::parse(header).map(|metadata| metadata.0).ok();
        let pairs = |pairs: &[(&str, &[u8])]| {
            Some(pairs.iter().map(|(key, value)| ((*key).to_owned(), value.to_vec())).collect::<Vec<_>>())
        };
        assert_eq!(read("filename YS50eHQ=,flag"), pairs(&[("filename", b"a.txt"), ("flag", b"")]));
        assert_eq!(read("flag "), pairs(&[("flag", b"")]));
        assert_eq!(read("a AP8="), pairs(&[("a", &[0, 255])]));
        for malformed in ["", "a YQ", "a Y=Q=", "a YQ==,a YQ==", "a YQ==,,b", "a  YQ=="] {
            assert_eq!(read(malformed), None, "{malformed:?}");
        }
        assert_eq!(read(&format!("a {}", "YWFh".repeat(1024))), None);
    }

    #[test]
    fn a_final_upload_names_uploads_of_here() {
        let id = contracts::ids::new_id();
        let own = format!("{PATH}/{id}");
        for url in [own.clone(), format!("https://example.org{own}")] {
            assert_eq!(Concat::parse(&format!("final;{url} {url}")).ok(), Some(Concat::Final(vec![id, id])));
        }
        assert_eq!(Concat::parse("partial").ok(), Some(Concat::Partial));
        for url in
            [id.to_string(), format!("/elsewhere/{id}"), format!("{PATH}/x"), format!("{PATH}/../{id}")]
        {
            assert!(Concat::parse(&format!("final;{url}")).is_err(), "{url}");
        }
        assert!(Concat::parse("final;").is_err() && Concat::parse("whole").is_err());
        assert!(Concat::parse(&format!("final;{}", vec![own; 101].join(" "))).is_err());
    }

    #[test]
    fn a_checksum_has_the_length_of_its_algorithm() {
        assert!(Checksum::parse("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=").is_ok());
        for malformed in
            ["sha1", "sha1 YQ==", "md5 XrY7u+Ae7tCTyyK7j1rNww==", "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="]
        {
            assert!(Checksum::parse(malformed).is_err(), "{malformed}");
        }
    }
}
