//! Faults of a vendor's API on command, and the record of what was called.
//!
//! Rules are tried in the order they were added; the first that matches a call is used, and used up after `times`
//! calls. *Before* the effect nothing happens at the vendor; *after* it, the vendor did what was asked and only the
//! answer is lost, which is the case an idempotency key exists for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;

/// The most rules a vendor keeps.
pub const RULES_MAX: usize = 100;
/// The most calls a vendor remembers; older ones are forgotten.
pub const CALLS_MAX: usize = 2_000;
/// The longest pause a rule may ask for.
pub const DELAY_MS_MAX: u64 = 60_000;
const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;
/// A call that hangs is given up after this, so that a forgotten rule cannot hold connections for ever.
const HANG: Duration = Duration::from_mins(2);

/// One rule: which calls fail, when, how often and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApiFault {
    /// The HTTP method to match; any where absent.
    #[serde(default)]
    pub method: Option<String>,
    /// The path to match, `*` standing for one segment: `/v1/payments/*/refund`. Any where absent.
    #[serde(default)]
    pub path: Option<String>,
    /// How many calls to fail: 1 where absent, for ever where `null`.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// Before or after the vendor did what was asked.
    #[serde(default)]
    pub when: When,
    /// What the caller sees.
    #[serde(flatten)]
    pub fault: FaultKind,
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the field's own type")]
fn once() -> Option<u32> {
    Some(1)
}

/// Whether the vendor has done what was asked when the fault strikes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Nothing happened at the vendor.
    #[default]
    Before,
    /// It happened, and only the answer is lost.
    After,
}

/// What the caller sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// An error status with a body in the vendor's shape.
    Status {
        /// 400 to 599.
        status: u16,
        /// Sent as `Retry-After` where present.
        #[serde(default)]
        retry_after_s: Option<u32>,
    },
    /// The right answer, late. The pause is real time, as the caller's time-outs are.
    Delay {
        /// At most [`DELAY_MS_MAX`].
        delay_ms: u64,
    },
    /// No answer: the connection stays open until the caller gives up.
    Hang,
    /// Status 200 and a body that stops in the middle of its JSON.
    Malformed,
    /// The connection is cut in the middle of the body.
    Truncated,
}

impl ApiFault {
    /// A rule for the next call of any kind.
    pub fn next_call(fault: FaultKind) -> Self {
        Self { method: None, path: None, times: once(), when: When::Before, fault }
    }

    /// The same rule for calls of `method` and `path` only.
    #[must_use]
    pub fn on(self, method: &str, path: &str) -> Self {
        Self { method: Some(method.to_owned()), path: Some(path.to_owned()), ..self }
    }

    /// The same rule for the next `times` calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// The same rule, striking after the vendor did what was asked.
    #[must_use]
    pub fn after_the_effect(self) -> Self {
        Self { when: When::After, ..self }
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path.as_deref().is_none_or(|pattern| path_matches(pattern, path))
    }

    fn invalid(&self) -> Option<&'static str> {
        match self.fault {
            FaultKind::Status { status: 400..=599, .. } => None,
            FaultKind::Status { .. } => Some("status must be from 400 to 599"),
            FaultKind::Delay { delay_ms } if delay_ms > DELAY_MS_MAX => {
                Some("delay_ms must be at most 60000")
            }
            _ => None,
        }
    }
}

fn path_matches(pattern: &str, path: &str) -> bool {
    let mut wanted = pattern.split('/');
    let mut given = path.split('/');
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(want), Some(got)) if want == "*" || want == got => {}
            _ => return false,
        }
    }
}

/// One call that a vendor answered, or did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Milliseconds since 1970, by the emulator's clock.
    pub at_ms: i64,
    /// The HTTP method.
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// The status sent; absent while the call runs and where no answer was sent.
    pub status: Option<u16>,
}

/// The gate every API call of one vendor passes.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    book: Arc<Mutex<Book>>,
    clock: Clock,
    /// The vendor's body for an error status.
    refuse: fn(StatusCode) -> Response,
}

#[derive(Debug, Default)]
struct Book {
    rules: Vec<ApiFault>,
    calls: VecDeque<Call>,
    forgotten: usize,
}

impl Gate {
    pub(crate) fn new(clock: Clock, refuse: fn(StatusCode) -> Response) -> Self {
        Self { book: Arc::default(), clock, refuse }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, rule: ApiFault) -> Result<(), &'static str> {
        if let Some(problem) = rule.invalid() {
            return Err(problem);
        }
        let mut book = self.book();
        if book.rules.len() >= RULES_MAX {
            return Err("too many fault rules: delete them first");
        }
        book.rules.push(rule);
        Ok(())
    }

    pub(crate) fn rules(&self) -> Vec<ApiFault> {
        self.book().rules.clone()
    }

    pub(crate) fn clear(&self) {
        self.book().rules.clear();
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.book().calls.iter().cloned().collect()
    }

    pub(crate) fn reset(&self) {
        *self.book() = Book::default();
    }

    fn begin(&self, method: &str, path: &str) -> (usize, Option<ApiFault>) {
        let at_ms = self.clock.now_ms();
        let mut book = self.book();
        if book.calls.len() == CALLS_MAX {
            book.calls.pop_front();
            book.forgotten += 1;
        }
        book.calls.push_back(Call { at_ms, method: method.to_owned(), path: path.to_owned(), status: None });
        let number = book.forgotten + book.calls.len() - 1;
        (number, book.take(method, path))
    }

    fn end(&self, number: usize, status: StatusCode) {
        let mut book = self.book();
        let at = number.checked_sub(book.forgotten);
        if let Some(call) = at.and_then(|at| book.calls.get_mut(at)) {
            call.status = Some(status.as_u16());
        }
    }
}

