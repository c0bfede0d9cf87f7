//! Bad input: each gets a clear answer, and nothing is lost by it.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::market::Market;
use crate::phone::price;

#[tokio::test]
async fn text_that_is_too_long_or_empty_is_refused() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    buyer.send(&visit, &"x".repeat(100_000), "typed").await.refused("too-large");
    let long = buyer.send(&visit, &"த".repeat(501), "typed").await.refused("invalid-field");
    assert_eq!(long["field"], "text");
    for empty in ["", "   ", "\0\u{1}", "\u{202E}", "\u{200D}"] {
        buyer.send(&visit, empty, "typed").await.refused("invalid-field");
    }
    assert_eq!(vendor.messages(&visit).await.len(), 1, "nothing of it was said");
    assert_eq!(buyer.say(&visit, &"த".repeat(500)).await["message"]["state"], "heard");
}

#[tokio::test]
async fn control_characters_and_direction_tricks_do_not_reach_the_other_screen() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let said = buyer.say(&visit, "five kilos\u{0} for \u{202E}051\u{202C} rupees\r\n\u{7}ok").await;
    assert_eq!(said["message"]["text"], "five kilos for 051 rupees ok");
    assert_ne!(said["offer"]["total"]["minor"], 150_00, "what is read is what is shown");
    let said = buyer.say(&visit, "<script>alert(1)</script> '; drop table offers; --").await;
    assert_eq!(said["message"]["text"], "<script>alert(1)</script> '; drop table offers; --");
    let read = vendor.last_message(&visit).await;
    assert_eq!((&read["made_by"], &read["language"]), (&json!("not-translated"), &json!("en")));
}

#[tokio::test]
async fn impossible_prices_and_amounts_are_refused() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let product = buyer.product(&visit).await;
    let client_id = buyer.fresh();
    let offer = |price: Value, quantity: Value, unit: &str| json!({"client_id": client_id, "product_id": product, "price": price, "quantity": quantity, "quantity_unit": unit});
    let path = format!("{visit}/offers");
    for (bad, field) in [
        (offer(price(0, "1"), json!("1"), "kg"), "price"),
        (offer(price(-100, "1"), json!("1"), "kg"), "price"),
        (offer(price(1_000_000_000_000, "1"), json!("1"), "kg"), "price"),
        (offer(price(100, "0"), json!("1"), "kg"), "price"),
        (offer(price(100, "1"), json!("-1"), "kg"), "quantity"),
        (offer(price(100, "1"), json!("NaN"), "kg"), "quantity"),
        (offer(price(100, "1"), json!("1000000000000"), "kg"), "quantity"),
        (offer(price(100, "1"), json!(1.5), "kg"), "quantity"),
        (offer(price(100, "1"), json!("1"), "stone"), "quantity_unit"),
    ] {
        let problem = buyer.post(&path, &bad).await.refused("invalid-field");
        assert_eq!(problem["field"], field, "{problem}");
    }
    for impossible in [
        offer(price(100, "1"), json!("0"), "kg"),
        offer(price(100, "1"), json!("1"), "litre"),
        offer(
            json!({"amount": {"minor": 100, "currency": "INR"}, "per": "1", "unit": "litre"}),
            json!("1"),
            "litre",
        ),
        offer(price(10_000_000_000, "1"), json!("9999999.999"), "kg"),
        offer(price(1, "9999999"), json!("0.001"), "kg"),
    ] {
        buyer.post(&path, &impossible).await.refused("bad-price");
    }
    let mut unknown = offer(price(100, "1"), json!("1"), "kg");
    unknown["product_id"] = json!(buyer.fresh());
    buyer.post(&path, &unknown).await.refused("not-found");
    assert_eq!(buyer.visit(&visit).await["offers"], json!([]));
    // Spoken, they are no offers either.
    for text in ["five kilos for zero rupees", "five kilos for NaN", "five kilos for 1000000000000 rupees"] {
        let said = buyer.say(&visit, text).await;
        assert_eq!(said.get("offer"), None, "{text}: {said}");
    }
}

#[tokio::test]
async fn acceptances_say_what_they_mean() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let product = buyer.product(&visit).await;
    let path = format!("{visit}/acceptances");
    let id = buyer.fresh();
    let problem = buyer.post(&path, &json!({"client_id": id})).await.refused("invalid-field");
    assert_eq!(problem["field"], "offer_id");
    let half = json!({"client_id": id, "product_id": product, "quantity": "2"});
    assert_eq!(buyer.post(&path, &half).await.refused("invalid-field")["field"], "quantity_unit");
    let none = json!({"client_id": id, "product_id": product, "quantity": "0", "quantity_unit": "kg"});
    buyer.post(&path, &none).await.refused("bad-price");
    let wrong = json!({"client_id": id, "product_id": product, "quantity": "2", "quantity_unit": "litre"});
    buyer.post(&path, &wrong).await.refused("bad-price");
}

#[tokio::test]
async fn sound_that_is_none_is_refused_at_the_door() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let silence = voice::audio::wav(&vec![0.0; 16_000]);
    let zip = [b"PK\x03\x04".as_slice(), &[7; 400]].concat();
    let mut promises = voice::audio::wav(&[0.1; 160]);
    promises[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    promises[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    for (bytes, slug) in [
        (Vec::new(), "audio-empty"),
        (silence, "audio-silent"),
        (zip, "audio-unreadable"),
        (vec![b'x'; 13_000_000], "too-large"),
    ] {
        let path = format!("{visit}/recordings?client_id={}", buyer.fresh());
        buyer.call(Method::POST, &path, Some(("audio/webm", bytes.into()))).await.refused(slug);
    }
    let path = format!("{visit}/recordings?client_id={}", buyer.fresh());
    let answer = buyer.call(Method::POST, &path, Some(("audio/wav", promises.into()))).await;
    assert!(answer.status.is_client_error(), "{}", answer.body);
    buyer.call(Method::POST, &format!("{visit}/recordings"), None).await.refused("bad-request");
    assert_eq!(buyer.messages(&visit).await, Vec::<Value>::new());
    assert!(market.blobs.list("recordings").await.unwrap().is_empty());
    assert_eq!(buyer.get(&visit).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_sound_of_somebody_without_a_pass_is_not_even_read() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (buyer, visit) = market.buyer_at(&mut vendor).await;
    let (mut stranger, _) = market.buyer_at(&mut vendor).await;
    let path = format!("{visit}/recordings?client_id={}", buyer.fresh());
    let huge = vec![b'x'; 13_000_000];
    stranger.call(Method::POST, &path, Some(("audio/webm", huge.into()))).await.refused("no-pass");
}
