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

#[tokio::test]
async fn keys_are_added_and_everything_is_sealed_again_while_the_server_runs() {
    let program = Program::start(&[]).await;
    let (mut vendor, _) = story::vendor(&program).await;
    let account = json!({ "kind": "bank", "holder": "Meena", "ifsc": "HDFC0000053", "number": ACCOUNT });
    vendor.put("/payout-account", account.clone()).await.unwrap();
    vendor.post("/me/second-factor/enrolments", json!({})).await.unwrap();
    let sealed = async || {
        let one =
            sqlx::query_scalar("select number_sealed from payout_accounts order by created_at, id limit 1");
        let bytes: Vec<u8> = one.fetch_one(program.db.db.pool()).await.unwrap();
        bytes
    };
    let before = sealed().await;
    assert!(!String::from_utf8_lossy(&before).contains(ACCOUNT));
    let (listed, one) = said(&program, &["keys", "list"]);
    assert!(
        listed && one.contains("signs, seals, 1 account numbers, 0 recordings, 1 second factors"),
        "{one}"
    );
    let (added, id) = said(&program, &["keys", "add"]);
    assert!(added, "{id}");
    let (rotated, done) = said(&program, &["keys", "rotate"]);
    assert!(rotated && done.starts_with("2 values sealed again"), "{done}");
    let after = sealed().await;
    assert_ne!(before[..5], after[..5], "another key is named");
    assert!(id.starts_with(&hex::encode(&after[1..5])), "{id}");
    let (_, again) = said(&program, &["keys", "rotate"]);
    assert!(again.starts_with("0 values sealed again"), "{again}");
    // The server that ran all the while signs as before, and takes accounts in.
    let token = text(&vendor.get("/stall/qr").await.unwrap(), "/token").unwrap();
    program.phone().post("/visits", json!({ "token": token, "language": "en" })).await.unwrap();
    vendor.put("/payout-account", account).await.unwrap();
    let (_, two) = said(&program, &["keys", "list"]);
    assert_eq!(two.lines().count(), 2, "{two}");
    let (_, third) = said(&program, &["keys", "rotate"]);
    assert!(third.contains("values sealed again"), "{third}");
    let (_, all) = said(&program, &["keys", "list"]);
    let newest = all.lines().last().unwrap_or_default();
    assert!(newest.contains("seals, 2 account numbers"), "{all}");
}
