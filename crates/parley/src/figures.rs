//! What each number of an utterance is: a price, an amount of goods, a count, or a number of ordinary talk.
//!
//! Talk comes first: a number beside a word of talk (years, o'clock, a banknote), in the past, or belonging to a
//! telephone is out of the deal, whatever else is said.

pub(crate) mod either;
mod parts;

use smallvec::SmallVec;
use types::Unit;

use crate::act::Amount;
use crate::context::Context;
use crate::decimal::Decimal;
use crate::lexicon::cue::{Cue, Cues};
use crate::numbers::grammar::Numeral;
use crate::scene::{Item, Scene};

/// What a number is in the deal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Role {
    /// Money, by a currency, a marker ("for", "mein") or the unit it is the price of.
    Price { currency: bool, marked: bool, per: Option<Amount> },
    /// So much of a unit.
    Amount(Amount),
    /// So many pieces.
    Count,
    /// By how much a price shall fall.
    Reduction,
    /// A number beside nothing.
    Bare,
    /// "Not even a rupee": a trifle that names no price.
    Trifle,
    /// A number of talk.
    Talk,
}

/// A number with its role.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figure {
    /// Its item.
    pub at: usize,
    /// The last item that belongs to it (currency, unit, marker).
    pub end: usize,
    pub numeral: Numeral,
    pub role: Role,
}

pub(crate) type Figures = SmallVec<[Figure; 4]>;

/// So many numbers are a list, not a deal.
pub(crate) const FIGURES_MAX: usize = 6;

const AFTER_PRICE: Cues = Cues::of(&[Cue::At, Cue::Of, Cue::Than]);
const BETWEEN_PRICE_AND_UNIT: Cues = Cues::of(&[
    Cue::Rupee,
    Cue::At,
    Cue::Of,
    Cue::For,
    Cue::Rate,
    Cue::Per,
    Cue::Article,
    Cue::PriceWord,
    Cue::Is,
    Cue::Put,
]);
const MONEY: Cues = Cues::of(&[Cue::Rupee]);

/// Gives every number of the scene its role.
pub(crate) fn of(scene: &Scene, context: &Context) -> Figures {
    let mut figures = Figures::new();
    let mut taken = Taken::default();
    for (at, item) in scene.items().iter().enumerate() {
        let Item::Number(numeral) = item else { continue };
        if figures.len() > FIGURES_MAX {
            break;
        }
        if taken.items.contains(&at) {
            continue;
        }
        figures.push(Reader { scene, context, taken: &mut taken }.figure(at, *numeral));
    }
    parts::join(scene, &mut figures);
    parts::drop_repeated(scene, &mut figures);
    join_ranges(scene, &mut figures);
    drop_past(scene, &mut figures);
    if figures.is_empty() {
        figures.extend(one_unnumbered(scene));
    }
    figures
}

/// "Ten, twenty rupees less": the number before a reduction belongs to it.
fn join_ranges(scene: &Scene, figures: &mut Figures) {
    for i in (1..figures.len()).rev() {
        let follows = scene.next(figures[i - 1].end) == Some(figures[i].at);
        if figures[i].role == Role::Reduction && figures[i - 1].role == Role::Bare && follows {
            figures[i - 1].role = Role::Reduction;
        }
    }
}

/// "Pav bhar mirch", "a dozen please": a unit asked for without a number is one of it.
fn one_unnumbered(scene: &Scene) -> Option<Figure> {
    const REQUEST: Cues = Cues::of(&[Cue::Give, Cue::Take, Cue::Want, Cue::Article]);
    const QUESTION: Cues = Cues::of(&[Cue::HowMuch, Cue::PriceWord, Cue::What, Cue::FinalAsk]);
    if !scene.cues.any(REQUEST) || scene.cues.any(QUESTION) {
        return None;
    }
    let mut units = scene.items().iter().enumerate().filter_map(|(at, item)| match item {
        Item::Unit { factor, unit } => Some((at, *factor, *unit)),
        _ => None,
    });
    let (at, factor, unit) = units.next()?;
    let amount = one_of(factor, unit).filter(|_| units.next().is_none())?;
    let numeral = Numeral {
        value: Decimal::ONE,
        pair: None,
        is_elidable: false,
        is_after: false,
        digits: 0,
        is_written: false,
        from: 0,
        to: 0,
    };
    Some(Figure { at, end: at, numeral, role: Role::Amount(amount) })
}

/// Items that already belong to a number.
#[derive(Debug, Default)]
struct Taken {
    items: SmallVec<[usize; 8]>,
}

