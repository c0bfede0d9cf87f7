//! Documents are issued once, with consecutive numbers.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{Method, StatusCode};
use billing::{CreditLine, Document, DocumentKind, Error, NewCreditNote, Sale};
use chrono::TimeDelta;
use serde_json::json;
use types::{Money, RefundId};

use crate::desk::{Desk, profile, tomatoes, turmeric};

async fn registered(kind: &str) -> Desk {
    let desk = Desk::open().await;
    let (status, _) = desk.put(&desk.vendor(), "/tax-profile", &profile(kind)).await;
    assert!(status.is_success());
    desk
}

async fn snapshot(desk: &Desk, document: &Document) -> serde_json::Value {
    let stored = sqlx::query_scalar("select snapshot from documents where tenant_id = $1 and id = $2");
    stored.bind(desk.tenant).bind(document.id).fetch_one(desk.test.db.pool()).await.unwrap()
}

fn with_turmeric(desk: &Desk) -> Sale {
    Sale { lines: vec![turmeric()], total: Money::inr(210_00), ..desk.sale() }
}

#[tokio::test]
async fn the_seller_and_the_goods_decide_which_document_it_is() {
    let plain = Desk::open().await;
    assert_eq!(plain.issue(&with_turmeric(&plain)).await.unwrap().kind, DocumentKind::Receipt);
    let composition = registered("composition").await;
    assert_eq!(
        composition.issue(&with_turmeric(&composition)).await.unwrap().kind,
        DocumentKind::BillOfSupply
    );
    let regular = registered("regular").await;
    assert_eq!(regular.issue(&with_turmeric(&regular)).await.unwrap().kind, DocumentKind::TaxInvoice);
    assert_eq!(regular.issue(&regular.sale()).await.unwrap().kind, DocumentKind::BillOfSupply);
    let both = Sale { lines: vec![turmeric(), tomatoes()], total: Money::inr(360_00), ..regular.sale() };
    assert_eq!(regular.issue(&both).await.unwrap().kind, DocumentKind::TaxInvoice);
}

#[tokio::test]
async fn tax_is_inside_what_was_agreed() {
    let desk = registered("regular").await;
    let within = desk.issue(&with_turmeric(&desk)).await.unwrap();
    assert_eq!(within.total, Money::inr(210_00));
    let tax = &snapshot(&desk, &within).await["lines"][0]["tax"];
    let parts = ["taxable_value", "cgst", "sgst", "igst"].map(|part| tax[part]["minor"].as_i64().unwrap());
    assert_eq!(parts, [200_00, 5_00, 5_00, 0]);
    let place_of_supply = Some("33".parse().unwrap());
    let between = desk.issue(&Sale { place_of_supply, ..with_turmeric(&desk) }).await.unwrap();
    let tax = &snapshot(&desk, &between).await["lines"][0]["tax"];
    assert_eq!((&tax["igst"]["minor"], &tax["cgst"]["minor"]), (&json!(10_00), &json!(0)));
}

#[tokio::test]
async fn taxable_goods_without_a_rate_are_nil_rated() {
    let desk = registered("regular").await;
    let mut sale = with_turmeric(&desk);
    sale.lines[0].rate_percent = None;
    assert_eq!(desk.issue(&sale).await.unwrap().kind, DocumentKind::BillOfSupply);
}

#[tokio::test]
async fn an_order_has_one_document_however_often_it_is_asked_for() {
    let desk = Arc::new(Desk::open().await);
    let sale = Arc::new(desk.sale());
    let asked = (0..8).map(|_| {
        let (desk, sale) = (Arc::clone(&desk), Arc::clone(&sale));
        tokio::spawn(async move { desk.issue(&sale).await.unwrap() })
    });
    let mut documents = Vec::new();
    for answer in asked.collect::<Vec<_>>() {
        documents.push(answer.await.unwrap());
    }
    assert!(documents.iter().all(|document| *document == documents[0]));
    assert_eq!(documents[0].number, "RCT/26-27/0001");
    assert_eq!(desk.issue(&desk.sale()).await.unwrap().number, "RCT/26-27/0002");
}

