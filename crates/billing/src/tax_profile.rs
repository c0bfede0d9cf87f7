//! What a seller is to the tax office, and what documents say of them.

use identity::VendorCaller;
use identity::audit::{self, Act, Area, Deed};
use platform::text;
use serde::{Deserialize, Serialize};
use types::TenantId;
use utoipa::ToSchema;

use crate::recipient::city;
use crate::{Billing, Error, Gstin, PinCode, StateCode, db};

/// The longest name, in characters.
const LEGAL_NAME_CHARS_MAX: usize = 120;
/// The longest address, in characters.
const ADDRESS_CHARS_MAX: usize = 300;

/// How a seller is registered for goods and services tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Registration {
    /// Collects tax and issues tax invoices.
    Regular,
    /// Pays a share of the turnover, collects no tax, issues bills of supply.
    Composition,
    /// Not registered: issues receipts.
    None,
}

/// A seller's tax profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaxProfile {
    /// How the seller is registered.
    pub registration: Registration,
    /// The number of the registration; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gstin: Option<String>,
    /// The name on documents; empty until the seller gave one.
    #[schema(max_length = 120)]
    pub legal_name: String,
    /// The address on documents; empty until the seller gave one.
    #[schema(max_length = 300)]
    pub address: String,
    /// The town of the address; absent until the seller gave one. E-invoices need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 50)]
    pub city: Option<String>,
    /// The PIN code of the address; absent until the seller gave one. E-invoices need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "560001")]
    pub pin: Option<String>,
    /// The code of the seller's state; empty until the seller gave one.
    #[schema(example = "29")]
    pub state_code: String,
}

/// A profile that passed every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedProfile {
    /// How the seller is registered.
    pub registration: Registration,
    /// The number of the registration; there exactly where the seller is registered.
    pub gstin: Option<Gstin>,
    /// The name on documents.
    pub legal_name: String,
    /// The address on documents.
    pub address: String,
    /// The town of the address.
    pub city: Option<String>,
    /// The PIN code of the address.
    pub pin: Option<PinCode>,
    /// The seller's state.
    pub state: StateCode,
}

impl TaxProfile {
    /// The profile of a seller who has said nothing: not registered.
    pub fn unregistered() -> Self {
        let empty = String::new;
        Self {
            registration: Registration::None,
            gstin: None,
            legal_name: empty(),
            address: empty(),
            city: None,
            pin: None,
            state_code: empty(),
        }
    }

    /// The profile, checked and cleaned. An unregistered seller's GSTIN is dropped.
    ///
    /// # Errors
    /// [`Error::Field`], [`Error::City`], [`Error::Pin`], [`Error::Gstin`], [`Error::GstinOfAnotherState`], [`Error::State`].
    pub fn check(&self) -> Result<CheckedProfile, Error> {
        let field = |name| move |error| Error::Field { name, error };
        let legal_name = text::line(&self.legal_name, LEGAL_NAME_CHARS_MAX).map_err(field("legal_name"))?;
        let address = text::line(&self.address, ADDRESS_CHARS_MAX).map_err(field("address"))?;
        let city = said(self.city.as_deref()).map(city).transpose()?;
        let pin = said(self.pin.as_deref()).map(str::parse).transpose().map_err(Error::Pin)?;
        let state: StateCode = self.state_code.parse().map_err(Error::State)?;
        let gstin = match self.registration {
            Registration::None => None,
            Registration::Regular | Registration::Composition => {
                let gstin: Gstin = self.gstin.as_deref().unwrap_or_default().parse().map_err(Error::Gstin)?;
                if gstin.state() != state {
                    return Err(Error::GstinOfAnotherState { gstin: gstin.state(), profile: state });
                }
                Some(gstin)
            }
        };
        Ok(CheckedProfile { registration: self.registration, gstin, legal_name, address, city, pin, state })
    }
}

/// What was typed, if anything was.
fn said(typed: Option<&str>) -> Option<&str> {
    typed.map(str::trim).filter(|typed| !typed.is_empty())
}

impl From<CheckedProfile> for TaxProfile {
    fn from(checked: CheckedProfile) -> Self {
        Self {
            registration: checked.registration,
            gstin: checked.gstin.map(String::from),
            legal_name: checked.legal_name,
            address: checked.address,
            city: checked.city,
            pin: checked.pin.map(String::from),
            state_code: checked.state.code().to_owned(),
        }
    }
}

impl Billing {
    /// The seller's profile; that of an unregistered seller where nothing was ever said.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn tax_profile(&self, tenant: TenantId) -> Result<TaxProfile, Error> {
        let mut connection = self.db.acquire().await?;
        let profile = db::tax_profiles::find(&mut connection, tenant).await?;
        Ok(profile.unwrap_or_else(TaxProfile::unregistered))
    }

    /// Replaces the seller's profile. Documents that were issued before keep what they said.
    ///
    /// # Errors
    /// As [`TaxProfile::check`]; [`Error::Database`].
    pub async fn put_tax_profile(
        &self,
        vendor: VendorCaller,
        profile: &TaxProfile,
    ) -> Result<TaxProfile, Error> {
        let checked = profile.check()?;
        let now = self.clock.now();
        let mut transaction = self.db.begin().await?;
        db::tax_profiles::put(&mut transaction, vendor.tenant, &checked, now).await?;
        let act = Act::by(vendor.person, Area::TaxProfile, Deed::Changed, now).in_business(vendor.tenant);
        audit::keep(&mut transaction, act).await?;
        transaction.commit().await?;
        Ok(checked.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn karnataka() -> TaxProfile {
        TaxProfile {
            registration: Registration::Regular,
            gstin: Some(" 29aagcb7383j1z4 ".to_owned()),
            legal_name: "Meena\u{202E} Stores".to_owned(),
            address: "4 Market Road\nBengaluru".to_owned(),
            city: Some(" ".to_owned()),
            pin: Some("560 001".to_owned()),
            state_code: "29".to_owned(),
        }
    }

    #[test]
    fn a_profile_is_cleaned() {
        let profile = TaxProfile::from(karnataka().check().unwrap());
        assert_eq!(profile.gstin.as_deref(), Some("29AAGCB7383J1Z4"));
        assert_eq!((&*profile.legal_name, &*profile.address), ("Meena Stores", "4 Market Road Bengaluru"));
        assert_eq!((profile.city, profile.pin.as_deref()), (None, Some("560001")));
    }

    #[test]
    fn the_gstin_belongs_to_the_state() {
        let profile = TaxProfile { state_code: "27".to_owned(), ..karnataka() };
        assert!(matches!(profile.check(), Err(Error::GstinOfAnotherState { .. })));
    }

    #[test]
    fn whoever_is_registered_says_the_number_and_whoever_is_not_has_none() {
        let without = TaxProfile { gstin: None, ..karnataka() };
        assert!(matches!(without.check(), Err(Error::Gstin(_))));
        let unregistered = TaxProfile { registration: Registration::None, ..karnataka() };
        assert_eq!(unregistered.check().unwrap().gstin, None);
    }
}
