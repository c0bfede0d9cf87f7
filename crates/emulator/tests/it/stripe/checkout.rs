use emulator::stripe::{Authentication, Payment};
use serde_json::json;

use super::store::{Store, answer, header};
use crate::shop::{NOW_S, http, text};

async fn press(url: &str, body: &'static str) -> (u16, Option<String>, String) {
    let request = http().post(url).header("Content-Type", "application/x-www-form-urlencoded");
    let response = request.body(body).send().await.unwrap();
    let (status, location) = (response.status().as_u16(), header(&response, "location"));
    (status, location, response.text().await.unwrap())
}

#[tokio::test]
async fn a_payer_pays_on_the_page_and_goes_back_to_the_shop() {
    let store = Store::open().await;
    let more = [("client_reference_id", "order-17"), ("payment_intent_data[metadata][order]", "17")];
    let session = store.session(&more).await;
    assert_eq!((&session["amount_total"], &session["payment_intent"]), (&json!(75_000), &json!(null)));
    let (url, id) = (text(&session["url"]), text(&session["id"]));
    let page = http().get(&url).send().await.unwrap().text().await.unwrap();
    assert!(
        page.contains("₹750.00") && page.contains("5 × Tomatoes, 1 kg") && page.contains("no money moves")
    );
    let (status, location, _) = press(&url, "card=pm_card_visa&email=asha%40example.com").await;
    assert_eq!((status, location), (303, Some(format!("https://shop.example/paid?session={id}"))));
    let paid = store.get(&format!("/v1/checkout/sessions/{id}?expand[]=payment_intent")).await;
    assert_eq!((&paid["status"], &paid["payment_status"]), (&json!("complete"), &json!("paid")));
    assert_eq!(paid["payment_intent"]["metadata"], json!({ "order": "17" }));
    assert_eq!(paid["customer_details"]["email"], "asha@example.com");
    let told = store.events().await;
    assert_eq!(told.last().map(String::as_str), Some("checkout.session.completed"));
    let (status, location, _) = press(&url, "card=pm_card_visa").await;
    assert_eq!((status, location), (409, None), "a session is paid once");
}

