//! What binds, what does not, and who may do what with an offer.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;

use crate::market::{FLOOR_MINOR, Market};

#[tokio::test]
async fn what_is_unclear_is_asked_and_not_sent() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    vendor.sell("Lemon", 20_00, "40", None).await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    // Two products: which one is meant?
    let said = buyer.say(&visit, "fifty rupees kilo will you give").await;
    assert_eq!(said["message"]["state"], "unclear");
    assert_eq!(said["read_back"]["kind"], "product");
    assert_eq!(said["read_back"]["choices"].as_array().unwrap().len(), 2);
    assert_eq!(vendor.messages(&visit).await.len(), 1, "the vendor reads nothing of it");
    assert_eq!(vendor.visit(&visit).await["offers"], json!([]));
    // Named, it is an offer, and is read back like any other.
    let said = buyer.say(&visit, "tomato").await;
    assert_eq!(said["read_back"]["kind"], "offer", "{said}");
    assert_eq!(vendor.last_message(&visit).await["original"]["text"], "fifty rupees kilo will you give");
}

#[tokio::test]
async fn a_number_that_may_have_been_misheard_is_offered_as_a_choice() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let said = buyer.send(&visit, "five kilos for one fifty", "browser").await.is(StatusCode::CREATED);
    let choices = said["read_back"]["choices"].as_array().unwrap().clone();
    assert!(choices.iter().any(|c| c.as_str().unwrap().contains("₹115")), "{choices:?}");
    let place = choices.iter().position(|c| c.as_str().unwrap().contains("₹115")).unwrap();
    let path = format!("{visit}/read-backs/{}/confirm", said["read_back"]["id"].as_str().unwrap());
    let client_id = buyer.fresh();
    buyer.post(&path, &json!({"client_id": client_id, "choice": 9})).await.refused("no-such-choice");
    let settled =
        buyer.post(&path, &json!({"client_id": client_id, "choice": place})).await.is(StatusCode::OK);
    assert_eq!(settled["offer"]["state"], "offered");
    assert_eq!(settled["offer"]["total"]["minor"], 115_00);
    let again = buyer.post(&path, &json!({"client_id": client_id, "choice": place})).await.is(StatusCode::OK);
    assert_eq!(again["offer"]["id"], settled["offer"]["id"]);
    let read = vendor.last_message(&visit).await;
    assert!(read["text"].as_str().unwrap().contains("₹115"), "the vendor reads what was confirmed: {read}");
    assert_eq!(read["client_id"], said["message"]["client_id"]);
    assert!(buyer.last_message(&visit).await["text"].as_str().unwrap().contains("₹115"));
}

#[tokio::test]
async fn a_choice_is_of_the_product_that_was_talked_about_when_it_was_asked() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let lemon = vendor.sell("Lemon", 20_00, "40", None).await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let tomato = buyer.product(&visit).await;
    let say = |id, text: &str, product: &str| json!({"client_id": id, "text": text, "product_id": product, "via": "typed"});
    let path = format!("{visit}/messages");
    let body = say(buyer.fresh(), "fifteen fifty", &tomato);
    let said = buyer.post(&path, &body).await.is(StatusCode::CREATED);
    assert_eq!(said["read_back"]["kind"], "which", "{said}");
    let choices = said["read_back"]["choices"].to_string();
    assert!(choices.contains("omato"), "what is chosen is said whole: {choices}");
    // The talk turns to something else before the buyer has answered.
    let body = say(vendor.fresh(), "lemons are fresh today", &lemon);
    vendor.post(&path, &body).await.is(StatusCode::CREATED);
    let confirm = format!("{visit}/read-backs/{}/confirm", said["read_back"]["id"].as_str().unwrap());
    let body = json!({"client_id": buyer.fresh(), "choice": 1});
    let settled = buyer.post(&confirm, &body).await.is(StatusCode::OK);
    assert_eq!(settled["offer"]["product_id"], tomato.as_str(), "{settled}");
    assert_eq!(
        (&settled["offer"]["state"], &settled["offer"]["price"]["amount"]["minor"]),
        (&json!("offered"), &json!(15_50))
    );
    let read = vendor.last_message(&visit).await;
    assert!(read["text"].as_str().unwrap().contains("தக்காளி"), "{read}");
}

