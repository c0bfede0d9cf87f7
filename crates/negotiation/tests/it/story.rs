//! A deal across two languages, from the scan to the money.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::market::{Market, tells_the_floor};

#[tokio::test]
async fn a_deal_is_closed_across_two_languages() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    assert_eq!(vendor.last_message(&visit).await["by"], "app", "a new buyer is announced to the vendor");

    // The buyer offers in English; the vendor reads Tamil, and can do nothing with it yet.
    let said = buyer.say(&visit, "five kilos for one fifty").await;
    assert_eq!(said["read_back"]["kind"], "offer");
    assert_eq!(said["offer"]["state"], "being_confirmed");
    assert_eq!(said["offer"]["total"]["minor"], 150_00);
    let heard = vendor.last_message(&visit).await;
    assert_eq!((&heard["made_by"], &heard["language"]), (&json!("exact"), &json!("ta")));
    assert!(heard["text"].as_str().unwrap().contains("₹150"), "{heard}");
    assert_eq!(heard["original"]["text"], "five kilos for one fifty");
    let offer = vendor.visit(&visit).await["offers"][0].clone();
    assert_eq!(offer["state"], "being_confirmed");
    assert_eq!(offer["may"], json!({"accept": false, "counter": false, "decline": false, "withdraw": false}));
    vendor.accept(&visit, &offer).await.refused("offer-unconfirmed");

    // Confirmed, it stands; the vendor counters by keypad.
    let settled = buyer.confirm(&visit, &said["read_back"]).await.is(StatusCode::OK);
    assert_eq!(settled["offer"]["state"], "offered");
    let standing = vendor.visit(&visit).await["standing"].clone();
    assert_eq!(standing["may"], json!({"accept": true, "counter": true, "decline": true, "withdraw": false}));
    let counter = vendor.offer(&visit, 180_00, "5").await.is(StatusCode::CREATED);
    assert_eq!((&counter["state"], &counter["counters"]), (&json!("offered"), &standing["id"]));
    let seen = buyer.visit(&visit).await;
    assert_eq!(seen["standing"]["id"], counter["id"]);
    assert_eq!(seen["offers"][1]["state"], "countered");

    // The buyer agrees through the read-back; the order opens and holds the stock.
    let question = buyer.accept(&visit, &counter).await.is(StatusCode::CREATED);
    assert_eq!(question["kind"], "accept");
    assert!(question["text"].as_str().unwrap().contains("₹180"), "{question}");
    let settled = buyer.confirm(&visit, &question).await.is(StatusCode::OK);
    assert_eq!(settled["order"]["total"]["minor"], 180_00);
    assert_eq!(settled["offer"]["state"], "accepted");
    let stock = vendor.get("/products").await.is(StatusCode::OK)["items"][0]["stock"].clone();
    assert_eq!((&stock["held"], &stock["available"]), (&json!("5"), &json!("115")));

    // The vendor saw the money; both hear of it in their own language.
    let order = settled["order"]["id"].as_str().unwrap().to_owned();
    market.work().await;
    let cash = json!({"client_id": vendor.fresh(), "method": "cash"});
    vendor.post(&format!("/orders/{order}/payment/received"), &cash).await.is(StatusCode::OK);
    market.work().await;
    market.later(TimeDelta::seconds(1));
    market.work().await;
    assert_eq!(buyer.visit(&visit).await["order"]["state"], "paid");
    assert_eq!(buyer.last_message(&visit).await["text"], "₹180 has been paid.");
    let told = vendor.last_message(&visit).await;
    assert!(told["text"].as_str().unwrap().contains("₹180") && told["language"] == "ta", "{told}");
    let (kind, card) =
        market.log_of(&visit, "vendor").await.into_iter().rfind(|(kind, _)| kind == "visit").unwrap();
    assert_eq!((kind.as_str(), &card["order"]["state"]), ("visit", &json!("paid")));

    // What the vendor keeps private never left.
    let log = market.log_of(&visit, "buyer").await;
    for text in [&buyer.told, &json!(log.iter().map(|(_, data)| data).collect::<Vec<_>>()).to_string()] {
        assert!(!tells_the_floor(text));
    }
}

