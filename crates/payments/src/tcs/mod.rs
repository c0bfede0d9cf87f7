//! Tax collected at source (section 52 of the CGST Act).
//!
//! Who operates a market and takes the buyers' money for its vendors withholds a share of what registered vendors sell through it, of the
//! value before tax. Within a state half of it is the centre's and half the state's; between states it is one. It is neither the
//! vendor's nor the platform's: it waits in the books until it is paid to the state, and the vendor has it as credit there.
//!
//! It is collected when the gateway has the money, by the rate of that moment, never of cash nor of what came at a vendor's own UPI id. With a
//! refund goes back what it takes of it, and with a dispute that is lost: the order's document is taken back for both alike. While a
//! dispute is not decided none of it moves.
//!
//! What was paid to the state for a month the operator records ([`pay`]); then it is owed no more.
//!
//! **Deliberately absent**: moving the money to the state, and handing in the monthly return: [`month`] is what that is written from.

pub(crate) mod book;
pub(crate) mod month;
pub(crate) mod pay;

use crate::ids::TcsRateId;
use types::Money;

/// What of an order is a registered vendor's taxable supply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supply {
    /// Under which registration the vendor sells.
    pub gstin: String,
    /// The two digits of the state that the goods are supplied in.
    pub place: String,
    /// Whether the buyer is registered, too.
    pub to_registered: bool,
    /// The value of what bears tax, before tax; from zero to the order's total.
    pub taxable: Money,
}

impl Supply {
    /// Whether it goes from one state into another.
    pub(crate) fn is_inter_state(&self) -> bool {
        !self.gstin.starts_with(&self.place)
    }

    /// What is collected of it by a rate, in paise. Each half of what stays in a state is rounded half up by itself: both are equal.
    pub(crate) fn tcs_minor(&self, rate_basis_points: i64) -> i64 {
        let share = |basis_points: i64| {
            let product = i128::from(self.taxable.minor().max(0)) * i128::from(basis_points);
            i64::try_from((product + 50_00).div_euclid(100_00)).unwrap_or(i64::MAX)
        };
        if self.is_inter_state() {
            share(rate_basis_points)
        } else {
            share(rate_basis_points / 2).saturating_mul(2)
        }
    }
}

/// What is to be collected of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    pub rate: TcsRateId,
    pub supply: Supply,
    pub minor: i64,
}

/// What was collected of a payment, and what of that went back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Collected {
    pub is_inter_state: bool,
    pub taxable_minor: i64,
    pub minor: i64,
    pub back_minor: i64,
    /// What of the payment went back by refunds and lost disputes: not what is disputed and not decided.
    pub returned_minor: i64,
}

/// What a refund or a lost dispute takes along.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub minor: i64,
    /// The value of the supply that came back.
    pub taxable_minor: i64,
}

impl From<&Due> for Collected {
    fn from(due: &Due) -> Self {
        Self {
            is_inter_state: due.supply.is_inter_state(),
            taxable_minor: due.supply.taxable.minor(),
            minor: due.minor,
            ..Self::default()
        }
    }
}

impl Collected {
    /// What goes back with the next so many paise of a payment of so many: in all, its part of what went back, rounded down and
    /// in equal halves within a state, so that all of it is back once everything is.
    pub(crate) fn share(&self, amount_minor: i64, next_minor: i64) -> Share {
        let part = |whole: i64, back: i64| {
            let part = i128::from(whole) * i128::from(back) / i128::from(amount_minor.max(1));
            i64::try_from(part).unwrap_or(whole).clamp(0, whole)
        };
        let back = self.returned_minor.saturating_add(next_minor);
        let in_all =
            if self.is_inter_state { part(self.minor, back) } else { 2 * part(self.minor / 2, back) };
        Share {
            minor: (in_all - self.back_minor).max(0),
            taxable_minor: part(self.taxable_minor, back) - part(self.taxable_minor, self.returned_minor),
        }
    }

    /// This, once so much more went back.
    #[cfg(test)]
    fn after(self, next_minor: i64, share: Share) -> Self {
        Self {
            back_minor: self.back_minor + share.minor,
            returned_minor: self.returned_minor + next_minor,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn supply(paise: i64, place: &str) -> Supply {
        Supply {
            gstin: "27AAPFU0939F1ZV".to_owned(),
            place: place.to_owned(),
            to_registered: false,
            taxable: Money::inr(paise),
        }
    }

    fn of(paise: i64, place: &str) -> i64 {
        supply(paise, place).tcs_minor(50)
    }

    #[test]
    fn half_a_per_cent_is_collected_in_two_equal_halves_or_as_one() {
        assert_eq!((of(1_000_00, "27"), of(1_000_00, "29")), (5_00, 5_00));
        assert_eq!((of(1_02, "27"), of(1_02, "29")), (0, 1), "a quarter of a paisa and more, twice");
        assert_eq!((of(2_00, "27"), of(2_00, "29")), (2, 1), "half a paisa counts as one");
        assert_eq!((of(0, "27"), of(0, "29")), (0, 0));
        assert_eq!(supply(1_000_00, "27").tcs_minor(0), 0);
    }

    #[test]
    fn a_part_of_a_sale_takes_its_part_along() {
        let due = Due { rate: uuid::Uuid::nil().into(), supply: supply(1_000_00, "27"), minor: 5_00 };
        let collected = Collected::from(&due);
        let first = collected.share(1_180_00, 590_00);
        assert_eq!(first, Share { minor: 2_50, taxable_minor: 500_00 });
        let collected = collected.after(590_00, first);
        assert_eq!(collected.share(1_180_00, 590_00), Share { minor: 2_50, taxable_minor: 500_00 });
    }

    proptest! {
        #[test]
        fn what_goes_back_is_never_more_than_was_taken_and_all_of_it_in_the_end(
            taxable in 0..=1_000_000_00_i64,
            tax in 0..=280_000_00_i64,
            rate in (0..=100_i64).prop_map(|half| 2 * half),
            stays in any::<bool>(),
            parts in prop::collection::vec(1..=1_000_000_i64, 1..40),
        ) {
            let supply = supply(taxable, if stays { "27" } else { "29" });
            let amount = (taxable + tax).max(1);
            let minor = supply.tcs_minor(rate).min(amount / 2 * 2);
            let due = Due { rate: uuid::Uuid::nil().into(), supply, minor };
            let mut collected = Collected::from(&due);
            let mut value_back = 0;
            let give = |collected: &mut Collected, next: i64| {
                let share = collected.share(amount, next);
                prop_assert!(share.minor >= 0 && share.taxable_minor >= 0);
                *collected = collected.after(next, share);
                prop_assert!(collected.back_minor <= collected.minor);
                prop_assert!(!stays || collected.back_minor % 2 == 0, "the halves are equal");
                Ok(share.taxable_minor)
            };
            for part in parts {
                let next = part.min(amount - collected.returned_minor);
                value_back += give(&mut collected, next)?;
            }
            let rest = amount - collected.returned_minor;
            value_back += give(&mut collected, rest)?;
            prop_assert_eq!(collected.back_minor, collected.minor);
            prop_assert_eq!(value_back, taxable);
        }
    }
}
