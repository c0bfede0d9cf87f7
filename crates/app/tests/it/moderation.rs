//! Reports, from a buyer's and a vendor's screen to whoever keeps order and back: seen for a reason that is kept, decided once, told
//! to both sides; a stall that is closed takes no new visits and brings to its end what was begun.

use app::phone::text;
use chrono::TimeDelta;
use identity::OperatorRole;
use platform::jobs::{Draft, Job, Jobs};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::place::{BUYERS_WORDS, Browser, Place};
use crate::story::id;

const REPORTED: &str = "they gave me less than they weighed";

/// A moderator who showed who they are.
async fn moderator(place: &Place) -> Browser {
    let mut moderator = place.account("Devi", "9876500041").await;
    place.operate("9876500041", OperatorRole::Moderator).await;
    place.confirm(&mut moderator).await;
    moderator
}

async fn enter(place: &Place, owner: &mut Browser, buyer: &mut Browser) -> String {
    let qr = place.done(owner, "GET", "/stall/qr", Value::Null).await;
    let entry = json!({ "token": qr["token"], "language": "en" });
    text(&place.done(buyer, "POST", "/visits", entry).await, "/id").unwrap()
}

async fn entry(place: &Place, owner: &mut Browser) -> Value {
    let qr = place.done(owner, "GET", "/stall/qr", Value::Null).await;
    json!({ "token": qr["token"], "language": "en" })
}

/// A stall with a visit in which the buyer said something.
async fn stall(place: &Place) -> (Browser, Browser, String) {
    let mut owner = place.account("Meena", "9876500042").await;
    place.confirm(&mut owner).await;
    place.stall(&mut owner).await;
    let mut buyer = Browser::default();
    let visit = enter(place, &mut owner, &mut buyer).await;
    let say = json!({ "client_id": id(), "text": BUYERS_WORDS, "via": "typed" });
    place.done(&mut buyer, "POST", &format!("/visits/{visit}/messages"), say).await;
    (owner, buyer, visit)
}

#[tokio::test]
async fn a_report_is_looked_at_for_a_reason_decided_once_and_told_to_both_sides() {
    let place = Place::open().await;
    let (mut owner, mut buyer, visit) = stall(&place).await;
    let mut moderator = moderator(&place).await;
    let reports = format!("/visits/{visit}/reports");
    let wordless = json!({ "reason": "other" });
    assert_eq!(place.refused(&mut buyer, "POST", &reports, wordless).await.2["field"], "words");
    let report = json!({ "reason": "fraud", "words": REPORTED });
    let made = place.done(&mut buyer, "POST", &reports, report.clone()).await;
    assert_eq!(place.refused(&mut buyer, "POST", &reports, report).await.1, "already-reported");
    assert!(!place.dump().await["reports"].contains(REPORTED), "it lies sealed");
    // The reported side learns nothing of it before somebody decides.
    assert_eq!(place.done(&mut owner, "GET", &reports, Value::Null).await, json!({ "warnings": [] }));
    let queue = place.done(&mut moderator, "GET", "/operator/reports?state=open", Value::Null).await;
    let first = &queue["items"][0];
    assert_eq!(
        (&first["id"], &first["by"], &first["reason"]),
        (&made["id"], &json!("buyer"), &json!("fraud"))
    );
    assert!(!queue.to_string().contains(REPORTED), "what was said is shown for a reason alone");
    let at = |what: &str| {
        let (tenant, id) = (text(first, "/tenant_id").unwrap(), text(first, "/id").unwrap());
        format!("/operator/reports/{tenant}/{id}/{what}")
    };
    let why = json!({ "reason": "the queue of the morning" });
    assert_eq!(place.refused(&mut moderator, "POST", &at("look"), json!({ "reason": " " })).await.0, 422);
    let case = place.done(&mut moderator, "POST", &at("look"), why.clone()).await;
    assert_eq!((&case["words"], &case["others"]), (&json!(REPORTED), &json!(0)));
    assert_eq!(case["said"][0]["text"], BUYERS_WORDS, "{case}");
    assert!(place.dump().await["audit_acts"].contains("the queue of the morning"));
    let business = place.done(&mut owner, "GET", "/audit", Value::Null).await;
    assert!(business.to_string().contains("moderation"), "the business sees who looked: {business}");
    let warn = json!({ "decision": "warn", "reason": "the scales were off" });
    let decided = place.done(&mut moderator, "POST", &at("decision"), warn.clone()).await;
    assert_eq!(decided["state"], "warned");
    assert_eq!(place.refused(&mut moderator, "POST", &at("decision"), warn).await.1, "report-decided");
    let told = place.done(&mut buyer, "GET", &reports, Value::Null).await;
    assert_eq!(told["mine"]["state"], "warned");
    let notices = place.done(&mut owner, "GET", "/stall/notices", Value::Null).await;
    assert_eq!(notices["warnings"][0]["reason"], "fraud");
    assert!(!notices.to_string().contains(REPORTED) && !notices.to_string().contains(&visit), "{notices}");
}

