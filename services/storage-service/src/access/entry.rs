//! One access that is not over yet.

use std::net::IpAddr;
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::http::header::{REFERER, USER_AGENT};
use contracts::AccessAction;
use database::{AsJson, AsText};
use http_kit::{ApiError, origin, request};
use identity::Service;
use serde_json::Value;
use uuid::Uuid;

use super::AccessLog;
use super::repository::Access;
use crate::files::repository::File;

const HEADER_CHARS: usize = 512;

/// Where a request comes from, as the log tells it.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    address: IpAddr,
    user_agent: Option<String>,
    request_id: String,
    referrer: Option<String>,
}

impl Origin {
    pub(crate) fn of(http: &HttpRequest) -> Result<Self, ApiError> {
        Ok(Self {
            address: request::address(http)?,
            user_agent: origin::header_text(http, USER_AGENT, HEADER_CHARS),
            request_id: request::id(http),
            referrer: origin::header_text(http, REFERER, HEADER_CHARS),
        })
    }
}

/// An access under way. Its row is written when it is dropped: aborted, unless [`Entry::complete`] was said before.
pub(crate) struct Entry {
    log: AccessLog,
    row: Option<Access>,
    started: Instant,
}

impl Entry {
    /// Begins the row of a request for a file that exists.
    pub(crate) fn begin(log: &AccessLog, origin: Origin, file: &File, action: AccessAction) -> Self {
        let row = Access {
            id: contracts::ids::new_id(),
            file_id: file.id,
            version_id: None,
            user_id: None,
            action: AsText(action),
            accessed_at: contracts::clock::now(),
            ip_address: origin.address.into(),
            user_agent: origin.user_agent,
            response_code: 0,
            bytes_transferred: 0,
            duration_ms: 0,
            range_start: None,
            range_end: None,
            aborted: true,
            grant_issuer: None,
            request_id: origin.request_id,
            referrer: origin.referrer,
            owner_id: Some(file.user_id).filter(|id| !id.is_nil()),
            metadata: AsJson::default(),
        };
        Self { log: log.clone(), row: Some(row), started: Instant::now() }
    }

    /// Who asked.
    pub(crate) fn by(&mut self, user_id: Option<Uuid>, grant_issuer: Option<Service>) {
        if let Some(row) = &mut self.row {
            row.user_id = user_id;
            row.grant_issuer = grant_issuer.map(|service| service.name().to_owned());
        }
    }

    /// What is answered.
    pub(crate) fn answered(&mut self, status: u16, version_id: Option<Uuid>, range: Option<(u64, u64)>) {
        if let Some(row) = &mut self.row {
            row.response_code = i32::from(status);
            row.version_id = version_id;
            row.range_start = range.and_then(|(start, _)| i64::try_from(start).ok());
            row.range_end = range.and_then(|(_, end)| i64::try_from(end).ok());
        }
    }

    /// What else tells the request from others.
    pub(crate) fn noted(&mut self, name: &str, value: impl Into<Value>) {
        if let Some(row) = &mut self.row {
            row.metadata.0.insert(name.to_owned(), value.into());
        }
    }

    /// So many bytes of the body more were handed to the connection.
    pub(crate) fn sent(&mut self, bytes: usize) {
        if let Some(row) = &mut self.row {
            row.bytes_transferred =
                row.bytes_transferred.saturating_add_unsigned(u64::try_from(bytes).unwrap_or(0));
        }
    }

    /// The whole answer is out.
    pub(crate) fn complete(&mut self) {
        if let Some(row) = &mut self.row {
            row.aborted = false;
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // An access that was never answered, because we failed, has nothing to tell.
        if let Some(mut row) = self.row.take().filter(|row| row.response_code != 0) {
            row.duration_ms = i32::try_from(self.started.elapsed().as_millis()).unwrap_or(i32::MAX);
            self.log.write(row);
        }
    }
}
