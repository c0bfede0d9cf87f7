//! From figures to a deal: which number is the price, what it buys, how much is wanted.

use smallvec::{SmallVec, smallvec};
use types::{Price, Quantity, Unit};

use crate::act::{Amount, Side};
use crate::context::Context;
use crate::decimal::Decimal;
use crate::figures::{FIGURES_MAX, Figure, Figures, Role, either};
use crate::lexicon::cue::{Cue, Cues};
use crate::scale;
use crate::scene::Scene;

/// One way to read the price of an utterance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Proposal {
    pub minor: i64,
    pub lot: Option<Amount>,
    pub wanted: Option<Amount>,
    /// The price against what the offer on the table asks for as much.
    pub ratio: Option<f64>,
    /// Whether the lot was counted out ("two kilos"), not named as a unit ("a kilo").
    pub is_counted: bool,
    /// The first and last item of the price.
    pub at: usize,
    pub end: usize,
}

/// What an utterance says of money and amounts.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent findings, not states of one thing")]
pub(crate) struct Deal {
    /// Readings of the price, likeliest first; more than one means the app should ask.
    pub proposals: SmallVec<[Proposal; 3]>,
    /// How much is wanted, where no price is named, and where it was said.
    pub wanted: Option<(Amount, usize)>,
    /// How strongly the utterance marks its number as a price, 0 to 4.
    pub evidence: usize,
    /// Whether a number says by how much a price shall fall.
    pub reduction: bool,
    /// Whether "not even a rupee" is said.
    pub trifle: bool,
    /// Whether a marker ("mein", "for") marks the price.
    pub marked: bool,
    /// Whether there are more numbers than a deal has.
    pub crowded: bool,
    /// Whether several prices are named, each with an amount of its own.
    pub has_many_prices: bool,
    /// Whether a number belongs to talk, so that a mere "give" or "ok" beside it agrees to nothing.
    pub has_talk: bool,
}

/// The price among the figures, before its amount is known.
#[derive(Debug, Clone, Copy)]
struct Chosen {
    figure: Figure,
    currency: bool,
    marked: bool,
    per: Option<Amount>,
}

/// The readings a question can offer.
const PROPOSALS_MAX: usize = 3;

/// Puts the figures of a scene together.
pub(crate) fn of(scene: &Scene, figures: &Figures, context: &Context) -> Deal {
    let has = |role: Role| figures.iter().any(|f| f.role == role);
    let mut deal = Deal {
        reduction: has(Role::Reduction),
        trifle: has(Role::Trifle),
        has_talk: has(Role::Talk),
        ..Deal::default()
    };
    let mut prices: SmallVec<[Chosen; 3]> = figures.iter().filter_map(chosen).collect();
    drop_repeated(scene, context, &mut prices);
    let mut bare: SmallVec<[Figure; 4]> = figures.iter().filter(|f| f.role == Role::Bare).copied().collect();
    // "Thirty-eight, well, thirty-eight": a number said twice is one.
    bare.dedup_by_key(|f| f.numeral.value);
    bare.retain(|f| !prices.iter().any(|p| p.figure.numeral.value == f.numeral.value));
    drop_refused(scene, context, &mut prices, &mut bare);
    let amounts: SmallVec<[(Amount, Figure); 3]> = figures
        .iter()
        .filter_map(|f| match f.role {
            Role::Amount(amount) => Some((amount, *f)),
            Role::Count => Some((pieces(scene, f, context)?, *f)),
            _ => None,
        })
        .collect();
    let builder = Builder { scene, context, amounts: &amounts };
    if figures.len() > FIGURES_MAX || figures.iter().any(|f| may_be_grams(scene, f)) {
        deal.crowded = true;
        return deal;
    }
    match (&prices[..], &bare[..]) {
        ([], []) => builder.without_price(&mut deal),
        ([], [only]) => builder.bare(*only, &mut deal),
        ([], [count, price]) => builder.count_and_price(*count, *price, &mut deal),
        ([price], []) => builder.priced(*price, None, &mut deal),
        ([price], [other]) => builder.priced(*price, Some(*other), &mut deal),
        ([_, ..], _) if prices.len() <= PROPOSALS_MAX => {
            deal.has_many_prices = true;
            for price in &prices {
                builder.priced(*price, None, &mut deal);
            }
        }
        _ => deal.crowded = true,
    }
    deal.proposals.truncate(PROPOSALS_MAX);
    deal
}

