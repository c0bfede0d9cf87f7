//! Stripe over HTTP.

mod api_faults;
mod checkout;
mod control;
mod disputes;
mod keys;
mod money;
mod nonsense;
mod payments;
mod refunds;
mod store;
mod subscriptions;
mod webhooks;