#[tokio::test]
async fn a_closed_stall_takes_no_new_visits_brings_open_ones_to_their_end_and_opens_again() {
    let place = Place::open().await;
    let (mut owner, mut buyer, visit) = stall(&place).await;
    let mut moderator = moderator(&place).await;
    let reports = format!("/visits/{visit}/reports");
    place.done(&mut buyer, "POST", &reports, json!({ "reason": "forbidden_goods" })).await;
    let queue = place.done(&mut moderator, "GET", "/operator/reports", Value::Null).await;
    let tenant = text(&queue, "/items/0/tenant_id").unwrap();
    let at = format!("/operator/reports/{tenant}/{}/decision", text(&queue, "/items/0/id").unwrap());
    let close = json!({ "decision": "close", "reason": "it sells what it must not" });
    place.done(&mut moderator, "POST", &at, close).await;
    let mut stranger = Browser::default();
    let scanned = entry(&place, &mut owner).await;
    let token = json!({ "token": scanned["token"] });
    let looked = place.refused(&mut stranger, "POST", "/stall-previews", token.clone()).await;
    assert_eq!((looked.1.as_str(), &looked.2["stall_name"]), ("stall-closed", &json!("Quandary Greens")));
    assert_eq!(place.refused(&mut stranger, "POST", "/visits", scanned.clone()).await.1, "stall-closed");
    // Whoever was there goes on.
    place.done(&mut buyer, "POST", "/visits", scanned.clone()).await;
    let say = json!({ "client_id": id(), "text": "and my order?", "via": "typed" });
    place.done(&mut buyer, "POST", &format!("/visits/{visit}/messages"), say).await;
    let notices = place.done(&mut owner, "GET", "/stall/notices", Value::Null).await;
    assert!(notices["closed_at"].is_string(), "{notices}");
    let put_back = json!({ "closed": false, "reason": "the goods are gone" });
    let path = format!("/operator/stalls/{tenant}/closed");
    place.done(&mut moderator, "PUT", &path, put_back.clone()).await;
    place.done(&mut moderator, "PUT", &path, put_back).await;
    let kept = place.dump().await["audit_acts"].matches("the goods are gone").count();
    assert_eq!(kept, 1, "what is open already is not opened again");
    place.done(&mut stranger, "POST", "/visits", scanned).await;
    let notices = place.done(&mut owner, "GET", "/stall/notices", Value::Null).await;
    assert!(notices.get("closed_at").is_none(), "{notices}");
}

