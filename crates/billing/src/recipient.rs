//! Who a document names as its buyer: a business that is registered itself, or somebody whom the law wants named.
//!
//! CGST Rule 46 (d) wants name, address and GSTIN of a registered buyer on a tax invoice; (e) wants name and address, with the
//! state, of one who is not registered where the taxable value is ₹50,000 or more. Otherwise a buyer may stay unnamed.

use platform::text;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{Money, TenantId};
use utoipa::ToSchema;

use crate::tax::{Rate, Supply, split};
use crate::{Billing, Error, Gstin, PinCode, Registration, SaleLine, StateCode, db};

/// The longest name, in characters.
const LEGAL_NAME_CHARS_MAX: usize = 100;
/// The longest address, in characters.
const ADDRESS_CHARS_MAX: usize = 200;
/// The shortest and the longest name of a town, in characters.
pub(crate) const CITY_CHARS: (usize, usize) = (3, 50);
/// From this taxable value on, in paise, a buyer who is not registered must be named.
const NAMED_FROM: Money = Money::inr(50_000_00);

/// Who a document names as its buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Recipient {
    /// The buyer's registration for goods and services tax; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "27AAPFU0939F1ZV")]
    pub gstin: Option<String>,
    /// The name on the document.
    #[schema(max_length = 100)]
    pub legal_name: String,
    /// House, street, quarter.
    #[schema(max_length = 200)]
    pub address: String,
    /// The town.
    #[schema(max_length = 50)]
    pub city: String,
    /// The PIN code.
    #[schema(example = "560001")]
    pub pin: String,
    /// The code of the buyer's state; with a GSTIN, the state that it begins with.
    #[schema(example = "29")]
    pub state_code: String,
}

/// A recipient that passed every check, as documents keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedRecipient {
    /// The number of the registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gstin: Option<Gstin>,
    /// The name.
    pub legal_name: String,
    /// House, street, quarter.
    pub address: String,
    /// The town.
    pub city: String,
    /// The PIN code.
    pub pin: PinCode,
    /// The state.
    pub state: StateCode,
}

impl Recipient {
    /// The recipient, checked and cleaned. An empty GSTIN is none.
    ///
    /// # Errors
    /// [`Error::Field`], [`Error::City`], [`Error::Pin`], [`Error::State`], [`Error::Gstin`], [`Error::GstinOfAnotherState`].
    pub fn check(&self) -> Result<CheckedRecipient, Error> {
        let field = |name| move |error| Error::Field { name, error };
        let state: StateCode = self.state_code.parse().map_err(Error::State)?;
        let typed = self.gstin.as_deref().map(str::trim).filter(|gstin| !gstin.is_empty());
        let gstin: Option<Gstin> = typed.map(str::parse).transpose().map_err(Error::Gstin)?;
        if let Some(other) = gstin.as_ref().map(Gstin::state).filter(|of| *of != state) {
            return Err(Error::GstinOfAnotherState { gstin: other, profile: state });
        }
        Ok(CheckedRecipient {
            gstin,
            legal_name: text::line(&self.legal_name, LEGAL_NAME_CHARS_MAX).map_err(field("legal_name"))?,
            address: text::line(&self.address, ADDRESS_CHARS_MAX).map_err(field("address"))?,
            city: city(&self.city)?,
            pin: self.pin.parse().map_err(Error::Pin)?,
            state,
        })
    }
}

/// The name of a town, cleaned.
pub(crate) fn city(typed: &str) -> Result<String, Error> {
    let (least, most) = CITY_CHARS;
    let city = text::line(typed, most).map_err(|error| Error::Field { name: "city", error })?;
    if city.chars().count() < least { Err(Error::City) } else { Ok(city) }
}

impl From<CheckedRecipient> for Recipient {
    fn from(checked: CheckedRecipient) -> Self {
        Self {
            gstin: checked.gstin.map(String::from),
            legal_name: checked.legal_name,
            address: checked.address,
            city: checked.city,
            pin: checked.pin.to_string(),
            state_code: checked.state.code().to_owned(),
        }
    }
}

/// Whether the taxable value of what is sold is so large that the buyer must be named.
fn is_large(lines: &[SaleLine]) -> Result<bool, Error> {
    let mut taxable = Money::new(0, NAMED_FROM.currency());
    for line in lines.iter().filter(|line| line.taxable) {
        let rate: Option<Rate> = line.rate_percent.as_deref().and_then(|rate| rate.parse().ok());
        let Some(rate) = rate.filter(|rate| !rate.is_nil()) else { continue };
        taxable = taxable.plus(split(line.total, rate, Supply::IntraState)?.taxable_value)?;
    }
    Ok(taxable.minor() >= NAMED_FROM.minor())
}

impl Billing {
    /// Whether the law wants the buyer of this sale named, registered or not: a regular seller's of ₹50,000 taxable value or more.
    ///
    /// # Errors
    /// [`Error::Money`], [`Error::Database`].
    pub async fn must_name_recipient(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        lines: &[SaleLine],
    ) -> Result<bool, Error> {
        if !is_large(lines)? {
            return Ok(false);
        }
        let profile = db::tax_profiles::find(connection, tenant).await?;
        Ok(profile.is_some_and(|profile| profile.registration == Registration::Regular))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> Recipient {
        Recipient {
            gstin: Some(" 27aapfu0939f1zv".to_owned()),
            legal_name: "Patil Traders".to_owned(),
            address: "12, Laxmi Road".to_owned(),
            city: "Pune".to_owned(),
            pin: "411 030".to_owned(),
            state_code: "27".to_owned(),
        }
    }

    #[test]
    fn a_recipient_is_cleaned() {
        let recipient = Recipient::from(shop().check().unwrap());
        assert_eq!((recipient.gstin.as_deref(), &*recipient.pin), (Some("27AAPFU0939F1ZV"), "411030"));
        let unregistered = Recipient { gstin: Some("  ".to_owned()), ..shop() };
        assert_eq!(unregistered.check().unwrap().gstin, None);
    }

    #[test]
    fn what_cannot_stand_on_a_document_is_refused() {
        let wrong = |gstin: &str| Recipient { gstin: Some(gstin.to_owned()), ..shop() }.check();
        assert!(matches!(wrong("27AAPFU0939F1ZW"), Err(Error::Gstin(_))));
        assert!(matches!(wrong("29AAGCB7383J1Z4"), Err(Error::GstinOfAnotherState { .. })));
        let city = Recipient { city: "Pu".to_owned(), ..shop() };
        assert!(matches!(city.check(), Err(Error::City)));
        let pin = Recipient { pin: "4110300".to_owned(), ..shop() };
        assert!(matches!(pin.check(), Err(Error::Pin(_))));
        let name = Recipient { legal_name: String::new(), ..shop() };
        assert!(matches!(name.check(), Err(Error::Field { name: "legal_name", .. })));
    }
}
