//! Two gateways on one installation: each is asked for its own.

use emulator::razorpay::Play;
use payments::{Error, NewTopUp, TOP_UPS};
use serde_json::json;
use types::IntentId;

use crate::reconciling::{reconcile, today};
use crate::stall::{AMOUNT, COMMISSION, Stall, kinds, operator};

/// ₹500.
const PRICE: i64 = 500_00;

fn new_top_up(stall: &Stall, gateway: Option<&str>) -> NewTopUp {
    NewTopUp { gateway: gateway.map(str::to_owned), ..stall.new_top_up(PRICE) }
}

async fn open(stall: &Stall, new: &NewTopUp) -> Result<IntentId, Error> {
    let intent = stall.open_top_up(new).await?;
    stall.work().await;
    Ok(intent)
}

#[tokio::test]
async fn buyers_pay_through_razorpay_and_vendors_where_they_choose() {
    let stall = Stall::with_both().await;
    assert_eq!(stall.payments.gateway_names(), ["razorpay", "stripe"]);
    let intent = stall.ask().await;
    assert_eq!(
        kinds(&stall.payment().await),
        ["upi_link/gateway", "qr/gateway", "checkout/gateway", "cash/vendor"]
    );
    stall.play(&Play::order(&stall.gateway_order(intent).await));
    stall.work().await;
    let (usual, card) = (new_top_up(&stall, None), new_top_up(&stall, Some("stripe")));
    let (by_usual, by_card) = (open(&stall, &usual).await.unwrap(), open(&stall, &card).await.unwrap());
    assert_eq!(kinds(&stall.top_up(&usual).await), ["upi_link/gateway", "qr/gateway", "checkout/gateway"]);
    assert_eq!(kinds(&stall.top_up(&card).await), ["page/gateway"]);
    stall.play(&Play::qr(&stall.gateway_qr(by_usual).await));
    stall.pay_at(&stall.page(by_card).await, "pm_card_visa").await;
    assert_eq!(stall.top_up(&usual).await["method"], "upi");
    assert_eq!(stall.top_up(&card).await["method"], "card");
    assert_eq!(stall.balance(TOP_UPS).await, 2 * PRICE);
    assert_eq!(stall.balance("gateway:stripe").await, PRICE);
    stall.books_hold(AMOUNT + PRICE, AMOUNT - COMMISSION, COMMISSION, 0).await;

    let nowhere = new_top_up(&stall, Some("paypal"));
    assert!(matches!(open(&stall, &nowhere).await, Err(Error::NoGateway)));
}

#[tokio::test]
async fn the_gateway_of_a_payment_gives_it_back() {
    let stall = Stall::with_both().await;
    let intent = stall.ask().await;
    stall.play(&Play::order(&stall.gateway_order(intent).await));
    stall.work().await;
    stall.refund(stall.order).await.unwrap();
    assert_eq!(stall.payment().await["state"], "refunded");
    assert_eq!((stall.refunds_at_gateway().await, stall.count_at_stripe("/v1/refunds").await), (1, 0));
}

#[tokio::test]
async fn a_day_is_compared_gateway_by_gateway() {
    let stall = Stall::with_both().await;
    let new = new_top_up(&stall, Some("stripe"));
    let intent = open(&stall, &new).await.unwrap();
    stall.pay_at(&stall.page(intent).await, "pm_card_visa").await;
    let first = reconcile(&stall, today(&stall)).await;
    assert_eq!((&first["gateway"], &first["compared"]), (&json!("razorpay"), &json!(0)));
    let asked = json!({"day": today(&stall), "gateway": "stripe", "reason": "the month ends"});
    let (_, run) = stall.post(operator(), "/operator/reconciliations", &asked).await;
    stall.work().await;
    let (_, runs) = stall.get(operator(), "/operator/reconciliations").await;
    let done = runs["items"].as_array().unwrap().iter().find(|other| other["id"] == run["id"]).unwrap();
    assert_eq!((&done["gateway"], &done["matched"]), (&json!("stripe"), &json!(1)), "{done}");

    let due = "insert into job_schedules (name, next_run_at) values ('reconcile-days', $1)";
    sqlx::query(due).bind(stall.now()).execute(stall.test.db.pool()).await.unwrap();
    stall.pass(86_400).await;
    for gateway in ["razorpay", "stripe"] {
        let by_itself = format!("reconciliation_runs where gateway = '{gateway}' and reason is null");
        assert!(stall.count(&by_itself).await > 0, "{gateway}");
    }
}
