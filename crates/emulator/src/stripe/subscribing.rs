//! How a subscription begins, is renewed, changed and ended.

use serde_json::Value;

use super::desk::Desk;
use super::error::{Error, Result};
use super::invoice::Reason;
use super::metadata::Metadata;
use super::params::{Params, cut};
use super::price::Recurring;
use super::subscription::{Item, Status, Subscription};
use super::task::Task;

const ITEMS_MAX: usize = 20;
const TRIAL_DAYS_MAX: i64 = 730;
const DAY_S: i64 = 86_400;
/// How long the first payment may take.
const COMPLETE_WITHIN_S: u32 = 23 * 3_600;

/// Whether the first invoice is tried at once, or left to the payer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstPayment {
    AtOnce,
    ByPayer,
}

impl Desk<'_> {
    pub(crate) fn create_subscription(&mut self, mut params: Params) -> Result<Value> {
        let customer = self.customer_param(&mut params)?.ok_or_else(|| Error::missing("customer"))?;
        let items = self.read_items(&mut params)?;
        let mut subscription = self.new_subscription(customer, items)?;
        self.read_settings(&mut subscription, &mut params)?;
        subscription.trial = self.read_trial(&mut params)?;
        params.choice("collection_method", &["charge_automatically"])?;
        params.flag("off_session")?;
        let behaviors = ["allow_incomplete", "default_incomplete"];
        let behavior = params.choice("payment_behavior", &behaviors)?.unwrap_or("allow_incomplete");
        params.finish()?;
        let first =
            if behavior == "default_incomplete" { FirstPayment::ByPayer } else { FirstPayment::AtOnce };
        let has_method = self.method_to_collect_from(&subscription).is_some();
        if first == FirstPayment::AtOnce && subscription.trial.is_none() && !has_method {
            return Err(Error::refused(
                "This customer has no attached payment source or default payment method. Please consider adding a \
                 default payment method. For more information, visit \
                 https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
            )
            .code("resource_missing"));
        }
        let id = self.begin_subscription(subscription, first);
        self.subscription(&id).map(Subscription::shown)
    }

    fn read_items(&mut self, params: &mut Params) -> Result<Vec<Item>> {
        let groups = params.groups("items")?;
        if groups.is_empty() {
            return Err(Error::missing("items"));
        }
        if groups.len() > ITEMS_MAX {
            return Err(Error::invalid("items", "A subscription has at most 20 items."));
        }
        groups.into_iter().map(|group| self.read_item(group)).collect()
    }

    fn read_item(&mut self, mut params: Params) -> Result<Item> {
        let id = params.text("price")?.ok_or_else(|| params.missing("price"))?;
        let price = self.price_param(&id, "items[0][price]")?;
        let quantity = params.integer("quantity")?.unwrap_or(1);
        params.finish()?;
        if !(1..=999_999).contains(&quantity) {
            return Err(Error::invalid("items[0][quantity]", "Invalid positive integer"));
        }
        Ok(Item { id: self.id("si_"), price, quantity })
    }

    /// A subscription that is not yet kept; all its prices must be due in step.
    pub(crate) fn new_subscription(&mut self, customer: String, items: Vec<Item>) -> Result<Subscription> {
        let mut rhythms = items.iter().map(|item| (item.price.recurring, item.price.currency));
        let first = rhythms.next();
        let Some((Some(recurring), _)) = first else {
            return Err(Error::invalid("items[0][price]", "The price specified is not a recurring price."));
        };
        if rhythms.any(|other| Some(other) != first) {
            let sentence = "All prices on a subscription must have the same currency and interval here.";
            return Err(Error::invalid("items", sentence));
        }
        Ok(Subscription {
            id: self.id("sub_"),
            created: self.now_s,
            customer,
            items,
            recurring,
            status: Status::Incomplete,
            anchor: self.now_s,
            periods: 1,
            period: (self.now_s, recurring.end_of_period(self.now_s, 1)),
            trial: None,
            cancel_at_period_end: false,
            canceled_at: None,
            ended_at: None,
            cancellation_reason: None,
            default_payment_method: None,
            description: None,
            metadata: Metadata::default(),
            latest_invoice: None,
        })
    }

    /// Reads what may be said at the beginning and later.
    fn read_settings(&self, subscription: &mut Subscription, params: &mut Params) -> Result<()> {
        if let Some(id) = params.text("default_payment_method")? {
            self.method_of(&id, &subscription.customer)?;
            subscription.default_payment_method = Some(id);
        }
        params.set("description", &mut subscription.description)?;
        subscription.metadata.change(params)?;
        if let Some(ends) = params.flag("cancel_at_period_end")? {
            subscription.cancel_at_period_end = ends;
            subscription.canceled_at = ends.then_some(self.now_s);
            subscription.cancellation_reason = ends.then_some("cancellation_requested");
        }
        Ok(())
    }

    fn read_trial(&self, params: &mut Params) -> Result<Option<(i64, i64)>> {
        let days = params.integer("trial_period_days")?;
        let end = params
            .integer("trial_end")?
            .or(days.map(|days| self.now_s.saturating_add(days.saturating_mul(DAY_S))));
        match end {
            Some(end) if end <= self.now_s || end > self.now_s + TRIAL_DAYS_MAX * DAY_S => {
                Err(Error::invalid("trial_end", "A trial must end within the next two years."))
            }
            end => Ok(end.map(|end| (self.now_s, end))),
        }
    }

    /// Keeps a subscription, and bills its first period, or nothing while it is tried.
    pub(crate) fn begin_subscription(
        &mut self,
        mut subscription: Subscription,
        first: FirstPayment,
    ) -> String {
        let id = subscription.id.clone();
        if let Some((start, end)) = subscription.trial {
            subscription.status = Status::Trialing;
            (subscription.anchor, subscription.periods, subscription.period) = (end, 0, (start, end));
        }
        let period_end = subscription.period.1;
        let trialing = subscription.trial.is_some();
        self.account.subscriptions.put(subscription);
        self.announce_subscription("customer.subscription.created", &id);
        self.schedule_at(period_end, Task::RenewSubscription(id.clone()));
        if trialing {
            // The vendor tells three days before, or at once where the trial is shorter.
            let told_at = (period_end - 3 * DAY_S).max(self.now_s);
            self.schedule_at(told_at, Task::TellTrialEnd(id.clone()));
        } else {
            self.schedule(COMPLETE_WITHIN_S, Task::ExpireIncomplete(id.clone()));
        }
        self.bill(&id, Reason::Create, first);
        id
    }

    pub(crate) fn announce_subscription(&mut self, kind: &'static str, id: &str) {
        if let Some(shown) = self.account.subscriptions.get(id).map(Subscription::shown) {
            self.announce(kind, shown);
        }
    }

    /// Changes a subscription and tells of it.
    pub(crate) fn change_subscription(&mut self, id: &str, change: impl FnOnce(&mut Subscription)) {
        let Some(subscription) = self.account.subscriptions.get_mut(id) else { return };
        let before = subscription.shown();
        change(subscription);
        let shown = subscription.shown();
        if shown != before {
            self.announce_change("customer.subscription.updated", &before, shown);
        }
    }

    pub(crate) fn update_subscription(&mut self, id: &str, mut params: Params) -> Result<Value> {
        let mut changed = self.subscription(id)?.clone();
        if changed.status.has_ended() {
            return Err(Error::refused(
                "A canceled subscription can only update its cancellation_details and metadata.",
            ));
        }
        self.read_settings(&mut changed, &mut params)?;
        let groups = params.groups("items")?;
        // Money for a part of a period is not reckoned here.
        let prorated = params.choice("proration_behavior", &["none"])?.is_none() && !groups.is_empty();
        params.finish()?;
        if prorated {
            return Err(Error::invalid("proration_behavior", "Invalid proration_behavior: must be none"));
        }
        for group in groups {
            self.change_item(&mut changed, group)?;
        }
        self.change_subscription(id, |subscription| *subscription = changed);
        self.subscription(id).map(Subscription::shown)
    }

    fn change_item(&self, subscription: &mut Subscription, mut params: Params) -> Result<()> {
        let id = params.text("id")?.ok_or_else(|| params.missing("id"))?;
        let found = subscription.items.iter_mut().find(|item| item.id == id);
        let item =
            found.ok_or_else(|| Error::no_such_param("subscription_item", &cut(&id), "items[0][id]"))?;
        if let Some(price) = params.text("price")? {
            item.price = self.price_param(&price, "items[0][price]")?;
        }
        item.quantity = params.integer("quantity")?.unwrap_or(item.quantity).max(1);
        params.finish()?;
        if item.price.recurring == Some(subscription.recurring) {
            Ok(())
        } else {
            Err(Error::invalid(
                "items[0][price]",
                "The new price must have the interval of the old one here.",
            ))
        }
    }

    pub(crate) fn cancel_subscription(&mut self, id: &str, mut params: Params) -> Result<Value> {
        if self.subscription(id)?.status.has_ended() {
            return Err(Error::no_such("subscription", id, "id"));
        }
        params.flag("invoice_now")?;
        params.flag("prorate")?;
        params.finish()?;
        self.end_subscription(id, Status::Canceled, "cancellation_requested");
        self.subscription(id).map(Subscription::shown)
    }

    pub(crate) fn end_subscription(&mut self, id: &str, status: Status, reason: &'static str) {
        let now_s = self.now_s;
        let Some(subscription) = self.account.subscriptions.get_mut(id) else { return };
        subscription.status = status;
        subscription.canceled_at = subscription.canceled_at.or(Some(now_s));
        subscription.ended_at = Some(now_s);
        subscription.cancellation_reason = Some(reason);
        let invoice = subscription.latest_invoice.clone();
        self.announce_subscription("customer.subscription.deleted", id);
        if let Some(invoice) = invoice {
            self.stop_collecting(&invoice);
        }
    }

    /// Begins the next period, or ends a subscription that was to end with this one.
    pub(crate) fn renew_subscription(&mut self, id: &str) {
        let Some(subscription) = self.account.subscriptions.get(id).cloned() else { return };
        // Items may have changed since this was entered, and the subscription may be over.
        if subscription.status.has_ended() || subscription.period.1 > self.now_s {
            return;
        }
        if subscription.cancel_at_period_end {
            self.end_subscription(id, Status::Canceled, "cancellation_requested");
            return;
        }
        let recurring: Recurring = subscription.recurring;
        let periods = subscription.periods + 1;
        let end = recurring.end_of_period(subscription.anchor, periods);
        self.change_subscription(id, |subscription| {
            subscription.period = (subscription.period.1, end);
            subscription.periods = periods;
            if subscription.status == Status::Trialing {
                subscription.status = Status::Active;
            }
        });
        self.schedule_at(end, Task::RenewSubscription(id.to_owned()));
        self.bill(id, Reason::Cycle, FirstPayment::AtOnce);
    }

    /// Gives a subscription up that nobody paid for the first time.
    pub(crate) fn expire_incomplete(&mut self, id: &str) {
        let waiting =
            self.account.subscriptions.get(id).is_some_and(|kept| kept.status == Status::Incomplete);
        if !waiting {
            return;
        }
        self.change_subscription(id, |subscription| subscription.status = Status::IncompleteExpired);
        if let Some(invoice) = self.account.subscriptions.get(id).and_then(|kept| kept.latest_invoice.clone())
        {
            self.void_invoice(&invoice);
        }
    }

    pub(crate) fn tell_trial_end(&mut self, id: &str) {
        if self.account.subscriptions.get(id).is_some_and(|kept| kept.status == Status::Trialing) {
            self.announce_subscription("customer.subscription.trial_will_end", id);
        }
    }
}
