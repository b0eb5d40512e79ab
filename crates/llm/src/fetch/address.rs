//! Which addresses may be fetched.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether `ip` may be fetched: a public address, or (with `allow_private`) one of a private
/// network or of this machine. An IPv4 address within an IPv6 one is judged as what it is.
pub(super) fn may_fetch(ip: IpAddr, allow_private: bool) -> bool {
    match ip {
        IpAddr::V4(ip) => v4(ip, allow_private),
        IpAddr::V6(ip) => v6(ip, allow_private),
    }
}

/// A range: its first address and the bits that all of its addresses share.
type Range4 = ([u8; 4], u32);
type Range6 = ([u16; 8], u32);

/// Networks of one's own.
const PRIVATE_4: [Range4; 5] = [
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([172, 16, 0, 0], 12),
    ([192, 168, 0, 0], 16),
];

/// Never: "this" network, link-local (with the metadata of most clouds), protocol assignments
/// (with Oracle's), documentation, the old 6to4 relays, benchmarks, multicast, reserved; and the
/// metadata of Alibaba, amid addresses of providers' own networks.
const NEVER_4: [Range4; 11] = [
    ([0, 0, 0, 0], 8),
    ([100, 100, 100, 200], 32),
    ([169, 254, 0, 0], 16),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// This machine, and networks of one's own.
const PRIVATE_6: [Range6; 2] =
    [([0, 0, 0, 0, 0, 0, 0, 1], 128), ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7)];

/// Never, though within the private or public ranges: Amazon's metadata; protocol assignments with
/// Teredo, documentation, 6to4.
const NEVER_6: [Range6; 5] = [
    ([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// The only range from which public addresses are given.
const PUBLIC_6: Range6 = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
/// An IPv4 address written as IPv6, and one reached through a translator.
const MAPPED: Range6 = ([0, 0, 0, 0, 0, 0xffff, 0, 0], 96);
const TRANSLATED: Range6 = ([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);

fn v4(ip: Ipv4Addr, allow_private: bool) -> bool {
    let is_in = |(first, bits): &Range4| {
        (ip.to_bits() ^ Ipv4Addr::from(*first).to_bits()).leading_zeros() >= *bits
    };
    !NEVER_4.iter().any(is_in) && (allow_private || !PRIVATE_4.iter().any(is_in))
}

fn v6(ip: Ipv6Addr, allow_private: bool) -> bool {
    let is_in = |(first, bits): &Range6| {
        (ip.to_bits() ^ Ipv6Addr::from(*first).to_bits()).leading_zeros() >= *bits
    };
    if is_in(&MAPPED) || is_in(&TRANSLATED) {
        let [.., a, b, c, d] = ip.octets();
        return v4(Ipv4Addr::new(a, b, c, d), allow_private);
    }
    let private = allow_private && PRIVATE_6.iter().any(is_in);
    (is_in(&PUBLIC_6) || private) && !NEVER_6.iter().any(is_in)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn judged(ip: &str) -> (bool, bool) {
        let ip = ip.parse().expect("an address");
        (may_fetch(ip, false), may_fetch(ip, true))
    }

    #[rstest]
    fn public_addresses_are_fetched(
        #[values(
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "169.253.255.255",
            "223.255.255.255",
            "198.17.255.255",
            "2606:4700::1111",
            "2a00:1450:4001::200e",
            "::ffff:1.1.1.1",
            "64:ff9b::8.8.8.8"
        )]
        ip: &str,
    ) {
        assert_eq!(judged(ip), (true, true));
    }

    #[rstest]
    fn private_addresses_only_where_allowed(
        #[values(
            "10.0.0.1",
            "10.255.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "192.168.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "::1",
            "fc00::1",
            "fd12:3456::1",
            "::ffff:127.0.0.1",
            "::ffff:a00:1",
            "::ffff:192.168.1.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::7f00:1"
        )]
        ip: &str,
    ) {
        assert_eq!(judged(ip), (false, true));
    }

    #[rstest]
    fn these_addresses_never(
        #[values(
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "169.254.0.1",
            "169.254.170.2",
            "100.100.100.200",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:a9fe:a9fe",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::",
            "3fff::1",
            "4000::1",
            "5f00::1"
        )]
        ip: &str,
    ) {
        assert_eq!(judged(ip), (false, false));
    }
}
