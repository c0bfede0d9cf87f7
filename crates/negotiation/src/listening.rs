//! What an utterance means where it is said: an answer to the question that waits for its speaker, something for the other side,
//! or something to ask about.

use parley::{Act, Amount, Asked, Context, Reading, Terms, read};
use types::Price;

use crate::message::Message;
use crate::offer::Offer;
use crate::read_back::{CHOICES_MAX, Question, ReadBack};
use crate::room::Room;

/// So many of a recogniser's other readings are looked at.
const ALTERNATIVES_MAX: usize = 3;

/// How an utterance came to be words.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    /// What the speaker's screen asked for, where no question of ours is open.
    pub asked: Option<Asked<'static>>,
    /// What else the recogniser thinks it may have been, best first.
    pub alternatives: Vec<String>,
}

/// What an utterance means.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning {
    /// It answers the question that waits for its speaker: said to the app, not to the other side.
    Answer(Answer),
    /// It does these acts.
    Acts(Vec<Act>),
    /// It may do one of these.
    Unsure(Vec<Vec<Act>>),
    /// It moves nothing.
    Talk,
    /// The recogniser's readings answer a question in different ways.
    Contradictory,
}

/// An answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// That is right.
    Yes,
    /// That is wrong.
    No,
    /// The choice of this place.
    Choice(usize),
}

impl Room<'_> {
    /// What a message means, all its readings considered.
    pub fn meaning(&self, message: &Message, heard: &Heard, open: Option<&ReadBack>) -> Meaning {
        let first = self.meaning_of(&message.text, message, heard, open);
        let others = heard.alternatives.iter().take(ALTERNATIVES_MAX);
        let others: Vec<Meaning> = others.map(|text| self.meaning_of(text, message, heard, open)).collect();
        together(first, others)
    }

    fn meaning_of(&self, text: &str, message: &Message, heard: &Heard, open: Option<&ReadBack>) -> Meaning {
        if let Some(answer) = open.and_then(|o| self.answer_in(text, message, &o.question)) {
            return Meaning::Answer(answer);
        }
        let question = open.map(|o| &o.question);
        let asked = match question {
            Some(question) => question.asks_for_a_price().then_some(Asked::Price),
            None => heard.asked,
        };
        let about = |acts| match question.filter(|q| q.asks_for_a_price()) {
            Some(question) => self.about(question, acts),
            None => acts,
        };
        match self.read(text, message, asked) {
            Reading::Understood(acts) => Meaning::Acts(about(acts)),
            Reading::Unsure(readings) => Meaning::Unsure(readings.into_iter().map(about).collect()),
            Reading::Talk => Meaning::Talk,
        }
    }

    /// A yes, a no, or one of the choices.
    fn answer_in(&self, text: &str, message: &Message, question: &Question) -> Option<Answer> {
        let said = |asked| match self.read(text, message, Some(asked)) {
            Reading::Understood(acts) => acts,
            Reading::Unsure(_) | Reading::Talk => Vec::new(),
        };
        let choices = question.choices(message.language).len();
        match &said(Asked::YesNo)[..] {
            [Act::Reject] => return Some(Answer::No),
            [Act::Confirm(terms)] if *terms == Terms::default() => match question {
                Question::Offer { .. } | Question::Accept { .. } => return Some(Answer::Yes),
                Question::Which { .. } | Question::Product { .. } if choices == 1 => {
                    return Some(Answer::Choice(0));
                }
                Question::Which { .. } | Question::Price { .. } | Question::Product { .. } => {}
            },
            _ => {}
        }
        if let Question::Product { products, .. } = question {
            let named = self.named(text)?;
            return products.iter().position(|(id, _)| *id == named).map(Answer::Choice);
        }
        let readings = question.readings();
        if readings.len() < 2 {
            return None;
        }
        let acts = said(Asked::Which(readings));
        readings.iter().position(|r| *r == acts).map(Answer::Choice)
    }

    /// A bare price in answer to a question is a price for what the question is about.
    fn about(&self, question: &Question, mut acts: Vec<Act>) -> Vec<Act> {
        let [Act::Offer(offer)] = &mut acts[..] else { return acts };
        if offer.lot.is_some() || offer.wanted.is_some() || offer.item.is_some() {
            return acts;
        }
        if let Question::Price { product, item, amount } = question {
            let tag = self.product(*product).ok().map(|p| p.price);
            offer.lot = tag.and_then(|tag| lot_of(offer.price_minor, *amount, tag));
            (offer.wanted, offer.item) = (Some(*amount), Some(item.clone()));
            return acts;
        }
        let mut said = question.readings().iter().flatten().filter_map(|act| match act {
            Act::Offer(said) => Some((said.lot, said.wanted, &said.item)),
            _ => None,
        });
        if let Some(first) = said.next()
            && said.all(|other| other == first)
        {
            (offer.lot, offer.wanted, offer.item) = (first.0, first.1, first.2.clone());
        }
        acts
    }

    fn read(&self, text: &str, message: &Message, asked: Option<Asked<'_>>) -> Reading {
        let standing = self.standing();
        let about =
            standing.iter().find(|o| Some(o.product) == self.visit.focus).or_else(|| standing.first());
        let context = Context::new(self.party.side)
            .standing(about.map(Offer::standing))
            .asked(asked)
            .stall(&self.names)
            .spoken(message.via.is_spoken());
        read(text, message.language, &context)
    }
}

