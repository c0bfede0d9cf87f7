//! Faults of a vendor's API on command, and the record of what was called.
//!
//! Rules are tried in the order they were added; the first that matches a call is used, and used up after `times`
//! calls. *Before* the effect nothing happens at the vendor; *after* it, the vendor did what was asked and only the
//! answer is lost, which is the case an idempotency key exists for.

mod gate;

use serde::{Deserialize, Serialize};

pub use gate::{CALLS_MAX, Call};
pub(crate) use gate::{Gate, pass};

/// The most rules a vendor keeps.
pub const RULES_MAX: usize = 100;
/// The longest pause a rule may ask for.
pub const DELAY_MS_MAX: u64 = 60_000;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_exactly_one_segment() {
        assert!(path_matches("/v1/payments/*/refund", "/v1/payments/pay_1/refund"));
        assert!(!path_matches("/v1/payments/*/refund", "/v1/payments/pay_1/x/refund"));
        assert!(!path_matches("/v1/payments/*", "/v1/payments"));
    }

    #[test]
    fn a_status_outside_the_error_range_is_refused() {
        let ok = FaultKind::Status { status: 204, retry_after_s: None };
        assert!(ApiFault::next_call(ok).invalid().is_some());
    }
}
