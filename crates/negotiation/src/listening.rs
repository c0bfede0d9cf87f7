//! What an utterance means where it is said: an answer to the question that waits for its speaker, something for the other side,
//! or something to ask about.

use parley::{Act, Asked, Context, Reading, Terms, read};

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
        match self.read(text, message, if open.is_none() { heard.asked } else { None }) {
            Reading::Understood(acts) => Meaning::Acts(acts),
            Reading::Unsure(readings) => Meaning::Unsure(readings),
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
                Question::Which { .. } | Question::Product { .. } => {}
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
    use super::*;

    fn offer(rupees: i64) -> Vec<Act> {
        vec![Act::Offer(parley::Offer { price_minor: rupees * 100, lot: None, wanted: None, item: None })]
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
