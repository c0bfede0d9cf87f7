//! Keys of providers: added, used at once by every node, ordered, turned off, ended; never shown, and never asked outside of the
//! allowed regions. The vendor is the emulator, which takes the keys of its users alone.

use std::time::Duration;

use app::Config;
use app::phone::text;
use app::wiring::{App, Ground};
use emulator::bhashini::{Line as Scripted, User};
use emulator::{Emulator, Options};
use identity::OperatorRole;
use platform::meter::Cause;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use types::{Language, TenantId};
use voice::translate::Line;
use voice::{Errand, Reach};

use crate::place::{Browser, Place};
use crate::process::Program;
use crate::story;

const FIRST: &str = "first-inference-key-7Qx2";
const SECOND: &str = "second-inference-key-9Zk4";
/// The vendor does not take it.
const REFUSED: &str = "refused-inference-key-0000";
const WORDS: &str = "keep it for me";

async fn vendor() -> Emulator {
    let user = |name: &str, key: &str| User {
        user_id: name.to_owned(),
        ulca_api_key: format!("ulca-of-{name}-1111"),
        inference_api_key: key.to_owned(),
    };
    let users = vec![user("one", FIRST), user("two", SECOND)];
    let emulator = Emulator::start(Options { users, ..Options::default() }).await.unwrap();
    let lines = [("keep it for me", "मेरे लिए रखना"), ("hello", "नमस्ते")];
    let lines = lines.map(|(said, read)| Scripted::translated("en", said, "hi", read));
    emulator.bhashini().script(lines).unwrap();
    emulator
}

/// Settings that lead to the emulator, without a key.
fn lead_to(emulator: &Emulator) -> impl FnOnce(&mut Config) {
    let url = emulator.bhashini_url().to_owned();
    move |config| {
        let bhashini = &mut config.voice.bhashini;
        bhashini.config_url = format!("{url}/ulca/apis/v0/model/getModelsPipeline");
        bhashini.compute_url = format!("{url}/services/inference/pipeline");
        bhashini.timeout_ms = 3_000;
    }
}

/// Who looks after keys.
async fn admin(place: &Place) -> Browser {
    let mut admin = place.account("Asha", "9876500031").await;
    place.operate("9876500031", OperatorRole::Admin).await;
    place.confirm(&mut admin).await;
    admin
}

fn key(name: &str, key: &str) -> Value {
    json!({ "provider": "bhashini", "name": name, "key": key, "reason": "the new contract" })
}

/// Has somebody's words translated; who did it, or what was wrong.
async fn translate(app: &App, tenant: &str) -> Result<String, String> {
    let tenant: TenantId = tenant.parse().unwrap();
    let cause = Cause { kind: "message", id: uuid::Uuid::from_u128(8), visit: None, by: None };
    let errand = Errand { tenant, cause, reach: Reach::Anywhere };
    let line = Line { text: WORDS, from: Language::English, to: Language::Hindi, names: &[] };
    app.voice.translate(errand, &line).await.map(|done| done.made_by).map_err(|error| error.to_string())
}

async fn tenant_of(place: &Place, who: &mut Browser) -> String {
    let me = place.done(who, "GET", "/me", Value::Null).await;
    text(&me, "/person/tenant_id").unwrap()
}

fn statuses(emulator: &Emulator) -> Vec<u16> {
    emulator.bhashini().calls().iter().filter_map(|call| call.status).collect()
}

fn ids(listed: &Value) -> Vec<Value> {
    let items = listed["items"].as_array().unwrap();
    items.iter().filter(|item| item["from_settings"] == false).map(|item| item["id"].clone()).collect()
}

