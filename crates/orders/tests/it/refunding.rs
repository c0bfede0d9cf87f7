//! Giving back: goods, a part of the price, the rest; each with its credit note.

use axum::http::StatusCode;
use catalog::{NewProduct, Tax};
use serde_json::{Value, json};
use types::{Language, Money, OrderId, Price, ProductId, Quantity, Unit};
use uuid::Uuid;

use crate::market::{Buyer, Market, Vendor};

struct Sold {
    market: Market,
    vendor: Vendor,
    buyer: Buyer,
    spice: ProductId,
    order: OrderId,
}

/// A registered seller's order of 3 kg taxed spice for ₹120 and 1 kg exempt tomato for ₹40, paid in cash.
async fn sold() -> Sold {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let profile = json!({
        "registration": "regular", "gstin": "29AAGCB7383J1Z4", "legal_name": "Meena Stores",
        "address": "4 Market Road, Bengaluru", "state_code": "29",
    });
    let (status, answer) = market.put(&vendor.caller, "/tax-profile", &profile).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let tax: Tax =
        serde_json::from_value(json!({"hsn": "0910", "treatment": "taxable", "rate_percent": "5"})).unwrap();
    let new = NewProduct {
        client_id: market.test.entropy.id(market.test.clock.now()),
        name: "Turmeric".to_owned(),
        language: Some(Language::English),
        lemma: None,
        price: Price::new(Money::inr(40_00), Quantity::ONE, Unit::Kg).unwrap(),
        stock: "10".parse().unwrap(),
        floor: None,
        tax: Some(tax),
    };
    let spice = market.catalog.add_product(vendor.seller, &new).await.unwrap().id;
    let tomato = market.product(&vendor, "Tomato", "10", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    let order = market.agree(&market.agreement(&buyer, spice, "3", Unit::Kg)).await.unwrap().id;
    market.agree(&market.agreement(&buyer, tomato, "1", Unit::Kg)).await.unwrap();
    assert_eq!(market.take_cash(&vendor, order).await.0, StatusCode::OK);
    market.run_jobs().await;
    Sold { market, vendor, buyer, spice, order }
}

fn goods(line: i32, quantity: &str, restock: bool) -> Value {
    json!({"kind": "goods", "lines": [{"line": line, "quantity": quantity, "restock": restock}]})
}

fn body(client_id: u128, what: &Value, minor: i64) -> Value {
    let amount = json!({"minor": minor, "currency": "INR"});
    json!({"client_id": Uuid::from_u128(client_id), "what": what, "amount": amount, "reason": "two were soft"})
}

impl Sold {
    async fn ask(&self, body: &Value) -> (StatusCode, Value) {
        let path = format!("/orders/{}/refunds", self.order);
        let answer = self.market.post(&self.vendor.caller, &path, body).await;
        self.market.run_jobs().await;
        answer
    }

    async fn preview(&self, what: &Value) -> (StatusCode, Value) {
        let path = format!("/orders/{}/refunds/preview", self.order);
        self.market.post(&self.vendor.caller, &path, &json!({ "what": what })).await
    }

    async fn shown(&self) -> Value {
        self.market.show(&self.buyer.caller, self.order).await
    }

    /// The taxes of all credit notes together, and what they come to.
    async fn credited(&self) -> (i64, [i64; 3]) {
        let notes: Vec<Value> =
            sqlx::query_scalar("select snapshot from documents where credits_id is not null")
                .fetch_all(self.market.test.db.pool())
                .await
                .unwrap();
        let mut sums = [0; 3];
        for line in notes.iter().flat_map(|note| note["lines"].as_array().unwrap()) {
            for (sum, head) in sums.iter_mut().zip(["taxable_value", "cgst", "sgst"]) {
                *sum += line["tax"][head]["minor"].as_i64().unwrap_or(0);
            }
        }
        (notes.iter().map(|note| note["total"]["minor"].as_i64().unwrap()).sum(), sums)
    }
}

#[tokio::test]
async fn goods_that_come_back_are_paid_back_and_on_the_shelf_and_the_invoice_is_credited_for_them() {
    let sold = sold().await;
    assert_eq!(sold.market.stock(sold.vendor.tenant, sold.spice).await, (7_000, 0));
    let (_, preview) = sold.preview(&goods(1, "1", true)).await;
    assert_eq!((&preview["amount"]["minor"], &preview["left"]["minor"]), (&json!(40_00), &json!(120_00)));
    assert_eq!(
        (&preview["by"], sold.shown().await["refunds"].as_array().unwrap().len()),
        (&json!("vendor"), 0)
    );

    let (status, shown) = sold.ask(&body(1, &goods(1, "1", true), 40_00)).await;
    assert_eq!(status, StatusCode::CREATED, "{shown}");
    let (status, _) = sold.ask(&body(1, &goods(1, "1", true), 40_00)).await;
    assert_eq!(status, StatusCode::CREATED, "said twice, it was said once");
    let (status, reused) = sold.ask(&body(1, &goods(1, "2", true), 80_00)).await;
    assert_eq!((status, &reused["type"]), (StatusCode::CONFLICT, &json!("/problems/client-id-reused")));

    assert_eq!(sold.market.stock(sold.vendor.tenant, sold.spice).await, (8_000, 0));
    let shown = sold.shown().await;
    assert_eq!((&shown["state"], &shown["payment"]["refunded"]["minor"]), (&json!("paid"), &json!(40_00)));
    assert_eq!((&shown["lines"][0]["returned"], &shown["lines"][1].get("returned")), (&json!("1"), &None));
    let refund = &shown["refunds"][0];
    assert_eq!((&refund["by"], &refund["reason"]), (&json!("vendor"), &json!("two were soft")));
    let note = &shown["credit_notes"][0];
    assert_eq!((&note["number"], &note["total"]["minor"]), (&json!("CRN/26-27/0001"), &json!(40_00)));
    assert_eq!(sold.credited().await, (40_00, [38_10, 95, 95]), "rounded down until the last of it");
}

#[tokio::test]
async fn a_part_of_the_price_and_the_rest_come_to_the_whole_invoice() {
    let sold = sold().await;
    let price = json!({"kind": "money", "amount": {"minor": 16_01, "currency": "INR"}});
    assert_eq!(sold.ask(&body(1, &price, 16_01)).await.0, StatusCode::CREATED);
    assert_eq!(sold.market.stock(sold.vendor.tenant, sold.spice).await, (7_000, 0), "no goods came back");
    // What is left of three kilos is worth less now.
    let (_, preview) = sold.preview(&goods(1, "3", false)).await;
    assert_eq!(preview["amount"]["minor"], 120_00 - 12_01);
    let rest = json!({"kind": "rest", "restock": true});
    let (status, stale) = sold.ask(&body(2, &rest, 160_00)).await;
    assert_eq!((status, &stale["type"]), (StatusCode::CONFLICT, &json!("/problems/deal-changed")));
    assert_eq!(sold.ask(&body(2, &rest, 143_99)).await.0, StatusCode::CREATED);
    let shown = sold.shown().await;
    assert_eq!((&shown["state"], &shown["payment"]["state"]), (&json!("refunded"), &json!("refunded")));
    assert_eq!(shown["credit_notes"].as_array().unwrap().len(), 2);
    assert_eq!(sold.market.stock(sold.vendor.tenant, sold.spice).await, (10_000, 0));
    assert_eq!(sold.credited().await, (160_00, [114_28, 2_86, 2_86]), "as the invoice has it");
    let (status, over) = sold.ask(&body(3, &rest, 1)).await;
    assert_eq!((status, &over["type"]), (StatusCode::CONFLICT, &json!("/problems/order-not-now")));
}

#[tokio::test]
async fn what_is_not_left_does_not_go_back() {
    let sold = sold().await;
    for (what, field) in [(goods(1, "3.001", true), "lines"), (goods(9, "1", true), "lines")] {
        let (status, refused) = sold.preview(&what).await;
        assert_eq!(
            (status, &refused["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)),
            "{refused}"
        );
    }
    let beyond = json!({"kind": "money", "amount": {"minor": 160_01, "currency": "INR"}});
    let (status, refused) = sold.ask(&body(1, &beyond, 160_01)).await;
    assert_eq!((status, &refused["type"]), (StatusCode::CONFLICT, &json!("/problems/refund-too-large")));
    let path = format!("/orders/{}/refunds", sold.order);
    let other = sold.market.vendor("Other", Language::English).await;
    let money = json!({"kind": "money", "amount": {"minor": 1_00, "currency": "INR"}});
    let asked = body(2, &money, 1_00);
    assert_eq!(sold.market.post(&other.caller, &path, &asked).await.0, StatusCode::NOT_FOUND);
    assert_eq!(sold.market.post(&sold.buyer.caller, &path, &asked).await.0, StatusCode::UNAUTHORIZED);
    let silent =
        json!({"client_id": Uuid::from_u128(3), "what": money, "amount": money["amount"], "reason": " "});
    assert_eq!(sold.ask(&silent).await.1["field"], "reason");
    assert_eq!(sold.shown().await["refunds"], json!([]));
}

#[tokio::test]
async fn many_refunds_at_once_never_give_back_more_than_was_paid() {
    let sold = sold().await;
    let asks: Vec<Value> = (0..12)
        .map(|number: u128| {
            let minor = 7_00 + 3_33 * i64::try_from(number).unwrap();
            body(number + 1, &json!({"kind": "money", "amount": {"minor": minor, "currency": "INR"}}), minor)
        })
        .collect();
    let path = format!("/orders/{}/refunds", sold.order);
    let answers =
        futures::future::join_all(asks.iter().map(|ask| sold.market.post(&sold.vendor.caller, &path, ask)))
            .await;
    let granted: i64 = asks
        .iter()
        .zip(&answers)
        .filter(|(_, (status, _))| *status == StatusCode::CREATED)
        .map(|(ask, _)| ask["amount"]["minor"].as_i64().unwrap())
        .sum();
    assert!(
        granted <= 160_00 && answers.iter().any(|(status, _)| *status != StatusCode::CREATED),
        "{granted}"
    );
    sold.market.run_jobs().await;
    let (credited, _) = sold.credited().await;
    let shown = sold.shown().await;
    assert_eq!((credited, shown["payment"]["refunded"]["minor"].as_i64()), (granted, Some(granted)));
    if granted < 160_00 {
        let rest = json!({"kind": "rest", "restock": false});
        assert_eq!(sold.ask(&body(99, &rest, 160_00 - granted)).await.0, StatusCode::CREATED);
    }
    assert_eq!(sold.credited().await, (160_00, [114_28, 2_86, 2_86]));
}

#[tokio::test]
async fn the_operator_gives_back_too_and_it_is_told_whose_decision_it_was() {
    let sold = sold().await;
    let path = format!("/operator/orders/{}/refunds", sold.order);
    let money = json!({"kind": "money", "amount": {"minor": 25_00, "currency": "INR"}});
    let (status, preview) = sold
        .market
        .post(&sold.market.operator(), &format!("{path}/preview"), &json!({ "what": money }))
        .await;
    assert_eq!((status, &preview["amount"]["minor"]), (StatusCode::OK, &json!(25_00)));
    let asked = body(1, &money, 25_00);
    assert_eq!(sold.market.post(&sold.vendor.caller, &path, &asked).await.0, StatusCode::FORBIDDEN);
    let (status, order) = sold.market.post(&sold.market.operator(), &path, &asked).await;
    assert_eq!((status, &order["stall_name"]), (StatusCode::CREATED, &json!("Fresh")));
    sold.market.run_jobs().await;
    assert_eq!(sold.shown().await["refunds"][0]["by"], "operator");
    // Goods are named as the vendor names them.
    let of_lines = format!("/operator/orders/{}/lines", sold.order);
    assert_eq!(sold.market.get(&sold.vendor.caller, &of_lines).await.0, StatusCode::FORBIDDEN);
    let (status, lines) = sold.market.get(&sold.market.operator(), &of_lines).await;
    let own = sold.market.show(&sold.vendor.caller, sold.order).await;
    assert_eq!(
        (status, &lines),
        (StatusCode::OK, &own["lines"]),
        "as its vendor, who reads English, too, sees it"
    );
    let goods =
        json!({"kind": "goods", "lines": [{"line": lines[0]["line"], "quantity": "1", "restock": true}]});
    let (status, preview) = sold
        .market
        .post(&sold.market.operator(), &format!("{path}/preview"), &json!({ "what": goods }))
        .await;
    assert_eq!(status, StatusCode::OK, "{preview}");
    let asked = body(2, &goods, preview["amount"]["minor"].as_i64().unwrap());
    assert_eq!(sold.market.post(&sold.market.operator(), &path, &asked).await.0, StatusCode::CREATED);
    sold.market.run_jobs().await;
    let (_, lines) = sold.market.get(&sold.market.operator(), &of_lines).await;
    assert_eq!(lines[0]["returned"], "1");
    let notes = sold.shown().await["credit_notes"].clone();
    assert_eq!(notes.as_array().unwrap().len(), 2, "{notes}");
}
