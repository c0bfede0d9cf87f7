//! The two sides of a document: who sells, and who is named as the buyer.

use super::paper::{Recipient, Writer, Written};
use super::wording::state;
use crate::{CheckedRecipient, PinCode, Snapshot};

impl Writer<'_> {
    /// What stands below the stall's name.
    pub(super) fn seller(&self, snapshot: &Snapshot) -> Vec<Written> {
        let Some(named) = &snapshot.seller.named else { return Vec::new() };
        let mut lines = Vec::new();
        if named.legal_name != snapshot.seller.stall_name {
            lines.push(self.written(&named.legal_name));
        }
        lines.push(self.written(&named.address));
        lines.extend(town(named.city.as_deref(), named.pin).map(|town| self.written(&town)));
        lines.push(self.written(&state(named.state)));
        lines.extend(named.gstin.iter().map(|gstin| self.written(&format!("GSTIN {gstin}"))));
        lines
    }

    /// Whom the document names.
    pub(super) fn recipient(&self, recipient: &CheckedRecipient) -> Recipient {
        let mut lines = vec![self.written(&recipient.address)];
        lines.extend(town(Some(&recipient.city), Some(recipient.pin)).map(|town| self.written(&town)));
        lines.push(self.written(&state(recipient.state)));
        lines.extend(recipient.gstin.iter().map(|gstin| self.written(&format!("GSTIN {gstin}"))));
        Recipient { label: self.labels.said("buyer"), name: self.written(&recipient.legal_name), lines }
    }
}

/// The last line of an address, of what there is.
fn town(city: Option<&str>, pin: Option<PinCode>) -> Option<String> {
    match (city, pin) {
        (Some(city), Some(pin)) => Some(format!("{city} – {pin}")),
        (Some(city), None) => Some(city.to_owned()),
        (None, pin) => pin.map(|pin| pin.to_string()),
    }
}
