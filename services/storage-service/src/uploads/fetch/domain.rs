//! What may be fetched, and from where.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use reqwest::Url;

/// IPv4 that is not the public's: the IANA registry of special-purpose addresses, multicast and reserved ones.
const SPECIAL_V4: [Ipv4Net; 15] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// The only IPv6 that is routed in public. Outside of it: loopback, mapped IPv4, NAT64, unique local, link-local, multicast.
const PUBLIC_V6: Ipv6Net = v6([0x2000, 0, 0], 3);

/// What is not the public's inside of that: protocol assignments with Teredo and benchmarks, documentation, 6to4.
const SPECIAL_V6: [Ipv6Net; 4] =
    [v6([0x2001, 0, 0], 23), v6([0x2001, 0xdb8, 0], 32), v6([0x2002, 0, 0], 16), v6([0x3fff, 0, 0], 20)];

const fn v4(address: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = address;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(address: [u16; 3], prefix: u8) -> Ipv6Net {
    let [a, b, c] = address;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// Whether an address is one that everybody can reach.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|network| network.contains(&address)),
        IpAddr::V6(address) => {
            PUBLIC_V6.contains(&address) && !SPECIAL_V6.iter().any(|network| network.contains(&address))
        }
    }
}

/// Whether a URL is written as one that may be fetched, wherever it leads; with the reason when it is not.
pub(super) fn judge(url: &Url) -> Result<(), &'static str> {
    if !matches!(url.scheme(), "https" | "http") {
        return Err("only https is fetched");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a URL with credentials is not fetched");
    }
    // Below lie protocols that a request may be mistaken by.
    match url.port() {
        Some(port @ 0..1024) if !matches!(port, 80 | 443) => Err("this port is not fetched from"),
        _ => Ok(()),
    }
}

/// The address that a URL names in place of a host. (However it was written: reading the URL has made it an ordinary one.)
pub(super) fn named_address(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_matches(['[', ']']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_everybody_can_reach_is_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.128.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "2001:200::1",
            "2606:4700::1111",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_address_is_found_however_it_is_written() {
        for (url, address) in [
            ("https://127.0.0.1/", "127.0.0.1"),
            ("https://2130706433/", "127.0.0.1"),
            ("https://0x7f000001/", "127.0.0.1"),
            ("https://0177.0.0.1/", "127.0.0.1"),
            ("https://127.1/", "127.0.0.1"),
            ("https://127.0.0.1./", "127.0.0.1"),
            ("https://%31%32%37.0.0.1/", "127.0.0.1"),
            ("https://①②⑦.0.0.1/", "127.0.0.1"),
            ("https://[::1]/", "::1"),
            ("https://[0:0::ffff:7f00:1]/", "::ffff:127.0.0.1"),
        ] {
            let named = named_address(&url.parse().unwrap());
            assert_eq!(named.map(|named| named.to_string()).as_deref(), Some(address), "{url}");
        }
        assert_eq!(named_address(&"https://example.org/".parse().unwrap()), None);
    }

    #[test]
    fn a_url_says_where_and_nothing_else() {
        for url in ["https://example.org/a", "https://example.org:8443/a", "http://example.org:80/"] {
            assert_eq!(judge(&url.parse().unwrap()), Ok(()), "{url}");
        }
        for url in [
            "ftp://example.org/",
            "file:///etc/passwd",
            "gopher://example.org/",
            "data:text/plain,a",
            "javascript:1",
            "https://ann@example.org/",
            "https://:secret@example.org/",
            "https://example.org:22/",
            "https://example.org:0/",
        ] {
            assert!(judge(&url.parse().unwrap()).is_err(), "{url}");
        }
    }
}
