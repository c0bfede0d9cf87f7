//! What somebody did not agree to is not done with their words.

use axum::http::StatusCode;
use emulator::bhashini::{Line, Task};
use serde_json::json;

use crate::phone::Phone;
use crate::voices::{Abroad, OFFER, record};

const SAID: &str = "are they fresh from the farm";

pub async fn decide(phone: &mut Phone, path: &str, given: bool) {
    phone.put(path, &json!({"given": given, "notice": 2, "language": "en"})).await.is(StatusCode::OK);
}

/// How often BHASHINI was asked for this.
fn asked(abroad: &Abroad, task: Task) -> usize {
    abroad.bhashini.bhashini().heard().iter().filter(|heard| heard.task == task).count()
}

#[tokio::test]
async fn a_buyers_words_go_to_nobody_elsewhere_until_the_buyer_agrees_and_no_longer() {
    let abroad = Abroad::open().await;
    let market = &abroad.market;
    abroad
        .bhashini
        .bhashini()
        .script([Line::translated("en", SAID, "ta", "அவை பண்ணையிலிருந்து புதியவையா")])
        .unwrap();
    let mut vendor = market.vendor().await;
    let mut buyer = market.phone();
    let token = vendor.code().await;
    let preview = buyer.post("/stall-previews", &json!({"token": token})).await.is(StatusCode::OK);
    let first = &preview["consents"][0];
    assert_eq!(
        (&first["purpose"], &first["recipients"]),
        (&json!("outside_providers"), &json!(["BHASHINI"]))
    );
    // More than is asked is not taken, nor other words than stand.
    for (agreed, why) in [
        (json!([{"purpose": "news", "notice": 1}]), "invalid-field"),
        (json!(vec![json!({"purpose": "kept_recordings", "notice": 2}); 3]), "invalid-field"),
        (json!([{"purpose": "outside_providers", "notice": 3}]), "notice-changed"),
    ] {
        let body = json!({"token": token, "language": "en", "agreed": agreed});
        buyer.post("/visits", &body).await.refused(why);
    }
    let body = json!({"token": token, "language": "en"});
    let entered = buyer.post("/visits", &body).await.is(StatusCode::CREATED);
    assert_eq!(entered["voice"]["recognition"]["how"], "browser", "this machine has no recogniser here");
    let visit = format!("/visits/{}", entered["id"].as_str().unwrap());

    buyer.say(&visit, SAID).await;
    record(&mut buyer, &visit, OFFER, "").await.is(StatusCode::ACCEPTED);
    market.work().await;
    assert_eq!((asked(&abroad, Task::Translation), asked(&abroad, Task::Asr)), (0, 0));
    let read = vendor.messages(&visit).await.into_iter().find(|m| m["text"] == SAID).unwrap();
    assert_eq!(read["made_by"], "not-translated", "in the buyer's own words");
    let path = format!("{visit}/messages/{}/speech", read["id"].as_str().unwrap());
    vendor.get(&path).await.refused("no-voice");
    assert_eq!(asked(&abroad, Task::Tts), 0);

    decide(&mut buyer, "/passes/consents/outside_providers", true).await;
    assert_eq!(buyer.visit(&visit).await["voice"]["recognition"]["how"], "provider:bhashini");
    buyer.say(&visit, SAID).await;
    record(&mut buyer, &visit, OFFER, "").await.is(StatusCode::ACCEPTED);
    market.work().await;
    assert_eq!((asked(&abroad, Task::Translation), asked(&abroad, Task::Asr)), (1, 1));

    decide(&mut buyer, "/passes/consents/outside_providers", false).await;
    buyer.say(&visit, SAID).await;
    market.work().await;
    assert_eq!(asked(&abroad, Task::Translation), 1, "taken back, it counts from the next word on");
}

#[tokio::test]
async fn a_members_words_go_elsewhere_by_that_members_word() {
    let abroad = Abroad::open().await;
    let market = &abroad.market;
    let mut vendor = market.vendor().await;
    decide(&mut vendor, "/me/consents/outside_providers", false).await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    vendor.say(&visit, "அவை புதியவை").await;
    market.work().await;
    assert_eq!(asked(&abroad, Task::Translation), 0);
    // What is put together from what was understood is nobody's own words.
    vendor.offer(&visit, 180_00, "5").await.is(StatusCode::CREATED);
    let offered = buyer.last_message(&visit).await;
    assert!(offered["text"].as_str().unwrap().contains("₹180"), "{offered}");
    let path = format!("{visit}/messages/{}/speech", offered["id"].as_str().unwrap());
    assert_eq!(buyer.get(&path).await.headers["vyapar-made-by"], "provider:bhashini");
}

#[tokio::test]
async fn a_recording_is_kept_only_where_its_speaker_agreed() {
    let abroad = Abroad::open().await;
    let market = &abroad.market;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    abroad.teach(&mut buyer, &visit, OFFER, "five kilos for one fifty").await;
    record(&mut buyer, &visit, OFFER, "").await.is(StatusCode::ACCEPTED);
    market.work().await;
    assert!(market.blobs.list("recordings").await.unwrap().is_empty());
    decide(&mut buyer, "/passes/consents/kept_recordings", true).await;
    record(&mut buyer, &visit, OFFER, "").await.is(StatusCode::ACCEPTED);
    market.work().await;
    assert_eq!(market.blobs.list("recordings").await.unwrap().len(), 1);
}