/// What a price in answer to "which price?" buys: all of the amount, or what the tag's price buys, whichever the tag is nearer to.
/// The read-back says which was taken.
fn lot_of(price_minor: i64, amount: Amount, tag: Price) -> Option<Amount> {
    let in_all = i128::from(tag.total_for(amount.quantity, amount.unit).ok()?.minor());
    let (said, apart) = (i128::from(price_minor), i128::from(tag.amount().minor()));
    // Nearer in proportion: beyond the geometric mean of the two.
    let is_for_all =
        if in_all >= apart { said * said >= in_all * apart } else { said * said <= in_all * apart };
    Some(if is_for_all { amount } else { Amount::new(tag.per(), tag.unit()) })
}

/// One meaning of several readings: they agree, or their speaker is asked.
fn together(first: Meaning, others: Vec<Meaning>) -> Meaning {
    if let Meaning::Answer(answer) = &first {
        let differs = |m: &Meaning| matches!(m, Meaning::Answer(other) if other != answer);
        return if others.iter().any(differs) { Meaning::Contradictory } else { first };
    }
    let was_sure = matches!(first, Meaning::Acts(_));
    let mut candidates = match &first {
        Meaning::Acts(acts) => vec![acts.clone()],
        Meaning::Unsure(readings) => readings.clone(),
        _ => Vec::new(),
    };
    // Courtesies that another reading adds are no reason to ask.
    let moving = |acts: &Vec<Act>| acts.iter().any(Act::moves_the_deal);
    if was_sure && !candidates.iter().all(moving) {
        candidates.clear();
    }
    for other in others {
        if let Meaning::Acts(acts) = other
            && moving(&acts)
            && !candidates.contains(&acts)
        {
            candidates.push(acts);
        }
    }
    candidates.truncate(CHOICES_MAX);
    match (candidates.len(), was_sure) {
        (0, _) => first,
        (1, true) if matches!(&first, Meaning::Acts(acts) if *acts == candidates[0]) => first,
        _ => Meaning::Unsure(candidates),
    }
}

#[cfg(test)]
mod tests {
    use types::{Money, Quantity, Unit};

    use super::*;

    fn offer(rupees: i64) -> Vec<Act> {
        vec![Act::Offer(parley::Offer { price_minor: rupees * 100, lot: None, wanted: None, item: None })]
    }

    #[test]
    fn a_price_for_five_kilos_is_for_all_of_them_unless_the_tag_is_nearer() {
        let kilos = |n| Amount::new(Quantity::whole(n), Unit::Kg);
        let tag = Price::new(Money::inr(40_00), Quantity::ONE, Unit::Kg).unwrap();
        for (rupees, lot) in [(450, 5), (150, 5), (90, 5), (85, 1), (35, 1)] {
            assert_eq!(lot_of(rupees * 100, kilos(5), tag), Some(kilos(lot)), "{rupees}");
        }
        assert_eq!(lot_of(35_00, kilos(1), tag), Some(kilos(1)));
    }

    #[test]
    fn readings_that_agree_are_one() {
        let sure = Meaning::Acts(offer(150));
        assert_eq!(together(sure.clone(), vec![Meaning::Acts(offer(150)), Meaning::Talk]), sure);
        assert_eq!(together(Meaning::Talk, vec![Meaning::Talk]), Meaning::Talk);
    }

    #[test]
    fn another_price_in_another_reading_is_asked_about() {
        let heard = together(Meaning::Acts(offer(150)), vec![Meaning::Acts(offer(115))]);
        assert_eq!(heard, Meaning::Unsure(vec![offer(150), offer(115)]));
    }

    #[test]
    fn a_price_behind_talk_is_asked_about_and_not_taken() {
        let heard = together(Meaning::Talk, vec![Meaning::Acts(offer(150))]);
        assert_eq!(heard, Meaning::Unsure(vec![offer(150)]));
        let greeted = together(Meaning::Acts(vec![Act::Greet]), vec![Meaning::Acts(vec![Act::Thank])]);
        assert_eq!(greeted, Meaning::Acts(vec![Act::Greet]), "courtesies need no question");
    }

    #[test]
    fn a_yes_that_may_have_been_a_no_answers_nothing() {
        let yes = Meaning::Answer(Answer::Yes);
        assert_eq!(together(yes.clone(), vec![Meaning::Answer(Answer::No)]), Meaning::Contradictory);
        assert_eq!(together(yes.clone(), vec![Meaning::Talk]), yes);
    }
}