fn chosen(figure: &Figure) -> Option<Chosen> {
    let Role::Price { currency, marked, per } = figure.role else { return None };
    Some(Chosen { figure: *figure, currency, marked, per })
}

/// A price said twice is said once; beside a new price, the one already on the table is only mentioned.
fn drop_repeated(scene: &Scene, context: &Context, prices: &mut SmallVec<[Chosen; 3]>) {
    let mut at = 1;
    while at < prices.len() {
        let value = prices[at].figure.numeral.value;
        if prices[..at].iter().any(|p| p.figure.numeral.value == value) {
            prices.remove(at);
        } else {
            at += 1;
        }
    }
    let refuses = scene.cues.any(Cues::of(&[Cue::Neg, Cue::No, Cue::Cannot, Cue::Costly]));
    if prices.len() > 1
        && refuses
        && let Some(theirs) = context.theirs()
    {
        prices.retain(|p| p.figure.numeral.value.as_hundredths() != Some(theirs.price_minor));
    }
}

/// "Fifty won't do, sixty": the price on the table is only mentioned.
fn drop_refused(
    scene: &Scene,
    context: &Context,
    prices: &mut SmallVec<[Chosen; 3]>,
    bare: &mut SmallVec<[Figure; 4]>,
) {
    let refuses = scene.cues.any(Cues::of(&[Cue::Neg, Cue::No, Cue::Cannot]));
    let Some(theirs) = context.theirs().filter(|_| refuses && prices.len() + bare.len() == 2) else { return };
    let is_theirs = |f: &Figure| f.numeral.value.as_hundredths() == Some(theirs.price_minor);
    match (&prices[..], &bare[..]) {
        ([], [first, _]) if is_theirs(first) => drop(bare.remove(0)),
        ([price], [other]) if is_theirs(&price.figure) && price.figure.at < other.at => prices.clear(),
        ([price], [other]) if is_theirs(other) && other.at < price.figure.at => bare.clear(),
        _ => {}
    }
}

/// A count as an amount: pieces, or whatever container the goods or the standing offer are counted in.
fn pieces(scene: &Scene, figure: &Figure, context: &Context) -> Option<Amount> {
    let quantity = figure.numeral.value.as_quantity().filter(|q| !q.is_zero())?;
    Some(Amount { quantity, unit: counted_unit(scene, context) })
}

/// "250 chilli": so many of what is weighed are grams as likely as pieces.
fn may_be_grams(scene: &Scene, figure: &Figure) -> bool {
    const MANY: Decimal = Decimal::whole(50);
    let weighed = scene.good_unit().is_some_and(|u| matches!(u, Unit::Kg | Unit::G));
    figure.role == Role::Count && weighed && figure.numeral.value >= MANY
}

fn counted_unit(scene: &Scene, context: &Context) -> Unit {
    let is_container = |unit: &Unit| matches!(unit, Unit::Packet | Unit::Bunch | Unit::Box | Unit::Bag);
    let standing = context.standing.map(|s| s.unit);
    scene.good_unit().filter(is_container).or(standing.filter(is_container)).unwrap_or(Unit::Piece)
}

struct Builder<'s, 't, 'c> {
    scene: &'s Scene<'t>,
    context: &'s Context<'c>,
    amounts: &'s [(Amount, Figure)],
}

