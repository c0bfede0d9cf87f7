//! Stalls and buyers for stories, and one whole story by text with the vendor's word for the money.

use app::phone::{Phone, Socket, text};
use platform::{Clock, Entropy};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::process::Program;

pub const PASSWORD: &str = "jaggery-tamarind-mint";

/// An id as a client makes it.
pub fn id() -> Uuid {
    Entropy::system().id(Clock::system().now())
}

/// A vendor who reads Tamil and sells 120 kg of tomatoes at ₹40 a kilo.
pub async fn vendor(program: &Program) -> (Phone, String) {
    let mut vendor = program.phone();
    let account = json!({ "phone": "9812345670", "name": "Test", "password": PASSWORD, "language": "ta" });
    vendor.post("/accounts", account).await.unwrap();
    vendor.put("/stall", json!({ "name": "Tomatoes", "language": "ta" })).await.unwrap();
    let price = json!({ "amount": { "minor": 4000, "currency": "INR" }, "per": "1", "unit": "kg" });
    let product = json!({
        "client_id": id(), "name": "Tomato", "language": "en", "lemma": "tomato", "stock": "120", "price": price,
    });
    let product = vendor.post("/products", product).await.unwrap();
    (vendor, text(&product, "/id").unwrap())
}

/// A buyer who scans the stall's code and reads English.
pub async fn buyer(program: &Program, vendor: &mut Phone) -> (Phone, String) {
    let token = text(&vendor.get("/stall/qr").await.unwrap(), "/token").unwrap();
    let mut buyer = program.phone();
    let visit = buyer.post("/visits", json!({ "token": token, "language": "en" })).await.unwrap();
    (buyer, text(&visit, "/id").unwrap())
}

/// "Five kilos for one fifty", typed by the buyer.
pub fn offer_in_words(product: &str) -> Value {
    json!({ "client_id": id(), "text": "five kilos for one fifty", "product_id": product, "via": "typed" })
}

#[tokio::test]
async fn a_deal_without_a_gateway_ends_with_the_vendors_word() {
    let program = Program::start(&[]).await;
    let (mut vendor, product) = vendor(&program).await;
    let (mut buyer, visit) = buyer(&program, &mut vendor).await;
    let mut hears = Socket::open(&mut vendor, None).await.unwrap();
    let at = |rest: &str| format!("/visits/{visit}{rest}");

    let said = buyer.post(&at("/messages"), offer_in_words(&product)).await.unwrap();
    let inert = hears.wait_for("offer", |o| o["state"] == "being_confirmed").await.unwrap();
    assert_eq!((&inert["total"]["minor"], &inert["may"]["accept"]), (&json!(15_000), &json!(false)));
    let question = text(&said, "/read_back/id").unwrap();
    let confirm = |question: String| at(&format!("/read-backs/{question}/confirm"));
    buyer.post(&confirm(question), json!({ "client_id": id() })).await.unwrap();
    hears.wait_for("offer", |o| o["state"] == "offered").await.unwrap();

    let accept = json!({ "client_id": id(), "offer_id": inert["id"] });
    let question = vendor.post(&at("/acceptances"), accept).await.unwrap();
    let settled =
        vendor.post(&confirm(text(&question, "/id").unwrap()), json!({ "client_id": id() })).await.unwrap();
    let order = text(&settled, "/order/id").unwrap();

    let received = json!({ "client_id": id(), "method": "cash" });
    let payment = vendor.post(&format!("/orders/{order}/payment/received"), received).await.unwrap();
    assert_eq!((&payment["state"], &payment["confirmed_by"]), (&json!("paid"), &json!("vendor")));
    hears.wait_for("document", |d| d["order_id"] == order.as_str()).await.unwrap();
    let stock = vendor.get(&format!("/products/{product}")).await.unwrap();
    assert_eq!(stock["stock"]["on_hand"], "115");
    let pdf = buyer.file(&format!("/orders/{order}/document.pdf")).await.unwrap().unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
}

#[tokio::test]
async fn the_private_floor_reaches_no_buyer() {
    let program = Program::start(&[]).await;
    let (mut vendor, product) = vendor(&program).await;
    let floor =
        json!({ "floor": { "amount": { "minor": 3131, "currency": "INR" }, "per": "1", "unit": "kg" } });
    vendor.send(reqwest::Method::PATCH, &format!("/products/{product}"), Some(floor)).await.unwrap();
    let (mut buyer, visit) = buyer(&program, &mut vendor).await;
    let said = buyer.post(&format!("/visits/{visit}/messages"), offer_in_words(&product)).await.unwrap();
    let shown = buyer.get(&format!("/visits/{visit}")).await.unwrap();
    for answer in [said, shown] {
        let text = answer.to_string();
        // The digits alone may stand in an id.
        let told = [":3131", "₹31.31", "floor\":{"].iter().any(|floor| text.contains(floor));
        assert!(!told, "{text}");
    }
}
