//! What is known when an utterance arrives.

use types::Unit;

use crate::act::{Act, Side, Standing};
use crate::goods::Resolver;

/// The question the app has just put to the speaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked<'a> {
    /// "Which price?": a number is a price, digit by digit too.
    Price,
    /// "How much?", counted in this unit: a number is a quantity.
    Quantity(Unit),
    /// "Is that right?": a yes is [`Act::Confirm`], a no [`Act::Reject`].
    YesNo,
    /// "₹150 or ₹115?": the readings offered, in the order they were said.
    Which(&'a [Vec<Act>]),
}

/// What is known when an utterance arrives: who speaks, against which offer, at which stall.
///
/// ```
/// use parley::{Context, Side};
/// let context = Context::new(Side::Buyer).spoken(true);
/// assert_eq!(context.speaker, Side::Buyer);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Who speaks.
    pub speaker: Side,
    /// The offer on the table.
    pub standing: Option<Standing>,
    /// The question just asked, if any.
    pub asked: Option<Asked<'a>>,
    /// The stall's products, whose names count as goods even where no table knows them.
    pub stall: Option<&'a Resolver>,
    /// Whether the text comes from a recogniser, which mixes up numbers that sound alike.
    pub spoken: bool,
}

impl<'a> Context<'a> {
    /// An utterance of `speaker` with nothing on the table.
    pub const fn new(speaker: Side) -> Self {
        Self { speaker, standing: None, asked: None, stall: None, spoken: false }
    }

    /// With this offer on the table.
    #[must_use]
    pub fn standing(self, standing: impl Into<Option<Standing>>) -> Self {
        Self { standing: standing.into(), ..self }
    }

    /// In answer to this question.
    #[must_use]
    pub fn asked(self, asked: impl Into<Option<Asked<'a>>>) -> Self {
        Self { asked: asked.into(), ..self }
    }

    /// At the stall that sells these products.
    #[must_use]
    pub fn stall(self, stall: &'a Resolver) -> Self {
        Self { stall: Some(stall), ..self }
    }

    /// Whether the text comes from a recogniser.
    #[must_use]
    pub fn spoken(self, spoken: bool) -> Self {
        Self { spoken, ..self }
    }

    /// The offer the speaker can take or refuse: one of the other side.
    pub(crate) fn theirs(&self) -> Option<Standing> {
        self.standing.filter(|s| s.by != self.speaker)
    }
}