impl Builder<'_, '_, '_> {
    fn without_price(&self, deal: &mut Deal) {
        deal.wanted = self.amounts.first().map(|(amount, figure)| (*amount, figure.at));
        deal.crowded = self.amounts.len() > 1;
        let Some((amount, figure)) = self.amounts.first() else { return };
        if let Some(minor) = self.hidden_price(*amount, figure) {
            let lot = Some(Amount::one(amount.unit));
            deal.proposals.push(Proposal {
                minor,
                lot,
                wanted: None,
                ratio: None,
                is_counted: false,
                at: figure.at,
                end: figure.end,
            });
        }
    }

    /// "Fifty kilo" may be fifty rupees a kilo, where kilos are sold at about that price.
    fn hidden_price(&self, amount: Amount, figure: &Figure) -> Option<i64> {
        const FEWEST: u32 = 10;
        let value = figure.numeral.value;
        if value < Decimal::whole(FEWEST) || !matches!(figure.role, Role::Amount(_)) {
            return None;
        }
        let standing =
            self.context.standing.filter(|s| s.unit == amount.unit && s.for_quantity == Quantity::ONE);
        let quotes = self.context.speaker == Side::Vendor || self.scene.cues.has(Cue::Put);
        let minor = value.as_hundredths().filter(|m| (1..=Price::AMOUNT_MINOR_MAX).contains(m))?;
        match standing {
            Some(standing) => {
                ratio(minor, standing.price_minor).is_some_and(|r| (0.4..=2.5).contains(&r)).then_some(minor)
            }
            None => quotes.then_some(minor),
        }
    }

    fn bare(&self, figure: Figure, deal: &mut Deal) {
        // "One" by itself is more often "a" than a rupee.
        let is_a = figure.numeral.value == Decimal::ONE && !figure.numeral.is_written;
        if is_a && self.expected(None).is_none_or(|e| e > 5.0) {
            deal.crowded = self.scene.content() <= 2;
            return;
        }
        let price = Chosen { figure, currency: false, marked: false, per: None };
        self.priced(price, None, deal);
    }

    /// Two bare numbers: "four twenty", so many for so much; of one size ("ten twenty") they are a guess.
    fn count_and_price(&self, count: Figure, price: Figure, deal: &mut Deal) {
        let side_by_side = self.scene.next(count.end) == Some(price.at);
        let is_count = count.numeral.value < price.numeral.value && count.numeral.value.as_whole().is_some();
        let is_lot = side_by_side && is_count && !either::is_range(self.scene, &count, &price);
        let Some(amount) = pieces(self.scene, &count, self.context).filter(|_| is_lot) else {
            deal.crowded = true;
            return;
        };
        let by_count = self.scene.good_unit().or(self.context.standing.map(|s| s.unit));
        if by_count.is_some_and(|u| {
            matches!(u, Unit::Kg | Unit::G | Unit::Quintal | Unit::Litre | Unit::Ml | Unit::Metre)
        }) {
            deal.crowded = true;
            return;
        }
        let chosen = Chosen { figure: price, currency: false, marked: true, per: None };
        self.propose(chosen, Some((amount, count)), deal);
        deal.evidence = deal.evidence.max(2);
    }

    fn priced(&self, price: Chosen, other: Option<Figure>, deal: &mut Deal) {
        let counted = other
            .filter(|o| self.belongs_to(o, &price.figure) && self.may_count(o, &price.figure))
            .and_then(|o| Some((pieces(self.scene, &o, self.context)?, o)));
        if other.is_some_and(|o| counted.is_none() && o.numeral.value != Decimal::ONE) {
            deal.crowded = true;
        }
        let amount = counted.or_else(|| self.nearest(&price.figure));
        self.propose(price, amount, deal);
        let strength = if price.currency || price.per.is_some() { 3 } else { usize::from(price.marked) * 2 };
        deal.evidence = deal.evidence.max(strength + usize::from(amount.is_some()));
        deal.marked |= price.marked;
    }

    /// Whether a bare number counts what the price is for: it stands beside it.
    fn belongs_to(&self, bare: &Figure, price: &Figure) -> bool {
        const LINK: Cues = Cues::of(&[
            Cue::Fill,
            Cue::For,
            Cue::Rate,
            Cue::Rupee,
            Cue::Of,
            Cue::At,
            Cue::Each,
            Cue::If,
            Cue::Give,
        ]);
        let is_count = bare.numeral.value.as_whole().is_some_and(|v| (1..=1000).contains(&v));
        let (first, second) = if bare.at < price.at { (bare, price) } else { (price, bare) };
        let between = (first.end + 1..second.at).filter_map(|i| self.scene.cue(i));
        let linked = between.clone().all(|c| LINK.has(c)) && between.count() == second.at - first.end - 1;
        is_count && linked && !either::is_range(self.scene, first, second)
    }

    /// Whether a bare number may be a count of what the price buys: beside an amount it is another price ("two kilos 150 or
    /// 115"), and hardly anything sells below a rupee apiece.
    fn may_count(&self, bare: &Figure, price: &Figure) -> bool {
        let in_lots = |(amount, _): &(Amount, Figure)| counted_unit(self.scene, self.context) == amount.unit;
        bare.numeral.value <= price.numeral.value && self.amounts.iter().all(in_lots)
    }

    fn nearest(&self, price: &Figure) -> Option<(Amount, Figure)> {
        let distance = |f: &Figure| {
            if f.at < price.at { price.at.saturating_sub(f.end) } else { f.at.saturating_sub(price.end) }
        };
        self.amounts.iter().min_by_key(|(_, f)| (distance(f), f.at > price.at)).copied()
    }

    fn propose(&self, price: Chosen, amount: Option<(Amount, Figure)>, deal: &mut Deal) {
        let is_other = |(a, _): &&(Amount, Figure)| amount.is_some_and(|(chosen, _)| chosen != *a);
        let other = self.amounts.iter().find(is_other).filter(|_| !deal.has_many_prices);
        for (lot, wanted) in self.lots(&price, amount, other.map(|(a, _)| *a)) {
            let expected = self.expected(lot);
            for rupees in scale::rupees(&price.figure.numeral, price.currency, price.marked, expected) {
                let minor = rupees.as_hundredths().filter(|m| (1..=Price::AMOUNT_MINOR_MAX).contains(m));
                // "At half" is no price of half a rupee.
                let is_part = rupees < Decimal::ONE && !price.currency;
                deal.has_talk |= is_part;
                let Some(minor) = minor.filter(|_| !is_part) else { continue };
                let (at, end) = (price.figure.at, price.figure.end);
                let is_counted = price.per.is_none() && lot.is_some();
                let ratio = expected.map(|e| rupees.size() / e);
                let proposal = Proposal { minor, lot, wanted, ratio, is_counted, at, end };
                if !deal.proposals.contains(&proposal) {
                    deal.proposals.push(proposal);
                }
            }
        }
    }

    /// What the price may buy, and what is wanted beside it.
    fn lots(
        &self,
        price: &Chosen,
        amount: Option<(Amount, Figure)>,
        other: Option<Amount>,
    ) -> SmallVec<[(Option<Amount>, Option<Amount>); 2]> {
        let Some((amount, figure)) = amount else { return smallvec![(price.per, None)] };
        if let Some(per) = price.per {
            if per.unit.converts_to(amount.unit) {
                return smallvec![(price.per, Some(amount))];
            }
            // "Three kilos at forty each" is forty for each of what is counted, "a 5 kg bag" a bag of so much.
            let is_each = per.unit == Unit::Piece;
            let lot = if is_each { Amount::one(amount.unit) } else { amount };
            return smallvec![(Some(lot), Some(amount)), (price.per, is_each.then_some(amount))];
        }
        // "Two packets of 500 g": what the price buys is either.
        if let Some(other) = other.filter(|o| !o.unit.converts_to(amount.unit)) {
            let buys = |lot: Amount| (Some(lot), (self.context.speaker == Side::Buyer).then_some(lot));
            return smallvec![buys(other), buys(amount)];
        }
        let buys_lot = self.context.speaker == Side::Buyer || self.scene.cues.has(Cue::If);
        let as_lot = (Some(amount), other.or(buys_lot.then_some(amount)));
        let as_unit = (None, Some(amount));
        let Some(standing) = self.context.standing.filter(|s| amount.unit.converts_to(s.unit)) else {
            let at_rate = (Some(Amount::one(amount.unit)), Some(amount));
            let is_open = self.is_rate(&price.figure) && amount.quantity > Quantity::ONE;
            return if is_open { smallvec![at_rate, as_lot] } else { smallvec![as_lot] };
        };
        let Some(minor) = price.figure.numeral.value.as_hundredths() else { return smallvec![as_lot] };
        let unit_ratio = ratio(minor, standing.price_minor).unwrap_or(0.0);
        let lot_ratio = self.expected(Some(amount)).map_or(0.0, |e| price.figure.numeral.value.size() / e);
        if minor == standing.price_minor && standing.for_quantity == Quantity::ONE && standing.lot() != amount
        {
            // "Ninety, two kilos" against ninety a kilo takes the price, unless it is said in one breath.
            let agrees = self.scene.cues.any(Cues::of(&[Cue::Okay, Cue::Agree, Cue::Yes]));
            let is_clear = agrees || !self.is_tight(price, &figure);
            return if is_clear { smallvec![as_unit] } else { smallvec![as_unit, as_lot] };
        }
        // Below half of what stands a lot price is doubtful, where the number fits one unit well.
        if lot_ratio >= 0.5 || !(0.5..=1.3).contains(&unit_ratio) {
            return smallvec![as_lot];
        }
        if self.is_tight(price, &figure) { smallvec![as_unit, as_lot] } else { smallvec![as_unit] }
    }

    /// Whether a price is marked by a word that may make it one for each unit: "three kilos at forty".
    fn is_rate(&self, price: &Figure) -> bool {
        const BETWEEN: Cues = Cues::of(&[Cue::Rupee, Cue::Article]);
        let mut before = self.scene.prev(price.at);
        while let Some(at) = before.filter(|i| self.scene.cue(*i).is_some_and(|c| BETWEEN.has(c))) {
            before = self.scene.prev(at);
        }
        before.is_some_and(|i| self.scene.cue(i) == Some(Cue::Rate))
    }

    /// Whether amount and price stand in one breath: "two kilos for fifty".
    fn is_tight(&self, price: &Chosen, amount: &Figure) -> bool {
        if amount.at > price.figure.at {
            return price.marked && self.scene.next(price.figure.end) == Some(amount.at);
        }
        (amount.end + 1..price.figure.at).all(|i| {
            !matches!(
                self.scene.cue(i),
                Some(Cue::Give | Cue::Take | Cue::Want | Cue::Put | Cue::Okay | Cue::Agree)
            )
        })
    }

    /// What a lot would cost at the standing price, in rupees; without a lot, the standing price itself.
    fn expected(&self, lot: Option<Amount>) -> Option<f64> {
        let standing = self.context.standing?;
        let Some(lot) = lot else { return Some(rupees(standing.price_minor)) };
        let (above, below) = lot.unit.ratio_to(standing.unit)?;
        let size = |q: Quantity| Decimal::from(q).size();
        let units = size(lot.quantity) / size(standing.for_quantity);
        Some(rupees(standing.price_minor) * units * as_f64(above) / as_f64(below))
    }
}

fn ratio(minor: i64, of: i64) -> Option<f64> {
    (of > 0).then(|| as_f64(minor) / as_f64(of))
}

fn rupees(minor: i64) -> f64 {
    as_f64(minor) / 100.0
}

#[expect(clippy::cast_precision_loss, reason = "ratios decide between readings, they are never an amount")]
fn as_f64(value: i64) -> f64 {
    value as f64
}
