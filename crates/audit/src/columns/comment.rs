//! What a `COMMENT ON COLUMN` says: a meaning, then after `Writer:` who fills the column.

const WRITER: &str = "Writer:";

/// Meaning and writer of a column, each when it is said.
pub(super) fn parse(comment: Option<&str>) -> (Option<String>, Option<String>) {
    let comment = comment.unwrap_or_default();
    let (meaning, writer) = comment.split_once(WRITER).unwrap_or((comment, ""));
    (said(meaning), said(writer.trim().trim_end_matches('.')))
}

fn said(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_comment_says_what_and_who() {
        let both = |meaning: &str, writer: &str| (Some(meaning.to_owned()), Some(writer.to_owned()));
        assert_eq!(parse(Some("Title. Writer: POST /a.")), both("Title.", "POST /a"));
        assert_eq!(parse(Some("UUIDv7.\n Writer:  PATCH /a/{id}. ")), both("UUIDv7.", "PATCH /a/{id}"));
        assert_eq!(parse(Some("Title.")), (Some("Title.".to_owned()), None));
        assert_eq!(parse(Some("Title. Writer: .")), (Some("Title.".to_owned()), None));
        assert_eq!(parse(Some("Writer: a job")), (None, Some("a job".to_owned())));
        assert_eq!((parse(Some("")), parse(None)), ((None, None), (None, None)));
    }
}
