//! Outbound HTTP, with limits on time, size and redirects.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{ClientBuilder, Response, Url};

/// How long the vendor may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Why a vendor's answer could not be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Refused, unreachable, cut off, or not HTTP.
    #[error("the service could not be reached")]
    Unreachable(#[source] reqwest::Error),
    /// No answer in time: whether the call had an effect is not known.
    #[error("the service did not answer in time")]
    TimedOut,
    /// The answer is larger than the caller takes.
    #[error("the service answered with more than {bytes_max} bytes")]
    TooLarge {
        /// The limit.
        bytes_max: usize,
    },
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() { Self::TimedOut } else { Self::Unreachable(error.without_url()) }
    }
}

/// A client for one vendor: whole calls end within `timeout`, redirects are not followed, proxies are not guessed.
///
/// # Panics
/// Where the TLS back end cannot be set up, which is a broken build.
pub fn client(timeout: Duration) -> reqwest::Client {
    builder(timeout).build().expect("a client with ring as its TLS provider can be built")
}

/// A client for addresses that somebody else chose: as [`client`], but names that lead into a private network do not
/// resolve. An address written as numbers is not looked up: ask [`is_public_https`] first.
///
/// # Panics
/// As [`client`].
pub fn client_for_public_hosts(timeout: Duration) -> reqwest::Client {
    let builder = builder(timeout).https_only(true).dns_resolver(Arc::new(PublicHosts));
    builder.build().expect("a client with ring as its TLS provider can be built")
}

/// Whether an address that somebody else chose may be called: `https` on its usual port, without credentials, at a name or
/// at a public address.
pub fn is_public_https(url: &Url) -> bool {
    let plain = url.scheme() == "https" && url.port().is_none() && url.username().is_empty();
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    let numbers = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let local = host == "localhost" || host.ends_with(".localhost") || !host.contains('.');
    plain && url.password().is_none() && numbers.map_or(!local, is_public)
}

/// Whether an address belongs to the internet: not to this machine, a private network, a link, a test or a group.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocols = (a, b, c) == (192, 0, 0) || (a, b, c) == (192, 88, 99);
    let benchmarks = a == 198 && (b == 18 || b == 19);
    let special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_documentation();
    !(special || shared || protocols || benchmarks || a == 0 || a >= 224)
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let [a, b, ..] = v6.segments();
    // Only 2000::/3 is given out; in it are documentation, tunnels that carry an IPv4 address, and tests.
    let tunnel = a == 0x2002 || (a == 0x2001 && b < 0x0200);
    let documentation = (a == 0x2001 && b == 0x0db8) || (a == 0x3fff && b < 0x1000);
    a & 0xe000 == 0x2000 && !tunnel && !documentation
}

/// Looks names up and gives public addresses only; the connection goes to what was looked at, so that a second look-up cannot differ.
#[derive(Debug)]
struct PublicHosts;

impl Resolve for PublicHosts {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = public_only(tokio::net::lookup_host((name.as_str(), 0)).await?);
            if found.is_empty() {
                return Err("the name leads to no public address".into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

/// Of what a name leads to, what belongs to the internet: a name may lead to both.
fn public_only(found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    found.filter(|address| is_public(address.ip())).collect()
}

fn builder(timeout: Duration) -> ClientBuilder {
    // A second call finds the provider installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(timeout)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("vyapar/", env!("CARGO_PKG_VERSION")))
}

/// Reads a whole answer of at most `bytes_max`, counting as it arrives.
///
/// # Errors
/// See [`Error`].
pub async fn read_body(mut response: Response, bytes_max: usize) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > bytes_max {
            return Err(Error::TooLarge { bytes_max });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_call(url: &str) -> bool {
        is_public_https(&url.parse().unwrap())
    }

    #[test]
    fn addresses_inside_are_not_public() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.5",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["8.8.8.8", "142.250.1.1", "2a00:1450:4001::1", "2607:f8b0::1"] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn only_plain_https_to_the_internet_is_called() {
        assert!(may_call("https://updates.push.example/wpush/v2/x"));
        assert!(may_call("https://8.8.8.8/x"));
        for refused in [
            "http://push.example/x",
            "https://push.example:8443/x",
            "https://user@push.example/x",
            "https://:p@push.example/",
            "https://localhost/x",
            "https://db/x",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://2130706433/",
            "https://0x7f.1/",
            "ftp://push.example/",
            "https://a.localhost./",
        ] {
            assert!(!may_call(refused), "{refused}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_does_not_resolve() {
        let error = client_for_public_hosts(Duration::from_secs(2))
            .get("https://localhost/")
            .send()
            .await
            .unwrap_err();
        assert!(error.is_connect(), "{error:?}");
    }

    #[test]
    fn of_a_name_that_leads_in_and_out_only_what_is_outside_is_called() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let found = ["127.0.0.1:0", "8.8.8.8:0", "[::1]:0", "10.0.0.1:0", "[2a00:1450:4001::1]:0"];
        assert_eq!(public_only(found.into_iter().map(at)), [at("8.8.8.8:0"), at("[2a00:1450:4001::1]:0")]);
        assert!(public_only(["[::ffff:169.254.169.254]:0"].into_iter().map(at)).is_empty());
    }

    #[tokio::test]
    async fn a_redirect_is_told_and_not_followed() {
        use std::io::{Read, Write};
        let inside = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let outside = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let (to, from) = (inside.local_addr().unwrap(), outside.local_addr().unwrap());
        let leads = std::thread::spawn(move || {
            let (mut connection, _) = outside.accept().unwrap();
            let asked = connection.read(&mut [0; 1_024]).unwrap();
            assert!(asked > 0);
            let answer = format!("HTTP/1.1 302 Found\r\nlocation: http://{to}/\r\ncontent-length: 0\r\n\r\n");
            connection.write_all(answer.as_bytes()).unwrap();
        });
        let answer = client(Duration::from_secs(2)).get(format!("http://{from}/")).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 302);
        leads.join().unwrap();
        inside.set_nonblocking(true).unwrap();
        assert!(inside.accept().is_err(), "nobody came to where it leads");
    }
}
