//! What a User-Agent header tells of the device and the program behind it (RFC 9110, section 10.1.5).

use contracts::DeviceType;
use woothee::parser::Parser;

/// Longest header that is looked at; real ones are far shorter.
const MAX_BYTES: usize = 1024;
/// What the parser calls a thing that it does not know.
const UNKNOWN: &str = "UNKNOWN";
/// Marks of televisions and streaming sticks, which the parser takes for phones or computers.
const TELEVISIONS: [&str; 9] =
    ["SmartTV", "SMART-TV", "Smart TV", "AppleTV", "Apple TV", "GoogleTV", "BRAVIA", "HbbTV", "; AFT"];

/// What is known of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserAgent {
    /// What kind of device it runs on.
    pub device_type: Option<DeviceType>,
    /// Family of the program, such as `Safari`.
    pub family: Option<String>,
    /// The system it runs on, such as `Linux`.
    pub system: Option<String>,
}

/// Reads a User-Agent header. What it does not tell is `None`, never a guess.
#[must_use]
pub fn parse(header: &str) -> UserAgent {
    if header.len() > MAX_BYTES {
        return UserAgent::default();
    }
    let Some(found) = Parser::new().parse(header) else {
        return UserAgent::default();
    };
    let known = |word: &str| (word != UNKNOWN).then(|| word.to_owned());
    UserAgent {
        device_type: device_type(header, found.category, found.os),
        family: known(found.name),
        system: known(found.os),
    }
}

fn device_type(header: &str, category: &str, os: &str) -> Option<DeviceType> {
    if TELEVISIONS.iter().any(|mark| header.contains(mark)) {
        return Some(DeviceType::Tv);
    }
    match (category, os) {
        (_, "iPad") => Some(DeviceType::Tablet),
        // Android phones say `Mobile`, tablets do not.
        ("smartphone", "Android") if !header.contains("Mobile") => Some(DeviceType::Tablet),
        ("smartphone" | "mobilephone", _) => Some(DeviceType::Mobile),
        ("appliance", _) => Some(DeviceType::Tv),
        // Browsers alone are known as such on a computer.
        ("pc", _) => Some(DeviceType::Web),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use DeviceType::{Mobile, Tablet, Tv, Web};

    use super::*;

    #[test]
    fn devices_and_families() {
        let cases = [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/17.5 Mobile/15E148 Safari/604.1",
                Some(Mobile),
                Some("Safari"),
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/16.6 Mobile/15E148 Safari/604.1",
                Some(Tablet),
                Some("Safari"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 \
                 Mobile Safari/537.36",
                Some(Mobile),
                Some("Chrome"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 13; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 \
                 Safari/537.36",
                Some(Tablet),
                Some("Chrome"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 \
                 Safari/537.36",
                Some(Web),
                Some("Chrome"),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0",
                Some(Web),
                Some("Firefox"),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/17.4 Safari/605.1.15",
                Some(Web),
                Some("Safari"),
            ),
            (
                "Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) Version/7.0 \
                 TV Safari/537.36",
                Some(Tv),
                Some("Safari"),
            ),
            ("Mozilla/5.0 (PlayStation 4 11.00) AppleWebKit/605.1.15 (KHTML, like Gecko)", Some(Tv), None),
        ];
        for (header, device_type, family) in cases {
            let found = parse(header);
            assert_eq!(found.device_type, device_type, "{header}");
            if family.is_some() {
                assert_eq!(found.family.as_deref(), family, "{header}");
            }
        }
    }

    #[test]
    fn what_tells_nothing_is_not_guessed() {
        for header in ["", "-", "Refrain/1.0", "curl/8.5.0", "VLC/3.0.20 LibVLC/3.0.20"] {
            assert_eq!(parse(header).device_type, None, "{header}");
        }
        assert_eq!(parse(&format!("Mozilla/5.0 (iPhone; {}", "x".repeat(5000))), UserAgent::default());
    }
}
