//! Where a request comes from: past the proxies that are trusted, never past others.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderName};

use crate::settings::Networks;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The caller's address.
#[must_use]
pub fn client_address(request: &HttpRequest, trusted: &Networks) -> IpAddr {
    // There is no peer address on a Unix socket only, and those we do not listen on.
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
    forwarded(peer, request.headers(), trusted)
}

/// Walks `X-Forwarded-For` from the right, as far as the hops are trusted.
fn forwarded(peer: IpAddr, headers: &HeaderMap, trusted: &Networks) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.0.iter().any(|network| network.contains(address));
    let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).filter_map(|line| line.to_str().ok()).collect();
    let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    let mut address = peer;
    for hop in hops {
        let Ok(next) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        if !is_trusted(&address) {
            break;
        }
        address = next.to_canonical();
    }
    address
}

/// The first `limit` characters of a header, when it is there and readable.
#[must_use]
pub fn header_text(request: &HttpRequest, name: HeaderName, limit: usize) -> Option<String> {
    let text = String::from_utf8_lossy(request.headers().get(name)?.as_bytes()).into_owned();
    Some(text.chars().filter(|c| !c.is_control()).take(limit).collect())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn address(peer: &str, forwarded_for: &str, trusted: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, HeaderValue::from_str(forwarded_for).expect("it is a header"));
        let peer = peer.parse().expect("it is an address");
        forwarded(peer, &headers, &trusted.parse().expect("they are networks")).to_string()
    }

    #[test]
    fn only_trusted_hops_are_believed() {
        assert_eq!(address("203.0.113.9", "1.2.3.4", "10.0.0.0/8"), "203.0.113.9");
        assert_eq!(address("10.0.0.1", "1.2.3.4", "10.0.0.0/8"), "1.2.3.4");
        assert_eq!(address("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "10.0.0.0/8"), "1.2.3.4");
        assert_eq!(address("10.0.0.1", "nonsense", "10.0.0.0/8"), "10.0.0.1");
    }
}