#[tokio::test]
async fn a_key_that_is_added_is_the_one_the_vendor_sees_and_one_that_is_off_is_passed_over() {
    let emulator = vendor().await;
    let place = Place::open_with(lead_to(&emulator)).await;
    let mut admin = admin(&place).await;
    let tenant = tenant_of(&place, &mut admin).await;
    assert!(translate(&place.app, &tenant).await.is_err(), "there is no key");
    assert_eq!(statuses(&emulator), [0u16; 0]);
    let added = place.done(&mut admin, "POST", "/operator/providers", key("Main", FIRST)).await;
    assert_eq!(translate(&place.app, &tenant).await.as_deref(), Ok("provider:bhashini"));
    assert_eq!(statuses(&emulator), [200], "the vendor took the key");
    let first = &added["items"][0];
    assert_eq!(
        (&first["tail"], &first["name"], &first["added_by"]),
        (&json!("7Qx2"), &json!("Main"), &json!("Asha"))
    );
    // One that the vendor refuses is passed over, and its health says so.
    let added = place.done(&mut admin, "POST", "/operator/providers", key("Wrong", REFUSED)).await;
    let (good, wrong) = (ids(&added)[0].clone(), ids(&added)[1].clone());
    let order = |keys: &[&Value]| json!({ "keys": keys, "reason": "the cheaper one first" });
    place.done(&mut admin, "PUT", "/operator/providers/order", order(&[&wrong, &good])).await;
    assert_eq!(translate(&place.app, &tenant).await.as_deref(), Ok("provider:bhashini"));
    assert_eq!(statuses(&emulator), [200, 401, 200]);
    let listed = place.done(&mut admin, "GET", "/operator/providers", Value::Null).await;
    assert_eq!(ids(&listed), [wrong.clone(), good.clone()]);
    let (of_wrong, of_good) = (&listed["items"][0], &listed["items"][1]);
    assert_eq!(
        (&of_wrong["calls"], &of_wrong["failed"], &of_wrong["state"]),
        (&json!(1), &json!(1), &json!("resting"))
    );
    assert!(text(of_wrong, "/error").unwrap().contains("refused the key"), "{of_wrong}");
    assert_eq!(
        (&of_good["calls"], &of_good["failed"], &of_good["state"]),
        (&json!(2), &json!(0), &json!("ready"))
    );
    assert!(of_good["average_ms"].is_number() && of_good["done_at"].is_string(), "{of_good}");
}

#[tokio::test]
async fn a_key_that_is_off_or_was_ended_is_not_asked_and_what_it_was_is_told_nowhere() {
    let emulator = vendor().await;
    let place = Place::open_with(lead_to(&emulator)).await;
    let mut admin = admin(&place).await;
    let tenant = tenant_of(&place, &mut admin).await;
    place.done(&mut admin, "POST", "/operator/providers", key("Main", FIRST)).await;
    let added = place.done(&mut admin, "POST", "/operator/providers", key("Wrong", REFUSED)).await;
    let (good, wrong) = (ids(&added)[0].clone(), ids(&added)[1].clone());
    assert!(translate(&place.app, &tenant).await.is_ok());
    // Two that work: the first is used, and when it is off the second.
    let added = place.done(&mut admin, "POST", "/operator/providers", key("Spare", SECOND)).await;
    let spare = ids(&added)[2].clone();
    let at = |id: &Value, what: &str| format!("/operator/providers/{}/{what}", id.as_str().unwrap());
    let turned = |on: bool| json!({ "enabled": on, "reason": "too dear" });
    place.done(&mut admin, "PUT", &at(&good, "enabled"), turned(false)).await;
    assert!(translate(&place.app, &tenant).await.is_ok());
    let listed = place.done(&mut admin, "GET", "/operator/providers", Value::Null).await;
    let calls = |listed: &Value, id: &Value| {
        listed["items"].as_array().unwrap().iter().find(|item| item["id"] == *id).unwrap()["calls"].clone()
    };
    assert_eq!((calls(&listed, &good), calls(&listed, &spare)), (json!(1), json!(1)));
    // Tried by hand, also what is off.
    let tried = place.done(&mut admin, "POST", &at(&good, "try"), Value::Null).await;
    assert_eq!(tried["works"], true, "{tried}");
    let tried = place.done(&mut admin, "POST", &at(&wrong, "try"), Value::Null).await;
    assert_eq!(tried["works"], false);
    // What was ended is asked no more, and its secret is gone.
    place.done(&mut admin, "POST", &at(&spare, "end"), json!({ "reason": "leaked" })).await;
    assert!(translate(&place.app, &tenant).await.is_err());
    let sealed = "select octet_length(sealed) from provider_keys where ended_at is not null";
    let left: Vec<i32> = sqlx::query_scalar(sealed).fetch_all(place.test.db.pool()).await.unwrap();
    assert_eq!(left, [0]);
    assert_eq!(
        place.refused(&mut admin, "POST", &at(&spare, "end"), json!({ "reason": "again" })).await.0,
        404
    );
    let order = json!({ "keys": [wrong], "reason": "the cheaper one first" });
    let gone = place.refused(&mut admin, "PUT", "/operator/providers/order", order).await;
    assert_eq!(gone.1, "providers-changed");
    // Every change is in the trail; what somebody would need to call is nowhere.
    let dump = place.dump().await;
    for why in ["the new contract", "too dear", "leaked"] {
        assert!(dump["audit_acts"].contains(why), "{why}");
    }
    let everything: String = dump.into_values().collect();
    let listed = place.done(&mut admin, "GET", "/operator/providers", Value::Null).await.to_string();
    for secret in [FIRST, SECOND, REFUSED] {
        let as_bytes = hex::encode(secret);
        let is_told =
            everything.contains(secret) || everything.contains(&as_bytes) || listed.contains(secret);
        assert!(!is_told, "{secret} is told");
    }
}

