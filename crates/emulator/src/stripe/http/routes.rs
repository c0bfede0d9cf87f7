//! Which call does what at the desk.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method's path stands for one lifetime of the desk, a closure for all of them"
)]

use std::future::{Ready, ready};

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use serde_json::Value;

use super::call::{Answer, Call};
use crate::stripe::Stripe;
use crate::stripe::charge::Charge;
use crate::stripe::customer::Customer;
use crate::stripe::desk::Desk;
use crate::stripe::error::Result;
use crate::stripe::file::File;
use crate::stripe::invoice::Invoice;
use crate::stripe::params::Params;
use crate::stripe::payment_method::PaymentMethod;
use crate::stripe::payout::Payout;
use crate::stripe::price::Price;
use crate::stripe::product::Product;
use crate::stripe::refund::Refund;
use crate::stripe::session::Session;
use crate::stripe::setup_intent::SetupIntent;
use crate::stripe::subscription::Subscription;

/// A call on a collection.
fn on<W>(work: W) -> impl Fn(State<Stripe>, Call) -> Ready<Answer> + Clone + Send + Sync + 'static
where
    W: Fn(&mut Desk<'_>, Params) -> Result<Value> + Clone + Send + Sync + 'static,
{
    move |State(stripe), call| ready(call.answer(&stripe, &work))
}

/// A call on one object, by its id.
fn on_one<W>(
    work: W,
) -> impl Fn(State<Stripe>, Path<String>, Call) -> Ready<Answer> + Clone + Send + Sync + 'static
where
    W: Fn(&mut Desk<'_>, &str, Params) -> Result<Value> + Clone + Send + Sync + 'static,
{
    move |State(stripe), Path(id), call| ready(call.answer(&stripe, |desk, params| work(desk, &id, params)))
}

/// The retrieval of one object: it takes no parameters but `expand`.
fn one<W>(
    show: W,
) -> impl Fn(State<Stripe>, Path<String>, Call) -> Ready<Answer> + Clone + Send + Sync + 'static
where
    W: Fn(&Desk<'_>, &str) -> Result<Value> + Clone + Send + Sync + 'static,
{
    on_one(move |desk, id, params| {
        params.finish()?;
        show(desk, id)
    })
}

pub(super) fn routes() -> Router<Stripe> {
    Router::new()
        .merge(customers())
        .merge(payments())
        .merge(checkout())
        .merge(refunds())
        .merge(money())
        .merge(subscriptions())
}

fn customers() -> Router<Stripe> {
    Router::new()
        .route(
            "/v1/customers",
            post(on(|desk, params| desk.create_customer(params)))
                .get(on(|desk, params| desk.list_customers(params))),
        )
        .route(
            "/v1/customers/{id}",
            get(one(|desk, id| desk.customer(id).map(Customer::shown)))
                .post(on_one(|desk, id, params| desk.update_customer(id, params)))
                .delete(on_one(|desk, id, params| desk.delete_customer(id, params))),
        )
        .route(
            "/v1/customers/{id}/payment_methods",
            get(on_one(|desk, id, params| desk.list_methods(Some(id), params))),
        )
        .route(
            "/v1/payment_methods",
            post(on(|desk, params| desk.create_method(params)))
                .get(on(|desk, params| desk.list_methods(None, params))),
        )
        .route("/v1/payment_methods/{id}", get(one(|desk, id| desk.method(id).map(PaymentMethod::shown))))
        .route("/v1/payment_methods/{id}/attach", post(on_one(|desk, id, params| desk.attach(id, params))))
        .route("/v1/payment_methods/{id}/detach", post(on_one(|desk, id, params| desk.detach(id, params))))
}

fn payments() -> Router<Stripe> {
    let intent = "/v1/payment_intents/{id}";
    Router::new()
        .route(
            "/v1/payment_intents",
            post(on(|desk, params| desk.create_intent(params)))
                .get(on(|desk, params| desk.list_intents(params))),
        )
        .route(
            intent,
            get(on_one(|desk, id, params| desk.retrieve_intent(id, params)))
                .post(on_one(|desk, id, params| desk.update_intent(id, params))),
        )
        .route(&format!("{intent}/confirm"), post(on_one(|desk, id, params| desk.confirm_intent(id, params))))
        .route(&format!("{intent}/capture"), post(on_one(|desk, id, params| desk.capture_intent(id, params))))
        .route(&format!("{intent}/cancel"), post(on_one(|desk, id, params| desk.cancel_intent(id, params))))
        .route("/v1/charges", get(on(|desk, params| desk.list_charges(params))))
        .route(
            "/v1/charges/{id}",
            get(one(|desk, id| desk.charge(id).map(Charge::shown)))
                .post(on_one(|desk, id, params| desk.update_charge(id, params))),
        )
}

fn checkout() -> Router<Stripe> {
    let session = "/v1/checkout/sessions/{id}";
    let setup = "/v1/setup_intents/{id}";
    Router::new()
        .route(
            "/v1/setup_intents",
            post(on(|desk, params| desk.create_setup_intent(params)))
                .get(on(|desk, params| desk.list_setup_intents(params))),
        )
        .route(setup, get(one(|desk, id| desk.setup_intent(id).map(SetupIntent::shown))))
        .route(
            &format!("{setup}/confirm"),
            post(on_one(|desk, id, params| desk.confirm_setup_intent(id, params))),
        )
        .route(
            &format!("{setup}/cancel"),
            post(on_one(|desk, id, params| desk.cancel_setup_intent(id, params))),
        )
        .route(
            "/v1/checkout/sessions",
            post(on(|desk, params| desk.create_session(params)))
                .get(on(|desk, params| desk.list_sessions(params))),
        )
        .route(
            session,
            get(one(|desk, id| desk.session(id).map(Session::shown)))
                .post(on_one(|desk, id, params| desk.update_session(id, params))),
        )
        .route(&format!("{session}/expire"), post(on_one(|desk, id, params| desk.expire_session(id, params))))
        .route(&format!("{session}/line_items"), get(on_one(|desk, id, params| desk.list_lines(id, params))))
}

fn refunds() -> Router<Stripe> {
    Router::new()
        .route(
            "/v1/refunds",
            post(on(|desk, params| desk.create_refund(params)))
                .get(on(|desk, params| desk.list_refunds(params))),
        )
        .route(
            "/v1/refunds/{id}",
            get(one(|desk, id| desk.refund(id).map(Refund::shown)))
                .post(on_one(|desk, id, params| desk.update_refund(id, params))),
        )
        .route("/v1/files/{id}", get(one(|desk, id| desk.file(id).map(File::shown))))
        .route("/v1/disputes", get(on(|desk, params| desk.list_disputes(params))))
        .route(
            "/v1/disputes/{id}",
            get(one(|desk, id| desk.dispute(id).map(|dispute| desk.shown_dispute(dispute))))
                .post(on_one(|desk, id, params| desk.update_dispute(id, params))),
        )
        .route("/v1/disputes/{id}/close", post(on_one(|desk, id, params| desk.close_dispute(id, params))))
}

fn money() -> Router<Stripe> {
    Router::new()
        .route("/v1/balance", get(on(|desk, params| desk.balance(params))))
        .route("/v1/balance_transactions", get(on(|desk, params| desk.list_transactions(params))))
        .route("/v1/balance_transactions/{id}", get(one(|desk, id| desk.transaction(id))))
        .route(
            "/v1/payouts",
            post(on(|desk, params| desk.create_payout(params)))
                .get(on(|desk, params| desk.list_payouts(params))),
        )
        .route("/v1/payouts/{id}", get(one(|desk, id| desk.payout(id).map(Payout::shown))))
        .route("/v1/payouts/{id}/cancel", post(on_one(|desk, id, params| desk.cancel_payout(id, params))))
        .route("/v1/events", get(on(|desk, params| desk.list_events(params))))
        .route("/v1/events/{id}", get(one(|desk, id| desk.event(id))))
}

fn subscriptions() -> Router<Stripe> {
    Router::new()
        .route(
            "/v1/products",
            post(on(|desk, params| desk.create_product(params)))
                .get(on(|desk, params| desk.list_products(params))),
        )
        .route(
            "/v1/products/{id}",
            get(one(|desk, id| desk.product(id).map(Product::shown)))
                .post(on_one(|desk, id, params| desk.update_product(id, params))),
        )
        .route(
            "/v1/prices",
            post(on(|desk, params| desk.create_price(params)))
                .get(on(|desk, params| desk.list_prices(params))),
        )
        .route(
            "/v1/prices/{id}",
            get(one(|desk, id| desk.price(id).map(Price::shown)))
                .post(on_one(|desk, id, params| desk.update_price(id, params))),
        )
        .route(
            "/v1/subscriptions",
            post(on(|desk, params| desk.create_subscription(params)))
                .get(on(|desk, params| desk.list_subscriptions(params))),
        )
        .route(
            "/v1/subscriptions/{id}",
            get(one(|desk, id| desk.subscription(id).map(Subscription::shown)))
                .post(on_one(|desk, id, params| desk.update_subscription(id, params)))
                .delete(on_one(|desk, id, params| desk.cancel_subscription(id, params))),
        )
        .route("/v1/invoices", get(on(|desk, params| desk.list_invoices(params))))
        .route("/v1/invoices/{id}", get(one(|desk, id| desk.invoice(id).map(Invoice::shown))))
        .route("/v1/invoices/{id}/pay", post(on_one(|desk, id, params| desk.pay_invoice(id, params))))
}
