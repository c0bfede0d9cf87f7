//! The calls.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::{Form as Fields, Json};
use serde_json::{Value, json};

use super::error::Error;
use super::message::{Form, Message};
use super::{Twilio, auth};

/// Rows of a page where nothing else is said, and at most.
const PAGE_ROWS: usize = 50;
const PAGE_ROWS_MAX: usize = 1_000;

type Answer = Result<Json<Value>, Error>;

pub(super) async fn create(
    State(twilio): State<Twilio>,
    OriginalUri(uri): OriginalUri,
    Path(account): Path<String>,
    headers: HeaderMap,
    Fields(form): Fields<Form>,
) -> Result<(StatusCode, Json<Value>), Error> {
    auth::check(&twilio, &headers, &account, uri.path())?;
    let now_ms = twilio.shared.clock.now_ms();
    let mut state = twilio.state();
    // Of SMS and of WhatsApp alike: 32 hexadecimal digits.
    let sid = format!("SM{}{}", state.entropy.digits(16), state.entropy.digits(16));
    let message = Message::asked(&form, &twilio.shared.sender, sid, now_ms)?;
    let shown = message.shown(now_ms);
    state.messages.put(message);
    Ok((StatusCode::CREATED, Json(shown)))
}

pub(super) async fn fetch(
    State(twilio): State<Twilio>,
    OriginalUri(uri): OriginalUri,
    Path((account, message)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    auth::check(&twilio, &headers, &account, uri.path())?;
    let found = sid(&message).and_then(|sid| twilio.state().messages.get(sid).cloned());
    let found = found.ok_or_else(|| Error::missing(uri.path()))?;
    Ok(Json(found.shown(twilio.shared.clock.now_ms())))
}

/// Blanks what a message says: the one change that is offered.
pub(super) async fn update(
    State(twilio): State<Twilio>,
    OriginalUri(uri): OriginalUri,
    Path((account, message)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    auth::check(&twilio, &headers, &account, uri.path())?;
    if body.as_ref() != b"Body=" {
        return Err(Error::refused(20_001, "Only an empty Body is taken."));
    }
    let mut state = twilio.state();
    let found = sid(&message).and_then(|sid| state.messages.get_mut(sid));
    let found = found.ok_or_else(|| Error::missing(uri.path()))?;
    found.body.clear();
    Ok(Json(found.shown(twilio.shared.clock.now_ms())))
}

pub(super) async fn delete(
    State(twilio): State<Twilio>,
    OriginalUri(uri): OriginalUri,
    Path((account, message)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Error> {
    auth::check(&twilio, &headers, &account, uri.path())?;
    let removed = sid(&message).and_then(|sid| twilio.state().messages.remove(sid));
    removed.map(|_| StatusCode::NO_CONTENT).ok_or_else(|| Error::missing(uri.path()))
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    OriginalUri(uri): OriginalUri,
    Path(account): Path<String>,
    Query(asked): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Answer {
    auth::check(&twilio, &headers, &account, uri.path())?;
    let number = |name: &str| asked.get(name).and_then(|text| text.parse::<usize>().ok());
    let rows = number("PageSize").unwrap_or(PAGE_ROWS).clamp(1, PAGE_ROWS_MAX);
    let page = number("Page").unwrap_or_default();
    let is_asked_for = |message: &&Message| {
        let fits = |name: &str, value: Option<&str>| {
            asked.get(name).is_none_or(|wanted| Some(wanted.as_str()) == value)
        };
        fits("To", Some(&message.to)) && fits("From", message.from.as_deref())
    };
    let (now_ms, state) = (twilio.shared.clock.now_ms(), twilio.state());
    let mut found = state.messages.newest_first().filter(is_asked_for).skip(page.saturating_mul(rows));
    let messages: Vec<Value> = found.by_ref().take(rows).map(|message| message.shown(now_ms)).collect();
    let at = |page: usize| format!("{}?PageSize={rows}&Page={page}", uri.path());
    let start = page.saturating_mul(rows);
    Ok(Json(json!({
        "first_page_uri": at(0),
        "end": start + messages.len().saturating_sub(1),
        "previous_page_uri": page.checked_sub(1).map(at),
        "next_page_uri": found.next().map(|_| at(page + 1)),
        "page": page,
        "page_size": rows,
        "start": start,
        "uri": at(page),
        "messages": messages,
    })))
}

/// The last part of an address without its `.json`.
fn sid(part: &str) -> Option<&str> {
    part.strip_suffix(".json")
}