#[tokio::test]
async fn a_choice_is_of_the_very_product_though_another_goes_by_its_name() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let native = vendor.sell("Nati tomato", 60_00, "40", None).await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let body = json!({"client_id": buyer.fresh(), "text": "five kilos for one fifty", "product_id": native, "via": "browser"});
    let said = buyer.post(&format!("{visit}/messages"), &body).await.is(StatusCode::CREATED);
    assert_eq!(said["offer"]["product_id"], native.as_str());
    let choices = said["read_back"]["choices"].as_array().unwrap();
    let place = choices.iter().position(|c| c.as_str().unwrap().contains("₹115")).unwrap();
    let confirm = format!("{visit}/read-backs/{}/confirm", said["read_back"]["id"].as_str().unwrap());
    let body = json!({"client_id": buyer.fresh(), "choice": place});
    let settled = buyer.post(&confirm, &body).await.is(StatusCode::OK);
    assert_eq!(settled["offer"]["product_id"], native.as_str(), "{settled}");
    assert_eq!(
        (&settled["offer"]["state"], &settled["offer"]["total"]["minor"]),
        (&json!("offered"), &json!(115_00))
    );
}

#[tokio::test]
async fn a_no_to_the_read_back_was_never_said() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let said = buyer.say(&visit, "five kilos for one fifty").await;
    let path = format!("{visit}/read-backs/{}/dismiss", said["read_back"]["id"].as_str().unwrap());
    for _ in 0..2 {
        buyer.post(&path, &json!({})).await.is(StatusCode::NO_CONTENT);
    }
    let after = vendor.visit(&visit).await;
    assert_eq!(after["offers"][0]["state"], "withdrawn");
    assert_eq!((&after["offers"][0]["confirmed"], &after["standing"]), (&json!(false), &json!(null)));
    buyer.confirm(&visit, &said["read_back"]).await.refused("question-over");
    // Somebody else's question is nobody's business.
    vendor.confirm(&visit, &said["read_back"]).await.refused("not-found");
}

#[tokio::test]
async fn ones_own_offer_and_one_that_is_over_are_refused() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let first = buyer.offer(&visit, 150_00, "5").await.is(StatusCode::CREATED);
    buyer.accept(&visit, &first).await.refused("own-offer");
    let decline =
        |offer: &serde_json::Value| format!("{visit}/offers/{}/decline", offer["id"].as_str().unwrap());
    let withdraw =
        |offer: &serde_json::Value| format!("{visit}/offers/{}/withdraw", offer["id"].as_str().unwrap());
    buyer.post(&decline(&first), &json!({})).await.refused("own-offer");
    vendor.post(&withdraw(&first), &json!({})).await.refused("their-offer");
    for _ in 0..2 {
        let declined = vendor.post(&decline(&first), &json!({})).await.is(StatusCode::OK);
        assert_eq!(declined["state"], "declined");
    }
    vendor.accept(&visit, &first).await.refused("offer-over");

    let second = buyer.offer(&visit, 160_00, "5").await.is(StatusCode::CREATED);
    let question = vendor.accept(&visit, &second).await.is(StatusCode::CREATED);
    buyer.post(&withdraw(&second), &json!({})).await.is(StatusCode::OK);
    vendor.confirm(&visit, &question).await.refused("question-over");
    assert_eq!(vendor.visit(&visit).await["read_back"], json!(null), "its question is over with it");

    let third = vendor.offer(&visit, 170_00, "5").await.is(StatusCode::CREATED);
    market.later(TimeDelta::minutes(31));
    buyer.accept(&visit, &third).await.refused("offer-expired");
    market.work().await;
    let (kind, data) =
        market.log_of(&visit, "buyer").await.into_iter().rfind(|(kind, _)| kind == "offer").unwrap();
    assert_eq!((kind.as_str(), &data["state"]), ("offer", &json!("expired")), "both are told");
    assert!(buyer.offer(&visit, 150_00, "5").await.status.is_success(), "a fresh one stands");
}

