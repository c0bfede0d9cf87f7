//! From what was said to what it does at the stall: pure, so that every case can be tried without a database.
//!
//! Parley says *what* an utterance is (an offer of ₹150 for five kilos). Here it meets the table: which product, against
//! which standing offer, for how much. Nothing here binds; what moves money ends in a read-back.

use parley::goods::{Resolution, Resolver};
use parley::{Act, Amount, Side, Terms};
use serde::{Deserialize, Serialize};
use types::{Money, OfferId, Price, PriceError, ProductId, Quantity};

use crate::offer::{Offer, total};

/// A product as the bargaining sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shelf {
    /// The product.
    pub product: ProductId,
    /// The price on its tag.
    pub tag: Price,
}

/// What is on the table when something is said.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    /// Who speaks.
    pub speaker: Side,
    /// The stall's products, in the order of the resolver's.
    pub shelves: &'a [Shelf],
    /// Finds a product by any name.
    pub names: &'a Resolver,
    /// The product the talk is about: the one on the screen, or the one named last.
    pub focus: Option<ProductId>,
    /// The offers on the table, newest first, at most one a product.
    pub standing: &'a [Offer],
    /// How much the buyer said to want, of the product in focus.
    pub wanted: Option<Amount>,
}

/// An offer to be read back to its speaker.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proposal {
    /// For which product.
    pub product: ProductId,
    /// What so much costs.
    pub price: Price,
    /// How much is meant.
    pub amount: Amount,
    /// Whether the amount is part of the proposal.
    pub amount_fixed: bool,
    /// What the amount costs.
    pub total: Money,
}

/// What is taken when somebody agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    /// The other side's standing offer.
    Offer(OfferId),
    /// The price on the tag: no offer was made yet.
    Tag(ProductId),
}

/// One thing an utterance does.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Proposes; to be read back to the speaker.
    Propose(Proposal),
    /// Agrees to this, for so much; to be read back to the speaker.
    Take {
        /// What is agreed to.
        taken: Taken,
        /// For how much.
        amount: Amount,
        /// What that costs.
        total: Money,
    },
    /// Says no to the other side's offer.
    Decline(OfferId),
    /// Wants so much of a product.
    Want(ProductId, Amount),
    /// Turns the talk to a product.
    Turn(ProductId),
    /// Walks away.
    Leave,
}

impl Step {
    /// Whether it ends in a question to its speaker.
    pub const fn asks(&self) -> bool {
        matches!(self, Self::Propose(_) | Self::Take { .. })
    }
}

/// Why an utterance that was understood cannot be done as it stands: its speaker is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unclear {
    /// Several products could be meant; or none was named and the stall sells several.
    WhichProduct(Vec<ProductId>),
    /// The stall does not sell what was named.
    NotSold(String),
    /// The amount is in a unit that does not fit the price.
    UnitMismatch,
    /// A total or price out of range.
    OutOfRange,
}

impl From<PriceError> for Unclear {
    fn from(error: PriceError) -> Self {
        if error == PriceError::UnitMismatch { Self::UnitMismatch } else { Self::OutOfRange }
    }
}

/// The steps of an utterance, in order; at most one of them asks its speaker something.
///
/// # Errors
/// [`Unclear`]: nothing is done, the speaker is asked.
pub fn steps(acts: &[Act], table: &Table) -> Result<Vec<Step>, Unclear> {
    let mut steps = Vec::new();
    let counters = acts.iter().any(|a| matches!(a, Act::Offer(_)));
    // "OK, two kilos": the amount that follows an agreement belongs to it.
    let amount_said =
        acts.iter().find_map(|a| if let Act::SetQuantity { wanted, .. } = a { Some(*wanted) } else { None });
    let agrees = acts.iter().any(|a| matches!(a, Act::Accept(_)));
    for act in acts {
        if steps.iter().any(Step::asks) {
            break;
        }
        match act {
            Act::Offer(offer) => steps.push(Step::Propose(table.propose(offer)?)),
            Act::Accept(terms) => steps.extend(table.take(terms, amount_said)?),
            Act::Confirm(terms) => steps.extend(table.take_if_theirs(terms)?),
            // "No, sixty": the counter-offer says no by itself, once it is confirmed.
            Act::Reject if !counters => steps.extend(table.theirs().map(|o| Step::Decline(o.id))),
            Act::SetQuantity { wanted, item } if !agrees => steps.push(table.want(*wanted, item.as_deref())?),
            Act::AskPrice { item, .. } | Act::AskAvailability { item } => {
                steps.extend(item.as_deref().and_then(|i| table.known(i)).map(Step::Turn));
            }
            Act::Leave => steps.push(Step::Leave),
            _ => {}
        }
    }
    Ok(steps)
}

