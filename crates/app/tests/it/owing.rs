//! A vendor who owes the platform pays that from their credit, and may go then.

use serde_json::{Value, json};

use crate::place::{Browser, NAME, PHONE, Place};
use crate::story::id;

const OPERATORS_PHONE: &str = "9876500005";
const UTR: &str = "612345678901";

/// Tops up at the platform's own UPI id, and has the operator confirm it.
async fn top_up(place: &Place, owner: &mut Browser, operator: &mut Browser, paise: i64) {
    let ask = json!({ "client_id": id(), "amount": { "minor": paise, "currency": "INR" } });
    let asked = place.done(owner, "POST", "/credit/top-ups", ask).await;
    let top_up = asked["id"].as_str().unwrap();
    place.done(owner, "PUT", &format!("/credit/top-ups/{top_up}/utr"), json!({ "utr": UTR })).await;
    let said = place.done(operator, "GET", "/operator/top-ups", Value::Null).await;
    let tenant = said["items"][0]["tenant_id"].as_str().unwrap();
    let confirm = format!("/operator/top-ups/{tenant}/{top_up}/confirm");
    place.confirm(operator).await;
    place.done(operator, "POST", &confirm, json!({ "utr": UTR, "reason": "as the bank says" })).await;
    place.work().await;
}

#[tokio::test]
async fn a_vendor_who_owes_commission_pays_it_from_credit_and_may_go() {
    let place = Place::open_with(|config| {
        config.payments.commission_percent = "5".parse().unwrap();
        config.billing.platform.upi_id = Some("vyapar@okbank".parse().unwrap());
    })
    .await;
    let mut operator = place.account("Kamala", OPERATORS_PHONE).await;
    place.operate(OPERATORS_PHONE, identity::OperatorRole::Admin).await;
    let mut owner = place.account(NAME, PHONE).await;
    let product = place.stall(&mut owner).await;
    let (_, order) = place.deal(&mut owner, &mut Browser::default(), &product).await;
    place.done(&mut owner, "POST", &format!("/orders/{order}/hand-over"), Value::Null).await;
    place.confirm(&mut owner).await;
    let (_, why, answer) = place.refused(&mut owner, "PUT", "/me/erasure", Value::Null).await;
    assert_eq!((why.as_str(), &answer["obstacles"]), ("erasure-obstructed", &json!(["money_owed"])));
    assert_eq!(place.done(&mut owner, "GET", "/wallet", Value::Null).await["owed"]["minor"], -3_50);

    let debt = json!({ "client_id": id(), "amount": { "minor": 3_50, "currency": "INR" } });
    assert_eq!(place.refused(&mut owner, "POST", "/credit/settlements", debt.clone()).await.1, "no-credit");
    top_up(&place, &mut owner, &mut operator, 100_00).await;
    place.done(&mut owner, "POST", "/credit/settlements", debt).await;
    let wallet = place.done(&mut owner, "GET", "/wallet", Value::Null).await;
    let line = &wallet["entries"]["items"][0];
    assert_eq!(
        (&wallet["owed"]["minor"], &line["text_key"], &line["net"]["minor"]),
        (&json!(0), &json!("settled-from-credit"), &json!(3_50))
    );
    assert_eq!(place.done(&mut owner, "GET", "/credit", Value::Null).await["available"]["minor"], 96_50);
    let plan = place.done(&mut owner, "PUT", "/me/erasure", Value::Null).await;
    assert_eq!(plan["obstacles"], json!([]));
}
