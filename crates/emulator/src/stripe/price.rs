//! Prices: what one of a product costs, once or again and again.

use chrono::{DateTime, Months};
use serde_json::{Value, json};

use super::currency;
use super::desk::Desk;
use super::error::{Error, Result};
use super::listing::{Listed, Page};
use super::metadata::Metadata;
use super::params::Params;
use crate::shelf::Kept;

const DAY_S: i64 = 86_400;
/// The vendor's longest period is three years.
const DAYS_MAX: i64 = 3 * 366;

#[derive(Debug, Clone)]
pub(crate) struct Price {
    pub(crate) id: String,
    created: i64,
    active: bool,
    pub(crate) product: String,
    pub(crate) currency: &'static str,
    pub(crate) unit_amount: i64,
    pub(crate) recurring: Option<Recurring>,
    nickname: Option<String>,
    lookup_key: Option<String>,
    metadata: Metadata,
}

/// How often a price is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recurring {
    pub(crate) interval: &'static str,
    pub(crate) count: i64,
}

impl Recurring {
    /// The end of the `nth` period since `anchor_s`, in seconds since 1970: months are the calendar's.
    pub(crate) fn end_of_period(self, anchor_s: i64, nth: i64) -> i64 {
        let units = self.count.saturating_mul(nth);
        let days = |days: i64| anchor_s.saturating_add(units.saturating_mul(days).saturating_mul(DAY_S));
        let months = |months: i64| {
            let months = u32::try_from(units.saturating_mul(months)).ok().map(Months::new);
            let anchor = DateTime::from_timestamp(anchor_s, 0);
            let end = anchor.zip(months).and_then(|(anchor, months)| anchor.checked_add_months(months));
            end.map_or(i64::MAX, |end| end.timestamp())
        };
        match self.interval {
            "day" => days(1),
            "week" => days(7),
            "month" => months(1),
            _ => months(12),
        }
    }

    fn read(mut params: Params) -> Result<Self> {
        let interval = params.choice("interval", &["day", "week", "month", "year"])?;
        let interval = interval.ok_or_else(|| params.missing("interval"))?;
        let count = params.integer("interval_count")?.unwrap_or(1);
        params.choice("usage_type", &["licensed"])?;
        params.finish()?;
        let days = count.saturating_mul(match interval {
            "day" => 1,
            "week" => 7,
            "month" => 30,
            _ => 365,
        });
        if count < 1 || days > DAYS_MAX {
            return Err(Error::invalid("recurring[interval_count]", "A period is at most three years."));
        }
        Ok(Self { interval, count })
    }

    fn shown(self) -> Value {
        json!({
            "interval": self.interval,
            "interval_count": self.count,
            "meter": null,
            "trial_period_days": null,
            "usage_type": "licensed",
        })
    }
}

impl Kept for Price {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Price {
    const KIND: &'static str = "price";

    fn created(&self) -> i64 {
        self.created
    }
}

impl Price {
    pub(crate) fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "object": "price",
            "active": self.active,
            "billing_scheme": "per_unit",
            "created": self.created,
            "currency": self.currency,
            "custom_unit_amount": null,
            "livemode": false,
            "lookup_key": self.lookup_key,
            "metadata": self.metadata,
            "nickname": self.nickname,
            "product": self.product,
            "recurring": self.recurring.map(Recurring::shown),
            "tax_behavior": "unspecified",
            "tiers_mode": null,
            "transform_quantity": null,
            "type": if self.recurring.is_some() { "recurring" } else { "one_time" },
            "unit_amount": self.unit_amount,
            "unit_amount_decimal": self.unit_amount.to_string(),
        })
    }

    /// The price in the shape that prices had before.
    pub(crate) fn plan(&self) -> Value {
        json!({
            "id": self.id,
            "object": "plan",
            "active": self.active,
            "amount": self.unit_amount,
            "amount_decimal": self.unit_amount.to_string(),
            "billing_scheme": "per_unit",
            "created": self.created,
            "currency": self.currency,
            "interval": self.recurring.map_or("month", |recurring| recurring.interval),
            "interval_count": self.recurring.map_or(1, |recurring| recurring.count),
            "livemode": false,
            "metadata": self.metadata,
            "meter": null,
            "nickname": self.nickname,
            "product": self.product,
            "tiers_mode": null,
            "transform_usage": null,
            "trial_period_days": null,
            "usage_type": "licensed",
        })
    }
}

