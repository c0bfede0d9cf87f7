//! The cookies: a person's session, a sign-in that waits for a code or is under way elsewhere, a phone's guest secret.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponseParts, ResponseParts};
use chrono::TimeDelta;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

use crate::connection::Transport;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A person's session.
    Session,
    /// A sign-in that waits for a code.
    Half,
    /// A sign-in elsewhere that is under way, or an account there that waits to be linked.
    OpenId,
    /// A phone's secret, for the passes of its visits.
    Guest,
}

impl Kind {
    /// Over TLS the name itself makes browsers refuse a cookie that another host or a plain page would set.
    pub const fn name(self, transport: Transport) -> &'static str {
        match (self, transport) {
            (Self::Session, Transport::Tls) => "__Host-vyapar_session",
            (Self::Session, Transport::Plain) => "vyapar_session",
            (Self::Half, Transport::Tls) => "__Host-vyapar_half",
            (Self::Half, Transport::Plain) => "vyapar_half",
            (Self::OpenId, Transport::Tls) => "__Host-vyapar_openid",
            (Self::OpenId, Transport::Plain) => "vyapar_openid",
            (Self::Guest, Transport::Tls) => "__Host-vyapar_guest",
            (Self::Guest, Transport::Plain) => "vyapar_guest",
        }
    }

    /// The token that the request carries.
    pub fn read(self, headers: &HeaderMap, transport: Transport) -> Option<String> {
        // Ours have 43 characters; what is longer is not looked up.
        find(headers, self.name(transport)).filter(|value| value.len() == 43)
    }
}

/// What the request's first cookie of this name says.
pub(crate) fn find(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).filter_map(Result::ok);
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

/// A `Set-Cookie` header: part of a handler's answer.
#[derive(Clone)]
pub struct SetCookie(HeaderValue);

impl SetCookie {
    /// Keeps `token` on the device for `max_age`.
    pub(crate) fn keep(kind: Kind, transport: Transport, token: &str, max_age: TimeDelta) -> Self {
        Self::write(kind, transport, token, Duration::seconds(max_age.num_seconds().max(0)))
    }

    /// Makes the device forget.
    pub(crate) fn forget(kind: Kind, transport: Transport) -> Self {
        Self::write(kind, transport, "", Duration::ZERO)
    }

    fn write(kind: Kind, transport: Transport, token: &str, max_age: Duration) -> Self {
        let cookie = Cookie::build((kind.name(transport), token))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(transport == Transport::Tls)
            .max_age(max_age)
            .build();
        Self(cookie.to_string().parse().expect("a token is URL-safe text"))
    }
}

impl IntoResponseParts for SetCookie {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Self::Error> {
        response.headers_mut().append(SET_COOKIE, self.0);
        Ok(response)
    }
}

impl std::fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SetCookie(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789012345678901234567890123456789abc";

    fn read(line: &str, transport: Transport) -> Option<String> {
        Kind::Session.read(&HeaderMap::from_iter([(COOKIE, line.parse().unwrap())]), transport)
    }

    #[test]
    fn over_tls_the_cookie_is_bound_to_the_host() {
        let SetCookie(value) = SetCookie::keep(Kind::Session, Transport::Tls, TOKEN, TimeDelta::days(90));
        assert_eq!(
            value,
            format!("__Host-vyapar_session={TOKEN}; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=7776000")
        );
    }

    #[test]
    fn over_plain_http_it_can_be_kept_and_script_still_cannot_read_it() {
        let SetCookie(value) = SetCookie::keep(Kind::Guest, Transport::Plain, TOKEN, TimeDelta::days(7));
        assert_eq!(value, format!("vyapar_guest={TOKEN}; HttpOnly; SameSite=Lax; Path=/; Max-Age=604800"));
    }

    #[test]
    fn a_cookie_of_the_other_transport_or_another_length_is_not_read() {
        assert_eq!(read(&format!("a=b; vyapar_session={TOKEN}"), Transport::Plain).as_deref(), Some(TOKEN));
        assert_eq!(read(&format!("vyapar_session={TOKEN}"), Transport::Tls), None);
        assert_eq!(read(&format!("vyapar_session={TOKEN}x"), Transport::Plain), None);
        assert_eq!(read("vyapar_session=", Transport::Plain), None);
    }
}
