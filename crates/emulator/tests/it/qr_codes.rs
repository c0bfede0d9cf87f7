use emulator::razorpay::{Outcome, Play};
use serde_json::{Value, json};

use crate::shop::{NOW_S, Receiver, Shop, text};

#[tokio::test]
async fn a_qr_code_has_exactly_the_documented_fields() {
    let shop = Shop::open().await;
    let body = json!({
        "type": "upi_qr", "name": "Stall A-7", "usage": "single_use", "fixed_amount": true, "payment_amount": 75_005,
        "description": "5 kg & more", "close_by": NOW_S + 900, "notes": { "order": "17" }
    });
    let (_, qr) = shop.post("/v1/payments/qr_codes", body).await;
    let id = text(&qr["id"]);
    let reference = id.trim_start_matches("qr_");
    assert_eq!(
        qr,
        json!({
            "id": id, "entity": "qr_code", "created_at": NOW_S, "name": "Stall A-7", "usage": "single_use",
            "type": "upi_qr", "image_url": format!("{}/pay/qr/{id}/image", shop.emulator.razorpay_url()),
            "image_content": format!(
                "upi://pay?pa=vyaparmitra@emulator&pn=VyaparMitra%20Demo&tr=RZP{reference}qrv2\
                 &tn=5%20kg%20%26%20more&am=750.05&cu=INR&mc=5411"
            ),
            "payment_amount": 75_005, "status": "active", "description": "5 kg & more", "fixed_amount": true,
            "payments_amount_received": 0, "payments_count_received": 0, "notes": { "order": "17" },
            "customer_id": null, "close_by": NOW_S + 900, "closed_at": null, "close_reason": null
        })
    );
}

#[tokio::test]
async fn a_paid_qr_code_is_credited_and_closes_without_an_event() {
    let (shop, receiver) = (Shop::open().await, Receiver::open().await);
    shop.notify(&receiver);
    let qr = shop.qr().await;
    let payment = shop.play(&Play::qr(&qr)).payment;
    shop.emulator.razorpay().settle().await;
    assert_eq!(
        receiver.events(),
        ["qr_code.created", "payment.authorized", "payment.captured", "qr_code.credited"]
    );
    let credited = receiver.received()[3].json();
    assert_eq!(credited["contains"], json!(["payment", "qr_code"]));
    assert_eq!(credited["payload"]["qr_code"]["entity"]["close_reason"], "paid");
    assert_eq!(credited["payload"]["payment"]["entity"], payment);
    assert_eq!((&payment["order_id"], &payment["fee"]), (&Value::Null, &json!(0)));
    assert!(shop.emulator.razorpay().play(&Play::qr(&qr)).is_err());
}

#[tokio::test]
async fn the_setting_makes_a_paid_qr_code_fire_closed() {
    let (shop, receiver) = (Shop::open().await, Receiver::open().await);
    shop.set(|settings| settings.paid_qr_fires_closed = true);
    shop.notify(&receiver);
    let qr = shop.qr().await;
    shop.play(&Play::qr(&qr));
    shop.emulator.razorpay().settle().await;
    assert_eq!(receiver.events().last().unwrap(), "qr_code.closed");
}

#[tokio::test]
async fn an_expired_qr_code_is_closed_silently_and_takes_no_money() {
    let (shop, receiver) = (Shop::open().await, Receiver::open().await);
    shop.notify(&receiver);
    let body = json!({
        "type": "upi_qr", "usage": "single_use", "fixed_amount": true, "payment_amount": 100, "close_by": NOW_S + 900
    });
    let (_, qr) = shop.post("/v1/payments/qr_codes", body).await;
    let id = text(&qr["id"]);
    shop.advance_s(900).await;
    let closed = shop.get(&format!("/v1/payments/qr_codes/{id}")).await;
    assert_eq!(
        (&closed["status"], &closed["closed_at"], &closed["close_reason"]),
        (&json!("closed"), &json!(NOW_S + 900), &Value::Null)
    );
    assert!(shop.emulator.razorpay().play(&Play::qr(&id)).is_err());
    assert_eq!(receiver.events(), ["qr_code.created"]);
}

#[tokio::test]
async fn a_multiple_use_qr_code_takes_any_amount_many_times() {
    let shop = Shop::open().await;
    let body = json!({ "type": "upi_qr", "usage": "multiple_use" });
    let (_, qr) = shop.post("/v1/payments/qr_codes", body).await;
    let id = text(&qr["id"]);
    for amount in [100, 25_050] {
        shop.play(&Play { amount: Some(amount), ..Play::qr(&id) });
    }
    assert!(shop.emulator.razorpay().play(&Play::qr(&id)).is_err());
    let shown = shop.get(&format!("/v1/payments/qr_codes/{id}")).await;
    assert_eq!(
        (&shown["status"], &shown["payments_amount_received"], &shown["payments_count_received"]),
        (&json!("active"), &json!(25_150), &json!(2))
    );
}

#[tokio::test]
async fn a_fixed_amount_cannot_be_changed_by_the_payer() {
    let shop = Shop::open().await;
    let qr = shop.qr().await;
    for amount in [1, 74_999, 75_001, -75_000, 0] {
        let play = Play { amount: Some(amount), ..Play::qr(&qr) };
        assert!(shop.emulator.razorpay().play(&play).is_err(), "{amount}");
    }
}

#[tokio::test]
async fn a_late_bank_credits_the_qr_code_in_the_end() {
    let shop = Shop::open().await;
    let qr = shop.qr().await;
    let late = Outcome::Late { fails_after_s: 0, authorizes_after_s: Some(30) };
    let payment = shop.play(&Play::qr(&qr).with(late)).payment;
    assert_eq!(payment["status"], "failed");
    shop.advance_s(30).await;
    assert_eq!(shop.get(&format!("/v1/payments/qr_codes/{qr}")).await["payments_amount_received"], 75_000);
}

#[tokio::test]
async fn a_wrong_qr_code_is_refused() {
    let shop = Shop::open().await;
    let good =
        json!({ "type": "upi_qr", "usage": "single_use", "fixed_amount": true, "payment_amount": 100 });
    for (field, value) in [
        ("type", json!("bharat_qr")),
        ("type", Value::Null),
        ("usage", json!("twice")),
        ("payment_amount", json!(0)),
        ("payment_amount", Value::Null),
        ("fixed_amount", json!(false)),
        ("fixed_amount", json!("yes")),
        ("close_by", json!(NOW_S + 899)),
        ("close_by", json!(2_147_483_648_i64)),
        ("customer_id", json!("someone")),
        ("colour", json!("red")),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        let (status, refusal) = shop.post("/v1/payments/qr_codes", body).await;
        assert_eq!(status, 400, "{field}: {value} gave {refusal}");
    }
}
