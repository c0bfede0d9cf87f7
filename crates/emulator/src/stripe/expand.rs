//! `expand[]`: ids in an answer give way to what they name, up to four deep.

use serde_json::{Value, json};

use super::charge::Charge;
use super::customer::Customer;
use super::desk::Desk;
use super::error::{Error, Result};
use super::intent::Intent;
use super::invoice::Invoice;
use super::listing::list;
use super::params::cut;
use super::payment_method::PaymentMethod;
use super::payout::Payout;
use super::price::Price;
use super::product::Product;
use super::refund::Refund;
use super::session::Session;
use super::setup_intent::SetupIntent;
use super::subscription::Subscription;

const DEPTH_MAX: usize = 4;

impl Desk<'_> {
    /// Expands an answer along each path, `data.latest_charge` for example.
    pub(crate) fn expand(&self, answer: &mut Value, paths: &[String]) -> Result<()> {
        for path in paths {
            let segments: Vec<&str> = path.split('.').collect();
            let deep = segments.len() - usize::from(segments[0] == "data");
            if deep > DEPTH_MAX {
                let message =
                    format!("You cannot expand more than 4 levels of a property. Property: {}", cut(path));
                return Err(Error::invalid("expand", message));
            }
            self.expand_along(answer, &segments, path)?;
        }
        Ok(())
    }

    fn expand_along(&self, value: &mut Value, segments: &[&str], path: &str) -> Result<()> {
        if let Value::Array(members) = value {
            return members.iter_mut().try_for_each(|member| self.expand_along(member, segments, path));
        }
        let Some((first, rest)) = segments.split_first() else { return Ok(()) };
        if value.is_null() {
            return Ok(());
        }
        self.include(value, first);
        let refused =
            || Error::invalid("expand", format!("This property cannot be expanded ({}).", cut(path)));
        let property = value.get_mut(*first).ok_or_else(refused)?;
        match property {
            Value::String(id) => {
                *property = self.named(id).ok_or_else(refused)?;
                self.expand_along(property, rest, path)
            }
            Value::Object(_) | Value::Array(_) => self.expand_along(property, rest, path),
            Value::Null => Ok(()),
            Value::Bool(_) | Value::Number(_) => Err(refused()),
        }
    }

    /// Puts in what is only there when it is asked for.
    fn include(&self, value: &mut Value, property: &str) {
        let id = value["id"].as_str().unwrap_or_default().to_owned();
        let included = match (value["object"].as_str(), property) {
            (Some("checkout.session"), "line_items") => {
                self.account.sessions.get(&id).map(Session::shown_lines)
            }
            (Some("invoice"), "payments") => self.account.invoices.get(&id).map(Invoice::shown_payments),
            (Some("invoice"), "confirmation_secret") => {
                let intent = self.account.invoices.get(&id).and_then(|invoice| invoice.intent.as_deref());
                let intent = intent.and_then(|id| self.account.intents.get(id));
                intent
                    .map(|intent| json!({ "client_secret": intent.client_secret, "type": "payment_intent" }))
            }
            (Some("charge"), "refunds") => {
                let refunds = self.account.refunds.newest_first().filter(|refund| refund.charge == id);
                let url = format!("/v1/charges/{id}/refunds");
                let shown: Vec<Value> = refunds.map(Refund::shown).collect();
                Some(list(&shown, false, &url))
            }
            _ => None,
        };
        if let Some(included) = included {
            value[property] = included;
        }
    }

    /// The object that an id names.
    fn named(&self, id: &str) -> Option<Value> {
        let account = &self.account;
        match id.split('_').next()? {
            "ch" => account.charges.get(id).map(Charge::shown),
            "cs" => account.sessions.get(id).map(Session::shown),
            "cus" => {
                let gone = || json!({ "id": id, "object": "customer", "deleted": true });
                Some(account.customers.get(id).map_or_else(gone, Customer::shown))
            }
            "du" => account.disputes.get(id).map(|dispute| self.shown_dispute(dispute)),
            "in" => account.invoices.get(id).map(Invoice::shown),
            "pi" => account.intents.get(id).map(Intent::shown),
            "seti" => account.setup_intents.get(id).map(SetupIntent::shown),
            "pm" => account.payment_methods.get(id).map(PaymentMethod::shown),
            "po" => account.payouts.get(id).map(Payout::shown),
            "price" => account.prices.get(id).map(Price::shown),
            "prod" => account.products.get(id).map(Product::shown),
            "sub" => account.subscriptions.get(id).map(Subscription::shown),
            "re" => account.refunds.get(id).map(Refund::shown),
            "txn" => account.transactions.get(id).map(|transaction| transaction.shown(self.now_s)),
            _ => None,
        }
    }
}
