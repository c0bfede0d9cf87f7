//! Writes that a browser sent from another site are refused.
//!
//! A browser says where a request comes from (`Sec-Fetch-Site`, `Origin`) and a page cannot change that. What says neither
//! is no browser and carries no cookies it did not choose to carry. Together with `SameSite=Lax` cookies and JSON bodies,
//! which a foreign form cannot send, this leaves no way to act in somebody's name.

use axum::http::{HeaderMap, Method};

/// The origins (`https://stall.example`) whose pages may write and open sockets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(Vec<String>);

impl Origins {
    /// These origins: scheme, host and port as browsers write them, without a path.
    pub fn new(origins: impl IntoIterator<Item = String>) -> Self {
        Self(origins.into_iter().map(|origin| origin.trim_end_matches('/').to_ascii_lowercase()).collect())
    }

    /// Whether a page of this origin may open a socket. A request that names none comes from no browser.
    pub fn allow(&self, headers: &HeaderMap) -> bool {
        match headers.get("origin") {
            None => true,
            Some(origin) => origin.to_str().is_ok_and(|origin| self.contains(origin)),
        }
    }

    /// Whether this is one of them.
    pub(crate) fn contains(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known.eq_ignore_ascii_case(origin))
    }

    /// Whether a browser made the request for a page: it says where that is from.
    pub(crate) fn are_named(headers: &HeaderMap) -> bool {
        headers.contains_key("origin") || headers.contains_key("sec-fetch-site")
    }

    /// Whether a request may go on: reads may, and writes that no other site's page caused.
    pub(crate) fn allow_write(&self, method: &Method, headers: &HeaderMap) -> bool {
        if method.is_safe() {
            return true;
        }
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        if text("origin").is_some_and(|origin| self.contains(origin)) {
            return true;
        }
        match (text("sec-fetch-site"), text("origin")) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, None) => true,
            // An older browser: the page's host is the one it calls.
            (None, Some(origin)) => {
                let host = origin.split_once("://").map(|(_, host)| host);
                host.is_some_and(|host| text("host").is_some_and(|own| own.eq_ignore_ascii_case(host)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_write(headers: &[(&'static str, &'static str)]) -> bool {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Origins::new(["https://stall.example/".to_owned()]).allow_write(&Method::POST, &headers)
    }

    #[test]
    fn a_page_of_another_site_may_not_write() {
        for headers in [
            &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")][..],
            &[("sec-fetch-site", "same-site"), ("origin", "https://other.stall.example")],
            &[("sec-fetch-site", "cross-site")],
            &[("origin", "https://evil.example"), ("host", "stall.example")],
            &[("origin", "null"), ("host", "stall.example")],
            &[("origin", "https://stall.example.evil.example"), ("host", "stall.example")],
        ] {
            assert!(!may_write(headers), "{headers:?}");
        }
    }

    #[test]
    fn our_own_pages_and_programs_may_write() {
        for headers in [
            &[("sec-fetch-site", "same-origin"), ("origin", "http://192.0.2.7:8080")][..],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://stall.example")],
            &[("origin", "http://192.0.2.7:8080"), ("host", "192.0.2.7:8080")],
            &[],
        ] {
            assert!(may_write(headers), "{headers:?}");
        }
    }

    #[test]
    fn a_socket_is_opened_from_a_configured_origin_or_by_a_program() {
        let origins = Origins::new(["https://stall.example".to_owned()]);
        let of = |origin: &str| HeaderMap::from_iter([("origin".parse().unwrap(), origin.parse().unwrap())]);
        assert!(origins.allow(&of("https://stall.example")));
        assert!(!origins.allow(&of("http://stall.example")), "another scheme is another origin");
        assert!(!origins.allow(&of("https://evil.example")));
        assert!(origins.allow(&HeaderMap::new()));
    }
}
