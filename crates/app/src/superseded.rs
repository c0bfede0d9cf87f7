//! Endpoints that another has taken the place of: one table, told with each of their answers and in the document.
//!
//! **Invariants.** Whoever calls one learns since when it is superseded (RFC 9745) and when it goes (RFC 8594), at the earliest half a year
//! later. It works until then: phones keep pages that call it.

use axum::extract::{MatchedPath, Request};
use axum::http::header::LINK;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::{Deprecated, OpenApi};

use crate::router::API;

/// An endpoint that goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Superseded {
    /// Its method.
    pub method: &'static str,
    /// Its path, below that of the API.
    pub path: &'static str,
    /// What is called in its place.
    pub instead: (&'static str, &'static str),
    /// Since when.
    pub since: NaiveDate,
    /// When it goes.
    pub goes: NaiveDate,
}

/// All of them.
pub const SUPERSEDED: &[Superseded] = &[
    // A key in an address that is read by `GET` stays in histories, and pages are fetched ahead.
    Superseded {
        method: "GET",
        path: "/passes/exports/{key}",
        instead: ("POST", "/passes/exports/{key}/file"),
        since: day(2026, 11, 27),
        goes: day(2027, 6, 1),
    },
];

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar")
}

impl Superseded {
    fn find(method: &str, path: &str) -> Option<&'static Self> {
        SUPERSEDED.iter().find(|it| (it.method, it.path) == (method, path))
    }

    /// What each of its answers says.
    fn tell(&self, headers: &mut HeaderMap) {
        let (since, goes) = (begin_of(self.since).timestamp(), begin_of(self.goes));
        let said = [
            (HeaderName::from_static("deprecation"), format!("@{since}")),
            (HeaderName::from_static("sunset"), goes.format("%a, %d %b %Y %H:%M:%S GMT").to_string()),
            (LINK, format!("<{API}/openapi.json>; rel=\"deprecation\"; type=\"application/json\"")),
        ];
        for (name, value) in said {
            headers.insert(name, HeaderValue::from_str(&value).expect("dates and addresses are plain ASCII"));
        }
    }
}

fn begin_of(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// Says with an answer that its endpoint goes, where that is so.
pub async fn tell(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    let path = path.strip_prefix(API).unwrap_or(path);
    let superseded = Superseded::find(request.method().as_str(), path);
    let mut response = next.run(request).await;
    if let Some(superseded) = superseded {
        tracing::info!(path = superseded.path, "a superseded endpoint was called");
        superseded.tell(response.headers_mut());
    }
    response
}

/// Writes into the document which endpoints go, when, and what takes their place.
pub fn describe(document: &mut OpenApi) {
    for it in SUPERSEDED {
        let Some(item) = document.paths.paths.get_mut(it.path) else { continue };
        let operation = match it.method {
            "GET" => &mut item.get,
            "PUT" => &mut item.put,
            "POST" => &mut item.post,
            "DELETE" => &mut item.delete,
            _ => &mut item.patch,
        };
        let Some(operation) = operation else { continue };
        operation.deprecated = Some(Deprecated::True);
        let (method, path) = it.instead;
        let said = Extensions::builder().add("x-sunset", it.goes.to_string());
        let said = said.add("x-instead", format!("{method} {path}")).build();
        operation.extensions.get_or_insert_default().merge(said);
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::permissions::ROUTES;

    #[test]
    fn each_is_an_endpoint_with_another_in_its_place_and_half_a_year_to_go() {
        let is_there = |method, path| ROUTES.iter().any(|(m, p, _)| (*m, *p) == (method, path));
        for it in SUPERSEDED {
            assert!(is_there(it.method, it.path), "{} {}", it.method, it.path);
            assert!(is_there(it.instead.0, it.instead.1), "{:?}", it.instead);
            assert!(Superseded::find(it.instead.0, it.instead.1).is_none(), "what stands instead stays");
            assert!(it.goes - it.since >= TimeDelta::days(180), "{} {}", it.method, it.path);
        }
    }
}
