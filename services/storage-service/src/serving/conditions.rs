//! Preconditions (RFC 9110, section 13), in the order of its section 13.2.2.

use std::time::SystemTime;

use actix_web::http::header::{self, HeaderMap, HeaderName};

/// What the preconditions of a request say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Go on; the `Range` header counts.
    Serve,
    /// Go on; the representation is another one than the ranges were meant for.
    ServeWhole,
    /// 304: the caller has it already.
    NotModified,
    /// 412: it is not what the caller wants.
    Failed,
}

/// Judges the preconditions of a request against the representation's validators. `modified` is in whole seconds.
pub(super) fn judge(headers: &HeaderMap, etag: &str, modified: SystemTime) -> Outcome {
    let since = |name| date(headers, &name).map(|instant| modified <= instant);
    let is_wanted = tags(headers, &header::IF_MATCH, |tag| tag == etag);
    if !is_wanted.or_else(|| since(header::IF_UNMODIFIED_SINCE)).unwrap_or(true) {
        return Outcome::Failed;
    }
    // Weak comparison: W/ makes no difference.
    let is_known = tags(headers, &header::IF_NONE_MATCH, |tag| tag.trim_start_matches("W/") == etag);
    if is_known.or_else(|| since(header::IF_MODIFIED_SINCE)).unwrap_or(false) {
        return Outcome::NotModified;
    }
    match text(headers, &header::IF_RANGE) {
        Some(validator) if is_same(validator, etag, modified) => Outcome::Serve,
        Some(_) => Outcome::ServeWhole,
        None => Outcome::Serve,
    }
}

/// Whether a validator of `If-Range` is this representation's. Weak tags never are, and a date is only when it is
/// exactly the one.
fn is_same(validator: &str, etag: &str, modified: SystemTime) -> bool {
    if validator.starts_with('"') || validator.starts_with("W/") {
        return validator == etag;
    }
    parse(validator) == Some(modified)
}

/// Whether one of a header's tags fits; `None` when the header is absent.
fn tags(headers: &HeaderMap, name: &HeaderName, fits: impl Fn(&str) -> bool) -> Option<bool> {
    let mut lines = headers.get_all(name).peekable();
    lines.peek()?;
    let mut listed =
        lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).map(str::trim);
    Some(listed.any(|tag| tag == "*" || fits(tag)))
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    text(headers, name).and_then(parse)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn parse(text: &str) -> Option<SystemTime> {
    text.parse::<header::HttpDate>().ok().map(SystemTime::from)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::http::header::HeaderValue;

    use super::Outcome::{Failed, NotModified, Serve, ServeWhole};
    use super::*;

    const BEFORE: &str = "Sat, 31 Oct 2026 00:00:00 GMT";
    const EXACTLY: &str = "Sun, 01 Nov 2026 00:00:00 GMT";
    const AFTER: &str = "Mon, 02 Nov 2026 00:00:00 GMT";

    fn judged(pairs: &[(&str, &str)]) -> Outcome {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name.parse().expect("a name"), HeaderValue::from_str(value).expect("a value"));
        }
        judge(&headers, "\"a\"", SystemTime::UNIX_EPOCH + Duration::from_secs(1_793_491_200))
    }

    #[test]
    fn conditions_are_judged_in_their_order() {
        for (headers, expected) in [
            (&[][..], Serve),
            (&[("if-match", "\"a\"")], Serve),
            (&[("if-match", "\"b\", \"a\"")], Serve),
            (&[("if-match", "*")], Serve),
            (&[("if-match", "\"b\"")], Failed),
            (&[("if-match", "W/\"a\"")], Failed),
            (&[("if-unmodified-since", BEFORE)], Failed),
            (&[("if-unmodified-since", EXACTLY)], Serve),
            // If-Match makes If-Unmodified-Since of no account.
            (&[("if-match", "\"a\""), ("if-unmodified-since", BEFORE)], Serve),
            (&[("if-none-match", "\"a\"")], NotModified),
            (&[("if-none-match", "W/\"a\"")], NotModified),
            (&[("if-none-match", "*")], NotModified),
            (&[("if-none-match", "\"b\"")], Serve),
            (&[("if-modified-since", EXACTLY)], NotModified),
            (&[("if-modified-since", AFTER)], NotModified),
            (&[("if-modified-since", BEFORE)], Serve),
            (&[("if-modified-since", "yesterday")], Serve),
            // If-None-Match makes If-Modified-Since of no account.
            (&[("if-none-match", "\"b\""), ("if-modified-since", AFTER)], Serve),
            (&[("if-match", "\"b\""), ("if-none-match", "\"a\"")], Failed),
            (&[("if-range", "\"a\"")], Serve),
            (&[("if-range", "\"b\"")], ServeWhole),
            (&[("if-range", "W/\"a\"")], ServeWhole),
            (&[("if-range", EXACTLY)], Serve),
            (&[("if-range", AFTER)], ServeWhole),
        ] {
            assert_eq!(judged(headers), expected, "{headers:?}");
        }
    }
}
