//! For whom an engine works, and how far what somebody said may go.

use platform::meter::Cause;
use types::TenantId;

use crate::capability::LOCAL;

/// A piece of work for an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Errand {
    /// The business that pays.
    pub tenant: TenantId,
    /// What it is done for.
    pub cause: Cause,
    /// How far the words may go.
    pub reach: Reach,
}

/// How far what somebody said or wrote may go to be recognised, translated or spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To the providers of the installation: whoever said it agreed to that.
    Anywhere,
    /// To what runs on this machine alone.
    Here,
}

impl Reach {
    /// Whether an engine of this name may have the words.
    pub(crate) fn includes(self, engine: &str) -> bool {
        self == Self::Anywhere || engine == LOCAL
    }
}