struct Reader<'s, 't, 'c> {
    scene: &'s Scene<'t>,
    context: &'s Context<'c>,
    taken: &'s mut Taken,
}

impl Reader<'_, '_, '_> {
    fn cue(&self, at: Option<usize>) -> Option<Cue> {
        at.and_then(|i| self.scene.cue(i))
    }

    fn is(&self, at: Option<usize>, cues: Cues) -> bool {
        self.cue(at).is_some_and(|c| cues.has(c))
    }

    fn figure(&mut self, at: usize, numeral: Numeral) -> Figure {
        let figure = |role, end| Figure { at, end, numeral, role };
        if self.is_talk(at, &numeral) {
            return figure(Role::Talk, at);
        }
        // "₹60 kilo" is a price by its sign, whatever stands behind it.
        if !self.has_sign(at)
            && let Some((amount, end)) = self.amount(at, &numeral)
        {
            return figure(Role::Amount(amount), end);
        }
        if numeral.is_after {
            return figure(Role::Talk, at);
        }
        let (numeral, currency, end) = self.money(at, numeral);
        if self.is_trifle(end, &numeral, currency) {
            return Figure { at, end, numeral, role: Role::Trifle };
        }
        if self.is_reduction(at, end, &numeral) {
            return Figure { at, end, numeral, role: Role::Reduction };
        }
        if !currency && self.is(self.scene.next(at), Cues::of(&[Cue::Count])) {
            let end = self.scene.next(at).unwrap_or(at);
            return Figure { at, end, numeral, role: Role::Count };
        }
        let after = self.scene.next(end).filter(|i| self.is(Some(*i), AFTER_PRICE));
        let marked = after.is_some() || self.is_before_marked(at);
        let per = self.per(at, end);
        let end = after.unwrap_or(end);
        if currency || marked || per.is_some() {
            return Figure { at, end, numeral, role: Role::Price { currency, marked, per } };
        }
        // "Tomato forty onion thirty": a number between goods is a price of the first.
        let is_good = |i: Option<usize>| matches!(i.map(|i| self.scene.items()[i]), Some(Item::Good(_)));
        let counts_goods = is_good(self.scene.next(end)) && !is_good(self.scene.prev(at));
        let role = if counts_goods && numeral.value.as_whole().is_some() { Role::Count } else { Role::Bare };
        Figure { at, end, numeral, role }
    }

    /// Whether a number belongs to talk: beside a unit of talk, in a telephone number.
    fn is_talk(&self, at: usize, numeral: &Numeral) -> bool {
        const TALK: Cues = Cues::of(&[Cue::TalkUnit]);
        const LINK: Cues =
            Cues::of(&[Cue::At, Cue::Of, Cue::Rupee, Cue::Than, Cue::Article, Cue::Count, Cue::Per]);
        let mut after = self.scene.next(at);
        while self.is(after, LINK) {
            after = after.and_then(|i| self.scene.next(i));
        }
        let before = self.scene.prev(at);
        let is_unit_next = matches!(after.map(|i| self.scene.items()[i]), Some(Item::Unit { .. }));
        let follows_talk = self.is(before, TALK)
            && !is_unit_next
            && !self.is(self.scene.next(at), MONEY)
            && !self.talk_is_taken(before);
        let telephone = numeral.digits >= 5 || (numeral.digits > 1 && self.scene.cues.has(Cue::Contact));
        let money = self.is(self.scene.next(at), MONEY) || self.has_sign(at);
        self.is(after, TALK) || follows_talk || telephone || (self.scene.cues.has(Cue::Contact) && !money)
    }

    /// Whether a unit of talk belongs to a number before it already.
    fn talk_is_taken(&self, talk: Option<usize>) -> bool {
        let before = talk.and_then(|i| self.scene.prev(i));
        matches!(before.map(|i| self.scene.items()[i]), Some(Item::Number(_)))
    }

    /// A number with a unit behind it: five kilos, half a dozen, a kilo and a half.
    fn amount(&mut self, at: usize, numeral: &Numeral) -> Option<(Amount, usize)> {
        if numeral.is_after {
            return self.unit_and_part(at, numeral);
        }
        let mut next = self.scene.next(at)?;
        let is_part = numeral.value < Decimal::ONE;
        if is_part && self.scene.cue(next) == Some(Cue::Article) {
            next = self.scene.next(next)?;
        }
        let Item::Unit { factor, unit } = self.scene.items()[next] else { return None };
        let part =
            self.scene.next(next).filter(|i| matches!(self.scene.items()[*i], Item::Number(n) if n.is_after));
        let (count, end) = match part {
            Some(part) => {
                self.taken.items.push(part);
                let Item::Number(n) = self.scene.items()[part] else { return None };
                (numeral.value.plus(n.value)?, part)
            }
            None => (numeral.value, next),
        };
        let quantity = count.times(factor)?.as_quantity().filter(|q| !q.is_zero())?;
        self.taken.items.push(next);
        Some((Amount { quantity, unit }, end))
    }

    /// "A kilo and a half", said without a one: the part stands behind the unit.
    fn unit_and_part(&mut self, at: usize, numeral: &Numeral) -> Option<(Amount, usize)> {
        let before = self.scene.prev(at)?;
        let Item::Unit { factor, unit } = self.scene.items()[before] else { return None };
        if self.taken.items.contains(&before) {
            return None;
        }
        let quantity = Decimal::ONE.plus(numeral.value)?.times(factor)?.as_quantity()?;
        self.taken.items.push(before);
        Some((Amount { quantity, unit }, at))
    }

    /// A number with its currency, rupees and paise together.
    fn money(&mut self, at: usize, numeral: Numeral) -> (Numeral, bool, usize) {
        let hundredth = Decimal::hundredths(1);
        let Some(next) = self.scene.next(at) else { return (numeral, self.has_sign(at), at) };
        let next = self.rupees_counted(next).unwrap_or(next);
        match self.scene.cue(next) {
            Some(Cue::Paisa) => match numeral.value.times(hundredth) {
                Some(value) => (Numeral { value, pair: None, ..numeral }, true, next),
                None => (numeral, true, next),
            },
            Some(Cue::Rupee) => {
                let paise = self.paise_after(next).and_then(|(part, end)| {
                    let value = part.value.times(hundredth)?.plus(numeral.value)?;
                    Some((Numeral { value, pair: None, ..numeral }, true, end))
                });
                paise.unwrap_or((numeral, true, next))
            }
            _ => (numeral, self.has_sign(at), at),
        }
    }

    /// "পাঁচটা টাকা": the classifier counts rupees. Behind "চারটে ₹২০" the sign belongs to the next number.
    fn rupees_counted(&self, classifier: usize) -> Option<usize> {
        let rupee = self.scene.next(classifier).filter(|i| self.is(Some(*i), MONEY))?;
        let follows = self.scene.next(rupee).map(|i| self.scene.items()[i]);
        let is_counted = self.scene.cue(classifier) == Some(Cue::Count);
        (is_counted && !matches!(follows, Some(Item::Number(_)))).then_some(rupee)
    }

    fn paise_after(&mut self, rupee: usize) -> Option<(Numeral, usize)> {
        let number = self.scene.next(rupee)?;
        let Item::Number(part) = self.scene.items()[number] else { return None };
        let paisa = self.scene.next(number).filter(|i| self.scene.cue(*i) == Some(Cue::Paisa))?;
        self.taken.items.push(number);
        Some((part, paisa))
    }

    /// Whether a currency sign stands before the number, and belongs to no number before it.
    fn has_sign(&self, at: usize) -> bool {
        let Some(before) = self.scene.prev(at).filter(|i| self.is(Some(*i), MONEY)) else { return false };
        !matches!(self.scene.prev(before).map(|i| self.scene.items()[i]), Some(Item::Number(_)))
    }

    fn is_before_marked(&self, at: usize) -> bool {
        let mut before = self.scene.prev(at);
        while self.is(before, Cues::of(&[Cue::Rupee, Cue::Article])) {
            before = before.and_then(|i| self.scene.prev(i));
        }
        self.is(before, Cues::of(&[Cue::For, Cue::Rate]))
    }

    /// "Not even a rupee less": a trifle that names no price.
    fn is_trifle(&self, end: usize, numeral: &Numeral, currency: bool) -> bool {
        let cues = self.scene.cues;
        let refuses = cues.any(Cues::of(&[Cue::Neg, Cue::No, Cue::Cannot]));
        let compares = cues.any(Cues::of(&[Cue::Less, Cue::More, Cue::Discount]));
        let near = self.is(self.scene.next(end), Cues::of(&[Cue::Even, Cue::Less, Cue::More, Cue::Discount]));
        numeral.value <= Decimal::ONE
            && currency
            && refuses
            && (compares || cues.has(Cue::Even))
            && (near || cues.has(Cue::Even))
    }

    /// "Ten rupees less": by how much, not to how much.
    fn is_reduction(&self, at: usize, end: usize, numeral: &Numeral) -> bool {
        const LESS: Cues = Cues::of(&[Cue::Less, Cue::Discount]);
        const MARKS: Cues = Cues::of(&[Cue::Than, Cue::Of, Cue::At]);
        if self.scene.cues.any(Cues::of(&[Cue::Neg, Cue::No, Cue::Cannot])) {
            return false;
        }
        let after = self.scene.next(end);
        let skips_mark = self.is(after, MARKS);
        let follows = if skips_mark { after.and_then(|i| self.scene.next(i)) } else { after };
        let before = self
            .scene
            .prev(at)
            .and_then(|i| if self.is(Some(i), MONEY) { self.scene.prev(i) } else { Some(i) });
        if !(self.is(follows, LESS) || self.is(before, LESS)) {
            return false;
        }
        // "Less than fifty" of a buyer asks for less and names no price either.
        let Some(standing) = self.context.theirs().or(self.context.standing) else { return true };
        let falls_by = numeral
            .value
            .as_hundredths()
            .is_some_and(|minor| minor * 2 <= standing.price_minor || minor > standing.price_minor);
        falls_by || skips_mark
    }

    /// The unit a number is the price of: "sixty a kilo", "किलो साठ".
    fn per(&mut self, at: usize, end: usize) -> Option<Amount> {
        self.unit_behind(end).or_else(|| self.unit_before(at))
    }

    fn unit_behind(&mut self, end: usize) -> Option<Amount> {
        let mut at = self.scene.next(end)?;
        loop {
            match self.scene.items()[at] {
                Item::Unit { factor, unit } => {
                    if self.begins_price(at) || self.is_asked(at) {
                        return None;
                    }
                    self.taken.items.push(at);
                    return one_of(factor, unit);
                }
                Item::Cue(Cue::Each) => {
                    let unit = self.scene.next(at).map(|i| self.scene.items()[i]);
                    let Some(Item::Unit { factor, unit }) = unit else {
                        return one_of(Decimal::ONE, Unit::Piece);
                    };
                    return one_of(factor, unit);
                }
                Item::Cue(cue) if BETWEEN_PRICE_AND_UNIT.has(cue) => at = self.scene.next(at)?,
                _ => return None,
            }
        }
    }

    /// "How many kilos for a hundred": the unit is asked about.
    fn is_asked(&self, unit: usize) -> bool {
        self.is(self.scene.prev(unit), Cues::of(&[Cue::HowMany, Cue::HowMuch]))
    }

    /// Whether a unit opens the next price ("tomato forty, kilo onion sixty"): a number stands right behind it.
    fn begins_price(&self, unit: usize) -> bool {
        let Some(next) = self.scene.next(unit) else { return false };
        let Item::Number(n) = self.scene.items()[next] else { return false };
        let own = self.scene.next(next).map(|i| self.scene.items()[i]);
        !n.is_after && !matches!(own, Some(Item::Unit { .. }))
    }

    fn unit_before(&mut self, number: usize) -> Option<Amount> {
        let mut at = self.scene.prev(number)?;
        loop {
            match self.scene.items()[at] {
                Item::Unit { factor, unit } if !self.taken.items.contains(&at) && !self.is_asked(at) => {
                    self.taken.items.push(at);
                    return one_of(factor, unit);
                }
                Item::Cue(Cue::Each) => return one_of(Decimal::ONE, Unit::Piece),
                Item::Good(_) | Item::Cue(Cue::Count | Cue::If | Cue::Firm) => at = self.scene.prev(at)?,
                Item::Cue(cue) if BETWEEN_PRICE_AND_UNIT.has(cue) => at = self.scene.prev(at)?,
                _ => return None,
            }
        }
    }
}

fn one_of(factor: Decimal, unit: Unit) -> Option<Amount> {
    Some(Amount { quantity: factor.as_quantity()?, unit })
}

/// Takes the number nearest to a word of the past, or of what is left in stock, out of the deal.
fn drop_past(scene: &Scene, figures: &mut Figures) {
    /// Further away than this, the past is about something else.
    const REACH: usize = 4;
    for past in scene.places(Cues::of(&[Cue::Past, Cue::Stock])) {
        let nearest = figures
            .iter_mut()
            .map(|f| (if f.at < past { past.saturating_sub(f.end) } else { f.at - past }, f.at > past, f))
            .filter(|(distance, ..)| *distance <= REACH)
            .min_by_key(|(distance, behind, _)| (*distance, *behind));
        if let Some((.., figure)) = nearest {
            figure.role = Role::Talk;
        }
    }
}
