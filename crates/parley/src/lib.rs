//! Spoken bargaining: an utterance in one of thirteen languages becomes typed acts, and an act becomes an utterance.
//!
//! A buyer says "five kilos for one fifty" in English; [`read`] finds an offer of ₹150 for 5 kg, and [`say`] puts it
//! into Tamil for the vendor. The acts are the same in every language; the words are data (`data/README.md`).
//!
//! ```
//! use parley::{Act, Context, Reading, Side, Style, read, say};
//! use types::Language;
//!
//! let context = Context::new(Side::Buyer);
//! let Reading::Understood(acts) = read("five kilos tomato for one fifty", Language::English, &context) else {
//!     panic!("an offer");
//! };
//! let Act::Offer(offer) = &acts[0] else { panic!("an offer") };
//! assert_eq!(offer.price_minor, 15_000);
//! assert_eq!(say(&acts[0], Language::English, Style::Screen), "5 kg of tomato for ₹150");
//! ```
//!
//! Invariants: reading never panics and is linear in the text; amounts are exact; where two readings are near, the
//! answer is [`Reading::Unsure`] with both; talk moves nothing. Deliberately absent: any I/O, clock or state, and
//! any statistics: the same words mean the same today and tomorrow.

/// The example of the README, kept true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod act;
mod confusion;
mod context;
mod deal;
mod decimal;
pub mod eval;
mod figures;
mod fold;
pub mod goods;
mod lexicon;
pub mod numbers;
mod prompt;
mod reading;
#[cfg(test)]
mod roundtrip;
mod say;
mod scale;
mod scene;
mod token;
pub mod units;

pub use act::{Act, ActError, Amount, ITEM_CHARS_MAX, Offer, Side, Standing, Terms};
pub use confusion::confusables;
pub use context::{Asked, Context};
pub use prompt::{Prompt, prompt};
pub use reading::{Reading, UTTERANCE_CHARS_MAX, read};
pub use say::{Style, amount, money, say, say_acts};