#[tokio::test]
async fn fifty_sales_at_once_are_numbered_without_a_gap() {
    let desk = Arc::new(Desk::open().await);
    let issued = (0..50).map(|_| {
        let desk = Arc::clone(&desk);
        tokio::spawn(async move { desk.issue(&desk.sale()).await.unwrap().number })
    });
    let mut numbers = BTreeSet::new();
    for number in issued.collect::<Vec<_>>() {
        numbers.insert(number.await.unwrap());
    }
    let expected: BTreeSet<String> = (1..=50).map(|n| format!("RCT/26-27/{n:04}")).collect();
    assert_eq!(numbers, expected);
}

#[tokio::test]
async fn a_number_is_not_used_up_by_a_transaction_that_fails() {
    let desk = Desk::open().await;
    let mut transaction = desk.test.db.begin().await.unwrap();
    let lost = desk.billing.issue(&mut transaction, &desk.sale()).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(desk.issue(&desk.sale()).await.unwrap().number, lost.number);
}

#[tokio::test]
async fn two_hundred_sales_at_once_of_which_many_fail_leave_no_gap_and_no_number_twice() {
    let desk = Arc::new(Desk::open().await);
    let issued = (0..200_u32).map(|n| {
        let desk = Arc::clone(&desk);
        tokio::spawn(async move {
            let sale = desk.sale();
            // Some three in eight fail, in no order, and only once they have their number.
            if n.wrapping_mul(2_654_435_761) % 8 >= 3 {
                return Some(desk.issue(&sale).await.unwrap().number);
            }
            let mut transaction = desk.test.db.begin().await.unwrap();
            let _lost = desk.billing.issue(&mut transaction, &sale).await;
            transaction.rollback().await.unwrap();
            None
        })
    });
    let mut numbers = Vec::new();
    for number in issued.collect::<Vec<_>>() {
        numbers.extend(number.await.unwrap());
    }
    numbers.sort();
    let expected: Vec<String> = (1..=numbers.len()).map(|n| format!("RCT/26-27/{n:04}")).collect();
    assert!((100..150).contains(&numbers.len()), "many failed and more did not: {}", numbers.len());
    assert_eq!(numbers, expected);
}

#[tokio::test]
async fn each_kind_and_each_financial_year_has_its_own_series() {
    let desk = registered("regular").await;
    assert_eq!(desk.issue(&desk.sale()).await.unwrap().number, "BOS/26-27/0001");
    assert_eq!(desk.issue(&with_turmeric(&desk)).await.unwrap().number, "INV/26-27/0001");
    assert_eq!(desk.issue(&with_turmeric(&desk)).await.unwrap().number, "INV/26-27/0002");
    let new_year = "2027-03-31T18:30:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    desk.test.clock.advance(new_year - desk.now() - TimeDelta::seconds(1));
    assert_eq!(desk.issue(&with_turmeric(&desk)).await.unwrap().number, "INV/26-27/0003");
    desk.test.clock.advance(TimeDelta::seconds(1));
    assert_eq!(desk.issue(&with_turmeric(&desk)).await.unwrap().number, "INV/27-28/0001");
}

#[tokio::test]
async fn a_series_ends_before_its_numbers_grow_too_long() {
    let desk = Desk::open().await;
    desk.issue(&desk.sale()).await.unwrap();
    let pool = desk.test.db.pool();
    sqlx::query("update document_series set next = 999999").execute(pool).await.unwrap();
    let last = desk.issue(&desk.sale()).await.unwrap();
    assert_eq!((last.number.as_str(), last.number.len()), ("RCT/26-27/999999", 16));
    assert!(matches!(desk.issue(&desk.sale()).await, Err(Error::SeriesFull)));
}

#[tokio::test]
async fn a_document_does_not_change_with_the_profile() {
    let desk = registered("regular").await;
    let document = desk.issue(&with_turmeric(&desk)).await.unwrap();
    let before = snapshot(&desk, &document).await;
    desk.put(&desk.vendor(), "/tax-profile", &profile("none")).await;
    assert_eq!(snapshot(&desk, &document).await, before);
    assert_eq!(before["seller"]["named"]["gstin"], "29AAGCB7383J1Z4");
}

#[tokio::test]
async fn a_sale_that_contradicts_itself_is_not_documented() {
    let desk = Desk::open().await;
    let more = Sale { total: Money::inr(151_00), ..desk.sale() };
    let nothing = Sale { lines: Vec::new(), total: Money::inr(0), ..desk.sale() };
    let mut rate = with_turmeric(&desk);
    rate.lines[0].rate_percent = Some("-5".to_owned());
    for sale in [more, nothing, rate] {
        assert!(matches!(desk.issue(&sale).await, Err(Error::Sale(_))));
    }
    assert_eq!(desk.issue(&desk.sale()).await.unwrap().number, "RCT/26-27/0001");
}