#[tokio::test]
async fn a_vendor_reports_a_buyer_who_can_only_be_warned_and_a_phone_reports_five_times_a_day() {
    let place = Place::open().await;
    let (mut owner, mut buyer, visit) = stall(&place).await;
    let mut moderator = moderator(&place).await;
    let reports = format!("/visits/{visit}/reports");
    place.done(&mut owner, "POST", &reports, json!({ "reason": "abuse", "words": "shouted at me" })).await;
    let queue = place.done(&mut moderator, "GET", "/operator/reports", Value::Null).await;
    let (tenant, report) =
        (text(&queue, "/items/0/tenant_id").unwrap(), text(&queue, "/items/0/id").unwrap());
    let at = format!("/operator/reports/{tenant}/{report}/decision");
    let close = json!({ "decision": "close", "reason": "no" });
    assert_eq!(place.refused(&mut moderator, "POST", &at, close).await.2["field"], "decision");
    place.done(&mut moderator, "POST", &at, json!({ "decision": "warn", "reason": "once is enough" })).await;
    let told = place.done(&mut buyer, "GET", &reports, Value::Null).await;
    assert_eq!(told["warnings"][0]["reason"], "abuse");
    assert!(!told.to_string().contains("shouted"), "{told}");
    let made = place.done(&mut owner, "GET", "/stall/notices", Value::Null).await;
    assert_eq!(made["reports"][0]["state"], "warned");
    // A stranger reaches neither.
    let mut stranger = Browser::default();
    assert!([401, 403].contains(&place.refused(&mut stranger, "GET", &reports, Value::Null).await.0));
    let mut other = place.account("Esha", "9876500043").await;
    assert_eq!(place.refused(&mut other, "POST", &reports, json!({ "reason": "spam" })).await.0, 404);
    let mut noisy = Browser::default();
    for n in 0..6 {
        place.confirm(&mut other).await;
        let name = json!({ "name": format!("Stall {n}"), "language": "en" });
        let mut vendor = place.account("Vendor", &format!("98765000{}", 50 + n)).await;
        place.done(&mut vendor, "PUT", "/stall", name).await;
        let visit = enter(&place, &mut vendor, &mut noisy).await;
        let (path, report) = (format!("/visits/{visit}/reports"), json!({ "reason": "spam" }));
        if n < 5 {
            place.done(&mut noisy, "POST", &path, report).await;
        } else {
            assert_eq!(place.refused(&mut noisy, "POST", &path, report).await.0, 429);
        }
    }
}

/// As the schedule enqueues it every hour.
#[derive(Serialize, Deserialize)]
struct Purge {}

impl Job for Purge {
    const KIND: &'static str = "purge-visits";
}

#[tokio::test]
async fn a_report_is_forgotten_after_half_a_year_whether_or_not_somebody_decided_it() {
    let place = Place::open().await;
    let (mut owner, mut buyer, visit) = stall(&place).await;
    let mut moderator = moderator(&place).await;
    let reports = format!("/visits/{visit}/reports");
    place.done(&mut owner, "POST", &reports, json!({ "reason": "abuse" })).await;
    place.done(&mut buyer, "POST", &reports, json!({ "reason": "other", "words": REPORTED })).await;
    let queue = place.done(&mut moderator, "GET", "/operator/reports", Value::Null).await;
    let (tenant, report) =
        (text(&queue, "/items/0/tenant_id").unwrap(), text(&queue, "/items/0/id").unwrap());
    let at = format!("/operator/reports/{tenant}/{report}/decision");
    place
        .done(&mut moderator, "POST", &at, json!({ "decision": "dismiss", "reason": "a misunderstanding" }))
        .await;
    for (days, left) in [(179, 2), (2, 0)] {
        place.test.clock.advance(TimeDelta::days(days));
        let jobs = Jobs::new(place.test.db.clone(), place.test.clock.clone(), place.test.entropy.clone());
        let due = Draft::of_nobody(&Purge {});
        jobs.enqueue(&mut place.test.db.acquire().await.unwrap(), due).await.unwrap();
        place.work().await;
        let kept: i64 =
            sqlx::query_scalar("select count(*) from reports").fetch_one(place.test.db.pool()).await.unwrap();
        assert_eq!(kept, left, "after {days} days more");
    }
}
