//! Scores readings against a gold set: how many are exact, and how many would have moved the wrong money.
//!
//! The gold format is that of `gold/README.md`: one JSON object a line. Files are read by the caller.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use types::{Language, Quantity, Unit};

use crate::act::{Act, Side, Standing, Terms};
use crate::context::Context;
use crate::reading::{Reading, read};

/// One line of a gold set.
#[derive(Debug, Clone, Deserialize)]
pub struct Line {
    /// Names the line in reports.
    pub id: String,
    /// The base language.
    pub lang: Language,
    /// ISO 15924 code of the script it is written in; `Latn` tells romanised lines from native ones.
    pub script: String,
    /// Who speaks.
    pub role: Side,
    /// The utterance.
    pub text: String,
    /// The offer on the table.
    pub standing: Option<Standing>,
    /// What it does; empty for talk.
    pub acts: Vec<Act>,
}

/// The score of a gold set.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Per language and script (`hi`, `hi-Latn`).
    pub languages: BTreeMap<String, Score>,
    /// All of them together.
    pub all: Score,
    /// Every line that was not read exactly.
    pub misses: Vec<Miss>,
}

/// How one language was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Score {
    /// Lines read.
    pub lines: u32,
    /// Lines whose acts are exactly the gold ones; the goods' names are not scored.
    pub exact: u32,
    /// Lines answered "unsure".
    pub unsure: u32,
    /// Unsure lines with the gold acts among the candidates.
    pub unsure_holds_gold: u32,
    /// Money slots (price, quantities, units) in the gold lines.
    pub money_slots: u32,
    /// Money slots read with another value, or read where the gold has none.
    pub money_wrong: u32,
    /// Lines of talk.
    pub talk: u32,
    /// Lines of talk from which acts were read.
    pub talk_moved: u32,
}

impl Score {
    /// Exact lines, in percent.
    pub fn exact_percent(&self) -> f64 {
        percent(self.exact, self.lines)
    }

    /// Wrong money slots, in percent of all.
    pub fn money_wrong_percent(&self) -> f64 {
        percent(self.money_wrong, self.money_slots)
    }

    fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.exact += other.exact;
        self.unsure += other.unsure;
        self.unsure_holds_gold += other.unsure_holds_gold;
        self.money_slots += other.money_slots;
        self.money_wrong += other.money_wrong;
        self.talk += other.talk;
        self.talk_moved += other.talk_moved;
    }
}

fn percent(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) * 100.0 / f64::from(whole) }
}

/// A line that was not read exactly.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Miss {
    /// The line.
    pub id: String,
    /// What was said.
    pub text: String,
    /// What it does.
    pub gold: Vec<Act>,
    /// What was read.
    pub read: Reading,
    /// How many money slots are wrong.
    pub money_wrong: u32,
}

/// Reads every line and scores the readings.
pub fn eval(lines: impl IntoIterator<Item = Line>) -> Report {
    let mut report = Report::default();
    for line in lines {
        let context = Context::new(line.role).standing(line.standing);
        let reading = read(&line.text, line.lang, &context);
        let (score, is_exact) = score(&line, &reading);
        let is_romanised = line.script == "Latn" && line.lang != Language::English;
        let key = if is_romanised { format!("{}-Latn", line.lang) } else { line.lang.to_string() };
        report.languages.entry(key).or_default().add(&score);
        report.all.add(&score);
        if !is_exact {
            let money_wrong = score.money_wrong;
            report.misses.push(Miss {
                id: line.id,
                text: line.text,
                gold: line.acts,
                read: reading,
                money_wrong,
            });
        }
    }
    report
}

fn score(line: &Line, reading: &Reading) -> (Score, bool) {
    let gold: Vec<Act> = line.acts.iter().map(without_item).collect();
    let acts: Vec<Act> = reading.acts().iter().map(without_item).collect();
    let candidates = match reading {
        Reading::Unsure(candidates) => &candidates[..],
        _ => &[],
    };
    let is_unsure = !candidates.is_empty();
    let is_exact = !is_unsure && gold == acts;
    let holds = candidates.iter().any(|c| c.iter().map(without_item).eq(gold.iter().cloned()));
    let (money_slots, money_wrong) = money(&gold, &acts);
    let is_talk = gold.is_empty();
    let score = Score {
        lines: 1,
        exact: u32::from(is_exact),
        unsure: u32::from(is_unsure),
        unsure_holds_gold: u32::from(holds),
        money_slots,
        money_wrong,
        talk: u32::from(is_talk),
        talk_moved: u32::from(is_talk && !acts.is_empty()),
    };
    (score, is_exact)
}

