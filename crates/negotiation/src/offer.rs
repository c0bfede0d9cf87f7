//! Offers: what is proposed, which moves are open, what becomes of an offer.
//!
//! An offer is a typed act: a price, an amount and a product, the same numbers on both screens by construction. One that was
//! spoken or written freely begins as [`OfferState::BeingConfirmed`]: the other side sees it, and nobody can act on it
//! until its speaker has heard it read back and said yes.

use chrono::{DateTime, TimeDelta, Utc};
use parley::{Amount, Side, Standing};
use serde::{Deserialize, Serialize};
use types::{Money, OfferId, Price, PriceError, ProductId};
use utoipa::ToSchema;

/// How long an offer stands before it expires.
pub const STANDS_FOR: TimeDelta = TimeDelta::minutes(30);

/// What has become of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum OfferState {
    /// Heard, but not yet confirmed by its speaker: visible and inert.
    BeingConfirmed,
    /// On the table.
    Offered,
    /// The other side answered with an offer of its own.
    Countered,
    /// Agreed.
    Accepted,
    /// The other side said no.
    Declined,
    /// Taken back, replaced by its maker, or never confirmed.
    Withdrawn,
    /// Its time was over.
    Expired,
}

/// A proposal of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The offer.
    pub id: OfferId,
    /// Who made it.
    pub by: Side,
    /// For which product.
    pub product: ProductId,
    /// What so much costs.
    pub price: Price,
    /// How much of it is meant.
    pub amount: Amount,
    /// Whether the amount is part of the proposal; otherwise whoever accepts says how much.
    pub amount_fixed: bool,
    /// What the amount costs.
    pub total: Money,
    /// What has become of it.
    pub state: OfferState,
    /// When it stops standing.
    pub expires_at: DateTime<Utc>,
}

/// What somebody does with an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Its speaker says that it was heard right.
    Confirm,
    /// Its maker takes it back or puts another in its place.
    Withdraw,
    /// The other side answers with an offer of its own.
    Counter,
    /// The other side agrees.
    Accept,
    /// The other side says no.
    Decline,
}

/// Why a move is not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// One side's offers are the other side's to accept, decline and counter.
    #[error("this is your own offer")]
    Own,
    /// The other side's offers are theirs to confirm and withdraw.
    #[error("this is the other side's offer")]
    Theirs,
    /// Its speaker has not confirmed it.
    #[error("the offer is still being confirmed by its speaker")]
    Unconfirmed,
    /// It was confirmed before.
    #[error("the offer is confirmed already")]
    Confirmed,
    /// It no longer stands.
    #[error("the offer no longer stands")]
    Over(OfferState),
}

/// What a viewer of an offer may do now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "four independent buttons")]
pub struct Moves {
    /// Agree.
    pub accept: bool,
    /// Answer with an offer.
    pub counter: bool,
    /// Say no.
    pub decline: bool,
    /// Take it back.
    pub withdraw: bool,
}

impl Offer {
    /// What has become of the offer by `now`: one whose time is over counts as expired before any job says so.
    pub fn state_at(&self, now: DateTime<Utc>) -> OfferState {
        let waits = matches!(self.state, OfferState::Offered | OfferState::BeingConfirmed);
        if waits && self.expires_at <= now { OfferState::Expired } else { self.state }
    }

    /// The state after `actor` makes this move.
    ///
    /// # Errors
    /// See [`Refusal`]; the offer is then unchanged.
    pub fn after(&self, actor: Side, step: Move, now: DateTime<Utc>) -> Result<OfferState, Refusal> {
        let makers_own = matches!(step, Move::Confirm | Move::Withdraw);
        match (actor == self.by, makers_own) {
            (true, false) => return Err(Refusal::Own),
            (false, true) => return Err(Refusal::Theirs),
            _ => {}
        }
        match (self.state_at(now), step) {
            (OfferState::BeingConfirmed, Move::Confirm) => Ok(OfferState::Offered),
            (OfferState::BeingConfirmed | OfferState::Offered, Move::Withdraw) => Ok(OfferState::Withdrawn),
            (OfferState::BeingConfirmed, _) => Err(Refusal::Unconfirmed),
            (OfferState::Offered, Move::Confirm) => Err(Refusal::Confirmed),
            (OfferState::Offered, Move::Counter) => Ok(OfferState::Countered),
            (OfferState::Offered, Move::Accept) => Ok(OfferState::Accepted),
            (OfferState::Offered, Move::Decline) => Ok(OfferState::Declined),
            (over, _) => Err(Refusal::Over(over)),
        }
    }

    /// The buttons `viewer` gets.
    pub fn moves(&self, viewer: Side, now: DateTime<Utc>) -> Moves {
        let open = |step| self.after(viewer, step, now).is_ok();
        Moves {
            accept: open(Move::Accept),
            counter: open(Move::Counter),
            decline: open(Move::Decline),
            withdraw: open(Move::Withdraw),
        }
    }

