//! What of a sale is taxable, for the tax that an operator of a market collects at source.

use payments::Supply;
use sqlx::PgConnection;
use types::{Money, TenantId};

use crate::document::DocumentLine;
use crate::tax;
use crate::tax_profile::CheckedProfile;
use crate::{Billing, Error, Registration, SaleLine, StateCode, db};

impl Billing {
    /// What of these lines is taxable, as the document will say it; none where the seller is not registered. What bears no tax is
    /// left out. A seller under the composition scheme asks for no tax on top: the whole price is the value.
    ///
    /// # Errors
    /// [`Error::Sale`] where a line's rate is none; [`Error::Money`], [`Error::Database`].
    pub async fn taxable_supply(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        lines: &[SaleLine],
        place: Option<StateCode>,
        to_registered: bool,
    ) -> Result<Option<Supply>, Error> {
        let profile = db::tax_profiles::find(connection, tenant).await?;
        let profile = profile.map(|profile| profile.check()).transpose()?;
        profile.map_or(Ok(None), |profile| of_lines(&profile, lines, place, to_registered))
    }
}

fn of_lines(
    seller: &CheckedProfile,
    lines: &[SaleLine],
    place: Option<StateCode>,
    to_registered: bool,
) -> Result<Option<Supply>, Error> {
    let Some(gstin) = seller.gstin.clone() else { return Ok(None) };
    let place = place.unwrap_or(seller.state);
    let goes = if place == seller.state { tax::Supply::IntraState } else { tax::Supply::InterState };
    let collects = seller.registration == Registration::Regular;
    let mut taxable = Money::inr(0);
    for line in lines {
        let value = match DocumentLine::of(line, Some(goes))?.tax {
            Some(tax) if collects => tax.split.taxable_value,
            Some(_) => line.total,
            None => continue,
        };
        taxable = taxable.plus(value)?;
    }
    Ok(Some(Supply { gstin: gstin.into(), place: place.code().to_owned(), to_registered, taxable }))
}

#[cfg(test)]
mod tests {
    use types::{Price, Quantity, Unit};

    use super::*;

    fn seller(registration: Registration) -> CheckedProfile {
        CheckedProfile {
            registration,
            gstin: (registration != Registration::None).then(|| "27AAPFU0939F1ZV".parse().unwrap()),
            legal_name: "Patil Traders".to_owned(),
            address: "12, Laxmi Road".to_owned(),
            city: None,
            pin: None,
            state: "27".parse().unwrap(),
        }
    }

    fn line(paise: i64, taxable: bool, rate: Option<&str>) -> SaleLine {
        let one = Quantity::from_milli(1_000).unwrap();
        SaleLine {
            name: "Biscuits".to_owned(),
            names: std::collections::BTreeMap::new(),
            item: "biscuit".to_owned(),
            hsn: None,
            quantity: one,
            unit: Unit::Kg,
            price: Price::new(Money::inr(paise), one, Unit::Kg).unwrap(),
            total: Money::inr(paise),
            taxable,
            rate_percent: rate.map(str::to_owned),
        }
    }

    fn value(registration: Registration, lines: &[SaleLine], place: Option<&str>) -> Option<i64> {
        let place = place.map(|place| place.parse().unwrap());
        let supply = of_lines(&seller(registration), lines, place, false).unwrap();
        supply.map(|supply| supply.taxable.minor())
    }

    #[test]
    fn only_what_bears_tax_counts_and_without_the_tax() {
        let lines = [line(118_00, true, Some("18")), line(50_00, false, None), line(30_00, true, None)];
        assert_eq!(value(Registration::Regular, &lines, None), Some(100_00));
        assert_eq!(value(Registration::Regular, &lines, Some("29")), Some(100_00));
        assert_eq!(value(Registration::Composition, &lines, None), Some(118_00));
        assert_eq!(value(Registration::None, &lines, None), None);
        assert_eq!(value(Registration::Regular, &lines[1..], None), Some(0));
    }

    #[test]
    fn it_is_supplied_at_the_seller_unless_it_is_said_otherwise() {
        let seller = seller(Registration::Regular);
        let place = |said: Option<&str>| {
            let said = said.map(|place| place.parse().unwrap());
            of_lines(&seller, &[line(118_00, true, Some("18"))], said, true).unwrap().unwrap().place
        };
        assert_eq!((place(None), place(Some("29"))), ("27".to_owned(), "29".to_owned()));
    }
}
