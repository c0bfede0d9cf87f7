//! What a page of ours says with each write, beside where it comes from: a token of its own making, in a cookie and in a header.
//!
//! Pages of this host alone set that cookie over TLS (`__Host-`) and read it anywhere. A page elsewhere may have it sent along, and
//! cannot know what it says: a header that repeats it is a page of ours. (OWASP, "Double-Submit Cookie".)

use axum::http::HeaderMap;

use crate::connection::Transport;
use crate::cookies;

/// The header that repeats the cookie.
const HEADER: &str = "vyapar-token";
const COOKIE_OVER_TLS: &str = "__Host-vyapar_token";
const COOKIE: &str = "vyapar_token";
/// What pages make has 36 characters.
const CHARS: std::ops::RangeInclusive<usize> = 32..=64;

/// Whether a page of ours made the request.
pub(crate) fn is_ours(headers: &HeaderMap, transport: Transport) -> bool {
    let said = headers.get(HEADER).and_then(|value| value.to_str().ok());
    let Some(said) = said.filter(|said| CHARS.contains(&said.len())) else {
        return false;
    };
    let kept = |name| cookies::find(headers, name).is_some_and(|kept| kept == said);
    // A page over TLS whose proxy does not say so keeps the stricter one.
    kept(COOKIE_OVER_TLS) || transport == Transport::Plain && kept(COOKIE)
}

#[cfg(test)]
mod tests {
    use axum::http::header::{COOKIE, HeaderName};

    use super::*;

    const TOKEN: &str = "0b8f1d0c-6f0e-4a53-9d1a-5f1a3c0f7e21";

    fn is_ours(header: &str, cookie: &str, transport: Transport) -> bool {
        let headers = [(HeaderName::from_static(HEADER), header), (COOKIE, cookie)];
        let headers = headers.map(|(name, value)| (name, value.parse().unwrap()));
        super::is_ours(&HeaderMap::from_iter(headers), transport)
    }

    #[test]
    fn a_page_that_repeats_its_cookie_is_ours() {
        let strict = format!("a=b; __Host-vyapar_token={TOKEN}");
        assert!(is_ours(TOKEN, &strict, Transport::Tls));
        assert!(is_ours(TOKEN, &strict, Transport::Plain));
        assert!(is_ours(TOKEN, &format!("vyapar_token={TOKEN}"), Transport::Plain));
    }

    #[test]
    fn a_page_that_does_not_know_the_cookie_is_not() {
        let kept = format!("vyapar_token={TOKEN}");
        for (header, cookie) in [
            ("", kept.as_str()),
            (TOKEN, ""),
            (TOKEN, "vyapar_token="),
            ("", "vyapar_token="),
            (&TOKEN.replace('0', "1"), &kept),
            ("short", "vyapar_token=short"),
        ] {
            assert!(!is_ours(header, cookie, Transport::Plain), "{header} {cookie}");
        }
    }

    #[test]
    fn over_tls_a_cookie_that_another_host_could_set_says_nothing() {
        assert!(!is_ours(TOKEN, &format!("vyapar_token={TOKEN}"), Transport::Tls));
    }
}
