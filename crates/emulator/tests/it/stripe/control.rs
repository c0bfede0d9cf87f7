use reqwest::Method;
use serde_json::{Value, json};

use super::store::{Receiver, Store, WEBHOOK_SECRET, answer};
use crate::shop::{NOW_S, http, text};

async fn control(store: &Store, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = http().request(method, format!("{}/_control{path}", store.emulator.stripe_url()));
    answer(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

#[tokio::test]
async fn everything_can_be_done_over_http() {
    let (store, receiver) = (Store::open().await, Receiver::open().await);
    let account = format!("/accounts/{}", store.key);
    let post = |path: &'static str, body: Value| control(&store, Method::POST, path, Some(body));
    let mut settings = control(&store, Method::GET, &format!("{account}/settings"), None).await.1;
    settings["fee_fixed_minor"] = 0.into();
    let set = control(&store, Method::PUT, &format!("{account}/settings"), Some(settings)).await;
    assert_eq!(set.0, 204);
    let webhooks = json!([{ "url": receiver.url, "secret": WEBHOOK_SECRET }]);
    assert_eq!(control(&store, Method::PUT, &format!("{account}/webhooks"), Some(webhooks)).await.0, 204);
    let lose = json!({ "kind": "lose", "event": "charge.succeeded" });
    assert_eq!(control(&store, Method::POST, &format!("{account}/webhook_faults"), Some(lose)).await.0, 201);

    let session = text(&store.session(&[]).await["id"]);
    let (_, tried) =
        post("/pay", json!({ "session": session, "card": "pm_card_authenticationRequired" })).await;
    let intent = text(&tried["payment_intent"]["id"]);
    let (_, paid) = post("/authenticate", json!({ "payment_intent": intent, "approve": true })).await;
    assert_eq!(paid["status"], "succeeded");
    let (_, dispute) = post("/disputes", json!({ "charge": paid["latest_charge"] })).await;
    let (_, won) = post("/disputes/decide", json!({ "dispute": dispute["id"], "won": true })).await;
    assert_eq!(won["status"], "won");
    assert_eq!(post("/settle", json!({})).await.0, 204);

    let (_, deliveries) = control(&store, Method::GET, &format!("{account}/deliveries"), None).await;
    let lost = deliveries.as_array().unwrap().iter().find(|delivery| delivery["state"] == "lost").unwrap();
    assert!(!receiver.events().contains(&"charge.succeeded".to_owned()));
    let resend = format!("/deliveries/{}/resend", lost["id"]);
    assert_eq!(control(&store, Method::POST, &resend, None).await.0, 202);
    post("/settle", json!({})).await;
    assert!(receiver.events().contains(&"charge.succeeded".to_owned()));
    let (_, moved) = post("/clock", json!({ "advance_ms": 1_000 })).await;
    assert_eq!(moved["now_ms"], (NOW_S + 1) * 1_000);
    let path = format!("/v1/charges/{}?expand[]=balance_transaction", text(&paid["latest_charge"]));
    assert_eq!(store.get(&path).await["balance_transaction"]["fee"], 2_175);
    let (_, calls) = control(&store, Method::GET, "/calls", None).await;
    assert_eq!(calls[0]["path"], "/v1/checkout/sessions");
    assert_eq!(post("/reset", json!({})).await.0, 204);
    assert_eq!(store.events().await, [""; 0]);
}

#[tokio::test]
async fn commands_that_cannot_be_carried_out_are_refused_with_a_sentence() {
    let store = Store::open().await;
    for (path, body, status) in [
        ("/pay", json!({ "session": "cs_test_nothing" }), 409),
        ("/pay", json!({ "session": "cs_test_nothing", "card": "pm_card_nonsense" }), 409),
        ("/authenticate", json!({ "payment_intent": "pi_nothing", "approve": true }), 409),
        ("/disputes", json!({ "charge": "ch_nothing" }), 409),
        ("/disputes/decide", json!({ "dispute": "du_nothing", "won": true }), 409),
        ("/accounts", json!({ "secret_key": "rzp_test_1", "name": "Wrong" }), 409),
        ("/faults", json!({ "kind": "status", "status": 200 }), 409),
        ("/pay", json!({ "colour": "red" }), 422),
    ] {
        let (answered, problem) = control(&store, Method::POST, path, Some(body)).await;
        assert_eq!(answered, status, "{path}");
        assert!(!text(&problem["problem"]).is_empty());
    }
    let page = http().post(format!("{}/_control/reset", store.emulator.stripe_url()));
    assert_eq!(answer(page.header("Origin", "http://shop.example")).await.0, 403);
}

#[tokio::test]
async fn accounts_do_not_see_each_others_payments() {
    let mut store = Store::open().await;
    let intent = store.paid("pm_card_visa").await;
    let opened = json!({ "secret_key": "sk_test_another", "name": "Another" });
    assert_eq!(control(&store, Method::POST, "/accounts", Some(opened)).await.0, 201);
    store.key = "sk_test_another".to_owned();
    let path = format!("/v1/payment_intents/{}", text(&intent["id"]));
    assert_eq!(answer(store.request(Method::GET, &path)).await.0, 404);
    assert_eq!(store.get("/v1/charges").await["data"], json!([]));
}
