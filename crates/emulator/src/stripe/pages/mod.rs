//! Where a person pays: the hosted checkout and the bank's page, plain pages that need no script.
//!
//! A page never asks for anything real: a payer chooses a test card by what its bank answers.

mod page;

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;

use super::control::Authentication;
use super::intent::Intent;
use super::session::Status;
use super::{Paid, Payment, Stripe};

/// One style for the pages of both gateways.
const PAY_CSS: &str = include_str!("../../razorpay/checkout/pay.css");
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'";

pub(crate) fn router(stripe: &Stripe) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/c/pay/{id}", get(show_session).post(pay_session))
        .route("/redirect/authenticate/{source}", get(show_challenge).post(answer_challenge))
        .route("/pay.css", get(|| async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], PAY_CSS) }))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .layer(map_response(with_policy))
        .with_state(stripe.clone())
}

async fn with_policy(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer"));
    response
}

async fn index(State(stripe): State<Stripe>) -> Response {
    stripe.with_world(|world| page::index(&world.accounts)).into_response()
}

/// What the payer chose and typed.
#[derive(Debug, Deserialize)]
struct Choice {
    card: String,
    #[serde(default)]
    email: String,
}

async fn show_session(State(stripe): State<Stripe>, Path(id): Path<String>) -> Response {
    let Some((name, session, intent)) = stripe.session_at_page(&id) else { return not_found() };
    match session.status {
        Status::Complete => {
            let url = session.success_url.replace("{CHECKOUT_SESSION_ID}", &id);
            Redirect::to(&url).into_response()
        }
        Status::Expired => (StatusCode::GONE, page::expired(&name, &session)).into_response(),
        Status::Open => {
            let said = intent.as_ref().and_then(last_words);
            page::checkout(&name, &session, said.as_deref()).into_response()
        }
    }
}

async fn pay_session(
    State(stripe): State<Stripe>,
    Path(id): Path<String>,
    Form(choice): Form<Choice>,
) -> Response {
    let Some((name, session, _)) = stripe.session_at_page(&id) else { return not_found() };
    let email = Some(choice.email).filter(|email| !email.is_empty());
    match stripe.pay(&Payment { session: id, card: choice.card, email }) {
        Err(refusal) => {
            let shown = page::checkout(&name, &session, Some(&refusal.to_string()));
            (StatusCode::CONFLICT, shown).into_response()
        }
        Ok(Paid { redirect_url: Some(url), .. }) => Redirect::to(&url).into_response(),
        Ok(paid) => {
            let shown = page::checkout(&name, &session, paid.declined.as_deref());
            (StatusCode::PAYMENT_REQUIRED, shown).into_response()
        }
    }
}

/// What proves that the vendor sent the payer here.
#[derive(Debug, Deserialize)]
struct Proof {
    #[serde(default)]
    client_secret: String,
}

#[derive(Debug, Deserialize)]
struct Press {
    action: Action,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Approve,
    Refuse,
}

async fn show_challenge(
    State(stripe): State<Stripe>,
    Path(source): Path<String>,
    Query(proof): Query<Proof>,
) -> Response {
    match challenged(&stripe, &source, &proof) {
        Some((name, intent)) => page::challenge(&name, &intent).into_response(),
        None => not_found(),
    }
}

async fn answer_challenge(
    State(stripe): State<Stripe>,
    Path(source): Path<String>,
    Query(proof): Query<Proof>,
    Form(press): Form<Press>,
) -> Response {
    let Some((name, intent)) = challenged(&stripe, &source, &proof) else { return not_found() };
    let return_url = intent.challenge.as_ref().and_then(|challenge| challenge.return_url.clone());
    let approve = press.action == Action::Approve;
    let answer = Authentication { payment_intent: intent.id.clone(), approve };
    let ended = match stripe.authenticate(&answer) {
        Ok(ended) => ended,
        Err(refusal) => return (StatusCode::CONFLICT, refusal.to_string()).into_response(),
    };
    let succeeded = matches!(ended["status"].as_str(), Some("succeeded" | "requires_capture"));
    let status = if succeeded { "succeeded" } else { "failed" };
    let told = [
        ("payment_intent", intent.id.as_str()),
        ("payment_intent_client_secret", intent.client_secret.as_str()),
        ("redirect_status", status),
    ];
    match return_url.and_then(|url| reqwest::Url::parse_with_params(&url, told).ok()) {
        Some(url) => Redirect::to(url.as_str()).into_response(),
        None => page::answered(&name, succeeded).into_response(),
    }
}

/// The intent whose challenge this is.
fn challenged(stripe: &Stripe, source: &str, proof: &Proof) -> Option<(String, Intent)> {
    stripe.with_world(|world| {
        let matches = |intent: &&Intent| {
            let challenge = intent.challenge.as_ref();
            challenge.is_some_and(|own| own.source == source && own.secret == proof.client_secret)
        };
        world.accounts.iter().find_map(|account| {
            let intent = account.intents.newest_first().find(matches)?;
            Some((account.name.clone(), intent.clone()))
        })
    })
}

/// What the last attempt's bank said, where it said no.
fn last_words(intent: &Intent) -> Option<String> {
    let error = intent.last_error.as_ref()?;
    error["message"].as_str().map(str::to_owned)
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, page::not_found()).into_response()
}
