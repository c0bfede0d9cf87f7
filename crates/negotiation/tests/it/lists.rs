//! Lists: the vendor's, a phone's, the operator's; each with a fixed number of statements.

use axum::http::StatusCode;
use serde_json::{Value, json};
use testkit::statements;

use crate::market::Market;
use crate::phone::Phone;

/// The answer, and how many statements it took; a connection that is opened meanwhile has some of its own.
async fn counted(phone: &mut Phone, path: &str) -> (Value, usize) {
    let mut fewest = usize::MAX;
    for _ in 0..3 {
        fewest = fewest.min(statements(phone.get(path)).await.1);
    }
    (phone.get(path).await.is(StatusCode::OK), fewest)
}

#[tokio::test]
async fn the_vendors_list_shows_who_waits() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut first, visit) = market.buyer_at(&mut vendor).await;
    first.offer(&visit, 150_00, "5").await.is(StatusCode::CREATED);
    first.say(&visit, "hello").await;
    let (_, empty) = market.buyer_at(&mut vendor).await;
    let cards = vendor.get("/visits").await.is(StatusCode::OK)["items"].clone();
    assert_eq!(format!("/visits/{}", cards[0]["id"].as_str().unwrap()), empty, "the latest news first");
    assert_eq!((&cards[0]["unseen"], &cards[0]["standing"]), (&json!(1), &json!(null)));
    assert_eq!((&cards[1]["unseen"], &cards[1]["standing"]["state"]), (&json!(3), &json!("offered")));
    assert_eq!((&cards[1]["buyer_number"], &cards[1]["last_message"]["by"]), (&json!(1), &json!("buyer")));
    assert_eq!(cards[1].get("stall_name"), None);
    // Whoever answers has seen what came before.
    vendor.say(&visit, "வணக்கம்").await;
    let cards = vendor.get("/visits").await.is(StatusCode::OK)["items"].clone();
    assert_eq!((&cards[0]["buyer_number"], &cards[0]["unseen"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn a_phones_list_names_its_stalls() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let mut other = market.vendor_named("9876500000", "Lemon Corner").await;
    other.sell("Lemon", 20_00, "9", None).await;
    let second = buyer.enter(&other.code().await, "en").await;
    vendor.offer(&visit, 180_00, "5").await.is(StatusCode::CREATED);
    let cards = buyer.get("/visits").await.is(StatusCode::OK)["items"].clone();
    assert_eq!(
        (&cards[0]["stall_name"], &cards[1]["stall_name"]),
        (&json!("Annam Vegetables"), &json!("Lemon Corner"))
    );
    assert_eq!((&cards[0]["unseen"], &cards[1]["unseen"]), (&json!(1), &json!(0)));
    assert_eq!(cards[0]["standing"]["may"]["accept"], true);
    let page = buyer.get("/visits?limit=1").await.is(StatusCode::OK);
    let rest = buyer
        .get(&format!("/visits?limit=1&before={}", page["next"].as_str().unwrap()))
        .await
        .is(StatusCode::OK);
    assert_eq!(format!("/visits/{}", rest["items"][0]["id"].as_str().unwrap()), second);
    assert_eq!(rest.get("next"), None);
    market.phone().get("/visits").await.refused("no-pass");
}

#[tokio::test]
async fn lists_ask_a_fixed_number_of_questions() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    buyer.offer(&visit, 150_00, "5").await.is(StatusCode::CREATED);
    let (_, cards_of_one) = counted(&mut vendor, "/visits").await;
    let (_, said_once) = counted(&mut buyer, &format!("{visit}/messages")).await;
    for number in 0..6 {
        let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
        buyer.offer(&visit, 150_00 + number, "5").await.is(StatusCode::CREATED);
        vendor.say(&visit, "வணக்கம்").await;
    }
    for text in ["hello", "five kilos for one fifty", "yes", "nice weather"] {
        buyer.say(&visit, text).await;
    }
    let (cards, statements_now) = counted(&mut vendor, "/visits").await;
    assert_eq!(cards["items"].as_array().unwrap().len(), 7);
    assert_eq!(statements_now, cards_of_one, "a visit more costs no statement more");
    assert_eq!(
        cards_of_one, 8,
        "the session, visits, words, their translations, offers, products, unseen, orders"
    );
    let (said, statements_now) = counted(&mut buyer, &format!("{visit}/messages")).await;
    assert!(said["items"].as_array().unwrap().len() >= 4);
    assert_eq!(statements_now, said_once);
    assert_eq!(said_once, 4, "the passes, the visit, its messages, their translations");
    let (cards, of_phone) = counted(&mut buyer, "/visits").await;
    assert_eq!((cards["items"].as_array().unwrap().len(), of_phone), (1, 8));
}

#[tokio::test]
async fn the_operator_sees_visits_and_nothing_of_what_was_said() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    buyer.say(&visit, "a secret between us").await;
    let (mut gone, left) = market.buyer_at(&mut vendor).await;
    gone.post(&format!("{left}/leave"), &json!({})).await.is(StatusCode::OK);
    vendor.get("/operator/visits").await.refused("forbidden");
    buyer.get("/operator/visits").await.refused("signed-out");
    let mut operator = market.vendor_named("9876511111", "Office").await;
    market.make_admin("+919876511111").await;
    let (page, count) = counted(&mut operator, "/operator/visits").await;
    assert_eq!(count, 4, "the session, visits, what was looked at before, stalls");
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert_eq!(page["items"][1]["stall_name"], "Annam Vegetables");
    assert!(!operator.told.contains("secret"));
    let page = operator.get("/operator/visits?state=left").await.is(StatusCode::OK);
    assert_eq!(format!("/visits/{}", page["items"][0]["id"].as_str().unwrap()), left);
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    operator.get("/operator/visits?state=drunk").await.refused("bad-request");
    market.later(chrono::TimeDelta::hours(25));
    let page = operator.get("/operator/visits?state=closed").await.is(StatusCode::OK);
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
}
