//! Digests that come with bytes (RFC 9530): what was sent is what came, or it is refused.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::error::PayloadError;
use actix_web::http::header::HeaderMap;
use actix_web::web::{Bytes, Payload};
use aws_lc_rs::digest::{self, Algorithm, SHA256, SHA512};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contracts::problem::ErrorCode;
use futures_util::Stream;
use http_kit::ApiError;

use super::pace;
use crate::settings::Limits;

/// What comes in is not encoded on its way, so its content is its representation.
const FIELDS: [&str; 2] = ["content-digest", "repr-digest"];

/// What the sender says that bytes are, compared with them as they come.
pub(crate) struct Digests {
    promises: Vec<Promise>,
    /// One of each algorithm, however often it is promised: bytes are hashed once.
    hashes: Vec<digest::Context>,
}

struct Promise {
    field: &'static str,
    algorithm: &'static Algorithm,
    expected: Vec<u8>,
}

impl Digests {
    /// Reads the fields. Algorithms that are not known here are passed over, as the RFC wants it.
    ///
    /// # Errors
    /// 400 when one of a known algorithm cannot be read.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let mut promises = Vec::new();
        for field in FIELDS {
            for line in headers.get_all(field) {
                for member in line.to_str().map_err(|_| unreadable(field))?.split(',') {
                    promises.extend(Promise::read(field, member.trim())?);
                }
            }
        }
        let hashes = [&SHA256, &SHA512]
            .into_iter()
            .filter(|algorithm| promises.iter().any(|p| p.algorithm == *algorithm));
        Ok(Self { hashes: hashes.map(digest::Context::new).collect(), promises })
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        for hash in &mut self.hashes {
            hash.update(bytes);
        }
    }

    /// # Errors
    /// 400 when the bytes were others.
    pub(crate) fn verify(&self) -> Result<(), ApiError> {
        let found: Vec<_> = self.hashes.iter().map(|hash| hash.clone().finish()).collect();
        let is_kept = |promise: &Promise| {
            let mut found = found.iter().filter(|found| found.algorithm() == promise.algorithm);
            found.any(|found| found.as_ref() == promise.expected)
        };
        match self.promises.iter().find(|promise| !is_kept(promise)) {
            None => Ok(()),
            Some(Promise { field, .. }) => {
                let detail = format!("The bytes are not those that {field} is of.");
                Err(ApiError::new(ErrorCode::Unreadable, detail))
            }
        }
    }
}

impl Promise {
    /// A member of the dictionary: `sha-256=:<Base64>:`, perhaps with parameters, which mean nothing here.
    fn read(field: &'static str, member: &str) -> Result<Option<Self>, ApiError> {
        let (key, value) = member.split_once('=').unwrap_or((member, ""));
        let algorithm = match key {
            "sha-256" => &SHA256,
            "sha-512" => &SHA512,
            "" => return Err(unreadable(field)),
            _ => return Ok(None),
        };
        let quoted = value.strip_prefix(':').and_then(|value| value.split_once(':'));
        let encoded = quoted.filter(|(_, rest)| rest.is_empty() || rest.starts_with(';'));
        let expected = encoded.and_then(|(encoded, _)| STANDARD.decode(encoded).ok());
        let expected = expected.filter(|expected| expected.len() == algorithm.output_len());
        let expected = expected.ok_or_else(|| unreadable(field))?;
        Ok(Some(Self { field, algorithm, expected }))
    }
}

fn unreadable(field: &str) -> ApiError {
    ApiError::new(ErrorCode::Unreadable, format!("{field} is no list of digests (RFC 9530)."))
}

/// The body of a request whose digests are kept up while somebody else reads it. Clones are one body.
#[derive(Clone)]
pub(super) struct Checked(Rc<RefCell<(Payload, Digests)>>);

impl Checked {
    pub(super) fn new(payload: Payload, digests: Digests) -> Self {
        Self(Rc::new(RefCell::new((payload, digests))))
    }

    /// Compares the whole body, of which the reader may have left an end unread, with what was said of it.
    ///
    /// # Errors
    /// 400 when it is another, breaks off or falls silent; 413 when what was left is more than a file may be.
    pub(super) async fn verify(mut self, limits: Limits) -> Result<(), ApiError> {
        if self.0.borrow().1.promises.is_empty() {
            return Ok(());
        }
        let mut left = 0_u64;
        while let Some(chunk) = pace::next(&mut self, limits.patience).await? {
            let chunk = chunk.map_err(|error| {
                ApiError::new(ErrorCode::Unreadable, format!("The body broke off: {error}."))
            })?;
            left = left.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            limits.require(left)?;
        }
        self.0.borrow().1.verify()
    }
}

impl Stream for Checked {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut body = self.0.borrow_mut();
        let (payload, digests) = &mut *body;
        let chunk = ready!(Pin::new(payload).poll_next(context));
        if let Some(Ok(bytes)) = &chunk {
            digests.update(bytes);
        }
        Poll::Ready(chunk)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    const HELLO: &str = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";

    fn judged(field: &'static str, value: &str) -> Result<bool, u16> {
        let mut headers = HeaderMap::new();
        headers.append(HeaderName::from_static(field), HeaderValue::from_str(value).unwrap());
        let mut digests = Digests::of(&headers).map_err(|error| error.code().status())?;
        digests.update(b"hel");
        digests.update(b"lo");
        Ok(digests.verify().is_ok())
    }

    #[test]
    fn bytes_are_hashed_once_however_often_their_digest_is_told() {
        let mut headers = HeaderMap::new();
        let many = vec![format!("sha-256=:{HELLO}:"); 1000].join(", ");
        headers.append(HeaderName::from_static("content-digest"), HeaderValue::from_str(&many).unwrap());
        let digests = Digests::of(&headers).unwrap();
        assert_eq!((digests.promises.len(), digests.hashes.len()), (1000, 1));
    }

    #[test]
    fn digests_are_read_as_a_dictionary() {
        for (value, expected) in [
            (format!("sha-256=:{HELLO}:"), Ok(true)),
            (format!("unixsum=:AAA=:, sha-256=:{HELLO}:;a=1"), Ok(true)),
            ("md5=:AAA=:".to_owned(), Ok(true)),
            (format!("sha-256=:{}:", HELLO.replace('L', "M")), Ok(false)),
            (format!("sha-256=:{HELLO}:, sha-256=:{}:", HELLO.replace('L', "M")), Ok(false)),
            (format!("sha-512=:{HELLO}:"), Err(400)),
            (format!("sha-256={HELLO}"), Err(400)),
            (format!("sha-256=:{HELLO}"), Err(400)),
            (format!("sha-256=:{HELLO}:x"), Err(400)),
            ("sha-256".to_owned(), Err(400)),
            ("sha-256=:!:".to_owned(), Err(400)),
            (String::new(), Err(400)),
        ] {
            for field in FIELDS {
                assert_eq!(judged(field, &value), expected, "{field}: {value}");
            }
        }
    }
}