#[tokio::test]
async fn a_written_yes_to_the_read_back_confirms_and_agrees() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    buyer.say(&visit, "five kilos for one fifty").await;
    let said = buyer.say(&visit, "yes").await;
    assert_eq!(said["offer"]["state"], "offered");
    assert_eq!(vendor.messages(&visit).await.len(), 2, "a yes to the app is not said to the vendor");

    // "சரி": the vendor takes it, hears the deal, and says yes.
    let said = vendor.say(&visit, "சரி").await;
    assert_eq!(said["read_back"]["kind"], "accept", "{said}");
    let said = vendor.say(&visit, "ஆமா").await;
    assert_eq!(said["order"]["total"]["minor"], 150_00, "{said}");
    assert_eq!(buyer.visit(&visit).await["order"]["total"]["minor"], 150_00);
}

#[tokio::test]
async fn the_price_on_the_tag_can_be_taken_and_a_further_deal_joins_the_order() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let product = buyer.product(&visit).await;
    let wanted = |client_id, kilos: &str| json!({"client_id": client_id, "product_id": product, "quantity": kilos, "quantity_unit": "kg"});
    let body = wanted(buyer.fresh(), "2");
    let question = buyer.post(&format!("{visit}/acceptances"), &body).await.is(StatusCode::CREATED);
    let first = buyer.confirm(&visit, &question).await.is(StatusCode::OK);
    assert_eq!(first["order"]["total"]["minor"], 80_00);
    let body = wanted(buyer.fresh(), "1");
    let question = buyer.post(&format!("{visit}/acceptances"), &body).await.is(StatusCode::CREATED);
    let second = buyer.confirm(&visit, &question).await.is(StatusCode::OK);
    assert_eq!(second["order"]["id"], first["order"]["id"]);
    assert_eq!(second["order"]["total"]["minor"], 120_00);

    let body = wanted(vendor.fresh(), "1");
    vendor.post(&format!("{visit}/acceptances"), &body).await.refused("forbidden");
}

#[tokio::test]
async fn more_than_there_is_cannot_be_agreed_and_the_offer_stays() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let offer = vendor.offer(&visit, 4000_00, "121").await.is(StatusCode::CREATED);
    let question = buyer.accept(&visit, &offer).await.is(StatusCode::CREATED);
    buyer.confirm(&visit, &question).await.refused("out-of-stock");
    let after = buyer.visit(&visit).await;
    assert_eq!(after["order"], Value::Null);
    assert_eq!(after["standing"]["id"], offer["id"]);
    assert_eq!(after["read_back"]["id"], question["id"], "the question is still open");
}

#[tokio::test]
async fn each_side_may_change_its_language_in_the_middle() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let said = buyer.say(&visit, "five kilos for one fifty").await;
    let asked = said["read_back"]["text"].as_str().unwrap().to_owned();
    let changed = buyer.patch(&visit, &json!({"language": "hi"})).await.is(StatusCode::OK);
    assert_eq!(changed["buyer_language"], "hi");
    assert_eq!(changed["voice"]["speech"]["how"], "off");
    assert_ne!(changed["read_back"]["text"], asked, "the open question is put in the new language");
    let first = buyer.last_message(&visit).await;
    assert_eq!((&first["language"], &first["made_by"]), (&json!("hi"), &json!("exact")));
    let changed = vendor.patch(&visit, &json!({"language": "te"})).await.is(StatusCode::OK);
    assert_eq!(changed["vendor_language"], "te");
    let told = market.log_of(&visit, "buyer").await;
    let (kind, data) = told.last().unwrap();
    assert_eq!((kind.as_str(), &data["vendor_language"]), ("visit", &json!("te")), "the buyer is told");
    vendor.patch(&visit, &json!({"language": "xx"})).await.refused("invalid-field");
}
