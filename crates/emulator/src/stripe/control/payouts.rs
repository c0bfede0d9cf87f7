//! What goes wrong with payouts.

use super::Refusal;
use crate::stripe::payout_fault::RULES_MAX;
use crate::stripe::{PayoutFault, Stripe};

impl Stripe {
    /// Adds a rule of what goes wrong with an account's automatic payouts from now on.
    ///
    /// # Errors
    /// An unknown key, too many rules, or values out of bounds.
    pub fn add_payout_fault(&self, secret_key: &str, fault: PayoutFault) -> Result<(), Refusal> {
        if let Some(problem) = fault.invalid() {
            return Err(problem.into());
        }
        self.with_account(secret_key, |account| {
            if account.payout_faults.len() >= RULES_MAX {
                return Err(Refusal::from("too many fault rules: delete them first"));
            }
            account.payout_faults.push(fault);
            Ok(())
        })?
    }

    /// An account's rules of payouts that are not used up.
    ///
    /// # Errors
    /// An unknown key.
    pub fn payout_faults(&self, secret_key: &str) -> Result<Vec<PayoutFault>, Refusal> {
        self.with_account(secret_key, |account| account.payout_faults.clone())
    }

    /// Lets an account's payouts go right again.
    ///
    /// # Errors
    /// An unknown key.
    pub fn clear_payout_faults(&self, secret_key: &str) -> Result<(), Refusal> {
        self.with_account(secret_key, |account| account.payout_faults.clear())
    }
}
