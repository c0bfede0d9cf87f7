//! The three counter-offers that a thumb can make.

use parley::Side;
use types::{Money, Price};

use crate::offer::Offer;

/// How far between the two sides' prices each chip lies, in quarters of the gap, from mine towards theirs.
const STEPS: [i64; 3] = [1, 2, 3];
/// Where a side that has named no price yet is taken to stand, in percent of the other's price.
const OPENING_PERCENT: [(Side, i64); 2] = [(Side::Buyer, 70), (Side::Vendor, 130)];

/// Up to three prices between what `viewer` said last and what the other side offers, for the same amount, in round
/// numbers, nearest to the viewer's own first.
pub fn counter_chips(theirs: &Offer, mine: Option<Price>, viewer: Side) -> Vec<Price> {
    let asked = theirs.price.amount().minor();
    let same_lot = mine.filter(|m| m.unit() == theirs.price.unit() && m.per() == theirs.price.per());
    let opening =
        OPENING_PERCENT.iter().find(|(side, _)| *side == viewer).map_or(100, |(_, percent)| *percent);
    let said = same_lot.map_or(asked * opening / 100, |m| m.amount().minor());
    let between =
        |minor: &i64| (said.min(asked)..=said.max(asked)).contains(minor) && *minor != asked && *minor > 0;

    let mut chips: Vec<i64> = Vec::with_capacity(STEPS.len());
    for step in STEPS {
        let rounded = round_to(said + (asked - said) * step / 4, step_of(asked));
        if between(&rounded)
            && !chips.contains(&rounded)
            && Some(rounded) != same_lot.map(|m| m.amount().minor())
        {
            chips.push(rounded);
        }
    }
    let priced = |minor| Price::new(Money::inr(minor), theirs.price.per(), theirs.price.unit()).ok();
    chips.into_iter().filter_map(priced).collect()
}

/// The step people bargain in at this price, in paise: one rupee for small sums, five and ten above, then a hundredth.
const fn step_of(minor: i64) -> i64 {
    match minor {
        ..10_00 => 50,
        10_00..50_00 => 1_00,
        50_00..200_00 => 5_00,
        200_00..1_000_00 => 10_00,
        1_000_00..10_000_00 => 50_00,
        _ => minor / 100 / 100_00 * 100_00,
    }
}

const fn round_to(minor: i64, step: i64) -> i64 {
    (minor + step / 2) / step * step
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use parley::Amount;
    use proptest::prelude::*;
    use types::{OfferId, ProductId, Quantity, Unit};
    use uuid::Uuid;

    use super::*;
    use crate::offer::OfferState;

    fn theirs(minor: i64) -> Offer {
        let price = Price::new(Money::inr(minor), Quantity::ONE, Unit::Kg).unwrap();
        Offer {
            id: OfferId::from_uuid(Uuid::nil()),
            by: Side::Vendor,
            product: ProductId::from_uuid(Uuid::nil()),
            price,
            amount: Amount::one(Unit::Kg),
            amount_fixed: false,
            total: Money::inr(minor),
            state: OfferState::Offered,
            expires_at: DateTime::UNIX_EPOCH,
        }
    }

    fn rupees(chips: &[Price]) -> Vec<String> {
        chips.iter().map(|c| c.amount().to_string()).collect()
    }

    #[test]
    fn chips_lie_between_the_two_prices_in_round_numbers() {
        let mine = Price::new(Money::inr(40_00), Quantity::ONE, Unit::Kg).unwrap();
        assert_eq!(rupees(&counter_chips(&theirs(60_00), Some(mine), Side::Buyer)), ["₹45", "₹50", "₹55"]);
        assert_eq!(rupees(&counter_chips(&theirs(60_00), None, Side::Buyer)), ["₹45", "₹50", "₹55"]);
        assert_eq!(
            rupees(&counter_chips(&theirs(1_20_000_00), None, Side::Buyer)),
            ["₹93,600", "₹1,02,000", "₹1,11,600"]
        );
    }

    #[test]
    fn a_gap_too_small_for_round_numbers_gives_fewer_chips() {
        let mine = Price::new(Money::inr(59_00), Quantity::ONE, Unit::Kg).unwrap();
        assert!(counter_chips(&theirs(60_00), Some(mine), Side::Buyer).is_empty());
    }

    proptest! {
        #[test]
        fn no_chip_is_worse_for_the_viewer_than_the_offer_itself(
            asked in 1_00i64..10_00_00_000_00, percent in 10i64..100,
        ) {
            let mine = Price::new(Money::inr((asked * percent / 100).max(1)), Quantity::ONE, Unit::Kg).unwrap();
            let chips = counter_chips(&theirs(asked), Some(mine), Side::Buyer);
            prop_assert!(chips.len() <= 3);
            prop_assert!(chips.iter().all(|c| c.amount().minor() < asked && c.amount().minor() >= mine.amount().minor()));
            prop_assert!(chips.windows(2).all(|w| w[0].amount().minor() < w[1].amount().minor()));
        }
    }
}
