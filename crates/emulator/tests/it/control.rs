use emulator::razorpay::{ENDPOINTS_MAX, Endpoint, MERCHANTS_MAX, NewMerchant};
use emulator::{Emulator, Options};
use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::{NOW_S, Receiver, Shop, WEBHOOK_SECRET, answer, http, text};

async fn control(url: &str, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = http().request(method, format!("{url}/_control{path}"));
    answer(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

#[tokio::test]
async fn the_whole_control_api_works_over_http() {
    let (shop, receiver) = (Shop::open().await, Receiver::open().await);
    let url = shop.emulator.razorpay_url();
    let merchant = format!("/merchants/{}", shop.key_id);
    let webhooks = json!([{ "url": receiver.url, "secret": WEBHOOK_SECRET }]);
    assert_eq!(control(url, Method::PUT, &format!("{merchant}/webhooks"), Some(webhooks)).await.0, 204);
    let fault = json!({ "kind": "lose", "event": "order.paid" });
    assert_eq!(control(url, Method::POST, &format!("{merchant}/webhook_faults"), Some(fault)).await.0, 201);
    let (_, faults) = control(url, Method::GET, &format!("{merchant}/webhook_faults"), None).await;
    assert_eq!(faults, json!([{ "event": "order.paid", "times": 1, "kind": "lose" }]));

    let order = shop.order().await;
    let pay = json!({ "order_id": order, "vpa": "ravi@upi", "outcome": { "kind": "success" } });
    let (status, played) = control(url, Method::POST, "/pay", Some(pay)).await;
    assert_eq!((status, &played["payment"]["vpa"]), (200, &json!("ravi@upi")));
    assert_eq!(control(url, Method::POST, "/settle", None).await.0, 204);
    assert_eq!(receiver.events(), ["payment.authorized", "payment.captured"]);
    let (_, deliveries) = control(url, Method::GET, &format!("{merchant}/deliveries"), None).await;
    assert_eq!(deliveries[2]["state"], "lost");
    let resend = format!("/deliveries/{}/resend", deliveries[2]["id"]);
    assert_eq!(control(url, Method::POST, &resend, None).await.0, 202);
    control(url, Method::POST, "/settle", None).await;
    assert_eq!(receiver.events()[2..], ["order.paid"]);

    let (_, clock) = control(url, Method::POST, "/clock", Some(json!({ "advance_ms": 1_500 }))).await;
    assert_eq!(clock, json!({ "now_ms": NOW_S * 1000 + 1_500, "frozen": true }));
    assert_eq!(shop.emulator.clock().now_ms(), NOW_S * 1000 + 1_500);
    assert_eq!(control(url, Method::POST, "/reset", None).await.0, 204);
    let (_, emptied) = control(url, Method::GET, &format!("{merchant}/deliveries"), None).await;
    assert_eq!(emptied, json!([]));
    assert_eq!(shop.get("/v1/orders").await["count"], 0);
}

#[tokio::test]
async fn a_web_page_and_another_machine_are_refused() {
    let shop = Shop::open().await;
    let url = format!("{}/_control/reset", shop.emulator.razorpay_url());
    let from_a_page = http().post(&url).header("Origin", "http://evil.example");
    assert_eq!(answer(from_a_page).await.0, 403);
    // Without a known peer nobody counts as local.
    let router = shop.emulator.razorpay().router();
    let request = axum::http::Request::post("/_control/reset").body(axum::body::Body::empty()).unwrap();
    let mut service = router.into_service::<axum::body::Body>();
    let response = tower_call(&mut service, request).await;
    assert_eq!(response.status().as_u16(), 403);
}

async fn tower_call(
    service: &mut axum::routing::RouterIntoService<axum::body::Body>,
    request: axum::http::Request<axum::body::Body>,
) -> axum::response::Response {
    use axum::extract::connect_info::ConnectInfo;
    let elsewhere: std::net::SocketAddr = "10.1.2.3:5555".parse().unwrap();
    let mut request = request;
    request.extensions_mut().insert(ConnectInfo(elsewhere));
    match tower::Service::call(service, request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

#[tokio::test]
async fn commands_that_do_not_fit_are_refused_with_a_sentence() {
    let shop = Shop::open().await;
    let url = shop.emulator.razorpay_url();
    let merchant = format!("/merchants/{}", shop.key_id);
    for (method, path, body, status) in [
        (Method::POST, "/faults".to_owned(), json!({ "kind": "explode" }), 422),
        (Method::POST, "/faults".to_owned(), json!({ "kind": "status", "status": 200 }), 409),
        (Method::POST, "/faults".to_owned(), json!({ "kind": "delay", "delay_ms": 60_001 }), 409),
        (
            Method::POST,
            format!("{merchant}/webhook_faults"),
            json!({ "kind": "reorder", "times": null }),
            409,
        ),
        (
            Method::POST,
            format!("{merchant}/webhook_faults"),
            json!({ "kind": "duplicate", "copies": 21 }),
            409,
        ),
        (
            Method::PUT,
            format!("{merchant}/webhooks"),
            json!([{ "url": "http://1.1.1.1/", "secret": "s" }]),
            409,
        ),
        (Method::PUT, format!("{merchant}/settings"), json!({ "fee_basis_points": -1 }), 409),
        (Method::PUT, "/merchants/nobody/settings".to_owned(), json!({}), 409),
        (Method::POST, "/pay".to_owned(), json!({ "order_id": "order_00000000000000" }), 409),
        (Method::POST, "/pay".to_owned(), json!({}), 409),
        (Method::POST, "/pay".to_owned(), json!({ "order": "x" }), 422),
        (Method::POST, "/clock".to_owned(), json!({ "advance_ms": 400 * 86_400_000_i64 }), 422),
        (Method::POST, "/deliveries/99/resend".to_owned(), json!({}), 409),
    ] {
        let (got, refusal) = control(url, method, &path, Some(body)).await;
        assert_eq!(got, status, "{path}: {refusal}");
        assert!(!text(&refusal["problem"]).is_empty());
    }
}

#[tokio::test]
async fn merchants_and_webhooks_are_bounded() {
    let shop = Shop::open().await;
    let razorpay = shop.emulator.razorpay();
    let endpoint = Endpoint::new("http://127.0.0.1:1/", "s");
    assert!(razorpay.set_webhooks(&shop.key_id, vec![endpoint.clone(); ENDPOINTS_MAX]).is_ok());
    assert!(razorpay.set_webhooks(&shop.key_id, vec![endpoint; ENDPOINTS_MAX + 1]).is_err());
    let another = |number: usize| NewMerchant { key_id: format!("rzp_test_{number}"), ..NewMerchant::demo() };
    for number in 1..MERCHANTS_MAX {
        razorpay.open_account(another(number)).unwrap();
    }
    assert!(razorpay.open_account(another(0)).is_err());
}

#[tokio::test]
async fn a_reset_starts_the_ids_over_and_does_not_disturb_what_came_after() {
    let shop = Shop::open().await;
    let first = shop.order().await;
    shop.emulator.razorpay().reset();
    assert_eq!(shop.order().await, first);
}

#[tokio::test]
async fn a_stopped_emulator_frees_its_port_and_a_taken_port_is_named() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let address: std::net::SocketAddr =
        emulator.razorpay_url().trim_start_matches("http://").parse().unwrap();
    let taken = Emulator::start(Options { razorpay: address, ..Options::default() }).await;
    let problem = taken.err().unwrap().to_string();
    assert!(problem.starts_with(&format!("cannot listen on {address}")), "{problem}");
    emulator.stop().await;
    let again = Emulator::start(Options { razorpay: address, ..Options::default() }).await.unwrap();
    assert_eq!(again.razorpay_url(), format!("http://{address}"));
}

#[tokio::test]
async fn serving_ends_with_its_shutdown() {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(emulator::serve(Options::default(), async {
        let _ = stopped.await;
    }));
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}