#[tokio::test]
async fn both_sides_hear_of_the_document() {
    let desk = Desk::open().await;
    let sale = desk.sale();
    let document = desk.issue(&sale).await.unwrap();
    let heard = sqlx::query_scalar::<_, serde_json::Value>("select to_jsonb(sync_events) from sync_events");
    let heard = heard.fetch_all(desk.test.db.pool()).await.unwrap();
    assert_eq!(heard.len(), 2);
    for event in heard {
        assert!(event.to_string().contains(&document.number) && event.to_string().contains("document"));
    }
}

#[tokio::test]
async fn orders_know_their_documents() {
    let desk = Desk::open().await;
    let (first, second) = (desk.sale(), desk.sale());
    let document = desk.issue(&first).await.unwrap();
    let mut connection = desk.test.db.acquire().await.unwrap();
    let orders = [first.order, second.order];
    let found = desk.billing.documents_of(&mut connection, desk.tenant, &orders).await.unwrap();
    assert_eq!(found, [document]);
}

#[tokio::test]
async fn a_document_is_taken_back_once_by_one_of_a_series_of_its_own() {
    let desk = Arc::new(registered("regular").await);
    let sale = Arc::new(with_turmeric(&desk));
    assert_eq!(desk.take_back(&sale).await, None, "there is nothing to take back yet");
    let invoice = desk.issue(&sale).await.unwrap();
    desk.test.clock.advance(TimeDelta::seconds(1));
    let asked = (0..6).map(|_| {
        let (desk, sale) = (Arc::clone(&desk), Arc::clone(&sale));
        tokio::spawn(async move { desk.take_back(&sale).await.unwrap() })
    });
    let mut notes = Vec::new();
    for answer in asked.collect::<Vec<_>>() {
        notes.push(answer.await.unwrap());
    }
    let note = notes.pop().unwrap();
    assert!(notes.iter().all(|other| *other == note));
    assert_eq!(
        (note.kind, &*note.number, note.total),
        (DocumentKind::CreditNote, "CRN/26-27/0001", invoice.total)
    );
    assert_eq!(snapshot(&desk, &note).await["credits"]["number"], invoice.number);
    assert_eq!(snapshot(&desk, &invoice).await.get("credits"), None, "the invoice is as it was");

    let other = with_turmeric(&desk);
    assert_eq!(desk.issue(&other).await.unwrap().number, "INV/26-27/0002");
    assert_eq!(desk.take_back(&other).await.unwrap().number, "CRN/26-27/0002");
    let path = format!("/orders/{}/document", sale.order);
    assert_eq!(desk.get(&desk.vendor(), &path).await.1["number"], invoice.number, "that of the sale");
    assert_eq!(desk.get(&desk.buyer(&sale), &path).await.1["number"], invoice.number);
    let listed = desk.get(&desk.buyer(&sale), "/documents").await.1;
    assert_eq!(
        (&listed["items"][0]["kind"], listed["items"].as_array().unwrap().len()),
        (&json!("credit_note"), 2)
    );
    for (caller, id) in [(desk.buyer(&sale), note.id), (desk.vendor(), invoice.id)] {
        let path = format!("{path}.pdf?language=hi&document_id={id}");
        let (status, headers, _) = desk.call(&caller, Method::GET, &path, None).await;
        let name = if id == note.id { "CRN-26-27-0001.pdf" } else { "INV-26-27-0001.pdf" };
        assert_eq!(status, StatusCode::OK);
        assert!(headers["content-disposition"].to_str().unwrap().contains(name));
    }
    let foreign = format!("{path}.pdf?document_id={}", desk.take_back(&other).await.unwrap().id);
    assert_eq!(
        desk.get(&desk.vendor(), &foreign).await.0,
        StatusCode::NOT_FOUND,
        "a document of another order"
    );
}

#[tokio::test]
async fn a_receipt_is_taken_back_by_the_receipt_of_a_refund() {
    let desk = Desk::open().await;
    let sale = desk.sale();
    desk.issue(&sale).await.unwrap();
    let back = desk.take_back(&sale).await.unwrap();
    assert_eq!((back.kind, &*back.number), (DocumentKind::RefundReceipt, "RFD/26-27/0001"));
}

