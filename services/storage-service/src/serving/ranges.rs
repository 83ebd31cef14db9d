//! The `Range` header (RFC 9110, section 14).

/// More ranges than this are a way to make work, not to fetch bytes: the whole is served instead.
const MAX_RANGES: usize = 16;

/// Bytes from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ByteRange {
    pub(super) first: u64,
    pub(super) last: u64,
}

impl ByteRange {
    pub(super) fn length(self) -> u64 {
        self.last - self.first + 1
    }
}

/// What of a representation is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it: there is no range, or none that is to be honoured.
    Whole,
    /// One part.
    One(ByteRange),
    /// Parts that do not overlap, in the order in which they were asked for.
    Several(Vec<ByteRange>),
    /// No byte that was asked for exists.
    Nothing,
}

/// Reads a `Range` header for a representation of so many bytes. What cannot be read is ignored, as the RFC allows.
pub(super) fn wanted(header: Option<&str>, length: u64) -> Wanted {
    let Some(specs) = header.and_then(|header| header.trim().strip_prefix("bytes=")) else {
        return Wanted::Whole;
    };
    let mut ranges = Vec::new();
    for (index, spec) in specs.split(',').enumerate() {
        match (index < MAX_RANGES).then(|| resolve(spec.trim(), length)) {
            Some(Ok(range)) => ranges.extend(range),
            Some(Err(Malformed)) | None => return Wanted::Whole,
        }
    }
    match ranges.as_slice() {
        [] => Wanted::Nothing,
        [one] => Wanted::One(*one),
        _ if overlap(&ranges) => Wanted::Whole,
        _ => Wanted::Several(ranges),
    }
}

struct Malformed;

/// One spec: `Ok(None)` when it is well-formed and no byte of it exists.
fn resolve(spec: &str, length: u64) -> Result<Option<ByteRange>, Malformed> {
    let (first, last) = spec.split_once('-').ok_or(Malformed)?;
    if first.is_empty() {
        let suffix = number(last)?.min(length);
        return Ok((suffix > 0).then(|| ByteRange { first: length - suffix, last: length - 1 }));
    }
    let first = number(first)?;
    let last = if last.is_empty() { u64::MAX } else { number(last)? };
    if last < first {
        return Err(Malformed);
    }
    Ok((first < length).then(|| ByteRange { first, last: last.min(length - 1) }))
}

fn number(text: &str) -> Result<u64, Malformed> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // Digits beyond 64 bits mean "past the end" all the same.
    if is_number { Ok(text.parse().unwrap_or(u64::MAX)) } else { Err(Malformed) }
}

fn overlap(ranges: &[ByteRange]) -> bool {
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable_by_key(|range| range.first);
    sorted.iter().zip(sorted.iter().skip(1)).any(|(one, next)| next.first <= one.last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: u64, last: u64) -> ByteRange {
        ByteRange { first, last }
    }

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        for (header, expected) in [
            ("bytes=0-99", Wanted::One(range(0, 99))),
            ("bytes=500-", Wanted::One(range(500, 999))),
            ("bytes=-10", Wanted::One(range(990, 999))),
            ("bytes=-5000", Wanted::One(range(0, 999))),
            ("bytes=990-2000", Wanted::One(range(990, 999))),
            ("bytes=0-0, 999-", Wanted::Several(vec![range(0, 0), range(999, 999)])),
            ("bytes=500-599,0-99", Wanted::Several(vec![range(500, 599), range(0, 99)])),
            // No byte of the first one exists: what is left is one part.
            ("bytes=5000-,0-9", Wanted::One(range(0, 9))),
            ("bytes=1000-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=99999999999999999999999-", Wanted::Nothing),
            ("bytes=0-99,50-149", Wanted::Whole),
            ("bytes=5-4", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("chapters=1-2", Wanted::Whole),
        ] {
            assert_eq!(wanted(Some(header), 1000), expected, "{header}");
        }
        assert_eq!(wanted(None, 1000), Wanted::Whole);
        assert_eq!(wanted(Some("bytes=0-"), 0), Wanted::Nothing);
    }

    #[test]
    fn a_flood_of_ranges_is_ignored() {
        let specs = |count: u64| (0..count).map(|n| format!("{0}-{0}", n * 2)).collect::<Vec<_>>().join(",");
        assert!(matches!(wanted(Some(&format!("bytes={}", specs(16))), 1000), Wanted::Several(_)));
        assert_eq!(wanted(Some(&format!("bytes={}", specs(17))), 1000), Wanted::Whole);
    }
}