impl Book {
    fn take(&mut self, method: &str, path: &str) -> Option<ApiFault> {
        let at = self.rules.iter().position(|rule| rule.matches(method, path))?;
        let rule = self.rules[at].clone();
        match self.rules[at].times {
            Some(0 | 1) => {
                self.rules.remove(at);
            }
            Some(times) => self.rules[at].times = Some(times - 1),
            None => {}
        }
        Some(rule)
    }
}

/// The middleware in front of a vendor's API.
pub(crate) async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (number, rule) = gate.begin(request.method().as_str(), request.uri().path());
    let response = match rule {
        None => next.run(request).await,
        Some(rule) => strike(&gate, rule, request, next).await,
    };
    gate.end(number, response.status());
    response
}

async fn strike(gate: &Gate, rule: ApiFault, request: Request, next: Next) -> Response {
    if let FaultKind::Delay { delay_ms } = rule.fault
        && rule.when == When::Before
    {
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        return next.run(request).await;
    }
    let answer = match (&rule.fault, rule.when) {
        (FaultKind::Status { .. } | FaultKind::Hang, When::Before) => None,
        _ => Some(next.run(request).await),
    };
    match (rule.fault, answer) {
        (FaultKind::Status { status, retry_after_s }, _) => refuse(gate, status, retry_after_s),
        (FaultKind::Delay { delay_ms }, Some(answer)) => {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            answer
        }
        (FaultKind::Malformed, Some(answer)) => cut_json(answer).await,
        (FaultKind::Truncated, Some(answer)) => cut_connection(answer).await,
        (_, _) => {
            tokio::time::sleep(HANG).await;
            (gate.refuse)(StatusCode::GATEWAY_TIMEOUT)
        }
    }
}

fn refuse(gate: &Gate, status: u16, retry_after_s: Option<u32>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (gate.refuse)(status);
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

async fn halves(answer: Response) -> (axum::http::response::Parts, Bytes, usize) {
    let (parts, body) = answer.into_parts();
    let whole = to_bytes(body, ANSWER_BYTES_MAX).await.unwrap_or_default();
    let length = whole.len();
    (parts, whole.slice(..length / 2), length)
}

async fn cut_json(answer: Response) -> Response {
    let (mut parts, half, _) = halves(answer).await;
    parts.status = StatusCode::OK;
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(half))
}

async fn cut_connection(answer: Response) -> Response {
    let (mut parts, half, length) = halves(answer).await;
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    let cut = async {
        // The half must have left before the connection breaks, or the caller would see no answer at all.
        tokio::task::yield_now().await;
        Err(std::io::Error::other("cut on command"))
    };
    let broken = stream::once(async { Ok(half) }).chain(stream::once(cut));
    Response::from_parts(parts, Body::from_stream(broken))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> Gate {
        Gate::new(Clock::frozen_at(0), |status| {
            let mut response = Response::default();
            *response.status_mut() = status;
            response
        })
    }

    #[test]
    fn a_star_stands_for_exactly_one_segment() {
        assert!(path_matches("/v1/payments/*/refund", "/v1/payments/pay_1/refund"));
        assert!(!path_matches("/v1/payments/*/refund", "/v1/payments/pay_1/x/refund"));
        assert!(!path_matches("/v1/payments/*", "/v1/payments"));
    }

    #[test]
    fn a_rule_is_used_up_and_the_first_match_wins() {
        let gate = gate();
        let down = FaultKind::Status { status: 503, retry_after_s: None };
        gate.add(ApiFault::next_call(FaultKind::Hang).on("POST", "/v1/orders")).unwrap();
        gate.add(ApiFault::next_call(down.clone()).times(2)).unwrap();
        let strikes: Vec<_> =
            [("GET", "/v1/orders"), ("POST", "/v1/orders"), ("POST", "/v1/orders"), ("GET", "/x")]
                .into_iter()
                .map(|(method, path)| gate.begin(method, path).1.map(|rule| rule.fault))
                .collect();
        assert_eq!(strikes, [Some(down.clone()), Some(FaultKind::Hang), Some(down), None]);
    }

    #[test]
    fn rules_and_calls_are_bounded() {
        let gate = gate();
        for _ in 0..RULES_MAX {
            gate.add(ApiFault::next_call(FaultKind::Hang).on("GET", "/never")).unwrap();
        }
        assert!(gate.add(ApiFault::next_call(FaultKind::Hang)).is_err());
        for _ in 0..=CALLS_MAX {
            gate.begin("GET", "/v1/orders");
        }
        assert_eq!(gate.calls().len(), CALLS_MAX);
    }

    #[test]
    fn a_status_outside_the_error_range_is_refused() {
        let ok = FaultKind::Status { status: 204, retry_after_s: None };
        assert!(gate().add(ApiFault::next_call(ok)).is_err());
    }
}
