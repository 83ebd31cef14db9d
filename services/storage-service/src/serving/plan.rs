//! What of a file is sent, and how the head says it (RFC 9110, sections 14.4 and 14.6).

use actix_web::HttpResponseBuilder;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_RANGE, CONTENT_TYPE};
use bytes::Bytes;

use super::body::Part;
use super::ranges::{ByteRange, Wanted};

/// Status, media type and parts of an answer.
pub(super) struct Plan {
    pub(super) status: StatusCode,
    content_type: String,
    content_range: Option<String>,
    pub(super) parts: Vec<Part>,
}

impl Plan {
    pub(super) fn new(wanted: Wanted, length: u64, content_type: &str) -> Self {
        let plan = |status, content_range, parts| Self {
            status,
            content_type: content_type.to_owned(),
            content_range,
            parts,
        };
        match wanted {
            Wanted::Nothing => {
                plan(StatusCode::RANGE_NOT_SATISFIABLE, Some(format!("bytes */{length}")), Vec::new())
            }
            Wanted::Whole => plan(StatusCode::OK, None, whole(length)),
            Wanted::One(range) => {
                let content_range = Some(content_range(range, length));
                plan(StatusCode::PARTIAL_CONTENT, content_range, vec![Part::File(range)])
            }
            Wanted::Several(ranges) => Self::several(&ranges, length, content_type),
        }
    }

    /// One part a range, each with a head of its own, between boundaries that the bytes cannot be told to contain.
    fn several(ranges: &[ByteRange], length: u64, content_type: &str) -> Self {
        let boundary = contracts::ids::new_id().simple().to_string();
        let mut parts = Vec::with_capacity(ranges.len() * 2 + 1);
        for range in ranges {
            let content_range = content_range(*range, length);
            let head = format!(
                "\r\n--{boundary}\r\nContent-Type: {content_type}\r\nContent-Range: {content_range}\r\n\r\n"
            );
            parts.push(Part::Text(Bytes::from(head)));
            parts.push(Part::File(*range));
        }
        parts.push(Part::Text(Bytes::from(format!("\r\n--{boundary}--\r\n"))));
        Self {
            status: StatusCode::PARTIAL_CONTENT,
            content_type: format!("multipart/byteranges; boundary={boundary}"),
            content_range: None,
            parts,
        }
    }

    /// The first and the last byte of a partial answer.
    pub(super) fn logged_range(&self) -> Option<(u64, u64)> {
        if self.status != StatusCode::PARTIAL_CONTENT {
            return None;
        }
        let ranges = || self.ranges();
        Some((ranges().map(|range| range.first).min()?, ranges().map(|range| range.last).max()?))
    }

    /// The ranges of an answer with several.
    pub(super) fn ranges_of_several(&self) -> Option<Vec<[u64; 2]>> {
        let ranges: Vec<_> = self.ranges().map(|range| [range.first, range.last]).collect();
        (ranges.len() > 1).then_some(ranges)
    }

    fn ranges(&self) -> impl Iterator<Item = &ByteRange> {
        self.parts.iter().filter_map(|part| match part {
            Part::File(range) => Some(range),
            Part::Text(_) => None,
        })
    }

    pub(super) fn write_headers(&self, head: &mut HttpResponseBuilder) {
        head.insert_header((CONTENT_TYPE, self.content_type.as_str()));
        if let Some(content_range) = &self.content_range {
            head.insert_header((CONTENT_RANGE, content_range.as_str()));
        }
    }
}

/// An empty file has no byte that a part could name.
pub(super) fn whole(length: u64) -> Vec<Part> {
    match length.checked_sub(1) {
        Some(last) => vec![Part::File(ByteRange { first: 0, last })],
        None => vec![Part::Text(Bytes::new())],
    }
}

fn content_range(range: ByteRange, length: u64) -> String {
    format!("bytes {}-{}/{length}", range.first, range.last)
}
