//! How an invoice is made, finalised, collected and tried again.

use serde_json::Value;

use super::confirm::How;
use super::desk::Desk;
use super::error::{Error, Result};
use super::intent::{Intent, Status as IntentStatus};
use super::invoice::{Invoice, Reason, Status};
use super::params::Params;
use super::subscribing::FirstPayment;
use super::subscription::{Item, Status as SubscriptionStatus, Subscription};
use super::task::Task;

/// The vendor leaves a renewal's invoice open to changes for an hour.
const DRAFT_S: u32 = 3_600;
/// When a renewal that was declined is tried again, in days after the attempt before; the vendor chooses these by itself.
const RETRY_DAYS: [i64; 3] = [3, 5, 7];
const DAY_S: i64 = 86_400;

impl Desk<'_> {
    /// The method that a subscription is paid with: its own, or the customer's.
    pub(crate) fn method_to_collect_from(&self, subscription: &Subscription) -> Option<String> {
        let own = subscription.default_payment_method.clone();
        own.or_else(|| self.account.customers.get(&subscription.customer)?.default_payment_method.clone())
    }

    /// Asks for a subscription's present period.
    pub(crate) fn bill(&mut self, subscription: &str, reason: Reason, first: FirstPayment) {
        let Some(kept) = self.account.subscriptions.get(subscription).cloned() else { return };
        let invoice = self.new_invoice(&kept, reason);
        let id = invoice.id.clone();
        let shown = invoice.shown();
        self.account.invoices.put(invoice);
        self.announce("invoice.created", shown);
        self.change_subscription(subscription, |kept| kept.latest_invoice = Some(id.clone()));
        if reason == Reason::Cycle {
            self.schedule(DRAFT_S, Task::FinalizeInvoice(id));
            return;
        }
        self.finalize(&id);
        if first == FirstPayment::AtOnce {
            // What comes of it is told by the subscription's status.
            let _ = self.collect_invoice(&id, None, false);
        }
    }

    fn new_invoice(&mut self, subscription: &Subscription, reason: Reason) -> Invoice {
        let customer = self.account.customers.get(&subscription.customer);
        let (customer_email, customer_name) =
            customer.map_or((None, None), |kept| (kept.email.clone(), kept.name.clone()));
        let tried = subscription.status == SubscriptionStatus::Trialing;
        let total = if tried { 0 } else { subscription.items.iter().map(Item::amount).sum() };
        Invoice {
            id: self.id("in_"),
            number: None,
            created: self.now_s,
            reason,
            status: Status::Draft,
            customer: subscription.customer.clone(),
            customer_email,
            customer_name,
            account_name: self.account.name.clone(),
            subscription: subscription.id.clone(),
            metadata: subscription.metadata.clone(),
            line_ids: subscription.items.iter().map(|_| self.id("il_")).collect(),
            items: subscription.items.clone(),
            currency: subscription.currency(),
            total,
            period: subscription.period,
            attempts: 0,
            collects: true,
            next_attempt: (reason == Reason::Cycle).then(|| self.now_s + i64::from(DRAFT_S)),
            finalized_at: None,
            paid_at: None,
            voided_at: None,
            intent: None,
            payment_id: self.id("inpay_"),
        }
    }

    fn finalize(&mut self, id: &str) {
        let now_s = self.now_s;
        let number = format!("{}-{:04}", self.bench.entropy.token(8).to_uppercase(), 1);
        let Some(invoice) = self.account.invoices.get_mut(id) else { return };
        invoice.status = Status::Open;
        invoice.number = Some(number);
        (invoice.finalized_at, invoice.next_attempt) = (Some(now_s), None);
        let (total, shown) = (invoice.total, invoice.shown());
        if total > 0 {
            self.ask_by_intent(id);
        }
        self.announce("invoice.finalized", shown);
        if total == 0 {
            self.mark_paid(id);
        }
    }

    /// Finalises a renewal's invoice and collects it.
    pub(crate) fn finalize_invoice(&mut self, id: &str) {
        if self
            .account
            .invoices
            .get(id)
            .is_some_and(|invoice| invoice.status == Status::Draft && invoice.collects)
        {
            self.finalize(id);
            let _ = self.collect_invoice(id, None, true);
        }
    }

    /// Makes the intent that an invoice is paid by.
    fn ask_by_intent(&mut self, id: &str) {
        let Some(invoice) = self.account.invoices.get(id).cloned() else { return };
        let mut intent = self.new_intent(invoice.total, invoice.currency);
        intent.details.customer = Some(invoice.customer);
        intent.details.setup_future_usage = Some("off_session");
        let words = match invoice.reason {
            Reason::Create => "Subscription creation",
            Reason::Cycle => "Subscription update",
        };
        intent.details.description = Some(words.to_owned());
        intent.automatic = None;
        intent.invoice = Some(invoice.id);
        let (intent_id, shown) = (intent.id.clone(), intent.shown());
        self.account.intents.put(intent);
        self.announce("payment_intent.created", shown);
        if let Some(invoice) = self.account.invoices.get_mut(id) {
            invoice.intent = Some(intent_id);
        }
    }

    /// Tries to collect an open invoice.
    fn collect_invoice(&mut self, id: &str, method: Option<String>, off_session: bool) -> Result<()> {
        let Some(invoice) = self.account.invoices.get(id).cloned() else { return Ok(()) };
        if invoice.status != Status::Open {
            return Ok(());
        }
        let subscription = self.account.subscriptions.get(&invoice.subscription).cloned();
        let method = method.or_else(|| self.method_to_collect_from(subscription.as_ref()?));
        let mut intent = self.intent(invoice.intent.as_deref().unwrap_or_default())?.clone();
        let Some(method) = method else {
            self.count_failed(&intent);
            return Err(Error::refused(
                "There is no default payment method set on this Customer or Invoice.",
            ));
        };
        intent.payment_method = Some(method);
        self.try_intent(intent, How { off_session, ..How::default() }).map(drop)
    }

    pub(crate) fn pay_invoice(&mut self, id: &str, mut params: Params) -> Result<Value> {
        let invoice = self.invoice(id)?.clone();
        let method = params.text("payment_method")?;
        let off_session = params.flag("off_session")?.unwrap_or(true);
        params.finish()?;
        match invoice.status {
            Status::Paid => return Err(Error::refused("Invoice is already paid")),
            Status::Void => return Err(Error::refused("Void invoices can't be paid.")),
            Status::Draft => self.finalize(id),
            Status::Open => {}
        }
        if let Some(method) = &method {
            self.method_of(method, &invoice.customer)?;
        }
        self.collect_invoice(id, method, off_session)?;
        self.invoice(id).map(Invoice::shown)
    }

    /// Marks the invoice paid that an intent pays.
    pub(crate) fn complete_invoice_of(&mut self, intent: &Intent) {
        if let Some(id) = intent.invoice.clone().filter(|_| intent.status == IntentStatus::Succeeded) {
            if let Some(invoice) = self.account.invoices.get_mut(&id) {
                invoice.attempts += 1;
            }
            self.mark_paid(&id);
        }
    }

    fn mark_paid(&mut self, id: &str) {
        let now_s = self.now_s;
        let open = self.account.invoices.get_mut(id).filter(|invoice| invoice.status == Status::Open);
        let Some(invoice) = open else { return };
        invoice.status = Status::Paid;
        (invoice.paid_at, invoice.next_attempt) = (Some(now_s), None);
        let (subscription, shown) = (invoice.subscription.clone(), invoice.shown());
        self.announce("invoice.paid", shown.clone());
        self.announce("invoice.payment_succeeded", shown);
        self.change_subscription(&subscription, |kept| {
            if matches!(kept.status, SubscriptionStatus::Incomplete | SubscriptionStatus::PastDue) {
                kept.status = SubscriptionStatus::Active;
            }
        });
    }

    /// Counts a failed attempt at the invoice that an intent pays, and enters the next or gives up.
    pub(crate) fn count_failed(&mut self, intent: &Intent) {
        let Some(id) = intent.invoice.clone() else { return };
        let now_s = self.now_s;
        let open = self.account.invoices.get_mut(&id).filter(|invoice| invoice.status == Status::Open);
        let Some(invoice) = open else { return };
        invoice.attempts += 1;
        let days = RETRY_DAYS.get(invoice.attempts - 1).filter(|_| invoice.reason == Reason::Cycle);
        let next = days.map(|days| now_s + days * DAY_S);
        invoice.next_attempt = next;
        let renewal = invoice.reason == Reason::Cycle;
        let (subscription, shown) = (invoice.subscription.clone(), invoice.shown());
        self.announce("invoice.payment_failed", shown);
        if !renewal {
            return;
        }
        self.change_subscription(&subscription, |kept| {
            if kept.status == SubscriptionStatus::Active {
                kept.status = SubscriptionStatus::PastDue;
            }
        });
        match next {
            Some(at_s) => self.schedule_at(at_s, Task::CollectInvoice(id)),
            None => self.end_subscription(&subscription, SubscriptionStatus::Canceled, "payment_failed"),
        }
    }

    /// Tries an invoice again whose attempt has come due.
    pub(crate) fn collect_again(&mut self, id: &str) {
        let due = self.account.invoices.get(id).is_some_and(|invoice| invoice.next_attempt.is_some());
        if due {
            let _ = self.collect_invoice(id, None, true);
        }
    }

    /// Leaves an unpaid invoice to whoever still wants to pay it.
    pub(crate) fn stop_collecting(&mut self, id: &str) {
        if let Some(invoice) = self.account.invoices.get_mut(id) {
            invoice.collects = false;
            invoice.next_attempt = None;
        }
    }

    pub(crate) fn void_invoice(&mut self, id: &str) {
        let now_s = self.now_s;
        let open = self.account.invoices.get_mut(id).filter(|invoice| invoice.status == Status::Open);
        let Some(invoice) = open else { return };
        invoice.status = Status::Void;
        invoice.voided_at = Some(now_s);
        let (shown, intent) = (invoice.shown(), invoice.intent.clone());
        self.announce("invoice.voided", shown);
        let intent = intent.and_then(|id| self.account.intents.get(&id).cloned());
        if let Some(intent) = intent.filter(|intent| intent.status != IntentStatus::Succeeded) {
            self.end_intent(intent, Some("void_invoice"), "charge.expired");
        }
    }
}