#[tokio::test]
async fn a_declined_payer_is_told_and_tries_another_card() {
    let store = Store::open().await;
    let session = store.session(&[]).await;
    let url = text(&session["url"]);
    let (status, location, page) = press(&url, "card=pm_card_visa_chargeDeclinedInsufficientFunds").await;
    assert_eq!((status, location), (402, None));
    assert!(page.contains("Your card has insufficient funds."));
    let paid = store.stripe().pay(&Payment::of(&text(&session["id"]))).unwrap();
    assert_eq!(paid.session["payment_status"], "paid");
    assert_eq!(store.get("/v1/payment_intents").await["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_banks_page_leads_back_by_the_checkout() {
    let store = Store::open().await;
    let session = store.session(&[]).await;
    let (_, location, _) = press(&text(&session["url"]), "card=pm_card_authenticationRequired").await;
    let bank = location.unwrap();
    assert!(bank.contains("/redirect/authenticate/src_"));
    let asked = http().get(&bank).send().await.unwrap().text().await.unwrap();
    assert!(asked.contains("₹750.00") && asked.contains("Approve"));
    let (_, back, _) = press(&bank, "action=approve").await;
    let back = http().get(back.unwrap()).send().await.unwrap();
    let success = format!("https://shop.example/paid?session={}", text(&session["id"]));
    assert_eq!(header(&back, "location"), Some(success));
    assert_eq!(press(&bank, "action=approve").await.0, 404, "a bank asks once");
    let wrong = bank.split('?').next().unwrap();
    assert_eq!(press(wrong, "action=approve").await.0, 404, "and only who was sent there");
}

#[tokio::test]
async fn a_payer_who_refuses_at_the_bank_may_choose_again() {
    let store = Store::open().await;
    let session = store.session(&[]).await;
    let id = text(&session["id"]);
    let tried = store.stripe().pay(&Payment::of(&id).by("pm_card_authenticationRequired")).unwrap();
    assert!(tried.redirect_url.unwrap().contains("/redirect/authenticate/"));
    let intent = text(&tried.payment_intent["id"]);
    store.stripe().authenticate(&Authentication { payment_intent: intent, approve: false }).unwrap();
    let page = http().get(text(&session["url"])).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("has failed authentication"));
    assert_eq!(store.stripe().pay(&Payment::of(&id)).unwrap().session["status"], "complete");
}

#[tokio::test]
async fn a_session_expires_by_itself_and_by_hand_and_then_takes_no_money() {
    let store = Store::open().await;
    let in_an_hour = (NOW_S + 3_600).to_string();
    let one = text(&store.session(&[("expires_at", &in_an_hour)]).await["id"]);
    let other = text(&store.session(&[]).await["id"]);
    store.advance_s(3_600).await;
    assert_eq!(store.get(&format!("/v1/checkout/sessions/{one}")).await["status"], "expired");
    assert!(store.stripe().pay(&Payment::of(&one)).is_err());
    let path = format!("/v1/checkout/sessions/{other}/expire");
    let expired = store.make(&path, &[]).await;
    assert_eq!((&expired["status"], &expired["url"]), (&json!("expired"), &json!(null)));
    let (status, refused) = store.post(&path, &[]).await;
    assert_eq!(status, 400);
    assert!(text(&refused["error"]["message"]).contains("This Checkout Session has a status of `expired`."));
    assert_eq!(store.events().await, ["checkout.session.expired"; 2]);
}

#[tokio::test]
async fn a_payment_to_capture_later_completes_the_session_unpaid() {
    let store = Store::open().await;
    let session = store.session(&[("payment_intent_data[capture_method]", "manual")]).await;
    let paid = store.stripe().pay(&Payment::of(&text(&session["id"]))).unwrap();
    assert_eq!(
        (&paid.session["status"], &paid.session["payment_status"]),
        (&json!("complete"), &json!("unpaid"))
    );
    store.make(&format!("/v1/payment_intents/{}/capture", text(&paid.payment_intent["id"])), &[]).await;
    let after = store.get(&format!("/v1/checkout/sessions/{}", text(&session["id"]))).await;
    assert_eq!(after["payment_status"], "paid");
}

#[tokio::test]
async fn sessions_are_listed_by_intent_and_their_lines_shown_on_request() {
    let store = Store::open().await;
    let id = text(&store.session(&[]).await["id"]);
    let paid = store.stripe().pay(&Payment::of(&id)).unwrap();
    let intent = text(&paid.payment_intent["id"]);
    let listed =
        store.get(&format!("/v1/checkout/sessions?payment_intent={intent}&expand[]=data.line_items")).await;
    assert_eq!(listed["data"][0]["line_items"]["data"][0]["price"]["unit_amount"], 15_000);
    assert_eq!(store.get(&format!("/v1/checkout/sessions/{id}/line_items")).await["data"][0]["quantity"], 5);
}

#[tokio::test]
async fn a_session_that_makes_no_sense_is_refused() {
    let store = Store::open().await;
    let (status, refused) = answer(store.posting("/v1/checkout/sessions", &[("mode", "payment")])).await;
    assert_eq!((status, &refused["error"]["param"]), (400, &json!("line_items")));
    let soon = (NOW_S + 1_799).to_string();
    let line = [
        ("mode", "payment"),
        ("line_items[0][quantity]", "1"),
        ("line_items[0][price_data][currency]", "inr"),
        ("line_items[0][price_data][unit_amount]", "15000"),
        ("line_items[0][price_data][product_data][name]", "Tomatoes"),
    ];
    for (more, param) in [
        (vec![("success_url", "https://shop.example/"), ("expires_at", soon.as_str())], "expires_at"),
        (vec![("success_url", "javascript:alert(1)")], "success_url"),
        (vec![], "success_url"),
        (vec![("success_url", "https://shop.example/"), ("mode", "setup")], "currency"),
        (vec![("success_url", "https://shop.example/"), ("mode", "lease")], "mode"),
    ] {
        let (status, refused) = store.post("/v1/checkout/sessions", &[line.as_slice(), &more].concat()).await;
        assert_eq!((status, &refused["error"]["param"]), (400, &json!(param)));
    }
}
