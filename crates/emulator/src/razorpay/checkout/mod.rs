//! Where a person pays: plain pages that need no script, the QR picture, and a stand-in for the vendor's `checkout.js`.
//!
//! A page never asks for anything real: its buttons say how the payment shall end.

mod page;

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use qrcode::QrCode as Picture;
use qrcode::render::svg;
use serde::Deserialize;

use super::desk::Desk;
use super::order::{Order, OrderStatus};
use super::qr_code::{QrCode, QrStatus};
use super::{Method, Outcome, Play, Razorpay, Refusal};
use page::{Ending, Subject};

const CHECKOUT_JS: &str = include_str!("checkout.js");
const PAY_JS: &str = include_str!("pay.js");
const PAY_CSS: &str = include_str!("pay.css");
const POLICY: &str =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'";

pub(crate) fn router(razorpay: &Razorpay) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/pay/order/{id}", get(show_order).post(pay_order))
        .route("/pay/qr/{id}", get(show_qr).post(pay_qr))
        .route("/pay/qr/{id}/image", get(image))
        .route("/v1/checkout/embedded", post(open_hosted))
        .route("/v1/checkout.js", get(|| async { asset("text/javascript; charset=utf-8", CHECKOUT_JS) }))
        .route("/pay/pay.js", get(|| async { asset("text/javascript; charset=utf-8", PAY_JS) }))
        .route("/pay/pay.css", get(|| async { asset("text/css; charset=utf-8", PAY_CSS) }))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .layer(map_response(with_policy))
        .with_state(razorpay.clone())
}

fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text)
}

async fn with_policy(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer"));
    response
}

/// How a page was opened, and where it leads when done.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Way {
    /// The merchant's key, which must own the order.
    #[serde(default, alias = "key_id")]
    key: Option<String>,
    /// Takes the result as a form post.
    #[serde(default)]
    callback_url: Option<String>,
    /// Where a payer goes who gives up.
    #[serde(default)]
    cancel_url: Option<String>,
    /// `1` where the merchant opened the checkout for a mandate.
    #[serde(default)]
    recurring: Option<String>,
    /// The page that embeds this one and hears of the result.
    #[serde(default)]
    origin: Option<String>,
}

impl Way {
    fn is_recurring(&self) -> bool {
        matches!(self.recurring.as_deref(), Some("1" | "true"))
    }

    /// Forgets addresses that a browser should not be sent to.
    fn checked(self) -> Self {
        let web = |url: Option<String>| {
            url.filter(|url| {
                reqwest::Url::parse(url).is_ok_and(|parsed| matches!(parsed.scheme(), "http" | "https"))
            })
        };
        Self {
            callback_url: web(self.callback_url),
            cancel_url: web(self.cancel_url),
            origin: web(self.origin),
            key: self.key,
            recurring: self.recurring,
        }
    }
}

/// The button that was pressed.
#[derive(Debug, Deserialize)]
pub(super) struct Press {
    action: Action,
    /// UPI where absent.
    #[serde(default)]
    method: Method,
    /// In rupees, for a QR code that fixes no amount.
    #[serde(default)]
    rupees: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Pay,
    Fail,
    Late,
    Cancel,
}

impl Action {
    fn outcome(self) -> Outcome {
        match self {
            Self::Pay => Outcome::Success,
            Self::Fail | Self::Cancel => Outcome::Failure { reason: "payment_declined".to_owned() },
            Self::Late => Outcome::Late { fails_after_s: 0, authorizes_after_s: Some(page::LATE_S) },
        }
    }
}

async fn index(State(razorpay): State<Razorpay>) -> Response {
    razorpay.with_world(|world| page::index(&world.merchants)).into_response()
}

async fn show_order(
    State(razorpay): State<Razorpay>,
    Path(id): Path<String>,
    Query(way): Query<Way>,
) -> Response {
    match order_subject(&razorpay, &id, &way) {
        Some(subject) => page::pay(&subject, way.checked().cancel_url.is_some()).into_response(),
        None => not_found(),
    }
}

async fn pay_order(
    State(razorpay): State<Razorpay>,
    Path(id): Path<String>,
    Query(way): Query<Way>,
    Form(press): Form<Press>,
) -> Response {
    let Some(subject) = order_subject(&razorpay, &id, &way) else { return not_found() };
    let way = way.checked();
    if press.action == Action::Cancel {
        return cancelled(&subject, &way);
    }
    let recurring = way.is_recurring();
    let play = Play { recurring, method: press.method, ..Play::order(&id) };
    let played = razorpay.play(&play.with(press.action.outcome()));
    ended(&subject, played, &way)
}

async fn show_qr(State(razorpay): State<Razorpay>, Path(id): Path<String>) -> Response {
    match qr_subject(&razorpay, &id) {
        Some(subject) => page::pay(&subject, false).into_response(),
        None => not_found(),
    }
}

async fn pay_qr(
    State(razorpay): State<Razorpay>,
    Path(id): Path<String>,
    Form(press): Form<Press>,
) -> Response {
    let Some(subject) = qr_subject(&razorpay, &id) else { return not_found() };
    let amount = press.rupees.as_deref().and_then(paise);
    if press.action == Action::Cancel {
        return cancelled(&subject, &Way::default());
    }
    let play = Play { amount, ..Play::qr(&id).with(press.action.outcome()) };
    ended(&subject, razorpay.play(&play), &Way::default())
}