impl Desk<'_> {
    /// Reads a price: `currency`, `unit_amount`, `recurring`, and `product` or `product_data`.
    ///
    /// `active` is whether it may be used again: a price made for one line may not.
    pub(crate) fn read_price(&mut self, params: &mut Params, active: bool) -> Result<Price> {
        let currency = currency::take(params)?;
        let unit_amount = params.integer("unit_amount")?.ok_or_else(|| params.missing("unit_amount"))?;
        currency::check_unit_amount(unit_amount, currency)?;
        params.choice("tax_behavior", &["exclusive", "inclusive", "unspecified"])?;
        let recurring = params.group("recurring")?.map(Recurring::read).transpose()?;
        let product = match (params.text("product")?, params.group("product_data")?) {
            (Some(id), _) if self.account.products.get(&id).is_none() => {
                return Err(Error::no_such_param("product", &id, "product"));
            }
            (Some(id), _) => id,
            (None, Some(mut data)) => {
                data.list("images")?;
                let id = self.read_product(&mut data)?;
                data.finish()?;
                id
            }
            (None, None) => return Err(params.missing("product_data")),
        };
        Ok(Price {
            id: self.id("price_"),
            created: self.now_s,
            active,
            product,
            currency,
            unit_amount,
            recurring,
            nickname: None,
            lookup_key: None,
            metadata: Metadata::default(),
        })
    }

    pub(crate) fn create_price(&mut self, mut params: Params) -> Result<Value> {
        let active = params.flag("active")?.unwrap_or(true);
        let mut price = self.read_price(&mut params, active)?;
        price.nickname = params.text("nickname")?;
        price.lookup_key = params.text("lookup_key")?;
        price.metadata = Metadata::take(&mut params)?;
        params.finish()?;
        let shown = price.shown();
        self.account.prices.put(price);
        self.announce("price.created", shown.clone());
        Ok(shown)
    }

    pub(crate) fn price(&self, id: &str) -> Result<&Price> {
        self.account.prices.get(id).ok_or_else(|| Error::no_such("price", id, "price"))
    }

    /// An active price by an id that was a parameter.
    pub(crate) fn price_param(&self, id: &str, param: &str) -> Result<Price> {
        let price = self.account.prices.get(id).ok_or_else(|| Error::no_such_param("price", id, param))?;
        if price.active {
            Ok(price.clone())
        } else {
            Err(Error::invalid(param, "The price specified is inactive."))
        }
    }

    pub(crate) fn update_price(&mut self, id: &str, mut params: Params) -> Result<Value> {
        let mut price = self.price(id)?.clone();
        let before = price.shown();
        price.active = params.flag("active")?.unwrap_or(price.active);
        params.set("nickname", &mut price.nickname)?;
        params.set("lookup_key", &mut price.lookup_key)?;
        price.metadata.change(&mut params)?;
        params.finish()?;
        let shown = price.shown();
        self.account.prices.put(price);
        self.announce_change("price.updated", &before, shown.clone());
        Ok(shown)
    }

    pub(crate) fn list_prices(&self, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let (active, product) = (params.flag("active")?, params.text("product")?);
        let keys = params.list("lookup_keys")?;
        params.finish()?;
        let wanted = self.account.prices.newest_first().filter(|price| {
            active.is_none_or(|active| price.active == active)
                && product.as_ref().is_none_or(|product| price.product == *product)
                && (keys.is_empty() || price.lookup_key.as_ref().is_some_and(|key| keys.contains(key)))
        });
        page.of(wanted, "/v1/prices", Price::shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_end_where_the_calendar_has_it_and_do_not_drift() {
        let last_of_january = 1_769_817_600; // 2026-01-31
        let month = Recurring { interval: "month", count: 1 };
        let ends: Vec<String> = (1..=3)
            .map(|nth| DateTime::from_timestamp(month.end_of_period(last_of_january, nth), 0).unwrap())
            .map(|end| end.format("%m-%d").to_string())
            .collect();
        assert_eq!(ends, ["02-28", "03-31", "04-30"]);
        let fortnight = Recurring { interval: "week", count: 2 };
        assert_eq!(fortnight.end_of_period(0, 2), 28 * DAY_S);
    }
}