#[tokio::test]
async fn another_node_takes_a_change_within_seconds_and_only_admins_who_showed_themselves_make_one() {
    let emulator = vendor().await;
    let place = Place::open_with(lead_to(&emulator)).await;
    let mut admin = admin(&place).await;
    let tenant = tenant_of(&place, &mut admin).await;
    let ground = Ground {
        db: place.test.db.clone(),
        clock: place.test.clock.clone(),
        entropy: place.test.entropy.clone(),
    };
    let other = App::new((*place.app.config).clone(), ground).unwrap();
    let stop = CancellationToken::new();
    let looking = tokio::spawn(other.voice.clone().keep_looking(stop.clone()));
    assert!(translate(&other, &tenant).await.is_err());
    let mut support = place.account("Esha", "9876500032").await;
    place.operate("9876500032", OperatorRole::Finance).await;
    place.confirm(&mut support).await;
    assert_eq!(place.refused(&mut support, "GET", "/operator/providers", Value::Null).await.0, 403);
    assert_eq!(place.refused(&mut support, "POST", "/operator/providers", key("Mine", FIRST)).await.0, 403);
    place.test.clock.advance(chrono::TimeDelta::minutes(11));
    let asked = place.refused(&mut admin, "POST", "/operator/providers", key("Main", FIRST)).await;
    assert_eq!(asked.1, "confirm-again");
    place.confirm(&mut admin).await;
    let bad = place.refused(&mut admin, "POST", "/operator/providers", key("Main", "two words here")).await;
    assert_eq!((bad.1.as_str(), &bad.2["field"]), ("invalid-field", &json!("key")));
    place.done(&mut admin, "POST", "/operator/providers", key("Main", FIRST)).await;
    let taken = async {
        while translate(&other, &tenant).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), taken).await.expect("the other node never calls by it");
    // Everybody is told who gets what they say.
    let consents = place.done(&mut admin, "GET", "/me/consents", Value::Null).await;
    assert_eq!(consents["items"][0]["recipients"], json!(["BHASHINI"]));
    for n in 1..16 {
        place.done(&mut admin, "POST", "/operator/providers", key(&format!("Key {n}"), SECOND)).await;
    }
    let full = place.refused(&mut admin, "POST", "/operator/providers", key("One more", SECOND)).await;
    assert_eq!(full.1, "provider-keys-full");
    stop.cancel();
    looking.await.unwrap();
}