    /// The offer as the parser needs it to read what is said next.
    pub const fn standing(&self) -> Standing {
        Standing {
            by: self.by,
            price_minor: self.price.amount().minor(),
            for_quantity: self.price.per(),
            unit: self.price.unit(),
        }
    }

    /// What `amount` costs at this offer's price: the fixed amount's total, or any other's where the amount is open.
    ///
    /// # Errors
    /// [`PriceError`] where the units do not fit or the total is out of range.
    pub fn total_of(&self, amount: Amount) -> Result<Money, PriceError> {
        total(self.price, amount)
    }
}

/// What `amount` costs at a price; like a price, at most ten crore rupees.
///
/// # Errors
/// [`PriceError`] where the units do not fit, or the total is nothing or too high.
pub fn total(price: Price, amount: Amount) -> Result<Money, PriceError> {
    let total = price.total_for(amount.quantity, amount.unit)?;
    if total.minor() > Price::AMOUNT_MINOR_MAX { Err(PriceError::TooHigh) } else { Ok(total) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use types::{Quantity, Unit};
    use uuid::Uuid;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn offer(by: Side, state: OfferState) -> Offer {
        let price = Price::new(Money::inr(150_00), Quantity::whole(5), Unit::Kg).unwrap();
        Offer {
            id: OfferId::from_uuid(Uuid::nil()),
            by,
            product: ProductId::from_uuid(Uuid::nil()),
            price,
            amount: Amount::new(Quantity::whole(5), Unit::Kg),
            amount_fixed: true,
            total: Money::inr(150_00),
            state,
            expires_at: NOW + STANDS_FOR,
        }
    }

    #[test]
    fn a_total_is_no_higher_than_a_price_may_be() {
        let crore = Price::new(Money::inr(10_00_00_000_00), Quantity::ONE, Unit::Kg).unwrap();
        assert_eq!(total(crore, Amount::one(Unit::Kg)), Ok(Money::inr(10_00_00_000_00)));
        assert_eq!(total(crore, Amount::new(Quantity::whole(2), Unit::Kg)), Err(PriceError::TooHigh));
        assert_eq!(total(crore, Amount::new(Quantity::ZERO, Unit::Kg)), Err(PriceError::NotPositive));
    }

    const STATES: [OfferState; 7] = [
        OfferState::BeingConfirmed,
        OfferState::Offered,
        OfferState::Countered,
        OfferState::Accepted,
        OfferState::Declined,
        OfferState::Withdrawn,
        OfferState::Expired,
    ];
    const MOVES: [Move; 5] = [Move::Confirm, Move::Withdraw, Move::Counter, Move::Accept, Move::Decline];

    #[test]
    fn nobody_can_act_on_an_unconfirmed_offer_of_the_other_side() {
        let unconfirmed = offer(Side::Buyer, OfferState::BeingConfirmed);
        for step in [Move::Counter, Move::Accept, Move::Decline] {
            assert_eq!(unconfirmed.after(Side::Vendor, step, NOW), Err(Refusal::Unconfirmed));
        }
        assert_eq!(unconfirmed.after(Side::Vendor, Move::Confirm, NOW), Err(Refusal::Theirs));
        assert_eq!(unconfirmed.after(Side::Buyer, Move::Confirm, NOW), Ok(OfferState::Offered));
        assert_eq!(unconfirmed.moves(Side::Vendor, NOW), Moves::default());
    }

    #[test]
    fn nobody_accepts_their_own_offer() {
        assert_eq!(
            offer(Side::Buyer, OfferState::Offered).after(Side::Buyer, Move::Accept, NOW),
            Err(Refusal::Own)
        );
    }

    #[test]
    fn an_offer_whose_time_is_over_cannot_be_accepted() {
        let late = NOW + STANDS_FOR;
        let stale = offer(Side::Vendor, OfferState::Offered).after(Side::Buyer, Move::Accept, late);
        assert_eq!(stale, Err(Refusal::Over(OfferState::Expired)));
    }

    proptest! {
        #[test]
        fn an_offer_that_is_over_stays_as_it_is(
            state in prop::sample::select(&STATES[2..]), step in prop::sample::select(&MOVES[..]), own in any::<bool>(),
        ) {
            let offer = offer(Side::Buyer, state);
            let actor = if own { Side::Buyer } else { Side::Vendor };
            prop_assert!(offer.after(actor, step, NOW).is_err());
        }

        #[test]
        fn the_buttons_are_exactly_the_moves_that_succeed(
            state in prop::sample::select(&STATES[..]), own in any::<bool>(), minutes in 0i64..60,
        ) {
            let offer = offer(Side::Buyer, state);
            let viewer = if own { Side::Buyer } else { Side::Vendor };
            let now = NOW + TimeDelta::minutes(minutes);
            let moves = offer.moves(viewer, now);
            prop_assert_eq!(moves.accept, offer.after(viewer, Move::Accept, now).is_ok());
            prop_assert_eq!(moves.withdraw, offer.after(viewer, Move::Withdraw, now).is_ok());
            prop_assert!(!(moves.accept && moves.withdraw), "an offer is one's own or the other's");
        }
    }
}
