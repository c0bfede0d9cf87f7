//! What the platform keeps of a sale.
//!
//! A *rule* is a stack of parts, written into the book by an operator ([`book`]). Each part is worked out of the whole sale by itself and
//! rounded half up to the paisa, then brought between its least and its most; the parts are added, and together they are never more than
//! the sale. Where the book has no rule for a stall, the configured percentage counts.

pub(crate) mod book;

use serde::{Deserialize, Serialize};
use types::Money;
use utoipa::ToSchema;

use crate::{Error, Percent};

/// The most parts a rule stacks.
pub(crate) const PARTS_MAX: usize = 5;
/// The largest fixed part, and the largest bound of a share: a lakh of rupees.
const BOUND_MINOR_MAX: i64 = 100_000_00;

/// One part of what the platform keeps of a sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum CommissionPart {
    /// A share of the sale.
    Percent {
        /// From 0 to 50 with at most two decimals: `2.5`.
        #[schema(value_type = String)]
        percent: Percent,
        /// No less than this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        min: Option<Money>,
        /// No more than this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        max: Option<Money>,
    },
    /// The same from every sale.
    Fixed {
        /// How much.
        amount: Money,
    },
}

impl CommissionPart {
    /// What this part is of a sale, in paise: half a paisa counts as one.
    fn of(&self, sale_minor: i64) -> i64 {
        match self {
            Self::Fixed { amount } => amount.minor(),
            Self::Percent { percent, min, max } => {
                let product = i128::from(sale_minor) * i128::from(percent.basis_points());
                let share = (product + 50_00).div_euclid(100_00);
                // A share is at most half of the sale.
                let share = i64::try_from(share).unwrap_or(i64::MAX);
                let share = share.max(min.map_or(0, Money::minor));
                max.map_or(share, |max| share.min(max.minor()))
            }
        }
    }

    fn fits(&self) -> bool {
        let fits = |bound: &Money| (0..=BOUND_MINOR_MAX).contains(&bound.minor());
        match self {
            Self::Fixed { amount } => fits(amount) && amount.minor() > 0,
            Self::Percent { min, max, .. } => {
                let ordered = min.zip(*max).is_none_or(|(min, max)| min.minor() <= max.minor());
                min.iter().chain(max).all(fits) && ordered
            }
        }
    }
}

/// What the platform keeps of a sale by these parts, in paise: never more than the sale.
pub(crate) fn of_sale(parts: &[CommissionPart], sale_minor: i64) -> i64 {
    let sum = parts.iter().fold(0_i64, |sum, part| sum.saturating_add(part.of(sale_minor)));
    sum.min(sale_minor)
}

/// # Errors
/// [`Error::CommissionParts`] where there is none or too many, or one that is out of bounds.
pub(crate) fn check(parts: &[CommissionPart]) -> Result<(), Error> {
    let fits = (1..=PARTS_MAX).contains(&parts.len()) && parts.iter().all(CommissionPart::fits);
    if fits { Ok(()) } else { Err(Error::CommissionParts) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn percent(text: &str, min: Option<i64>, max: Option<i64>) -> CommissionPart {
        let [min, max] = [min, max].map(|bound| bound.map(Money::inr));
        CommissionPart::Percent { percent: text.parse().unwrap(), min, max }
    }

    fn fixed(paise: i64) -> CommissionPart {
        CommissionPart::Fixed { amount: Money::inr(paise) }
    }

    #[test]
    fn a_share_is_rounded_half_up_and_kept_between_its_bounds() {
        assert_eq!(of_sale(&[percent("2.5", None, None)], 150_00), 3_75);
        assert_eq!(of_sale(&[percent("2.5", None, None)], 20), 1, "half a paisa counts as one");
        assert_eq!(of_sale(&[percent("2.5", None, None)], 19), 0);
        assert_eq!(of_sale(&[percent("2", Some(5_00), Some(20_00))], 100_00), 5_00);
        assert_eq!(of_sale(&[percent("2", Some(5_00), Some(20_00))], 600_00), 12_00);
        assert_eq!(of_sale(&[percent("2", Some(5_00), Some(20_00))], 9_000_00), 20_00);
    }

    #[test]
    fn parts_are_stacked_and_never_take_more_than_the_sale() {
        assert_eq!(of_sale(&[percent("2", None, None), fixed(3_00)], 100_00), 5_00);
        assert_eq!(of_sale(&[fixed(3_00)], 2_00), 2_00);
        assert_eq!(of_sale(&[], 100_00), 0);
    }

    #[test]
    fn a_rule_has_one_to_five_parts_within_bounds() {
        assert!(check(&[percent("2", Some(1), Some(1)), fixed(1)]).is_ok());
        for bad in [
            vec![],
            vec![fixed(1); 6],
            vec![fixed(0)],
            vec![fixed(-1)],
            vec![fixed(BOUND_MINOR_MAX + 1)],
            vec![percent("2", Some(2), Some(1))],
            vec![percent("2", Some(-2), None)],
        ] {
            assert!(matches!(check(&bad), Err(Error::CommissionParts)), "{bad:?}");
        }
    }

    fn part() -> impl Strategy<Value = CommissionPart> {
        let bound = || prop::option::of(0..=BOUND_MINOR_MAX);
        prop_oneof![
            (1..=BOUND_MINOR_MAX).prop_map(fixed),
            (0_u16..=50_00, bound(), bound()).prop_map(|(points, a, b)| {
                let text = format!("{}.{:02}", points / 100, points % 100);
                let (min, max) = if a.zip(b).is_some_and(|(a, b)| a > b) { (b, a) } else { (a, b) };
                percent(&text, min, max)
            }),
        ]
    }

    proptest! {
        #[test]
        fn commission_lies_between_nothing_and_the_sale(
            parts in prop::collection::vec(part(), 1..=PARTS_MAX),
            sale in 1..=i64::MAX,
        ) {
            prop_assert!(check(&parts).is_ok());
            let kept = of_sale(&parts, sale);
            prop_assert!((0..=sale).contains(&kept));
        }

        #[test]
        fn a_larger_sale_never_pays_less(
            parts in prop::collection::vec(part(), 1..=PARTS_MAX),
            sale in 1..=1_000_000_000_i64,
            more in 0..=1_000_000_000_i64,
        ) {
            prop_assert!(of_sale(&parts, sale) <= of_sale(&parts, sale + more));
        }

        #[test]
        fn a_rule_reads_back_from_its_json(parts in prop::collection::vec(part(), 1..=PARTS_MAX)) {
            let json = serde_json::to_value(&parts).unwrap();
            prop_assert_eq!(serde_json::from_value::<Vec<CommissionPart>>(json).unwrap(), parts);
        }
    }
}
