//! A vendor pays for credit through the gateway; the server dies while the money is under way.

use app::phone::{Socket, text};
use emulator::razorpay::{Outcome, Play};
use serde_json::{Value, json};

use crate::gateway::{at_gateway, gateway, listen, until};
use crate::process::Program;
use crate::story;

#[tokio::test]
async fn a_top_up_that_is_paid_while_the_server_is_dead_becomes_credit_once() {
    let (emulator, settings) = gateway().await;
    let settings: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let mut program = Program::start(&settings).await;
    listen(&emulator, &program);
    let (mut vendor, _) = story::vendor(&program).await;
    assert_eq!(vendor.get("/credit").await.unwrap()["can_top_up"], true);

    let ask = json!({ "client_id": story::id(), "amount": { "minor": 100_00, "currency": "INR" } });
    let top_up = vendor.post("/credit/top-ups", ask.clone()).await.unwrap();
    let again = vendor.post("/credit/top-ups", ask).await.unwrap();
    assert_eq!((&top_up["state"], &top_up["id"]), (&json!("waiting"), &again["id"]));
    let path = format!("/credit/top-ups/{}", text(&top_up, "/id").unwrap());
    until(&mut vendor, &path, |shown| shown["payment"]["state"] == "waiting").await;
    let codes = at_gateway(&emulator, "payments/qr_codes").await;

    program.kill();
    let play = Play::qr(codes[0]["id"].as_str().unwrap()).with(Outcome::Success);
    emulator.razorpay().play(&play).unwrap();
    program.again().await;
    until(&mut vendor, &path, |shown| shown["state"] == "paid").await;
    program.kill();
    program.again().await;

    let mut hears = Socket::open(&mut vendor, None).await.unwrap();
    let credit = vendor.get("/credit").await.unwrap();
    assert_eq!((&credit["available"]["minor"], &credit["paid"]["minor"]), (&json!(10_000), &json!(10_000)));
    assert_eq!(credit["lots"].as_array().unwrap().len(), 1);
    let listed = vendor.get("/credit/top-ups").await.unwrap();
    assert_eq!(
        (&listed["items"][0]["state"], listed["items"].as_array().unwrap().len()),
        (&json!("paid"), 1)
    );

    // Another one, heard of as it is paid.
    let ask = json!({ "client_id": story::id(), "amount": { "minor": 50_00, "currency": "INR" } });
    let second = vendor.post("/credit/top-ups", ask).await.unwrap();
    let path = format!("/credit/top-ups/{}", text(&second, "/id").unwrap());
    let shown = until(&mut vendor, &path, |shown| shown["payment"]["state"] == "waiting").await;
    let uri =
        &shown["payment"]["ways"].as_array().unwrap().iter().find(|way| way["kind"] == "qr").unwrap()["uri"];
    let codes = at_gateway(&emulator, "payments/qr_codes").await;
    let code = codes.iter().find(|code| code["image_content"] == *uri).unwrap();
    emulator.razorpay().play(&Play::qr(code["id"].as_str().unwrap()).with(Outcome::Success)).unwrap();
    let heard: Value =
        hears.wait_for("credit", |credit| credit["available"]["minor"] == 15_000).await.unwrap();
    assert_eq!(heard["paused_jobs"], 0);

    let check = program.command().args(["ledger", "check"]).output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}

#[tokio::test]
async fn a_top_up_at_the_platforms_upi_id_becomes_credit_by_the_operators_word_once() {
    let mut program = Program::start(&[("VYAPAR_BILLING__PLATFORM__UPI_ID", "vyapar@okbank")]).await;
    let (mut vendor, _) = story::vendor(&program).await;
    let ask = json!({ "client_id": story::id(), "amount": { "minor": 250_00, "currency": "INR" } });
    let top_up = vendor.post("/credit/top-ups", ask).await.unwrap();
    let path = format!("/credit/top-ups/{}", text(&top_up, "/id").unwrap());
    let said = vendor.put(&format!("{path}/utr"), json!({ "utr": "612345678901" })).await.unwrap();
    assert_eq!(said["state"], "checking");

    assert!(program.command().args(["operator", "9812345670"]).output().unwrap().status.success());
    let listed = vendor.get("/operator/top-ups?state=checking").await.unwrap();
    let tenant = text(&listed, "/items/0/tenant_id").unwrap();
    let confirm = format!("/operator/top-ups/{tenant}/{}/confirm", text(&top_up, "/id").unwrap());
    let body = json!({ "utr": "612345678901", "reason": "it stands in the bank's list" });
    // The server dies while it is confirmed: it is confirmed again.
    let (mut hurried, to, what) = (vendor.clone(), confirm.clone(), body.clone());
    let under_way = tokio::spawn(async move { hurried.post(&to, what).await });
    tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    program.kill();
    let _ = under_way.await.unwrap();
    program.again().await;
    for _ in 0..2 {
        assert_eq!(vendor.post(&confirm, body.clone()).await.unwrap()["state"], "paid");
    }
    let credit = vendor.get("/credit").await.unwrap();
    assert_eq!(
        (&credit["available"]["minor"], &credit["lots"].as_array().unwrap().len()),
        (&json!(25_000), &1)
    );
    assert_eq!(vendor.get(&path).await.unwrap()["state"], "paid");
    let check = program.command().args(["ledger", "check"]).output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}
