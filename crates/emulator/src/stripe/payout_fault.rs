//! What goes wrong with payouts: they keep another fee than the charge says.

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::balance::{Movement, Transaction};

/// The most rules an account may have.
pub(crate) const RULES_MAX: usize = 100;
const MINOR_MAX: i64 = 100_000_000;

/// One rule: of which charges a payout keeps more than their own balance transactions say, in what it lists and in what it brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayoutFault {
    /// The charge; any where absent.
    #[serde(default)]
    pub charge: Option<String>,
    /// How many charges: 1 where absent, all from now on where `null`.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// How much more, in minor units: from 1 to a million of the currency's units.
    pub more_fee_minor: i64,
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the field's own type")]
fn once() -> Option<u32> {
    Some(1)
}

impl PayoutFault {
    /// So much more is kept of the next charge.
    pub fn next(more_fee_minor: i64) -> Self {
        Self { charge: None, times: once(), more_fee_minor }
    }

    pub(crate) fn invalid(&self) -> Option<&'static str> {
        match self {
            Self { times: Some(0), .. } => Some("times must be at least 1"),
            rule if !(1..=MINOR_MAX).contains(&rule.more_fee_minor) => {
                Some("more_fee_minor must be from 1 to 100000000")
            }
            _ => None,
        }
    }
}

impl Account {
    /// What a payout keeps more of a movement than it should; the rule is one time less.
    pub(crate) fn kept_wrongly(&mut self, moved: &Transaction) -> i64 {
        if moved.movement != Movement::Charge {
            return 0;
        }
        let matches = |rule: &PayoutFault| rule.charge.as_ref().is_none_or(|charge| *charge == moved.source);
        let Some(place) = self.payout_faults.iter().position(matches) else { return 0 };
        let rule = &mut self.payout_faults[place];
        let more = rule.more_fee_minor;
        if let Some(times) = &mut rule.times {
            *times -= 1;
            if *times == 0 {
                self.payout_faults.remove(place);
            }
        }
        more
    }
}
