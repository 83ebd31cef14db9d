//! Rules that several wire types share.

use chrono_tz::Tz;
use serde_json::{Map, Value};

use crate::TextEnum;

/// Largest JSON object that a client may attach to a thing, in bytes of its compact form.
pub const METADATA_BYTES: usize = 16 * 1024;

/// A name of the IANA time zone database.
///
/// # Errors
/// When there is no such zone.
pub fn time_zone<C>(name: &str, _: &C) -> garde::Result {
    match name.parse::<Tz>() {
        Ok(_) => Ok(()),
        Err(_) => Err(garde::Error::new("not a zone of the IANA time zone database, such as Europe/Berlin")),
    }
}

/// A language tag of two or three letters, with an optional region or script (BCP 47): `en`, `pt-BR`.
///
/// # Errors
/// When it is not written so.
pub fn language_tag<C>(tag: &str, _: &C) -> garde::Result {
    let mut parts = tag.split('-');
    let is_language = parts
        .next()
        .is_some_and(|first| (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_lowercase()));
    let are_subtags =
        parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if is_language && are_subtags {
        Ok(())
    } else {
        Err(garde::Error::new("not a language tag such as en or pt-BR"))
    }
}

/// Text that says something: not only white space, and no control characters that PostgreSQL or a terminal would
/// choke on.
///
/// # Errors
/// When it is blank or holds NUL or other control characters.
pub fn printable<C>(text: &str, _: &C) -> garde::Result {
    if text.trim().is_empty() {
        return Err(garde::Error::new("must not be blank"));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(garde::Error::new("must not contain control characters"));
    }
    Ok(())
}

/// A name of a file: text without folders and control characters.
///
/// # Errors
/// When it is blank or has any.
pub fn file_name<C>(name: &str, _: &C) -> garde::Result {
    let is_special = |c: char| c.is_control() || matches!(c, '/' | '\\');
    if name.trim().is_empty() || matches!(name, "." | "..") || name.chars().any(is_special) {
        return Err(garde::Error::new("not the name of a file"));
    }
    Ok(())
}

/// A state that a thing can be set to: deleting is a method of its own.
///
/// # Errors
/// When it is `deleted`.
pub fn settable_status<S: TextEnum, C>(status: &S, _: &C) -> garde::Result {
    if status.as_str() == "deleted" { Err(garde::Error::new("DELETE deletes")) } else { Ok(()) }
}

/// A state that a thing can begin with: not put away, not deleted.
///
/// # Errors
/// When it is `archived` or `deleted`.
pub fn first_status<S: TextEnum, C>(status: &S, _: &C) -> garde::Result {
    match status.as_str() {
        "archived" | "deleted" => Err(garde::Error::new("nothing begins like that")),
        _ => Ok(()),
    }
}

/// A color as style sheets write it: `#rgb` or `#rrggbb`.
///
/// # Errors
/// When it is not written so.
pub fn hex_color<C>(text: &str, _: &C) -> garde::Result {
    let digits = text.strip_prefix('#').unwrap_or_default();
    if matches!(digits.len(), 3 | 6) && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        Ok(())
    } else {
        Err(garde::Error::new("not a color such as #fa0 or #ffaa00"))
    }
}

/// A name for programs: lower-case letters, digits and dashes, at most 64.
///
/// # Errors
/// When it is not written so.
pub fn key<C>(text: &str, _: &C) -> garde::Result {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=64).contains(&text.len()) && text.bytes().all(is_plain) && !text.starts_with('-') {
        Ok(())
    } else {
        Err(garde::Error::new("not a name such as on-repeat: up to 64 lower-case letters, digits and dashes"))
    }
}

/// One emoji of Unicode, skin tones and joined ones included.
///
/// # Errors
/// When it is none, or more than one.
pub fn emoji<C>(text: &str, _: &C) -> garde::Result {
    if emojis::get(text).is_some() { Ok(()) } else { Err(garde::Error::new("not one emoji")) }
}

/// A list that names nothing twice.
///
/// # Errors
/// When it does.
pub fn no_repeats<T: PartialEq, C>(items: &[T], _: &C) -> garde::Result {
    let is_repeated = |(index, item): (usize, &T)| items.iter().take(index).any(|before| before == item);
    if items.iter().enumerate().any(is_repeated) {
        return Err(garde::Error::new("must not name anything twice"));
    }
    Ok(())
}

/// A JSON object of at most [`METADATA_BYTES`] without NUL characters, which `jsonb` cannot hold.
///
/// # Errors
/// When it is too large or holds NUL.
pub fn small_object<C>(object: &Map<String, Value>, _: &C) -> garde::Result {
    bounded_object(object, METADATA_BYTES)
}

/// A JSON object of at most `limit` bytes without NUL characters.
///
/// # Errors
/// When it is too large or holds NUL.
pub fn bounded_object(object: &Map<String, Value>, limit: usize) -> garde::Result {
    let text = serde_json::to_string(object).map_err(|error| garde::Error::new(error.to_string()))?;
    if text.len() > limit {
        return Err(garde::Error::new(format!("larger than {limit} bytes")));
    }
    if text.contains("\\u0000") {
        return Err(garde::Error::new("must not contain the NUL character"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags() {
        for tag in ["en", "deu", "pt-BR", "zh-Hant"] {
            assert!(language_tag(tag, &()).is_ok(), "{tag}");
        }
        for tag in ["", "e", "EN", "en_US", "en-", "english"] {
            assert!(language_tag(tag, &()).is_err(), "{tag}");
        }
    }

    #[test]
    fn colors() {
        for text in ["#fa0", "#FFaa00"] {
            assert!(hex_color(text, &()).is_ok(), "{text}");
        }
        for text in ["", "#", "fa0", "#fa", "#fffff", "#ggg", "#ffaa001", "red", "#ää"] {
            assert!(hex_color(text, &()).is_err(), "{text}");
        }
    }

    #[test]
    fn emoji_are_one_grapheme_of_unicode() {
        for text in ["🎵", "❤️", "❤", "👩🏽‍🎤", "🇩🇪", "👨‍👩‍👧‍👦", "1️⃣"]
        {
            assert!(emoji(text, &()).is_ok(), "{text}");
        }
        for text in ["", "a", "1", "🎵🎵", "🎵 ", "<b>", "\u{200d}"] {
            assert!(emoji(text, &()).is_err(), "{text}");
        }
    }

    #[test]
    fn time_zones() {
        assert!(time_zone("Asia/Kathmandu", &()).is_ok());
        assert!(time_zone("Mars/Olympus", &()).is_err());
    }
}