#[tokio::test]
async fn a_provider_outside_of_the_allowed_regions_is_never_asked() {
    for (allowed, stated, is_asked) in [
        (Some(vec!["in"]), None, false),
        (Some(vec!["in"]), Some(vec!["us"]), false),
        (Some(vec!["in"]), Some(vec!["in"]), true),
        (Some(vec![]), Some(vec!["in"]), false),
        (None, None, true),
    ] {
        let regions = |codes: &Option<Vec<&str>>| {
            let codes = codes.as_ref()?;
            Some(
                codes
                    .iter()
                    .map(|code| (*code).to_owned().try_into().unwrap())
                    .collect::<Vec<voice::Region>>(),
            )
        };
        let emulator = vendor().await;
        let lead = lead_to(&emulator);
        let place = Place::open_with(|config| {
            lead(config);
            config.voice.bhashini.inference_key = Some(FIRST.to_owned().into());
            config.voice.bhashini.regions = regions(&stated);
            config.residency.regions = regions(&allowed);
        })
        .await;
        let mut admin = admin(&place).await;
        let tenant = tenant_of(&place, &mut admin).await;
        let added = place.done(&mut admin, "POST", "/operator/providers", key("Main", SECOND)).await;
        let (kept, of_settings) = (&added["items"][0], &added["items"][1]);
        assert_eq!(translate(&place.app, &tenant).await.is_ok(), is_asked, "{allowed:?} {stated:?}");
        let state = if is_asked { "ready" } else { "outside" };
        assert_eq!((&kept["state"], &of_settings["state"]), (&json!(state), &json!(state)));
        let at = format!("/operator/providers/{}/try", text(kept, "/id").unwrap());
        if is_asked {
            place.done(&mut admin, "POST", &at, Value::Null).await;
        } else {
            assert_eq!(place.refused(&mut admin, "POST", &at, Value::Null).await.1, "provider-outside");
            assert_eq!(statuses(&emulator), [0u16; 0], "it was asked");
            // Nor is a browser's own recogniser offered, which tells its maker what is said.
            let can = place.done(&mut admin, "GET", "/capabilities", Value::Null).await;
            assert_eq!(can["languages"][1]["recognition"]["how"], "off", "{}", can["languages"][1]);
        }
        let consents = place.done(&mut admin, "GET", "/me/consents", Value::Null).await;
        let told = (&consents["items"][0]["recipients"], &consents["items"][0]["regions"]);
        let names = if is_asked { json!(["BHASHINI"]) } else { json!([]) };
        let places = if is_asked && stated.is_some() { json!(["in"]) } else { json!([]) };
        assert_eq!(told, (&names, &places));
        let told = place.app.voice.report().into_iter().find(|part| part.name == "BHASHINI").unwrap();
        assert_eq!(told.sentence.contains("it is not asked"), !is_asked, "{told:?}");
    }
}

#[tokio::test]
async fn a_key_is_in_no_log_is_sealed_again_and_counted_by_the_doctor() {
    let emulator = vendor().await;
    let url = emulator.bhashini_url().to_owned();
    let (asked, computed) =
        (format!("{url}/ulca/apis/v0/model/getModelsPipeline"), format!("{url}/services/inference/pipeline"));
    let program = Program::start_logged(&[
        ("VYAPAR_LOG__FILTER", "debug"),
        ("VYAPAR_VOICE__BHASHINI__CONFIG_URL", &asked),
        ("VYAPAR_VOICE__BHASHINI__COMPUTE_URL", &computed),
    ])
    .await;
    let (mut vendor, _) = story::vendor(&program).await;
    let said = |arguments: &[&str]| {
        let output = program.command().args(arguments).output().unwrap();
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let me = vendor.get("/me").await.unwrap();
    said(&["operator", &text(&me, "/person/phone").unwrap()]);
    vendor.post("/me/confirmations", json!({ "password": story::PASSWORD })).await.unwrap();
    for secret in [FIRST, REFUSED] {
        let added = vendor.post("/operator/providers", key("Main", secret)).await.unwrap();
        let id = added["items"].as_array().unwrap().last().unwrap()["id"].clone();
        let at = format!("/operator/providers/{}/try", id.as_str().unwrap());
        let tried = vendor.post(&at, Value::Null).await.unwrap();
        assert_eq!(tried["works"], secret == FIRST, "{tried}");
    }
    assert!(
        said(&["doctor"]).contains("Keys of providers: 2 in the database, 2 of them on, 0 in the settings.")
    );
    assert!(said(&["keys", "list"]).contains("2 keys of providers"));
    said(&["keys", "add"]);
    assert!(said(&["keys", "rotate"]).contains("values sealed again"));
    let keys = said(&["keys", "list"]);
    let newest = keys.lines().last().unwrap_or_default();
    assert!(newest.contains("seals") && newest.contains("2 keys of providers"), "{keys}");
    let listed = vendor.get("/operator/providers").await.unwrap();
    assert_eq!(listed["items"][0]["tail"], "7Qx2");
    assert_ne!(listed["items"][0]["state"], "unreadable", "{listed}");
    let log = std::fs::read_to_string(program.log()).unwrap();
    assert!(log.contains("a provider's key was added"));
    for secret in [FIRST, REFUSED] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
