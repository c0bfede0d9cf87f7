//! What goes wrong with deliveries on command.
//!
//! All matching rules apply to a delivery, in the order they were added, and each is used up by it once.

use serde::{Deserialize, Serialize};

/// The most rules an account may have.
pub(crate) const RULES_MAX: usize = 100;
const COPIES_MAX: u32 = 20;
const SPACING_MS_MAX: u64 = 3_600_000;
const REORDERED_MAX: u32 = 1_000;

/// One rule: which deliveries suffer, how many and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookFault {
    /// The event to match; any where absent.
    #[serde(default)]
    pub event: Option<String>,
    /// How many deliveries: 1 where absent, all from now on where `null`.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// What happens to them.
    #[serde(flatten)]
    pub fault: WebhookFaultKind,
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the field's own type")]
fn once() -> Option<u32> {
    Some(1)
}

/// What happens to a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WebhookFaultKind {
    /// It arrives more than once, with one event id.
    Duplicate {
        /// How many more than one, at most 20.
        copies: u32,
        /// All at the same moment, or one after the other.
        #[serde(default)]
        at_once: bool,
    },
    /// It is sent later, by the emulator's clock.
    Delay {
        /// At most an hour.
        delay_ms: u64,
    },
    /// The matched deliveries arrive last first. `times` says how many and must be given.
    Reorder {
        /// How far apart they are sent, by the emulator's clock.
        #[serde(default = "second")]
        spacing_ms: u64,
    },
    /// It is never sent, unless it is resent by hand.
    Lose,
    /// One bit of the body changes on the way; a retry is sound again.
    FlipByte,
    /// It is signed with a secret that is not the endpoint's.
    WrongSecret,
}

fn second() -> u64 {
    1_000
}

impl WebhookFault {
    /// A rule for the next delivery of any event.
    pub fn next(fault: WebhookFaultKind) -> Self {
        Self { event: None, times: once(), fault }
    }

    /// The same rule for the next `times` deliveries.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// The same rule for one event only.
    #[must_use]
    pub fn on(self, event: &str) -> Self {
        Self { event: Some(event.to_owned()), ..self }
    }

    /// The same rule until it is cleared.
    #[must_use]
    pub fn always(self) -> Self {
        Self { times: None, ..self }
    }

    pub(crate) fn invalid(&self) -> Option<&'static str> {
        match (&self.fault, self.times) {
            (_, Some(0)) => Some("times must be at least 1"),
            (WebhookFaultKind::Duplicate { copies, .. }, _) if !(1..=COPIES_MAX).contains(copies) => {
                Some("copies must be from 1 to 20")
            }
            (WebhookFaultKind::Delay { delay_ms: ms } | WebhookFaultKind::Reorder { spacing_ms: ms }, _)
                if *ms > SPACING_MS_MAX =>
            {
                Some("delays must be at most 3600000 ms")
            }
            (WebhookFaultKind::Reorder { .. }, None | Some(REORDERED_MAX..)) => {
                Some("a reorder needs times, below 1000")
            }
            _ => None,
        }
    }
}

/// How one delivery is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) due_ms: i64,
    pub(crate) lost: bool,
    pub(crate) flip: bool,
    pub(crate) wrong_secret: bool,
    /// How many times it is sent at the same moment.
    pub(crate) at_once: u32,
}

/// The deliveries one event makes to one endpoint.
pub(crate) fn drafts(rules: &mut Vec<WebhookFault>, event: &str, now_ms: i64) -> Vec<Draft> {
    let mut draft = Draft { due_ms: now_ms, lost: false, flip: false, wrong_secret: false, at_once: 1 };
    let mut repeats = 1;
    for rule in rules.iter_mut().filter(|rule| rule.event.as_deref().is_none_or(|wanted| wanted == event)) {
        match rule.fault {
            WebhookFaultKind::Duplicate { copies, at_once: true } => draft.at_once += copies,
            WebhookFaultKind::Duplicate { copies, at_once: false } => repeats += copies,
            WebhookFaultKind::Delay { delay_ms } => draft.due_ms += signed(delay_ms),
            // The first of n waits n times the spacing and the last of them once: last first.
            WebhookFaultKind::Reorder { spacing_ms } => {
                draft.due_ms += signed(spacing_ms) * i64::from(rule.times.unwrap_or(1));
            }
            WebhookFaultKind::Lose => draft.lost = true,
            WebhookFaultKind::FlipByte => draft.flip = true,
            WebhookFaultKind::WrongSecret => draft.wrong_secret = true,
        }
        rule.times = rule.times.map(|times| times.saturating_sub(1));
    }
    rules.retain(|rule| rule.times != Some(0));
    (0..repeats).map(|_| draft.clone()).collect()
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reordered_deliveries_leave_last_first() {
        let mut rules = vec![WebhookFault::next(WebhookFaultKind::Reorder { spacing_ms: 1_000 }).times(3)];
        let due: Vec<i64> = (0..4).map(|_| drafts(&mut rules, "order.paid", 0)[0].due_ms).collect();
        assert_eq!(due, [3_000, 2_000, 1_000, 0]);
        assert!(rules.is_empty());
    }

    #[test]
    fn rules_add_up_and_match_by_event() {
        let mut rules = vec![
            WebhookFault::next(WebhookFaultKind::Duplicate { copies: 2, at_once: false }).on("order.paid"),
            WebhookFault::next(WebhookFaultKind::FlipByte),
        ];
        let other = drafts(&mut rules, "payment.captured", 7);
        assert_eq!((other.len(), other[0].flip, other[0].due_ms), (1, true, 7));
        let tripled = drafts(&mut rules, "order.paid", 7);
        assert_eq!((tripled.len(), tripled[0].flip), (3, false));
    }

    #[test]
    fn a_rule_without_an_end_stays() {
        let mut rules = vec![WebhookFault::next(WebhookFaultKind::Lose).always()];
        assert!((0..50).all(|_| drafts(&mut rules, "order.paid", 0)[0].lost));
    }
}