#[tokio::test]
async fn an_offer_that_nobody_confirms_lapses_with_its_question() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let said = buyer.say(&visit, "five kilos for one fifty").await;
    market.later(TimeDelta::minutes(5));
    buyer.confirm(&visit, &said["read_back"]).await.refused("question-over");
    market.work().await;
    let log = market.log_of(&visit, "vendor").await;
    let offer = log.iter().rfind(|(kind, _)| kind == "offer").unwrap();
    assert_eq!(offer.1["state"], "expired", "the vendor is told");
    assert_eq!(buyer.visit(&visit).await["read_back"], json!(null));
    buyer.offer(&visit, 150_00, "5").await.is(StatusCode::CREATED);
}

#[tokio::test]
async fn of_many_products_any_can_be_named() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    for name in ["Onion", "Potato", "Carrot", "Cabbage", "Garlic"] {
        vendor.sell(name, 40_00, "20", None).await;
    }
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let said = buyer.say(&visit, "fifty rupees kilo will you give").await;
    assert_eq!(said["read_back"]["choices"].as_array().unwrap().len(), 4, "four are offered");
    let said = buyer.say(&visit, "garlic").await;
    assert_eq!(
        (&said["read_back"]["kind"], &said["offer"]["product_name"]),
        (&json!("offer"), &json!("Garlic"))
    );
}

#[tokio::test]
async fn an_offer_of_another_visit_or_stall_is_not_there() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let (mut other, elsewhere) = market.buyer_at(&mut vendor).await;
    let offer = vendor.offer(&visit, 180_00, "5").await.is(StatusCode::CREATED);
    other.accept(&elsewhere, &offer).await.refused("not-found");
    other.accept(&visit, &offer).await.refused("no-pass");
    buyer.accept(&elsewhere, &offer).await.refused("no-pass");
    let mut stranger = market.vendor_named("9876500000", "Another").await;
    stranger.accept(&visit, &offer).await.refused("not-found");
}

#[tokio::test]
async fn below_the_floor_the_vendor_alone_is_warned() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let offer = buyer.offer(&visit, FLOOR_MINOR * 5 - 1, "5").await.is(StatusCode::CREATED);
    assert_eq!(offer.get("below_floor"), None);
    assert_eq!(vendor.visit(&visit).await["standing"]["below_floor"], true);
    let question = vendor.accept(&visit, &offer).await.is(StatusCode::CREATED);
    assert_eq!(question["below_floor"], true);
    vendor.confirm(&visit, &question).await.is(StatusCode::OK);
    assert!(!buyer.told.contains("floor"));
    let fair = buyer.offer(&visit, FLOOR_MINOR * 5, "5").await.is(StatusCode::CREATED);
    assert_eq!(fair["state"], "offered");
    assert_eq!(vendor.visit(&visit).await["standing"].get("below_floor"), None);
}

#[tokio::test]
async fn a_price_that_changes_under_the_read_back_is_looked_at_again() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let product = buyer.product(&visit).await;
    let body =
        json!({"client_id": buyer.fresh(), "product_id": product, "quantity": "2", "quantity_unit": "kg"});
    let question = buyer.post(&format!("{visit}/acceptances"), &body).await.is(StatusCode::CREATED);
    let dearer = json!({"price": crate::phone::price(45_00, "1")});
    vendor.patch(&format!("/products/{product}"), &dearer).await.is(StatusCode::OK);
    buyer.confirm(&visit, &question).await.refused("deal-changed");
    // Off the shelf, it cannot be agreed on at all; what was said of it keeps its name.
    let offer = vendor.offer(&visit, 90_00, "2").await.is(StatusCode::CREATED);
    vendor.patch(&format!("/products/{product}"), &json!({"hidden": true})).await.is(StatusCode::OK);
    buyer.accept(&visit, &offer).await.refused("not-found");
    let seen = buyer.visit(&visit).await;
    assert_eq!((&seen["products"], &seen["offers"][0]["product_name"]), (&json!([]), &json!("Tomato")));
}
