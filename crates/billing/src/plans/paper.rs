//! Subscription invoices as documents: the platform sells, the vendor buys.

use payments::UpiId;
use serde::Deserialize;
use types::{Language, Money, Price, Quantity, Unit};

use crate::document::{Buyer, NamedSeller};
use crate::plans::Asked;
use crate::sale::{Paid, PaidBy};
use crate::tax::{Rate, Supply, split};
use crate::{
    DocumentLine, Error, Gstin, LineTax, Registration, Seller, ServicePeriod, Snapshot, StateCode, TaxProfile,
};

/// The rate on services that have none of their own.
const RATE: &str = "18";
/// Licensing services for the right to use computer software and databases.
const SAC: &str = "997331";

/// The platform as the seller of plans.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Platform {
    /// The name on invoices.
    pub name: String,
    /// The address on invoices.
    pub address: String,
    /// The code of the state that it sells from; tax needs it.
    pub state: Option<StateCode>,
    /// The number of its registration for goods and services tax; where there is none, no tax is collected.
    pub gstin: Option<Gstin>,
    /// The UPI id that vendors may pay top-ups to; an operator confirms what came.
    pub upi_id: Option<UpiId>,
}

impl Default for Platform {
    fn default() -> Self {
        Self {
            name: "VyaparMitra".to_owned(),
            address: String::new(),
            state: None,
            gstin: None,
            upi_id: None,
        }
    }
}

impl Platform {
    /// The state that it sells from: that of its registration where it names none.
    fn state(&self) -> Option<StateCode> {
        self.state.or_else(|| self.gstin.as_ref().map(Gstin::state))
    }

    fn seller(&self) -> Seller {
        let named = self.state().map(|state| NamedSeller {
            legal_name: self.name.clone(),
            address: self.address.clone(),
            city: None,
            pin: None,
            state,
            gstin: self.gstin.clone(),
        });
        let registration = if self.gstin.is_some() { Registration::Regular } else { Registration::None };
        Seller { stall_name: self.name.clone(), registration, named }
    }

    /// The tax inside an amount; none where the platform is not registered. Where the vendor never said where they are, the law has
    /// the supply in the seller's own state.
    ///
    /// # Errors
    /// [`Error::Money`].
    pub(crate) fn tax(&self, total: Money, buyer: Option<StateCode>) -> Result<Option<LineTax>, Error> {
        let (Some(_), Some(own)) = (&self.gstin, self.state()) else { return Ok(None) };
        let supply = match buyer {
            Some(state) if state != own => Supply::InterState,
            _ => Supply::IntraState,
        };
        let rate: Rate = RATE.parse().map_err(|_| Error::Sale("the rate on services is none"))?;
        Ok(Some(LineTax { rate, split: split(total, rate, supply)? }))
    }

    /// What the paper of a paid invoice says.
    ///
    /// # Errors
    /// [`Error::Sale`], [`Error::Money`].
    pub(crate) fn snapshot(&self, asked: &Asked, buyer: Buyer, paid: Paid) -> Result<Snapshot, Error> {
        let place_of_supply = buyer.state.or(self.state());
        let price = Price::new(asked.total, Quantity::ONE, Unit::Piece);
        let line = DocumentLine {
            name: asked.plan_name.clone(),
            names: [].into(),
            item: asked.plan_name.clone(),
            hsn: Some(SAC.to_owned()),
            quantity: Quantity::ONE,
            unit: Unit::Piece,
            place: None,
            money_alone: false,
            price: price.map_err(|_| Error::Sale("nothing is to be paid"))?,
            total: asked.total,
            tax: self.tax(asked.total, buyer.state)?,
        };
        Ok(Snapshot {
            seller: self.seller(),
            place_of_supply,
            buyer_language: Language::English,
            vendor_language: Language::English,
            order_number: String::new(),
            lines: vec![line],
            total: asked.total,
            paid,
            credits: None,
            buyer: Some(buyer),
            recipient: None,
            period: Some(ServicePeriod { from: asked.during.start, until: asked.during.end }),
        })
    }
}

impl Buyer {
    /// A vendor as buyer: as the tax profile says, else by the person's name.
    pub(crate) fn of(name: String, profile: Option<&TaxProfile>) -> Self {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let Some(profile) = profile else { return Self { name, address: None, state: None, gstin: None } };
        Self {
            name: text(&profile.legal_name).unwrap_or(name),
            address: text(&profile.address),
            state: profile.state_code.parse().ok(),
            gstin: profile.gstin.as_deref().and_then(|gstin| gstin.parse().ok()),
        }
    }
}

/// How it was paid.
pub(crate) fn from_credit(at: chrono::DateTime<chrono::Utc>) -> Paid {
    Paid { method: "prepaid_credit".to_owned(), by: PaidBy::Credit, reference: None, at }
}