impl Table<'_> {
    fn shelf(&self, product: ProductId) -> Option<&Shelf> {
        self.shelves.iter().find(|s| s.product == product)
    }

    fn standing_for(&self, product: ProductId) -> Option<&Offer> {
        self.standing.iter().find(|o| o.product == product)
    }

    /// The other side's offer that "yes" and "no" are about: of the product in focus, else the newest.
    fn theirs(&self) -> Option<&Offer> {
        let of_other_side = |o: &&Offer| o.by != self.speaker;
        let in_focus = self.focus.and_then(|f| self.standing_for(f)).filter(of_other_side);
        in_focus.or_else(|| self.standing.iter().find(of_other_side))
    }

    /// The product of a name, where exactly one is meant.
    fn known(&self, item: &str) -> Option<ProductId> {
        match self.names.resolve(item) {
            Resolution::Exact(index) => self.shelves.get(index).map(|s| s.product),
            _ => None,
        }
    }

    /// The product an act is about: the one it names, the one in focus, the one on the table, the only one.
    fn product(&self, item: Option<&str>) -> Result<&Shelf, Unclear> {
        if let Some(item) = item {
            let at = |index: usize| self.shelves.get(index);
            return match self.names.resolve(item) {
                Resolution::Exact(index) => at(index).ok_or_else(|| Unclear::NotSold(item.to_owned())),
                Resolution::Unsure(several) => Err(Unclear::WhichProduct(
                    several.into_iter().filter_map(at).map(|s| s.product).collect(),
                )),
                Resolution::Unknown => Err(Unclear::NotSold(item.to_owned())),
            };
        }
        let meant = self.focus.or_else(|| self.standing.first().map(|o| o.product));
        if let Some(shelf) = meant.and_then(|p| self.shelf(p)) {
            return Ok(shelf);
        }
        match self.shelves {
            [only] => Ok(only),
            several => Err(Unclear::WhichProduct(several.iter().map(|s| s.product).collect())),
        }
    }

    /// Completes a spoken offer from what is on the table: what the price buys, and how much is meant.
    ///
    /// # Errors
    /// [`Unclear`], where the table does not say it.
    pub fn propose(&self, offer: &parley::Offer) -> Result<Proposal, Unclear> {
        let shelf = self.product(offer.item.as_deref())?;
        let standing = self.standing_for(shelf.product);
        let reference = standing.map_or(shelf.tag, |o| o.price);
        let lot = offer.lot.unwrap_or(Amount::new(reference.per(), reference.unit()));
        let price = Price::new(Money::inr(offer.price_minor), lot.quantity, lot.unit)?;
        if !shelf.tag.unit().converts_to(lot.unit) {
            return Err(Unclear::UnitMismatch);
        }
        let (amount, amount_fixed) = self.amount_meant(offer.wanted, standing, shelf.product, lot);
        Ok(Proposal { product: shelf.product, price, amount, amount_fixed, total: total(price, amount)? })
    }

    /// The amount said; else the standing offer's; else what the buyer wants; else what the price buys, left open.
    fn amount_meant(
        &self,
        said: Option<Amount>,
        standing: Option<&Offer>,
        product: ProductId,
        lot: Amount,
    ) -> (Amount, bool) {
        let fits = |a: &Amount| a.unit.converts_to(lot.unit);
        if let Some(said) = said {
            return (said, true);
        }
        if let Some(standing) = standing.filter(|o| fits(&o.amount)) {
            return (standing.amount, standing.amount_fixed);
        }
        if let Some(wanted) = self.wanted.filter(|_| self.focus == Some(product)).filter(fits) {
            return (wanted, true);
        }
        (lot, lot.quantity != Quantity::ONE)
    }

    /// Agreeing: to the other side's offer, or where there is none and a buyer speaks, to the price on the tag.
    fn take(&self, terms: &Terms, amount_said: Option<Amount>) -> Result<Option<Step>, Unclear> {
        let amount_said = amount_said.or(terms.wanted);
        let named = terms.item.as_deref().and_then(|i| self.known(i));
        let theirs = match named {
            Some(product) => self.standing_for(product).filter(|o| o.by != self.speaker),
            None => self.theirs(),
        };
        if let Some(offer) = theirs {
            let amount = match amount_said {
                Some(said) if !offer.amount_fixed => said,
                // Another amount than the one proposed is another proposal: at the same price, where it has one by the unit.
                Some(said) if said != offer.amount => return same_price_for(offer, said).map(Some),
                _ => offer.amount,
            };
            let total = offer.total_of(amount)?;
            return Ok(Some(Step::Take { taken: Taken::Offer(offer.id), amount, total }));
        }
        if self.speaker == Side::Vendor {
            return Ok(None);
        }
        let shelf = self.product(terms.item.as_deref())?;
        if self.standing_for(shelf.product).is_some() {
            return Ok(None);
        }
        let wanted = self.wanted.filter(|_| self.focus == Some(shelf.product));
        let amount = amount_said.or(wanted).unwrap_or(Amount::new(shelf.tag.per(), shelf.tag.unit()));
        let total = total(shelf.tag, amount)?;
        Ok(Some(Step::Take { taken: Taken::Tag(shelf.product), amount, total }))
    }

    /// "So a hundred and ten for two dozen, right?": agrees where that is what the other side offers.
    fn take_if_theirs(&self, terms: &Terms) -> Result<Option<Step>, Unclear> {
        let same_price = |o: &&Offer| terms.price_minor.is_none_or(|p| p == o.price.amount().minor());
        match self.theirs().filter(same_price) {
            Some(_) => self.take(terms, None),
            None => Ok(None),
        }
    }

    /// Wanting another amount changes one's own offer where its price is by the unit; else it is noted.
    fn want(&self, wanted: Amount, item: Option<&str>) -> Result<Step, Unclear> {
        let shelf = self.product(item)?;
        let own = self.standing_for(shelf.product).filter(|o| o.by == self.speaker);
        match own.filter(|o| o.price.per() == Quantity::ONE && o.amount != wanted) {
            Some(own) => same_price_for(own, wanted),
            None if !shelf.tag.unit().converts_to(wanted.unit) => Err(Unclear::UnitMismatch),
            None => Ok(Step::Want(shelf.product, wanted)),
        }
    }
}

/// The same price for another amount is another proposal.
fn same_price_for(offer: &Offer, amount: Amount) -> Result<Step, Unclear> {
    let total = offer.total_of(amount)?;
    let Offer { product, price, .. } = *offer;
    Ok(Step::Propose(Proposal { product, price, amount, amount_fixed: true, total }))
}

#[cfg(test)]
mod tests;
