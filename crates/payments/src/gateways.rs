//! Which gateway is asked.
//!
//! What exists already names its gateway, and that one is asked, or none where it was switched off since. What is new goes to the
//! gateway that stands first, unless its payer chose.

use std::sync::Arc;

use crate::Error;
use crate::gateway::Gateway;

/// The gateways that are set up, those that take new money first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gateways {
    all: Vec<Arc<dyn Gateway>>,
}

impl Gateways {
    pub(crate) const fn new(all: Vec<Arc<dyn Gateway>>) -> Self {
        Self { all }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &dyn Gateway> {
        self.all.iter().map(AsRef::as_ref)
    }

    /// The gateway of this name; none where it is not set up, or no name was written.
    pub(crate) fn find(&self, name: Option<&str>) -> Option<&dyn Gateway> {
        self.all().find(|gateway| Some(gateway.name()) == name)
    }

    /// The gateway under which something is on record.
    ///
    /// # Errors
    /// [`Error::NoGateway`] where it was switched off since.
    pub(crate) fn of(&self, name: Option<&str>) -> Result<&dyn Gateway, Error> {
        self.find(name).ok_or(Error::NoGateway)
    }

    /// The gateway for something new: the one that was chosen, else the first.
    ///
    /// # Errors
    /// [`Error::NoGateway`] where there is none, or not the one that was chosen.
    pub(crate) fn chosen(&self, name: Option<&str>) -> Result<&dyn Gateway, Error> {
        if name.is_some() { self.of(name) } else { self.all().next().ok_or(Error::NoGateway) }
    }
}