#[tokio::test]
async fn notes_for_parts_sum_to_the_invoice_for_each_tax() {
    let desk = registered("regular").await;
    let sale = Sale { lines: vec![turmeric(), tomatoes()], total: Money::inr(360_00), ..desk.sale() };
    let invoice = desk.issue(&sale).await.unwrap();
    let part = |place, before: i64, amount: i64, quantity: Option<&str>| CreditLine {
        place,
        before: Money::inr(before),
        amount: Money::inr(amount),
        quantity: quantity.map(|quantity| quantity.parse().unwrap()),
    };
    let refunds = [
        vec![part(0, 0, 33_33, None), part(1, 0, 50_00, Some("1"))],
        vec![part(0, 33_33, 176_66, None)],
        vec![part(0, 209_99, 1, None), part(1, 50_00, 100_00, None)],
    ];
    let mut notes = Vec::new();
    for (number, lines) in refunds.into_iter().enumerate() {
        let refund = RefundId::from_uuid(uuid::Uuid::from_u128(number as u128));
        let note = desk.take_back_parts(&sale, refund, lines.clone()).await.unwrap();
        assert_eq!(desk.take_back_parts(&sale, refund, lines).await.unwrap(), note, "once a refund");
        notes.push(note);
    }
    let numbers: Vec<&str> = notes.iter().map(|note| note.number.as_str()).collect();
    assert_eq!(numbers, ["CRN/26-27/0001", "CRN/26-27/0002", "CRN/26-27/0003"]);
    let mut sums = [0; 4];
    for note in &notes {
        for line in snapshot(&desk, note).await["lines"].as_array().unwrap() {
            for (sum, head) in sums.iter_mut().zip(["taxable_value", "cgst", "sgst", "igst"]) {
                *sum += line["tax"][head]["minor"].as_i64().unwrap_or(0);
            }
        }
    }
    assert_eq!(sums, [200_00, 5_00, 5_00, 0]);
    assert_eq!(notes.iter().map(|note| note.total.minor()).sum::<i64>(), invoice.total.minor());
    let path = format!("/orders/{}/document", sale.order);
    assert_eq!(desk.get(&desk.buyer(&sale), &path).await.1["number"], invoice.number);
    for note in &notes {
        let path = format!("{path}.pdf?document_id={}", note.id);
        assert_eq!(desk.call(&desk.buyer(&sale), Method::GET, &path, None).await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_note_beyond_the_line_is_refused() {
    let desk = registered("regular").await;
    let sale = with_turmeric(&desk);
    desk.issue(&sale).await.unwrap();
    for (place, before, amount) in [(0, 0, 210_01), (0, 200_00, 10_01), (1, 0, 1), (0, 0, 0)] {
        let line =
            CreditLine { place, before: Money::inr(before), amount: Money::inr(amount), quantity: None };
        let refund = RefundId::from_uuid(uuid::Uuid::from_u128(1));
        let credit = NewCreditNote { tenant: sale.tenant, order: sale.order, refund, lines: vec![line] };
        let mut connection = desk.test.db.acquire().await.unwrap();
        let answer = desk.billing.take_back(&mut connection, &credit).await;
        assert!(matches!(answer, Err(Error::Sale(_))), "{answer:?}");
    }
}

/// A shop in Karnataka with a GSTIN buys turmeric, which bears tax, and tomatoes, which bear none.
fn of_a_business(desk: &Desk) -> Sale {
    let recipient = billing::Recipient {
        gstin: Some("29AAGCB7383J1Z4".to_owned()),
        legal_name: "Patil Traders".to_owned(),
        address: "12, Laxmi Road".to_owned(),
        city: "Bengaluru".to_owned(),
        pin: "560001".to_owned(),
        state_code: "29".to_owned(),
    };
    let recipient = Some(recipient.check().unwrap());
    Sale { lines: vec![tomatoes(), turmeric()], total: Money::inr(360_00), recipient, ..desk.sale() }
}

#[tokio::test]
async fn a_registered_buyers_exempt_goods_stand_on_a_bill_of_supply_of_their_own() {
    let desk = registered("regular").await;
    let sale = of_a_business(&desk);
    let invoice = desk.issue(&sale).await.unwrap();
    assert_eq!(
        (invoice.kind, invoice.total, invoice.e_invoice),
        (DocumentKind::TaxInvoice, Money::inr(210_00), true)
    );
    assert_eq!(desk.issue(&sale).await.unwrap(), invoice, "once");
    let mut connection = desk.test.db.acquire().await.unwrap();
    let issued = desk.billing.documents_of(&mut connection, desk.tenant, &[sale.order]).await.unwrap();
    drop(connection);
    let [bill, last] = <[Document; 2]>::try_from(issued).unwrap();
    assert_eq!(
        (bill.kind, bill.total, bill.e_invoice),
        (DocumentKind::BillOfSupply, Money::inr(150_00), false)
    );
    assert_eq!(
        (last, &*bill.number, &*invoice.number),
        (invoice.clone(), "BOS/26-27/0001", "INV/26-27/0001")
    );
    let said = snapshot(&desk, &bill).await;
    assert_eq!(
        (&said["recipient"]["legal_name"], said["lines"].as_array().unwrap().len()),
        (&json!("Patil Traders"), 1)
    );
    assert_eq!(said["lines"][0]["item"], "tomato");
    for document in [&bill, &invoice] {
        let path = format!("/orders/{}/document.pdf?document_id={}", sale.order, document.id);
        let (status, _, pdf) = desk.call(&desk.buyer(&sale), Method::GET, &path, None).await;
        assert_eq!((status, &pdf[..5]), (StatusCode::OK, &b"%PDF-"[..]));
    }
    let (_, shown) = desk.get(&desk.buyer(&sale), &format!("/orders/{}/document", sale.order)).await;
    assert_eq!(shown["id"], json!(invoice.id), "the tax invoice is what the order's document is");
    // A buyer without a registration gets both on one paper.
    let plain = Sale { recipient: None, order: desk.sale().order, ..sale };
    assert_eq!(desk.issue(&plain).await.unwrap().total, Money::inr(360_00));
}

#[tokio::test]
async fn a_refund_takes_back_of_each_paper_what_is_on_it() {
    let desk = registered("regular").await;
    let sale = of_a_business(&desk);
    desk.issue(&sale).await.unwrap();
    let part = |place: usize, before: i64, amount: i64| CreditLine {
        place,
        before: Money::inr(before),
        amount: Money::inr(amount),
        quantity: None,
    };
    let of = |notes: &[Document]| notes.iter().map(|note| note.total.minor()).collect::<BTreeSet<_>>();
    let first: RefundId = sale.visit.uuid().into();
    let notes = desk.take_back_all(&sale, first, vec![part(0, 0, 50_00), part(1, 0, 21_00)]).await;
    assert_eq!(of(&notes), [21_00, 50_00].into());
    let numbers: BTreeSet<&str> = notes.iter().map(|note| &*note.number).collect();
    assert_eq!(numbers, ["CRN/26-27/0001", "CRN/26-27/0002"].into());
    let again = desk.take_back_all(&sale, first, vec![part(0, 0, 50_00), part(1, 0, 21_00)]).await;
    assert_eq!(
        again.iter().map(|note| note.id).collect::<BTreeSet<_>>(),
        notes.iter().map(|note| note.id).collect()
    );
    let second: RefundId = sale.guest.uuid().into();
    let notes = desk.take_back_all(&sale, second, vec![part(0, 50_00, 100_00)]).await;
    assert_eq!((of(&notes), notes[0].e_invoice), ([100_00].into(), false), "the exempt goods alone");
    let third: RefundId = sale.tenant.uuid().into();
    let notes = desk.take_back_all(&sale, third, vec![part(1, 21_00, 189_00)]).await;
    assert_eq!((of(&notes), notes[0].e_invoice), ([189_00].into(), true));
    let tax: i64 = sqlx::query_scalar(
        "select sum((line->'tax'->'cgst'->>'minor')::bigint + (line->'tax'->'sgst'->>'minor')::bigint)::bigint
         from documents, jsonb_array_elements(snapshot->'lines') as line
         where credits_id is not null and line ? 'tax'",
    )
    .fetch_one(desk.test.db.pool())
    .await
    .unwrap();
    assert_eq!(tax, 10_00, "all of the invoice's tax, to the paisa");
}