async fn image(State(razorpay): State<Razorpay>, Path(id): Path<String>) -> Response {
    let content = with_owner_of_qr(&razorpay, &id, |_, qr| qr.image_content.clone());
    let picture = content.and_then(|content| Picture::new(content).ok());
    match picture {
        Some(picture) => {
            let drawn = picture.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
            ([(header::CONTENT_TYPE, "image/svg+xml")], drawn).into_response()
        }
        None => not_found(),
    }
}

/// The hosted checkout: the options come as form data, as the vendor takes them.
async fn open_hosted(
    State(razorpay): State<Razorpay>,
    Form(options): Form<Vec<(String, String)>>,
) -> Response {
    let option = |name: &str| options.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let key = option("key_id").or_else(|| option("key"));
    let (Some(order_id), Some(key)) = (option("order_id"), key) else { return not_found() };
    let given = Way { key: Some(key.to_owned()), ..Way::default() };
    if order_subject(&razorpay, order_id, &given).is_none() {
        return not_found();
    }
    let ways = [
        ("key", Some(key)),
        ("callback_url", option("callback_url")),
        ("cancel_url", option("cancel_url")),
        ("recurring", option("recurring")),
    ];
    let given = ways.into_iter().filter_map(|(name, value)| Some((name, value?)));
    match reqwest::Url::parse_with_params(&format!("{}/pay/order/{order_id}", razorpay.public_url()), given) {
        Ok(url) => Redirect::to(url.as_str()).into_response(),
        Err(_) => not_found(),
    }
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, page::not_found()).into_response()
}

fn cancelled(subject: &Subject, way: &Way) -> Response {
    match &way.cancel_url {
        Some(url) => Redirect::to(url).into_response(),
        None => page::ended(subject, &Ending::Cancelled, way).into_response(),
    }
}

fn ended(subject: &Subject, played: Result<super::Played, Refusal>, way: &Way) -> Response {
    match played {
        Ok(played) => page::ended(subject, &Ending::of(played), way).into_response(),
        Err(refusal) => {
            let refused = page::ended(subject, &Ending::Refused(refusal.to_string()), way);
            (StatusCode::CONFLICT, refused).into_response()
        }
    }
}

fn order_subject(razorpay: &Razorpay, id: &str, way: &Way) -> Option<Subject> {
    let key = way.key.as_deref();
    razorpay.with_world(|world| {
        let number = world.owner_of_order(id)?;
        let desk = world.desk(number);
        let merchant = &desk.merchant;
        let order = merchant.orders.get(id).filter(|_| key.is_none_or(|key| key == merchant.key_id))?;
        Some(Subject::order(&merchant.name, order, way.is_recurring()))
    })
}

fn qr_subject(razorpay: &Razorpay, id: &str) -> Option<Subject> {
    with_owner_of_qr(razorpay, id, |desk, qr| Subject::qr(&desk.merchant.name, qr))
}

fn with_owner_of_qr<R>(
    razorpay: &Razorpay,
    id: &str,
    work: impl FnOnce(&Desk<'_>, &QrCode) -> R,
) -> Option<R> {
    razorpay.with_world(|world| {
        let number = world.owner_of_qr(id)?;
        let desk = world.desk(number);
        Some(work(&desk, desk.merchant.qr_codes.get(id)?))
    })
}

/// Rupees as a person types them, with at most two decimals, in paise.
fn paise(rupees: &str) -> Option<i64> {
    let (whole, part) = rupees.trim().split_once('.').unwrap_or((rupees.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 10 || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<2}").parse().ok()
}

impl Subject {
    fn order(merchant: &str, order: &Order, recurring: bool) -> Self {
        Self {
            merchant: merchant.to_owned(),
            id: order.id.clone(),
            amount_paise: Some(order.amount_due).filter(|_| order.status != OrderStatus::Paid),
            note: order.receipt.clone(),
            payable: order.status != OrderStatus::Paid,
            mandate_paise: order.token.as_ref().filter(|_| recurring).map(|terms| terms.max_amount),
            picture: None,
        }
    }

    fn qr(merchant: &str, qr: &QrCode) -> Self {
        Self {
            merchant: merchant.to_owned(),
            id: qr.id.clone(),
            amount_paise: qr.payment_amount,
            note: qr.description.clone().or_else(|| qr.name.clone()),
            payable: qr.status == QrStatus::Active,
            mandate_paise: None,
            picture: Some(format!("{}/image", qr.id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rupees_are_read_exactly() {
        let read = ["150", "150.5", "150.05", "0.01", " 7 "].map(paise);
        assert_eq!(read, [Some(15_000), Some(15_050), Some(15_005), Some(1), Some(700)]);
        for bad in ["", ".", "1.234", "-5", "1e9", "12345678901", "१५०", "1,000"] {
            assert_eq!(paise(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_browser_is_sent_to_web_pages_only() {
        let way = |url: &str| Way { callback_url: Some(url.to_owned()), ..Way::default() }.checked();
        assert!(way("https://shop.example/paid?cart=1").callback_url.is_some());
        for bad in ["javascript:alert(1)", "data:text/html,x", "/relative", "ftp://x/"] {
            assert_eq!(way(bad).callback_url, None, "{bad}");
        }
    }
}
