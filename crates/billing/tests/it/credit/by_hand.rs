//! Top-ups at the platform's own UPI id: the vendor's word, the bank's file, the operator's word.

use axum::http::{Method, StatusCode};
use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::credit::purse::Purse;

const UTR: &str = "612345678901";

async fn ask(purse: &Purse, paise: i64) -> String {
    let id = Uuid::from_u128(u128::from_le_bytes(purse.test.entropy.bytes()));
    let ask = json!({"client_id": id, "amount": {"minor": paise, "currency": "INR"}});
    let (status, asked) = purse.post("/credit/top-ups", &ask).await;
    assert_eq!((status, &asked["state"]), (StatusCode::CREATED, &json!("waiting")), "{asked}");
    let uri = asked["by_hand"]["uri"].as_str().unwrap();
    assert!(uri.starts_with("upi://pay?pa=vyapar@okbank&") && uri.contains("&am=100.00&"), "{uri}");
    assert!(asked["by_hand"]["image_svg"].as_str().unwrap().contains("<svg"));
    asked["id"].as_str().unwrap().to_owned()
}

async fn say(purse: &Purse, top_up: &str, utr: &str) -> (StatusCode, Value) {
    purse.put(&format!("/credit/top-ups/{top_up}/utr"), &json!({"utr": utr})).await
}

async fn decide(purse: &Purse, top_up: &str, verb: &str, utr: &str) -> (StatusCode, Value) {
    let path = format!("/operator/top-ups/{}/{top_up}/{verb}", purse.tenant);
    let body = json!({"utr": utr, "reason": "as the bank says"});
    purse.operate(Method::POST, &path, Some(&body)).await
}

#[tokio::test]
async fn a_top_up_is_credit_once_the_operator_confirms_it_however_often_that_is_pressed() {
    let purse = Purse::with_till().await;
    assert_eq!(purse.get("/credit").await["gateways"], json!(["upi"]));
    let top_up = ask(&purse, 100_00).await;
    assert_eq!(say(&purse, &top_up, "12345").await.1["field"], "utr");
    let (status, said) = say(&purse, &top_up, "6123 4567 8901").await;
    assert_eq!(
        (status, &said["state"], &said["by_hand"]["utr"]),
        (StatusCode::OK, &json!("checking"), &json!(UTR))
    );
    assert_eq!(purse.standing().await.0, 0, "the vendor's word makes no credit");

    assert_eq!(
        decide(&purse, &top_up, "confirm", "612345678902").await.1["type"],
        "/problems/top-up-changed"
    );
    let pressed = join_all((0..6).map(|_| decide(&purse, &top_up, "confirm", UTR))).await;
    assert!(
        pressed.iter().all(|(status, shown)| *status == StatusCode::OK && shown["state"] == "paid"),
        "{pressed:?}"
    );
    assert_eq!(purse.standing().await.0, 100_00);
    assert_eq!(purse.get("/credit").await["returnable"]["minor"], 0, "no gateway can give it back");
    assert_eq!(purse.get(&format!("/credit/top-ups/{top_up}")).await["state"], "paid");
    assert_eq!(decide(&purse, &top_up, "refuse", UTR).await.1["type"], "/problems/top-up-changed");
    assert_eq!(say(&purse, &top_up, "612345678909").await.1["type"], "/problems/top-up-changed");
    purse.check_books().await;
}

#[tokio::test]
async fn one_payment_is_said_for_one_top_up_until_that_is_refused() {
    let purse = Purse::with_till().await;
    let (first, second) = (ask(&purse, 100_00).await, ask(&purse, 100_00).await);
    say(&purse, &first, UTR).await;
    assert_eq!(say(&purse, &second, UTR).await.1["type"], "/problems/utr-taken");

    let (status, refused) = decide(&purse, &first, "refuse", UTR).await;
    assert_eq!((status, &refused["state"]), (StatusCode::OK, &json!("refused")), "{refused}");
    let shown = purse.get(&format!("/credit/top-ups/{first}")).await;
    assert_eq!(
        (&shown["state"], &shown["by_hand"]["refusal"]),
        (&json!("refused"), &json!("as the bank says"))
    );
    assert_eq!(decide(&purse, &first, "confirm", UTR).await.1["type"], "/problems/top-up-changed");
    assert_eq!(say(&purse, &second, UTR).await.0, StatusCode::OK, "it may be somebody else's");
    assert_eq!(say(&purse, &first, "612345678903").await.1["state"], "checking", "a slip is put right");
    assert_eq!(decide(&purse, &second, "confirm", UTR).await.0, StatusCode::OK);
    assert_eq!(say(&purse, &first, UTR).await.1["type"], "/problems/utr-taken", "for ever");
    assert_eq!(purse.standing().await.0, 100_00);
}

#[tokio::test]
async fn the_banks_file_suggests_and_an_amount_that_differs_is_not_confirmed() {
    let purse = Purse::with_till().await;
    let (right, wrong) = (ask(&purse, 100_00).await, ask(&purse, 100_00).await);
    say(&purse, &right, UTR).await;
    say(&purse, &wrong, "612345678902").await;
    let file = "Date,Narration,Deposit\n26/11/2026,UPI/CR/612345678901/ANNAM,100.00\n26/11/2026,UPI/CR/612345678902/ANNAM,10.00\n";
    let (status, taken) = purse.bank_file(file).await;
    assert_eq!(
        (status, &taken),
        (StatusCode::CREATED, &json!({"payments": 2, "added": 2, "matched": 1})),
        "{taken}"
    );
    assert_eq!(purse.bank_file(file).await.1["added"], 0);
    let other = file.replace(",100.00", ",200.00");
    let (status, refused) = purse.bank_file(&other).await;
    assert_eq!(
        (status, &refused["lines"][0]["line"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!(2)),
        "{refused}"
    );

    let (_, listed) = purse.operate(Method::GET, "/operator/top-ups?state=checking", None).await;
    let of = |id: &str| {
        let items = listed["items"].as_array().unwrap();
        items.iter().find(|said| said["id"] == id).unwrap()["bank"].clone()
    };
    assert_eq!((of(&right), of(&wrong)), (json!("same"), json!("other_amount")), "{listed}");
    assert_eq!(decide(&purse, &wrong, "confirm", "612345678902").await.1["type"], "/problems/bank-disagrees");
    assert_eq!(decide(&purse, &right, "confirm", UTR).await.0, StatusCode::OK);
    let (_, paid) = purse.operate(Method::GET, "/operator/top-ups?state=paid", None).await;
    assert_eq!(paid["items"].as_array().unwrap().len(), 1);
    let (status, _) = purse.call_as_vendor("/operator/top-ups").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn without_a_gateway_and_a_upi_id_nothing_can_be_topped_up() {
    let purse = Purse::open().await;
    assert_eq!(purse.get("/credit").await["can_top_up"], false);
    let ask = json!({"client_id": Uuid::from_u128(9), "amount": {"minor": 100_00, "currency": "INR"}});
    assert_eq!(purse.post("/credit/top-ups", &ask).await.1["type"], "/problems/no-gateway");
}
