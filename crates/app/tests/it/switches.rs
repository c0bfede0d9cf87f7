//! What is switched off begins nowhere, on no node, and what was begun goes on.

use std::time::Duration;

use app::wiring::{App, Ground};
use identity::OperatorRole;
use platform::switches::Switch;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::place::{Browser, Place};
use crate::story::{PASSWORD, id};

async fn admin(place: &Place) -> Browser {
    let mut admin = place.account("Asha", "9876500061").await;
    place.operate("9876500061", OperatorRole::Admin).await;
    place.confirm(&mut admin).await;
    admin
}

async fn set(place: &Place, admin: &mut Browser, switch: &str, off: bool, tenant: Option<&Value>) -> Value {
    let mut change = json!({ "off": off, "reason": "the law changed" });
    if let Some(tenant) = tenant {
        change["tenant_id"] = tenant.clone();
    }
    place.done(admin, "PUT", &format!("/operator/switches/{switch}"), change).await
}

#[tokio::test]
async fn each_part_that_is_off_says_so_and_works_again_when_it_is_on() {
    let place = Place::open().await;
    let mut admin = admin(&place).await;
    let mut owner = place.account("Meena", "9876500062").await;
    place.confirm(&mut owner).await;
    place.stall(&mut owner).await;
    let mut buyer = Browser::default();
    let qr = place.done(&mut owner, "GET", "/stall/qr", Value::Null).await;
    let entry = json!({ "token": qr["token"], "language": "en" });
    let visit =
        place.done(&mut buyer, "POST", "/visits", entry.clone()).await["id"].as_str().unwrap().to_owned();
    let account = json!({ "phone": "9876500063", "name": "New", "password": PASSWORD, "language": "en" });
    let recordings = format!("/visits/{visit}/recordings?client_id={}", id());
    let mut stranger = Browser::default();
    let is_off = async |who: &mut Browser, path: &str, body: &Value, switch: &str| {
        let answer = place.refused(who, "POST", path, body.clone()).await;
        assert_eq!((answer.1.as_str(), &answer.2["switch"]), ("switched-off", &json!(switch)), "{path}");
    };
    for switch in ["open_accounts", "new_visits", "recordings", "top_ups", "exports"] {
        set(&place, &mut admin, switch, true, None).await;
    }
    // What is off already is not switched off again.
    set(&place, &mut admin, "exports", true, None).await;
    is_off(&mut stranger, "/accounts", &account, "open_accounts").await;
    is_off(
        &mut stranger,
        "/accounts/links",
        &json!({ "email": "a@b.example", "language": "en" }),
        "open_accounts",
    )
    .await;
    let code = json!({ "phone": "9876500063", "language": "en" });
    is_off(&mut stranger, "/accounts/codes", &code, "open_accounts").await;
    is_off(&mut stranger, "/accounts/by-code", &json!({}), "open_accounts").await;
    is_off(&mut stranger, "/visits", &entry, "new_visits").await;
    is_off(&mut stranger, "/stall-previews", &json!({ "token": qr["token"] }), "new_visits").await;
    is_off(&mut buyer, &recordings, &json!({}), "recordings").await;
    is_off(&mut owner, "/credit/top-ups", &json!({}), "top_ups").await;
    is_off(&mut owner, "/me/exports", &Value::Null, "exports").await;
    is_off(&mut buyer, "/passes/exports", &Value::Null, "exports").await;
    // Who was there goes on, in writing; the screen is told that nobody hears.
    let say = json!({ "client_id": id(), "text": "two kilos please", "via": "typed" });
    place.done(&mut buyer, "POST", &format!("/visits/{visit}/messages"), say).await;
    let seen = place.done(&mut buyer, "GET", &format!("/visits/{visit}"), Value::Null).await;
    assert_eq!(seen["voice"]["recognition"]["how"], "off");
    let can = place.done(&mut stranger, "GET", "/capabilities", Value::Null).await;
    assert_eq!(can["switched_off"].as_array().unwrap().len(), 5);
    for switch in ["open_accounts", "new_visits", "recordings", "top_ups", "exports"] {
        set(&place, &mut admin, switch, false, None).await;
    }
    place.done(&mut stranger, "POST", "/accounts", account).await;
    place.done(&mut Browser::default(), "POST", "/visits", entry).await;
    place.done(&mut owner, "POST", "/me/exports", Value::Null).await;
    place.done(&mut buyer, "POST", "/passes/exports", Value::Null).await;
    let topped = place.refused(&mut owner, "POST", "/credit/top-ups", json!({})).await;
    assert_ne!(topped.1, "switched-off");
    assert_ne!(place.refused(&mut buyer, "POST", &recordings, json!({})).await.1, "switched-off");
    let trail = place.dump().await["audit_acts"].clone();
    assert_eq!(trail.matches("the law changed").count(), 10);
}

#[tokio::test]
async fn a_part_is_off_for_one_business_alone_and_on_every_node_and_only_for_admins_to_say() {
    let place = Place::open().await;
    let mut admin = admin(&place).await;
    let mut one = place.account("Meena", "9876500064").await;
    let mut two = place.account("Ravi", "9876500065").await;
    let tenant = place.done(&mut one, "GET", "/me", Value::Null).await["person"]["tenant_id"].clone();
    let ground = Ground {
        db: place.test.db.clone(),
        clock: place.test.clock.clone(),
        entropy: place.test.entropy.clone(),
    };
    let other = App::new((*place.app.config).clone(), ground).unwrap();
    let stop = CancellationToken::new();
    let looking = tokio::spawn(other.switches.clone().keep_looking(stop.clone()));
    set(&place, &mut admin, "top_ups", true, Some(&tenant)).await;
    assert_eq!(place.refused(&mut one, "POST", "/credit/top-ups", json!({})).await.1, "switched-off");
    assert_ne!(place.refused(&mut two, "POST", "/credit/top-ups", json!({})).await.1, "switched-off");
    let id = tenant.as_str().unwrap().parse().unwrap();
    let known = async {
        while !other.switches.is_off(Switch::TopUps, Some(id)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), known).await.expect("the other node never knows");
    assert!(!other.switches.is_off(Switch::TopUps, None));
    stop.cancel();
    looking.await.unwrap();
    let path = |switch: &str| format!("/operator/switches/{switch}");
    let of_one = json!({ "off": true, "tenant_id": tenant, "reason": "why not" });
    assert_eq!(place.refused(&mut admin, "PUT", &path("exports"), of_one).await.2["field"], "tenant_id");
    let nobody = json!({ "off": true, "tenant_id": id_of_nobody(), "reason": "why not" });
    assert_eq!(place.refused(&mut admin, "PUT", &path("top_ups"), nobody).await.0, 404);
    assert!(
        place.refused(&mut admin, "PUT", &path("everything"), json!({ "off": true, "reason": "x" })).await.0
            >= 400
    );
    let mut moderator = place.account("Devi", "9876500066").await;
    place.operate("9876500066", OperatorRole::Moderator).await;
    place.confirm(&mut moderator).await;
    let all = json!({ "off": true, "reason": "why not" });
    assert_eq!(place.refused(&mut moderator, "PUT", &path("top_ups"), all).await.0, 403);
    let listed = place.done(&mut admin, "GET", "/operator/switches", Value::Null).await;
    let of = listed["items"].as_array().unwrap().iter().find(|item| item["switch"] == "top_ups").unwrap();
    assert_eq!((&of["off"][0]["tenant_id"], &of["off"][0]["by"]), (&tenant, &json!("Asha")));
}

fn id_of_nobody() -> &'static str {
    "00000000-0000-7000-8000-000000000001"
}