/// Whether two acts are the same, whatever goods they name.
#[cfg(test)]
pub(crate) fn same_but_for_goods(one: &Act, other: &Act) -> bool {
    without_item(one) == without_item(other)
}

/// The act without the name of the goods, which is not scored.
fn without_item(act: &Act) -> Act {
    let bare = |terms: &Terms| Terms { item: None, ..terms.clone() };
    match act {
        Act::Offer(offer) => Act::Offer(crate::act::Offer { item: None, ..offer.clone() }),
        Act::Accept(terms) => Act::Accept(bare(terms)),
        Act::Confirm(terms) => Act::Confirm(bare(terms)),
        Act::AskPrice { wanted, .. } => Act::AskPrice { wanted: *wanted, item: None },
        Act::AskAvailability { .. } => Act::AskAvailability { item: None },
        Act::SetQuantity { wanted, .. } => Act::SetQuantity { wanted: *wanted, item: None },
        other => other.clone(),
    }
}

/// The slots that move money.
#[derive(Debug, Default, PartialEq, Eq)]
struct Money {
    price_minor: Option<i64>,
    for_quantity: Option<Quantity>,
    unit: Option<Unit>,
    quantity: Option<Quantity>,
    quantity_unit: Option<Unit>,
}

impl Money {
    fn of(act: &Act) -> Self {
        let lot = match act {
            Act::Offer(offer) => offer.lot,
            Act::Accept(terms) | Act::Confirm(terms) => terms.lot,
            _ => None,
        };
        let wanted = act.wanted();
        Self {
            price_minor: act.price_minor(),
            for_quantity: lot.map(|l| l.quantity),
            unit: lot.map(|l| l.unit),
            quantity: wanted.map(|w| w.quantity),
            quantity_unit: wanted.map(|w| w.unit),
        }
    }
}

/// Gold slots, and those read wrong: another value, or a value where the gold has none. Acts are compared by kind,
/// in order; what was not read at all is not wrong, only missed.
fn money(gold: &[Act], read: &[Act]) -> (u32, u32) {
    let slots = |act: &Act| {
        let m = Money::of(act);
        u32::from(m.price_minor.is_some())
            + u32::from(m.for_quantity.is_some())
            + u32::from(m.unit.is_some())
            + u32::from(m.quantity.is_some())
            + u32::from(m.quantity_unit.is_some())
    };
    let total = gold.iter().map(slots).sum();
    let mut left: Vec<&Act> = gold.iter().filter(|a| slots(a) > 0).collect();
    let mut wrong = 0;
    for act in read.iter().filter(|a| slots(a) > 0) {
        let same = left.iter().position(|g| std::mem::discriminant(*g) == std::mem::discriminant(act));
        let partner = same.or((!left.is_empty()).then_some(0)).map(|i| left.remove(i));
        wrong += partner.map_or_else(|| slots(act), |g| differing(&Money::of(g), &Money::of(act)));
    }
    (total, wrong)
}

fn differing(gold: &Money, read: &Money) -> u32 {
    fn differs<T: PartialEq + Copy>(gold: Option<T>, read: Option<T>) -> u32 {
        u32::from(read.is_some() && gold != read)
    }
    differs(gold.price_minor, read.price_minor)
        + differs(gold.for_quantity, read.for_quantity)
        + differs(gold.unit, read.unit)
        + differs(gold.quantity, read.quantity)
        + differs(gold.quantity_unit, read.quantity_unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, acts: &str) -> Line {
        let json = format!(
            r#"{{"id":"t","lang":"en","script":"Latn","role":"buyer","text":"{text}","standing":null,"acts":{acts}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn a_wrong_price_is_counted_and_talk_that_moves_too() {
        let report = eval([
            line("two kilos please", r#"[{"act":"set_quantity","quantity":"2","unit":"kg"}]"#),
            line("two kilos please", r#"[{"act":"set_quantity","quantity":"3","unit":"kg"}]"#),
            line("two kilos please", "[]"),
        ]);
        let score = &report.languages["en"];
        assert_eq!((score.lines, score.exact, score.money_slots, score.money_wrong), (3, 1, 4, 3));
        assert_eq!((score.talk, score.talk_moved), (1, 1));
        assert_eq!(report.misses.len(), 2);
    }
}
