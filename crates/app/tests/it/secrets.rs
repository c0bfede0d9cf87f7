//! What must not be told: to the log, or to whoever has the database without the keys. And that keys change while the server runs.

use std::time::{Duration, Instant};

use app::phone::{Phone, text};
use serde_json::json;

use crate::process::Program;
use crate::story;

const ACCOUNT: &str = "765432101234";
const UPI: &str = "canary.meena@okicici";

fn said(program: &Program, arguments: &[&str]) -> (bool, String) {
    let output = program.command().args(arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn a_whole_deal_leaves_nothing_personal_in_the_log_and_a_trail_that_is_verified() {
    let program =
        Program::start_logged(&[("VYAPAR_LOG__FILTER", "debug"), ("VYAPAR_LOG__FORMAT", "json")]).await;
    let (mut vendor, product) = story::vendor(&program).await;
    vendor.put("/payment-profile", json!({ "upi_id": UPI, "cash": true })).await.unwrap();
    let account =
        json!({ "kind": "bank", "holder": "Canary Holder", "ifsc": "HDFC0000053", "number": ACCOUNT });
    vendor.put("/payout-account", account).await.unwrap();
    let (mut buyer, visit) = story::buyer(&program, &mut vendor).await;
    let at = |rest: &str| format!("/visits/{visit}{rest}");
    let question = buyer.post(&at("/messages"), story::offer_in_words(&product)).await.unwrap();
    let confirm = |question: String| at(&format!("/read-backs/{question}/confirm"));
    let offered = confirm(text(&question, "/read_back/id").unwrap());
    buyer.post(&offered, json!({ "client_id": story::id() })).await.unwrap();
    let offers = vendor.get(&at("")).await.unwrap();
    let offer = text(&offers, "/offers/0/id").unwrap();
    let accept = json!({ "client_id": story::id(), "offer_id": offer });
    let question = vendor.post(&at("/acceptances"), accept).await.unwrap();
    let agreed =
        vendor.post(&confirm(text(&question, "/id").unwrap()), json!({ "client_id": story::id() })).await;
    let order = text(&agreed.unwrap(), "/order/id").unwrap();
    let received = json!({ "client_id": story::id(), "method": "cash" });
    vendor.post(&format!("/orders/{order}/payment/received"), received).await.unwrap();
    let export = copy_of_the_phones_data(&program, &mut buyer).await;
    let token = the_stalls_page(&program, &mut vendor).await;
    // One line of the trail for the account, the profile, the business that was opened.
    let (sound, verdict) = said(&program, &["audit", "verify"]);
    assert!(sound && verdict.contains("1 chains, 3 entries"), "{verdict}");
    let (_, heads) = said(&program, &["audit", "heads"]);
    let kept = program.data().join("heads");
    std::fs::write(&kept, &heads).unwrap();
    let since = ["audit", "verify", "--since", kept.to_str().unwrap()];
    assert!(said(&program, &since).0);
    std::fs::write(&kept, heads.replace(" 3 ", " 2 ")).unwrap();
    let (believed, why) = said(&program, &since);
    assert!(!believed && why.contains("not signed by this installation"), "{why}");
    let log = std::fs::read_to_string(program.log()).unwrap();
    assert!(
        log.contains("account opened") && log.contains("a payout account was given"),
        "nothing was logged"
    );
    let cookies = [vendor.cookies(), buyer.cookies()];
    let secrets = ["9812345670", ACCOUNT, UPI, "Canary Holder", "five kilos for one fifty", story::PASSWORD];
    let tokens = cookies
        .iter()
        .flat_map(|all| all.split("; "))
        .filter_map(|pair| pair.split_once('='))
        .map(|(_, token)| token);
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("\"answered\"")).collect();
    let asked = "\"method\":\"GET\",\"route\":\"/api/v1/passes/exports/{key}\"";
    let fetched: Vec<_> = lines.iter().filter(|line| line.contains(asked)).collect();
    let told = |part: &str| fetched.iter().all(|line| line.contains(part));
    assert!(!fetched.is_empty() && told("\"status\":200") && told("\"time_ms\":"), "{fetched:?}");
    for secret in secrets.into_iter().chain(tokens).chain([export.as_str(), token.as_str()]) {
        assert!(!log.contains(secret), "{secret:?} is in the log");
    }
}

/// Has a copy of the phone's data made and fetches it: the key that stands in its address.
async fn copy_of_the_phones_data(program: &Program, buyer: &mut Phone) -> String {
    let asked = buyer.post("/passes/exports", json!({})).await.unwrap();
    let key = text(&asked, "/key").unwrap();
    let started = Instant::now();
    while buyer.get("/passes/exports").await.unwrap()["items"][0]["state"] != "ready" {
        assert!(started.elapsed() < Duration::from_mins(1), "no copy was made");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let address = format!("{}/api/v1/passes/exports/{key}", program.url);
    let http = platform::http::client(Duration::from_secs(10));
    let fetched = http.get(&address).header("cookie", buyer.cookies()).send().await.unwrap();
    assert_eq!(fetched.status(), 200);
    // A page elsewhere that sends a form there is refused, and that is logged.
    let forged = http.post(&address).header("origin", "https://evil.example").send().await.unwrap();
    assert_eq!(forged.status(), 403);
    key
}

/// Opens the page that a stall's code leads to: the token that stands in its address.
async fn the_stalls_page(program: &Program, vendor: &mut Phone) -> String {
    let token = text(&vendor.get("/stall/qr").await.unwrap(), "/token").unwrap();
    let http = platform::http::client(Duration::from_secs(10));
    http.get(format!("{}/s/{token}", program.url)).send().await.unwrap();
    token
}

/// The newest account's sealed number.
async fn newest_number(program: &Program) -> Vec<u8> {
    let newest = "select number_sealed from payout_accounts order by created_at desc, id desc limit 1";
    sqlx::query_scalar(newest).fetch_one(program.db.db.pool()).await.unwrap()
}

#[tokio::test]
async fn keys_are_added_and_everything_is_sealed_again_while_the_server_runs() {
    let mut program = Program::start(&[]).await;
    let (mut vendor, _) = story::vendor(&program).await;
    let account = json!({ "kind": "bank", "holder": "Meena", "ifsc": "HDFC0000053", "number": ACCOUNT });
    vendor.put("/payout-account", account.clone()).await.unwrap();
    vendor.post("/me/second-factor/enrolments", json!({})).await.unwrap();
    let before = newest_number(&program).await;
    assert!(!String::from_utf8_lossy(&before).contains(ACCOUNT));
    let (listed, one) = said(&program, &["keys", "list"]);
    // A person's name and number, the name of their business, the holder of the account.
    let all = "1 account numbers, 0 recordings, 1 second factors, 4 personal fields";
    assert!(listed && one.contains(&format!("signs, seals, {all}")), "{one}");
    let (added, id) = said(&program, &["keys", "add"]);
    assert!(added, "{id}");
    // The server that runs seals with it from then on, and signs as before.
    vendor.put("/payout-account", account).await.unwrap();
    let after = newest_number(&program).await;
    assert_ne!(before[..5], after[..5], "another key is named");
    assert!(id.starts_with(&hex::encode(&after[1..5])), "{id}");
    let token = text(&vendor.get("/stall/qr").await.unwrap(), "/token").unwrap();
    program.phone().post("/visits", json!({ "token": token, "language": "en" })).await.unwrap();
    let (rotated, done) = said(&program, &["keys", "rotate"]);
    assert!(rotated && done.starts_with("6 values sealed again"), "{done}");
    let (_, again) = said(&program, &["keys", "rotate"]);
    assert!(again.starts_with("0 values sealed again"), "one is enough: {again}");
    let nothing = "0 account numbers, 0 recordings, 0 second factors, 0 personal fields";
    let (_, two) = said(&program, &["keys", "list"]);
    assert!(two.lines().count() == 2 && two.contains(&format!("signs, {nothing}")), "{two}");

    // Once everything is under a third, the second can go.
    said(&program, &["keys", "add"]);
    let (_, third) = said(&program, &["keys", "rotate"]);
    assert!(third.starts_with("8 values sealed again"), "{third}");
    let file = program.data().join("master.key");
    let keys = std::fs::read_to_string(&file).unwrap();
    let kept: Vec<&str> = keys.lines().enumerate().filter(|(n, _)| *n != 1).map(|(_, key)| key).collect();
    std::fs::write(&file, kept.join("\n")).unwrap();
    program.kill();
    program.again().await;
    let credentials = json!({ "phone": "9812345670", "password": story::PASSWORD });
    let mut phone = program.phone();
    phone.post("/sessions", credentials).await.unwrap();
    assert_eq!(phone.get("/payout-account").await.unwrap()["holder"], "Meena");
    let (_, left) = said(&program, &["keys", "list"]);
    assert!(left.lines().count() == 2 && left.contains(&format!("signs, {nothing}")), "{left}");
}

#[tokio::test]
async fn a_program_that_prints_the_keys_is_as_good_as_a_file() {
    let elsewhere = tempfile::tempdir().unwrap();
    let store = elsewhere.path().join("key-store");
    std::fs::write(&store, "7".repeat(64)).unwrap();
    let command = format!("[\"cat\", \"{}\"]", store.display());
    let mut program = Program::start(&[("VYAPAR_KEYS__COMMAND", &command)]).await;
    story::vendor(&program).await;
    assert!(!program.data().join("master.key").exists(), "no key is made beside them");
    program.kill();
    program.again().await;
    let credentials = json!({ "phone": "9812345670", "password": story::PASSWORD });
    let person = program.phone().post("/sessions", credentials).await.unwrap();
    assert_eq!(person["name"], "Test");
    let output =
        program.command().args(["keys", "add"]).env("VYAPAR_KEYS__COMMAND", &command).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("add the key where they come from"), "{said}");
}
