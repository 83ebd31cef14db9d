//! LRC files: `[mm:ss.xx]words` a line, with as many times as the line is sung. Pure.
//!
//! Tags such as `[ti:...]` and comments are skipped, but for `[offset:+ms]`, which has all lines come so much earlier. What is
//! neither is refused with its line: a word that silently loses its time would be sung never.

use std::fmt::Write;

use contracts::music::SyncedLine;

/// Lines with their text at most, so that a chorus with a thousand times does not become a book.
const MAX_BYTES: usize = 256 * 1024;
/// What a line is counted for beside its text.
const LINE_BYTES: usize = 16;

/// Why a file is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum LrcError {
    #[error("line {0}: {1}")]
    Line(usize, &'static str),
    #[error("there are no words in it")]
    NoWords,
    #[error("its lines are repeated too often")]
    TooLong,
}

enum Line<'a> {
    Sung(Vec<u32>, &'a str),
    Offset(i64),
    Skipped,
}

/// The lines of a file, in the order of their times.
pub(super) fn parse(file: &str) -> Result<Vec<SyncedLine>, LrcError> {
    let (mut sung, mut offset, mut bytes) = (Vec::new(), 0, 0);
    let file = file.strip_prefix('\u{feff}').unwrap_or(file);
    for (number, line) in (1..).zip(file.lines()) {
        match read(line.trim()).map_err(|reason| LrcError::Line(number, reason))? {
            Line::Sung(times, text) => {
                bytes += times.len() * (LINE_BYTES + text.len());
                if bytes > MAX_BYTES {
                    return Err(LrcError::TooLong);
                }
                sung.extend(times.into_iter().map(|time| (time, text)));
            }
            Line::Offset(milliseconds) => offset = milliseconds,
            Line::Skipped => {}
        }
    }
    if sung.iter().all(|(_, text)| text.is_empty()) {
        return Err(LrcError::NoWords);
    }
    let moved = |time: u32| u32::try_from((i64::from(time) - offset).max(0)).unwrap_or(u32::MAX);
    let mut lines: Vec<SyncedLine> = sung
        .into_iter()
        .map(|(time, text)| SyncedLine { start_ms: moved(time), text: text.to_owned() })
        .collect();
    lines.sort_by_key(|line| line.start_ms);
    Ok(lines)
}

fn read(line: &str) -> Result<Line<'_>, &'static str> {
    let (mut rest, mut times) = (line, Vec::new());
    while let Some(inside) = rest.strip_prefix('[').filter(|inside| begins_like_a_time(inside)) {
        let (time, after) = inside.split_once(']').ok_or("a time without its ]")?;
        times.push(milliseconds(time).ok_or("not a time such as [01:02.34]")?);
        rest = after.trim_start();
    }
    match (times.is_empty(), rest) {
        (false, text) => Ok(Line::Sung(times, text)),
        (true, "") => Ok(Line::Skipped),
        (true, tag) => read_tag(tag),
    }
}

fn begins_like_a_time(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(':')
}

/// `mm:ss`, `mm:ss.x`, `mm:ss.xx`, `mm:ss.xxx`, and the same with a colon for the point.
fn milliseconds(time: &str) -> Option<u32> {
    let (minutes, rest) = time.split_once(':')?;
    let (seconds, fraction) = rest.split_once(['.', ':']).unwrap_or((rest, "0"));
    let number = |digits: &str, most: usize| {
        let is_number =
            (1..=most).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
        if is_number { digits.parse::<u32>().ok() } else { None }
    };
    let thousandths = number(fraction, 3)? * [100, 10, 1].get(fraction.len() - 1)?;
    let seconds = number(seconds, 2).filter(|seconds| *seconds < 60)?;
    Some(number(minutes, 4)? * 60_000 + seconds * 1000 + thousandths)
}

fn read_tag(line: &str) -> Result<Line<'_>, &'static str> {
    let tag = line.strip_prefix('[').ok_or("words without a time")?;
    let (key, value) = tag.split_once(':').ok_or("neither a time nor a tag")?;
    // `[:` and `[#:` begin comments, which need not be closed.
    if matches!(key.trim(), "" | "#") {
        return Ok(Line::Skipped);
    }
    if !key.trim().chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err("neither a time nor a tag");
    }
    let value = value.strip_suffix(']').ok_or("a tag without its ]")?;
    if !key.trim().eq_ignore_ascii_case("offset") {
        return Ok(Line::Skipped);
    }
    let offset = value.trim().parse::<i32>().map_err(|_| "not an offset in milliseconds")?;
    Ok(Line::Offset(offset.into()))
}

