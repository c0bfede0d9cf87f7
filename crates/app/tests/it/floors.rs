//! The lowest price a vendor agrees to: set while nobody looks, moved by whoever shows that it is they.

use serde_json::{Value, json};

use crate::place::Place;

fn floor(minor: i64) -> Value {
    json!({ "floor": { "amount": { "minor": minor, "currency": "INR" }, "per": "1", "unit": "kg" } })
}

#[tokio::test]
async fn whoever_finds_an_open_phone_does_not_lower_a_floor_and_its_owner_does() {
    let place = Place::open().await;
    let mut owner = place.account("Meena", "9876500081").await;
    place.confirm(&mut owner).await;
    let product = format!("/products/{}", place.stall(&mut owner).await);
    place.test.clock.advance(chrono::TimeDelta::minutes(11));
    place.done(&mut owner, "PATCH", &product, floor(3000)).await;
    let refused = place.refused(&mut owner, "PATCH", &product, floor(1000)).await;
    assert_eq!((refused.0, refused.1.as_str()), (403, "confirm-again"));
    let seen = place.done(&mut owner, "GET", &product, Value::Null).await;
    assert_eq!(seen["floor"], floor(3000)["floor"]);
    place.confirm(&mut owner).await;
    place.done(&mut owner, "PATCH", &product, floor(2500)).await;
    let bare = place.done(&mut owner, "PATCH", &product, json!({ "floor": null })).await;
    assert!(bare.get("floor").is_none(), "{bare}");
}
