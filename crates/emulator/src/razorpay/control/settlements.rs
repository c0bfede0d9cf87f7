//! What goes wrong with settlements, and what happens behind the merchant's back.

use super::{Refusal, number_of};
use crate::razorpay::settlement::RULES_MAX;
use crate::razorpay::{Mishap, Razorpay, SettlementFault};

impl Razorpay {
    /// Adds a rule of what goes wrong with an account's settlements from now on.
    ///
    /// # Errors
    /// An unknown key, too many rules, or values out of bounds.
    pub fn add_settlement_fault(&self, key_id: &str, fault: SettlementFault) -> Result<(), Refusal> {
        if let Some(problem) = fault.invalid() {
            return Err(problem.into());
        }
        self.with_merchant(key_id, |merchant| {
            if merchant.settlement_faults.len() >= RULES_MAX {
                return Err(Refusal::from("too many fault rules: delete them first"));
            }
            merchant.settlement_faults.push(fault);
            Ok(())
        })?
    }

    /// An account's rules of settlements that are not used up.
    ///
    /// # Errors
    /// An unknown key.
    pub fn settlement_faults(&self, key_id: &str) -> Result<Vec<SettlementFault>, Refusal> {
        self.with_merchant(key_id, |merchant| merchant.settlement_faults.clone())
    }

    /// Lets an account's settlements go right again.
    ///
    /// # Errors
    /// An unknown key.
    pub fn clear_settlement_faults(&self, key_id: &str) -> Result<(), Refusal> {
        self.with_merchant(key_id, |merchant| merchant.settlement_faults.clear())
    }

    /// Adds money to the account that payouts are made from, or takes it away where it is below zero; gives what it holds then.
    ///
    /// # Errors
    /// An unknown key, or an amount out of bounds.
    pub fn add_funds(&self, key_id: &str, paise: i64) -> Result<i64, Refusal> {
        self.with_world(|world| {
            let number = number_of(world, key_id)?;
            world.desk(number).add_funds(paise).map_err(Refusal::from)
        })
    }

    /// Lets something happen behind the back of an account's owner; gives the id of the payment, refund or adjustment that it
    /// is about.
    ///
    /// # Errors
    /// An unknown key, or the vendor's sentence where it cannot happen.
    pub fn suffer(&self, key_id: &str, mishap: &Mishap) -> Result<String, Refusal> {
        self.with_world(|world| {
            let number = number_of(world, key_id)?;
            world.desk(number).suffer(mishap).map_err(Refusal::from)
        })
    }
}