/// Writes lines as a file, exact to the millisecond.
pub(super) fn format(title: &str, lines: &[SyncedLine]) -> String {
    let title: String = title.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut file = format!("[ti:{title}]\n");
    for SyncedLine { start_ms, text } in lines {
        let (minutes, seconds, thousandths) = (start_ms / 60_000, start_ms / 1000 % 60, start_ms % 1000);
        // A String takes whatever is written to it.
        let _ = writeln!(file, "[{minutes:02}:{seconds:02}.{thousandths:03}]{text}");
    }
    file
}

/// The words of lines, without times.
pub(super) fn words(lines: &[SyncedLine]) -> String {
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    texts.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(file: &str) -> Vec<(u32, String)> {
        let lines = parse(file).expect("it is an LRC file");
        lines.into_iter().map(|line| (line.start_ms, line.text)).collect()
    }

    fn line(start_ms: u32, text: &str) -> (u32, String) {
        (start_ms, text.to_owned())
    }

    #[test]
    fn a_file_as_it_is_found() {
        let file = "\u{feff}[ti: Rain]\r\n[ar:Somebody]\r\n[#:a comment\r\n\r\n[00:15.5] and then\r\n\
                    [00:12.34][01:02.345]Rain [2x] <3 \r\n[00:20]\r\n[1:05:50]again\r\n";
        assert_eq!(
            lines(file),
            [
                line(12_340, "Rain [2x] <3"),
                line(15_500, "and then"),
                line(20_000, ""),
                line(62_345, "Rain [2x] <3"),
                line(65_500, "again"),
            ]
        );
        assert_eq!(words(&parse(file).expect("it is one")), "Rain [2x] <3\nand then\n\nRain [2x] <3\nagain");
    }

    #[test]
    fn an_offset_moves_all_lines_and_none_before_the_beginning() {
        let file = |offset: &str| format!("[00:01.00]a\n[offset:{offset}]\n[00:03.00]b");
        assert_eq!(lines(&file("+1500")), [line(0, "a"), line(1500, "b")]);
        assert_eq!(lines(&file(" -500 ")), [line(1500, "a"), line(3500, "b")]);
    }

    #[test]
    fn what_is_malformed_is_named_by_its_line() {
        for wrong in [
            "words",
            "[00:60.00]a",
            "[00:1.2345]a",
            "[00:10.00",
            "[12345:00]a",
            "[00:]a",
            "[00:01.00][00:x]a",
            "[Chorus]",
            "[a b:c]",
            "[ti:open",
            "[offset:soon]",
            "[offset:99999999999]",
            "[00:01.]a",
        ] {
            let file = format!("[00:01.00]good\n\n{wrong}");
            assert!(matches!(parse(&file), Err(LrcError::Line(3, _))), "{wrong}: {:?}", parse(&file));
        }
        for empty in ["", "[ti:Silence]", "[00:01.00]\n[00:02.00]  "] {
            assert_eq!(parse(empty), Err(LrcError::NoWords), "{empty}");
        }
        assert_eq!(
            parse(&format!("{}{}", "[00:01.00]".repeat(3000), "la".repeat(1000))),
            Err(LrcError::TooLong)
        );
    }

    fn any_lines() -> impl Strategy<Value = Vec<SyncedLine>> {
        let text = any::<String>().prop_map(|text| text.replace('\n', " ").trim().to_owned());
        let text = text
            .prop_filter("a time of its own", |text| !text.strip_prefix('[').is_some_and(begins_like_a_time));
        // 9999 minutes and 59.999 seconds.
        let line = (0..600_000_000_u32, text).prop_map(|(start_ms, text)| SyncedLine { start_ms, text });
        proptest::collection::vec(line, 1..20).prop_map(|mut lines| {
            lines.sort_by_key(|line| line.start_ms);
            lines
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(title in any::<String>(), lines in any_lines()) {
            prop_assume!(lines.iter().any(|line| !line.text.is_empty()));
            prop_assert_eq!(parse(&format(&title, &lines)), Ok(lines));
        }

        #[test]
        fn whatever_is_read_can_be_written(file in "(\\[[0-9]{1,2}:[0-9]{2}(\\.[0-9]{1,3})?\\] ?){0,3}[a-z \\[\\]:]{0,5}(\n|\r\n|)") {
            if let Ok(lines) = parse(&file) {
                prop_assert_eq!(parse(&format("", &lines)), Ok(lines));
            }
        }
    }
}
