//! Complaints about what is done with people's data, through the whole program.

use chrono::TimeDelta;
use identity::OperatorRole;
use serde_json::{Value, json};

use crate::place::{Browser, Place, has, text};
use crate::story::id;

const WORDS: &str = "a stranger rang me and knew what I buy";
const ANSWER: &str = "We looked: a member of the stall wrote it down. She was told not to.";

fn complaint(words: &str) -> Value {
    json!({ "client_id": id(), "about": "security", "words": words, "language": "hi" })
}

#[tokio::test]
async fn a_complaint_is_answered_once_in_time_by_those_who_may_and_is_sealed() {
    let place = Place::open().await;
    let mut owner = place.account("Chandra", "9876500005").await;
    place.reached_by_mail(&mut owner, "chandra@market.example").await;
    let mut support = place.account("Esha", "9876500007").await;
    let mut finance = place.account("Farid", "9876500008").await;
    place.operate("9876500007", OperatorRole::Support).await;
    place.operate("9876500008", OperatorRole::Finance).await;

    let new = complaint(WORDS);
    let sent = place.done(&mut owner, "POST", "/me/grievances", new.clone()).await;
    let again = place.done(&mut owner, "POST", "/me/grievances", new.clone()).await;
    assert_eq!((&sent, &sent["state"], &sent["words"]), (&again, &json!("received"), &json!(WORDS)));
    // Who guesses the sender's id learns nothing.
    assert_eq!(place.refused(&mut finance, "POST", "/me/grievances", new).await.0, 404);
    assert_eq!(place.done(&mut finance, "GET", "/me/grievances", Value::Null).await["items"], json!([]));
    for words in ["", "  \u{200B} ", &"x".repeat(2_001)] {
        let wrong = place.refused(&mut owner, "POST", "/me/grievances", complaint(words)).await;
        assert_eq!((wrong.0, &wrong.2["field"]), (422, &json!("words")), "{words:?}");
    }

    let list = "/operator/grievances?state=received";
    assert_eq!(place.refused(&mut finance, "GET", list, Value::Null).await.0, 403);
    let listed = place.done(&mut support, "GET", list, Value::Null).await;
    assert_eq!(
        (&listed["items"][0]["number"], &listed["items"][0]["is_overdue"]),
        (&sent["number"], &json!(false))
    );
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    place.test.clock.advance(TimeDelta::days(31));
    let mut support = place.signed_in("9876500007").await;
    let late = place.done(&mut support, "GET", list, Value::Null).await;
    assert_eq!(late["items"][0]["is_overdue"], json!(true));

    let at = format!("/operator/grievances/{}/answer", text(&sent["id"]));
    let mut finance = place.signed_in("9876500008").await;
    assert_eq!(place.refused(&mut finance, "POST", &at, json!({ "answer": ANSWER })).await.0, 403);
    place.letters_are_read().await;
    let answered = place.done(&mut support, "POST", &at, json!({ "answer": ANSWER })).await;
    assert_eq!((&answered["state"], &answered["is_overdue"]), (&json!("answered"), &json!(false)));
    place.done(&mut support, "POST", &at, json!({ "answer": ANSWER })).await;
    let other = place.refused(&mut support, "POST", &at, json!({ "answer": "Something else." })).await;
    assert_eq!((other.0, other.1.as_str()), (409, "grievance-answered"));
    place.work().await;
    assert_eq!(place.mailbox.next().await.subject, "Your complaint was answered");
    place.work().await;
    assert!(place.mailbox.take().is_none(), "the same answer is told once");

    let mut owner = place.signed_in("9876500005").await;
    let mine = place.done(&mut owner, "GET", "/me/grievances", Value::Null).await;
    assert_eq!((&mine["items"][0]["answer"], &mine["answer_days"]), (&json!(ANSWER), &json!(30)));
    let dump = place.dump().await;
    assert!(dump.values().all(|rows| !rows.contains("a stranger rang") && !rows.contains("wrote it down")));
    assert_eq!(dump["audit_acts"].matches("grievances").count(), 4, "asked, looked twice, answered");
    place.confirm(&mut owner).await;
    let (_, files) = place.copy(&mut owner, "/me/exports").await;
    let file = "privacy/grievances.json";
    assert!(has(&files, file, WORDS) && has(&files, file, ANSWER), "{:?}", files.keys());
}

#[tokio::test]
async fn a_phone_complains_by_its_passes_and_five_wait_at_most() {
    let place = Place::open().await;
    let mut owner = place.account("Chandra", "9876500005").await;
    let product = place.stall(&mut owner).await;
    let (mut buyer, mut nobody) = (Browser::default(), Browser::default());
    let at = "/passes/grievances";
    assert_eq!(place.refused(&mut nobody, "POST", at, complaint(WORDS)).await.0, 403);
    place.deal(&mut owner, &mut buyer, &product).await;
    for n in 1..=5 {
        place.done(&mut buyer, "POST", at, complaint(&format!("{WORDS} {n}"))).await;
    }
    let sixth = place.refused(&mut buyer, "POST", at, complaint(WORDS)).await;
    assert_eq!((sixth.0, sixth.1.as_str()), (429, "grievances-waiting"));
    let listed = place.done(&mut buyer, "GET", at, Value::Null).await;
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(5));
    let (_, files) = place.copy(&mut buyer, "/passes/exports").await;
    let file = String::from_utf8_lossy(&files["privacy/grievances.json"]);
    assert_eq!(file.matches(WORDS).count(), 5);
    assert_eq!(place.done(&mut owner, "GET", "/me/grievances", Value::Null).await["items"], json!([]));
    assert!(place.found_in(&[WORDS]).await.is_empty());
}
