//! What each side is told, when, and how far the talk has come.

use axum::http::StatusCode;
use serde_json::{Value, json};
use sync::{Relay, Sender, Signal, SignalKind, Subscriber};
use types::{GuestId, MessageId, TenantId, VisitId};
use uuid::Uuid;

use crate::market::{Market, tells_the_floor};

fn kinds(log: &[(String, Value)]) -> Vec<&str> {
    log.iter().map(|(kind, _)| kind.as_str()).collect()
}

#[tokio::test]
async fn each_side_is_told_in_its_own_language_and_only_what_is_for_it() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let log = market.log_of(&visit, "vendor").await;
    assert_eq!(kinds(&log)[log.len() - 2..], ["message", "buyer_arrived"]);
    assert_eq!(log.last().unwrap().1["unseen"], 1);
    assert_eq!(market.log_of(&visit, "buyer").await.len(), 0);

    buyer.say(&visit, "five kilos for one fifty").await;
    let mine = market.log_of(&visit, "buyer").await;
    assert_eq!(kinds(&mine), ["message", "offer", "read_back"]);
    let theirs = market.log_of(&visit, "vendor").await;
    assert_eq!(
        kinds(&theirs)[theirs.len() - 3..],
        ["message", "offer", "visit"],
        "no question of the buyer's"
    );
    let message = &theirs[theirs.len() - 3].1;
    assert_eq!((&message["language"], &message["made_by"]), (&json!("ta"), &json!("exact")));
    let card = &theirs.last().unwrap().1;
    assert_eq!(card["last_message"]["text"], message["text"]);
    assert_eq!((&card["unseen"], &card["standing"]), (&json!(2), &json!(null)));

    // Unclear talk and answers to the app stay with their speaker.
    let before = market.log_of(&visit, "vendor").await.len();
    buyer.say(&visit, "yes").await;
    let news = market.log_of(&visit, "vendor").await;
    assert_eq!(kinds(&news)[before..], ["offer", "visit"]);
    let question =
        market.log_of(&visit, "buyer").await.into_iter().rfind(|(kind, _)| kind == "read_back").unwrap().1;
    assert_eq!(question["open"], false, "the buyer's other tabs close the question");
}

#[tokio::test]
async fn the_floor_is_in_nothing_that_a_buyer_is_told() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let low = buyer.offer(&visit, 50_00, "5").await.is(StatusCode::CREATED);
    let question = vendor.accept(&visit, &low).await.is(StatusCode::CREATED);
    assert_eq!(question["below_floor"], true);
    vendor.say(&visit, "இல்லை, நூற்று ஐம்பது").await;
    vendor.offer(&visit, 180_00, "5").await.is(StatusCode::CREATED);
    buyer.get("/visits").await.is(StatusCode::OK);
    buyer.messages(&visit).await;
    let log = json!(market.log_of(&visit, "buyer").await).to_string();
    for text in [&buyer.told, &log] {
        assert!(!tells_the_floor(text), "{text}");
    }
    assert!(json!(market.log_of(&visit, "vendor").await).to_string().contains("below_floor"));
}

/// Who listens on either side of a visit.
pub struct Sides {
    pub vendor: Subscriber,
    pub buyer: Subscriber,
    pub visit: VisitId,
}

pub async fn sides(market: &Market, visit: &str) -> Sides {
    let id: Uuid = visit.trim_start_matches("/visits/").parse().unwrap();
    let (tenant, guest): (Uuid, Uuid) =
        sqlx::query_as("select tenant_id, guest_id from visits where id = $1")
            .bind(id)
            .fetch_one(market.test.db.pool())
            .await
            .unwrap();
    let (tenant, guest) = (TenantId::from_uuid(tenant), GuestId::from_uuid(guest));
    Sides {
        vendor: Subscriber::vendor(tenant),
        buyer: Subscriber::guest(tenant, guest),
        visit: VisitId::from_uuid(id),
    }
}

#[tokio::test]
async fn signals_reach_the_other_side_and_seen_is_remembered() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let Sides { vendor: stall, buyer: guest, visit: id } = sides(&market, &visit).await;
    let said = buyer.say(&visit, "hello").await["message"].clone();
    assert_eq!((&said["delivered"], &said["seen"]), (&json!(false), &json!(false)));
    let message_id: MessageId = said["id"].as_str().unwrap().parse().unwrap();
    let signal = |kind, by, message_id| Signal { kind, visit_id: id, by, message_id };

    let typing = signal(SignalKind::Typing, Sender::Buyer, None);
    assert_eq!(market.negotiation.relay(guest, &typing).await.unwrap(), Some(stall));
    let recording = signal(SignalKind::Recording, Sender::Vendor, None);
    assert_eq!(market.negotiation.relay(stall, &recording).await.unwrap(), Some(guest));

    let heard = signal(SignalKind::Heard, Sender::Vendor, Some(message_id));
    assert_eq!(market.negotiation.relay(stall, &heard).await.unwrap(), Some(guest));
    let mine = buyer.last_message(&visit).await;
    assert_eq!((&mine["delivered"], &mine["seen"]), (&json!(true), &json!(false)));
    assert_eq!(vendor.get("/visits").await.is(StatusCode::OK)["items"][0]["unseen"], 2);

    let seen = signal(SignalKind::Seen, Sender::Vendor, Some(message_id));
    market.negotiation.relay(stall, &seen).await.unwrap();
    assert_eq!(buyer.last_message(&visit).await["seen"], true);
    assert_eq!(vendor.get("/visits").await.is(StatusCode::OK)["items"][0]["unseen"], 0);
}

#[tokio::test]
async fn signals_of_strangers_and_about_nothing_are_dropped() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let here = sides(&market, &visit).await;
    let (_, elsewhere) = market.buyer_at(&mut vendor).await;
    let there = sides(&market, &elsewhere).await;
    let mut other = market.vendor_named("9876500000", "Another").await;
    other.sell("Lemon", 20_00, "9", None).await;
    let (_, foreign) = market.buyer_at(&mut other).await;
    let abroad = sides(&market, &foreign).await;
    let typing =
        Signal { kind: SignalKind::Typing, visit_id: here.visit, by: Sender::Buyer, message_id: None };
    for stranger in [there.buyer, abroad.buyer, abroad.vendor] {
        assert_eq!(market.negotiation.relay(stranger, &typing).await.unwrap(), None);
    }
    // A message that one may not read, or that is none.
    let unclear = buyer.say(&visit, "seventy").await["message"].clone();
    let ids = [unclear["id"].as_str().unwrap().parse().unwrap(), MessageId::from_uuid(buyer.fresh())];
    for message_id in ids.into_iter().skip(usize::from(unclear["state"] != "unclear")) {
        let kind = SignalKind::Seen;
        let seen = Signal { kind, visit_id: here.visit, by: Sender::Vendor, message_id: Some(message_id) };
        assert_eq!(market.negotiation.relay(here.vendor, &seen).await.unwrap(), None);
    }
}
