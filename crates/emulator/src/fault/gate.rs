//! The gate every API call of a vendor passes: it records the call and lets a fault strike.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use futures::{StreamExt, stream};
use serde::Serialize;

use super::{ApiFault, FaultKind, RULES_MAX, When};
use crate::clock::Clock;

/// The most calls a vendor remembers; older ones are forgotten.
pub const CALLS_MAX: usize = 2_000;
const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;
/// A call that hangs is given up after this, so that a forgotten rule cannot hold connections for ever.
const HANG: Duration = Duration::from_mins(2);

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
}
