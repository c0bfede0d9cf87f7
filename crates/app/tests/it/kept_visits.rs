//! Somebody who bargained without an account keeps the visit in the one that they have now, through the whole program.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::place::{BUYERS_WORDS, Browser, NAME, PHONE, Place, UPI, has};

#[tokio::test]
async fn what_a_guest_said_is_in_the_copy_of_who_keeps_the_visit_and_goes_with_the_account() {
    let place = Place::open().await;
    let mut owner = place.account(NAME, PHONE).await;
    let product = place.stall(&mut owner).await;
    let mut phone = Browser::default();
    let (visit, order) = place.deal(&mut owner, &mut phone, &product).await;
    place.done(&mut owner, "POST", &format!("/orders/{order}/hand-over"), Value::Null).await;
    let mut person = place.account("Meena Keeper", "9876500002").await;
    person.0.extend(phone.0.clone());
    let kept = place.done(&mut person, "POST", "/me/visits", Value::Null).await;
    assert_eq!(kept["items"][0]["visit_id"], json!(visit));

    place.confirm(&mut person).await;
    let (_, files) = place.copy(&mut person, "/me/exports").await;
    assert!(has(&files, "negotiation/messages.json", BUYERS_WORDS), "{:?}", files.keys());
    assert!(has(&files, "identity/kept_visits.json", &visit) && has(&files, "orders/orders.json", &order));
    let words: String = files.values().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    assert!(!words.contains(UPI) && !words.contains("765432101234"), "the stall's own is told");

    place.confirm(&mut person).await;
    place.done(&mut person, "PUT", "/me/erasure", Value::Null).await;
    place.test.clock.advance(TimeDelta::hours(49));
    place.work().await;
    let left = place.found_in(&[BUYERS_WORDS, "Meena Keeper", "9876500002"]).await;
    assert!(left.is_empty(), "{left:?}");
    // The stall has its order, and knows that a buyer's words went.
    place.done(&mut owner, "GET", &format!("/orders/{order}"), Value::Null).await;
    let trail = place.done(&mut owner, "GET", "/audit?area=personal_data", Value::Null).await;
    assert_eq!(trail["items"][0]["about_id"], json!(visit));
}
