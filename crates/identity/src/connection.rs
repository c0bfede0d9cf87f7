//! How a request came: from which address, whether over TLS, and with what.
//!
//! The first `X-Forwarded-For` is whatever the sender wrote. Only entries that a configured proxy added are believed:
//! the list is read from its end while the addresses are proxies'.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;

use crate::device::Device;

/// How many proxies may stand in a row.
const PROXIES_MAX: usize = 8;

/// What carried the request here; the TLS listener puts it into the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// Plain HTTP: this machine, or a proxy that ends TLS.
    #[default]
    Plain,
    /// TLS, at our listener or at a trusted proxy's.
    Tls,
}

/// Where a request came from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Connection {
    /// The sender's address; none where the server was called without a network.
    pub address: Option<IpAddr>,
    /// What carried it on the outside.
    pub transport: Transport,
    /// What the sender says it is.
    pub device: Device,
}

impl Connection {
    /// Reads the connection of a request that came through `trusted` proxies or none.
    pub(crate) fn of(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
        let transport = extensions.get::<Transport>().copied().unwrap_or_default();
        let device = Device::read(headers);
        match peer {
            Some(peer) if is_trusted(peer, trusted) => Self {
                address: Some(forwarded_for(peer, headers, trusted)),
                transport: if forwarded_over_tls(headers) { Transport::Tls } else { transport },
                device,
            },
            address => Self { address, transport, device },
        }
    }

    /// What limits are counted by: an IPv4 address, or the /64 that an IPv6 household has to itself.
    pub fn network(&self) -> [u8; 16] {
        let mut bytes = match self.address {
            Some(IpAddr::V4(v4)) => return v4.to_ipv6_mapped().octets(),
            Some(IpAddr::V6(v6)) => v6.octets(),
            None => return Ipv6Addr::UNSPECIFIED.octets(),
        };
        bytes[8..].fill(0);
        bytes
    }
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|net| net.contains(&address))
}

/// The last address of the list that is no proxy of ours.
fn forwarded_for(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).collect();
    let mut sender = peer;
    for entry in lines.iter().flat_map(|line| line.split(',')).rev().take(PROXIES_MAX) {
        let Ok(address) = entry.trim().parse::<IpAddr>() else { break };
        sender = address.to_canonical();
        if !is_trusted(sender, trusted) {
            break;
        }
    }
    sender
}

fn forwarded_over_tls(headers: &HeaderMap) -> bool {
    let last = headers.get_all("x-forwarded-proto").iter().next_back();
    last.and_then(|v| v.to_str().ok()).is_some_and(|v| v.trim().eq_ignore_ascii_case("https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(peer: &str, forwarded: &[&str], proto: Option<&'static str>) -> Connection {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4711)));
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        if let Some(proto) = proto {
            headers.insert("x-forwarded-proto", proto.parse().unwrap());
        }
        Connection::of(&extensions, &headers, &["10.0.0.0/8".parse().unwrap()])
    }

    fn address(peer: &str, forwarded: &[&str]) -> String {
        connection(peer, forwarded, None).address.unwrap().to_string()
    }

    #[test]
    fn a_forged_forwarding_header_is_not_believed() {
        assert_eq!(address("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(connection("203.0.113.9", &[], Some("https")).transport, Transport::Plain);
    }

    #[test]
    fn behind_a_trusted_proxy_the_entry_it_added_counts() {
        assert_eq!(address("10.0.0.1", &["198.51.100.66, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(address("10.0.0.1", &["198.51.100.66", "203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(connection("10.0.0.1", &[], Some("https")).transport, Transport::Tls);
    }

    #[test]
    fn a_garbled_list_ends_at_the_proxy_that_is_known() {
        assert_eq!(address("10.0.0.1", &["203.0.113.9, nonsense, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(address("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn one_ipv6_household_counts_as_one() {
        let of = |text: &str| connection(text, &[], None).network();
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
    }
}
