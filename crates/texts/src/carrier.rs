//! What every carrier of short messages does.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

/// A message to one telephone.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// Whom it goes to: a number in E.164.
    pub to: &'a str,
    /// What it says.
    pub content: Content<'a>,
    /// For how long it is worth delivering.
    pub within: Duration,
}

/// What a message says.
#[derive(Clone, Copy)]
pub enum Content<'a> {
    /// Words, by SMS.
    Words(&'a str),
    /// A code, by WhatsApp: in the approved template of this language (`ta`), since nobody may write freely first there.
    WhatsAppCode {
        /// The code.
        code: &'a str,
        /// The language.
        language: &'a str,
    },
}

/// What a message says and to whom stays out of logs.
impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("within", &self.within).finish_non_exhaustive()
    }
}

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The carrier refuses it for good, under this number in its list of errors.
    #[error("the carrier refuses the message for good ({0})")]
    Refused(u32),
    /// The carrier asks to try again, with this status.
    #[error("the carrier cannot take the message now ({0})")]
    Later(u16),
    /// The carrier cannot be reached, or what it says is not understood: whether it took the message is not known.
    #[error("the carrier gives no answer: {0}")]
    Unreachable(&'static str),
    /// Messages of this kind are not set up.
    #[error("there is no sender or no template for WhatsApp")]
    NotSetUp,
}

/// Somebody who carries short messages.
#[async_trait]
pub trait Carrier: fmt::Debug + Send + Sync {
    /// Hands a message over. Whoever calls tries again, by a job; a message whose answer was lost may arrive twice then.
    ///
    /// # Errors
    /// See [`NotSent`].
    async fn send(&self, text: Text<'_>) -> Result<(), NotSent>;

    /// Whether codes go by WhatsApp too.
    fn has_whatsapp(&self) -> bool;

    /// Whether messages go to this number (E.164): to its country.
    fn reaches(&self, number: &str) -> bool;

    /// So many messages go out in an hour at most, to whomever.
    fn hourly_max(&self) -> u32;
}
