//! What utterances do at a stall that sells tomatoes and lemons.

use chrono::DateTime;
use parley::{Context, Reading, read};
use types::{Language, Unit};
use uuid::Uuid;

use super::*;
use crate::offer::OfferState;

const TOMATO: ProductId = ProductId::from_uuid(Uuid::from_u128(1));
const LEMON: ProductId = ProductId::from_uuid(Uuid::from_u128(2));
const STANDING: OfferId = OfferId::from_uuid(Uuid::from_u128(9));

struct Stall {
    shelves: Vec<Shelf>,
    names: Resolver,
    standing: Vec<Offer>,
    focus: Option<ProductId>,
    wanted: Option<Amount>,
}

fn price(rupees: i64, per: u16, unit: Unit) -> Price {
    Price::new(Money::inr(rupees * 100), Quantity::whole(per), unit).unwrap()
}

fn kilos(count: u16) -> Amount {
    Amount::new(Quantity::whole(count), Unit::Kg)
}

impl Stall {
    fn new() -> Self {
        let shelves = vec![
            Shelf { product: TOMATO, tag: price(40, 1, Unit::Kg) },
            Shelf { product: LEMON, tag: price(20, 4, Unit::Piece) },
        ];
        let names = Resolver::new(["Tomato", "Lemon"]);
        Self { shelves, names, standing: Vec::new(), focus: None, wanted: None }
    }

    fn about(mut self, product: ProductId) -> Self {
        self.focus = Some(product);
        self
    }

    fn offered(mut self, by: Side, price: Price, amount: Amount, amount_fixed: bool) -> Self {
        let total = price.total_for(amount.quantity, amount.unit).unwrap();
        let expires_at = DateTime::UNIX_EPOCH;
        let state = OfferState::Offered;
        let offer = Offer {
            id: STANDING,
            by,
            product: TOMATO,
            price,
            amount,
            amount_fixed,
            total,
            state,
            expires_at,
        };
        self.standing.push(offer);
        self
    }

    /// What an English utterance does here.
    fn hears(&self, speaker: Side, text: &str) -> Result<Vec<Step>, Unclear> {
        let context =
            Context::new(speaker).stall(&self.names).standing(self.standing.first().map(Offer::standing));
        let Reading::Understood(acts) = read(text, Language::English, &context) else {
            panic!("{text:?} is understood")
        };
        steps(&acts, &self.table(speaker))
    }

    fn table(&self, speaker: Side) -> Table<'_> {
        Table {
            speaker,
            shelves: &self.shelves,
            names: &self.names,
            focus: self.focus,
            standing: &self.standing,
            wanted: self.wanted,
        }
    }
}

fn proposal(steps: &Result<Vec<Step>, Unclear>) -> Proposal {
    match steps.as_deref() {
        Ok([Step::Propose(proposal)]) => *proposal,
        other => panic!("one proposal, not {other:?}"),
    }
}

#[test]
fn a_lot_price_is_proposed_for_exactly_that_lot() {
    let heard = proposal(&Stall::new().hears(Side::Buyer, "five kilos tomato for one fifty"));
    assert_eq!((heard.product, heard.price, heard.amount), (TOMATO, price(150, 5, Unit::Kg), kilos(5)));
    assert!(heard.amount_fixed);
    assert_eq!(heard.total, Money::inr(150_00));
}

#[test]
fn a_bare_price_inherits_what_the_standing_offer_buys() {
    let stall = Stall::new().about(TOMATO).offered(Side::Buyer, price(150, 5, Unit::Kg), kilos(5), true);
    let countered = proposal(&stall.hears(Side::Vendor, "one eighty"));
    assert_eq!((countered.price, countered.amount), (price(180, 5, Unit::Kg), kilos(5)));
}

#[test]
fn a_bare_price_with_nothing_standing_is_by_the_tags_unit() {
    let heard = proposal(&Stall::new().about(TOMATO).hears(Side::Buyer, "thirty five rupees"));
    assert_eq!((heard.price, heard.amount, heard.amount_fixed), (price(35, 1, Unit::Kg), kilos(1), false));
}

#[test]
fn no_sixty_is_a_counter_and_not_also_a_refusal() {
    let stall = Stall::new().about(TOMATO).offered(Side::Buyer, price(50, 1, Unit::Kg), kilos(2), true);
    let heard = proposal(&stall.hears(Side::Vendor, "no sixty"));
    assert_eq!((heard.price, heard.amount), (price(60, 1, Unit::Kg), kilos(2)));
}

#[test]
fn a_plain_no_declines_the_other_sides_offer_only() {
    let stall = Stall::new().about(TOMATO).offered(Side::Buyer, price(30, 1, Unit::Kg), kilos(1), true);
    assert_eq!(stall.hears(Side::Vendor, "no no it will not work out"), Ok(vec![Step::Decline(STANDING)]));
    let own = Stall::new().about(TOMATO).offered(Side::Vendor, price(30, 1, Unit::Kg), kilos(1), true);
    assert_eq!(steps(&[Act::Reject], &own.table(Side::Vendor)), Ok(vec![]));
}

#[test]
fn agreeing_with_an_amount_takes_that_much_where_the_amount_was_open() {
    let stall = Stall::new().about(TOMATO).offered(Side::Vendor, price(55, 1, Unit::Kg), kilos(1), false);
    let taken = Taken::Offer(STANDING);
    assert_eq!(
        stall.hears(Side::Buyer, "ok ok fifty five final give two kilo"),
        Ok(vec![Step::Take { taken, amount: kilos(2), total: Money::inr(110_00) }])
    );
}

#[test]
fn agreeing_to_another_amount_than_proposed_is_a_proposal() {
    let stall = Stall::new().about(TOMATO).offered(Side::Vendor, price(150, 5, Unit::Kg), kilos(5), true);
    let heard = proposal(&stall.hears(Side::Buyer, "ok give two kilo"));
    assert_eq!((heard.amount, heard.total), (kilos(2), Money::inr(60_00)));
}

#[test]
fn a_buyer_may_take_the_price_on_the_tag() {
    let stall = Stall { wanted: Some(kilos(3)), ..Stall::new().about(TOMATO) };
    let taken = Taken::Tag(TOMATO);
    let expected = vec![Step::Take { taken, amount: kilos(3), total: Money::inr(120_00) }];
    assert_eq!(steps(&[Act::Accept(Terms::default())], &stall.table(Side::Buyer)), Ok(expected));
    let vendors = steps(&[Act::Accept(Terms::default())], &stall.table(Side::Vendor));
    assert_eq!(vendors, Ok(vec![]), "a vendor has nothing to agree to");
}

#[test]
fn what_the_stall_does_not_sell_is_asked_about() {
    assert_eq!(
        Stall::new().hears(Side::Buyer, "two kilo onions for fifty rupees"),
        Err(Unclear::NotSold("onion".to_owned()))
    );
}

#[test]
fn a_price_without_a_product_at_a_stall_of_several_is_asked_about() {
    let heard = Stall::new().hears(Side::Buyer, "fifty rupees kilo will you give");
    assert_eq!(heard, Err(Unclear::WhichProduct(vec![TOMATO, LEMON])));
}

#[test]
fn tomatoes_are_not_sold_by_the_litre() {
    let heard = Stall::new().hears(Side::Buyer, "tomato two litres for fifty rupees");
    assert_eq!(heard, Err(Unclear::UnitMismatch));
}

#[test]
fn wanting_another_amount_changes_ones_own_offer_by_the_unit() {
    let own = Stall::new().about(TOMATO).offered(Side::Buyer, price(35, 1, Unit::Kg), kilos(2), true);
    let changed = proposal(&own.hears(Side::Buyer, "give me three kilos"));
    assert_eq!(
        (changed.price, changed.amount, changed.total),
        (price(35, 1, Unit::Kg), kilos(3), Money::inr(105_00))
    );
    let noted = Stall::new().about(TOMATO).hears(Side::Buyer, "give me three kilos");
    assert_eq!(noted, Ok(vec![Step::Want(TOMATO, kilos(3))]));
}

#[test]
fn talk_with_numbers_does_nothing() {
    let stall = Stall::new().about(TOMATO);
    let context = Context::new(Side::Buyer).stall(&stall.names);
    let reading = read("my number is nine eight four five zero", Language::English, &context);
    assert_eq!(reading, Reading::Talk);
}
