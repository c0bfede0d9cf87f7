//! Every file passes the schema that was written from the portal's documents, and what the portal adds up itself.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use types::{Language, Money, Price, Quantity, Unit};
use uuid::Uuid;

use super::{Missing, SchemaVersion, e_invoice_of, irn, reference};
use crate::series::FinancialYear;
use crate::tax_profile::CheckedProfile;
use crate::{
    CreditLine, Document, DocumentKind, DocumentLine, Error, Paid, PaidBy, Recipient, Registration, Sale,
    SaleLine, Snapshot,
};

/// Python's validator of JSON Schema, which had no part in writing either side: prints what is wrong with each file.
const VALIDATOR: &str = r#"
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
files = json.load(sys.stdin)
for place, file in enumerate(files):
    for error in validator.iter_errors(file):
        print(place, "/".join(map(str, error.absolute_path)), error.message)
print("looked at", len(files))
"#;

fn seller() -> CheckedProfile {
    CheckedProfile {
        registration: Registration::Regular,
        gstin: Some("29AAGCB7383J1Z4".parse().unwrap()),
        legal_name: "Meena \"Fresh\" Stores".to_owned(),
        address: "4 Market Road".to_owned(),
        city: Some("Bengaluru".to_owned()),
        pin: Some("560001".parse().unwrap()),
        state: "29".parse().unwrap(),
    }
}

fn buyer() -> Recipient {
    Recipient {
        gstin: Some("27AAPFU0939F1ZV".to_owned()),
        legal_name: "Patil Traders".to_owned(),
        address:
            "Shop 12, Second Floor, Laxmi Road, behind the old vegetable market and opposite the bus stand, \
                  Sadashiv Peth"
                .to_owned(),
        city: "Pune".to_owned(),
        pin: "411030".to_owned(),
        state_code: "27".to_owned(),
    }
}

fn line(paise: i64, rate: Option<&str>, (quantity, unit): (&str, Unit)) -> SaleLine {
    SaleLine {
        name: "மஞ்சள் தூள்".to_owned(),
        names: [].into(),
        item: "turmeric".to_owned(),
        hsn: Some("0910".to_owned()),
        quantity: quantity.parse().unwrap(),
        unit,
        price: Price::new(Money::inr(paise), Quantity::ONE, unit).unwrap(),
        total: Money::inr(paise),
        taxable: rate.is_some(),
        rate_percent: rate.map(str::to_owned),
    }
}

fn sale(lines: Vec<SaleLine>, place_of_supply: Option<&str>) -> Sale {
    Sale {
        tenant: Uuid::from_u128(1).into(),
        order: Uuid::from_u128(2).into(),
        order_number: "17".to_owned(),
        visit: Uuid::from_u128(3).into(),
        guest: Uuid::from_u128(4).into(),
        buyer_language: Language::Hindi,
        vendor_language: Language::Tamil,
        seller_name: "மீனா கடை".to_owned(),
        total: Money::inr(lines.iter().map(|line| line.total.minor()).sum()),
        lines,
        paid: Paid {
            method: "upi".to_owned(),
            by: PaidBy::Gateway,
            reference: None,
            at: "2026-11-23T20:30:00Z".parse().unwrap(),
        },
        place_of_supply: place_of_supply.map(|code| code.parse().unwrap()),
        recipient: Some(buyer().check().unwrap()),
    }
}

fn numbered(kind: DocumentKind, number: i32, sale: &Sale) -> Document {
    Document {
        id: Uuid::from_u128(5).into(),
        kind,
        number: FinancialYear::of(sale.paid.at).number(kind, number),
        order_id: sale.order,
        total: sale.total,
        issued_at: sale.paid.at,
        e_invoice: true,
    }
}

/// The file of a sale's document as text, and of what takes it back.
fn files(sale: &Sale, version: SchemaVersion) -> [String; 2] {
    let (kind, snapshot) = Snapshot::of(sale, Some(&seller())).unwrap();
    let invoice = numbered(kind, 42, sale);
    let back = numbered(kind.taken_back_by().unwrap(), 7, sale);
    let whole = |(place, line): (usize, &DocumentLine)| CreditLine {
        place,
        before: Money::inr(0),
        amount: line.total,
        quantity: Some(line.quantity),
    };
    let parts: Vec<CreditLine> = snapshot.lines.iter().enumerate().map(whole).collect();
    let taking_back = snapshot.clone().taking_back(&invoice, &parts).unwrap();
    [(&invoice, snapshot), (&back, taking_back)].map(|(document, snapshot)| {
        let (_, file) = e_invoice_of(document, &snapshot, version).unwrap();
        serde_json::to_string(&file).unwrap()
    })
}

/// The interpreter with the validator: named in `VYAPAR_PYTHON`, or in the repository's own tools.
fn python() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/venv/bin/python");
    std::env::var_os("VYAPAR_PYTHON").map_or(own, PathBuf::from)
}

/// What the validator finds wrong with these files, each an object.
fn faults(texts: &[String]) -> String {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/inv-01.schema.json");
    let mut command = Command::new(python());
    command.args(["-c", VALIDATOR]).arg(schema).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = command.spawn().expect("a Python with jsonschema: run `scripts/setup`");
    running.stdin.take().unwrap().write_all(format!("[{}]", texts.join(",")).as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "jsonschema is not installed: run `scripts/setup`");
    let told = String::from_utf8(output.stdout).unwrap();
    let looked_at = format!("looked at {}\n", texts.len());
    told.strip_suffix(&looked_at).expect("every file is looked at").to_owned()
}

#[track_caller]
fn passes(texts: &[String]) -> Vec<Value> {
    assert_eq!(faults(texts), "");
    let files: Vec<Value> = texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    files.iter().for_each(adds_up);
    files
}

/// An amount in paise, read from its digits.
fn paise(value: &Value) -> i64 {
    let text = value.to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let cents: String = format!("{rest}00").chars().take(2).collect();
    whole.parse::<i64>().unwrap() * 100 + cents.parse::<i64>().unwrap()
}

/// What a portal computes again, with its tolerance of one rupee.
fn adds_up(file: &Value) {
    let near = |is: i64, should: i64| assert!((is - should).abs() <= 100, "{is} is not {should}\n{file:#}");
    let (values, items) = (&file["ValDtls"], file["ItemList"].as_array().unwrap());
    let sum = |part: &str| items.iter().map(|item| paise(&item[part])).sum::<i64>();
    let intra = file["SellerDtls"]["Stcd"] == file["BuyerDtls"]["Pos"];
    for item in items {
        let part = |name: &str| paise(&item[name]);
        // A rate has two decimal places like an amount.
        let tax = part("AssAmt") * part("GstRt") / 10_000;
        assert_eq!(part("AssAmt"), part("TotAmt"));
        near(part("TotItemVal"), part("AssAmt") + part("IgstAmt") + part("CgstAmt") + part("SgstAmt"));
        near(part("IgstAmt"), if intra { 0 } else { tax });
        near(part("CgstAmt"), if intra { tax / 2 } else { 0 });
        assert_eq!(part("SgstAmt"), part("CgstAmt"));
    }
    let totals =
        [("AssVal", "AssAmt"), ("CgstVal", "CgstAmt"), ("SgstVal", "SgstAmt"), ("IgstVal", "IgstAmt")];
    for (total, part) in totals {
        assert_eq!(paise(&values[total]), sum(part), "{total}");
    }
    assert_eq!(paise(&values["TotInvVal"]), sum("TotItemVal"));
}

#[test]
fn an_invoice_within_the_state_and_its_credit_note_pass() {
    let sale =
        sale(vec![line(210_00, Some("5"), ("1.5", Unit::Kg)), line(150_00, None, ("5", Unit::Piece))], None);
    let files = passes(&files(&sale, SchemaVersion::V101));
    let (invoice, back) = (&files[0], &files[1]);
    assert_eq!(invoice["Version"], "1.01");
    assert_eq!(
        invoice["DocDtls"],
        json!({"Typ": "INV", "No": "INV/26-27/0042", "Dt": "24/11/2026"}),
        "Indian time"
    );
    assert_eq!(invoice["SellerDtls"]["LglNm"], "Meena 'Fresh' Stores");
    let item = &invoice["ItemList"][0];
    assert_eq!(
        (&item["Unit"], &item["PrdDesc"], &item["Qty"]),
        (&json!("KGS"), &json!("turmeric"), &json!(1.5))
    );
    assert_eq!(invoice["ItemList"][1]["GstRt"], 0);
    assert_eq!(invoice["BuyerDtls"]["Pos"], "29", "handed over at the stall");
    assert!(invoice["BuyerDtls"]["Addr2"].as_str().is_some_and(|rest| rest.ends_with("Sadashiv Peth")));
    assert_eq!(invoice.get("RefDtls"), None);
    assert_eq!(back["DocDtls"]["Typ"], "CRN");
    let before = json!({"InvNo": "INV/26-27/0042", "InvDt": "24/11/2026"});
    assert_eq!(back["RefDtls"]["PrecDocDtls"], json!([before]));
}

#[test]
fn an_invoice_into_another_state_passes_in_the_later_version_too() {
    let sale = sale(vec![line(1_05_000_00, Some("5"), ("3", Unit::Quintal))], Some("27"));
    let texts = files(&sale, SchemaVersion::V11);
    let exact = r#""AssVal":100000.00,"CgstVal":0.00,"SgstVal":0.00,"IgstVal":5000.00"#;
    assert!(texts[0].contains(exact), "{}", texts[0]);
    let invoice = passes(&texts).remove(0);
    assert_eq!((&invoice["Version"], &invoice["BuyerDtls"]["Pos"]), (&json!("1.1"), &json!("27")));
}

#[test]
fn what_is_missing_is_named() {
    let mut sale = sale(vec![line(210_00, Some("5"), ("1", Unit::Kg))], None);
    sale.lines[0].hsn = None;
    let bare = CheckedProfile { city: None, pin: None, legal_name: "MS".to_owned(), ..seller() };
    let (kind, snapshot) = Snapshot::of(&sale, Some(&bare)).unwrap();
    match e_invoice_of(&numbered(kind, 1, &sale), &snapshot, SchemaVersion::V101) {
        Err(Error::EInvoiceIncomplete(missing)) => {
            assert_eq!(missing, [Missing::SellerCity, Missing::SellerPin, Missing::Name, Missing::Hsn]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_buyer_without_a_gstin_and_goods_without_tax_have_none() {
    let taxed = || vec![line(210_00, Some("5"), ("1", Unit::Kg))];
    let person = Recipient { gstin: None, ..buyer() }.check().unwrap();
    for sale in [
        Sale { recipient: None, ..sale(taxed(), None) },
        Sale { recipient: Some(person), ..sale(taxed(), None) },
        sale(vec![line(150_00, None, ("5", Unit::Kg))], None),
    ] {
        let (kind, snapshot) = Snapshot::of(&sale, Some(&seller())).unwrap();
        let made = e_invoice_of(&numbered(kind, 1, &sale), &snapshot, SchemaVersion::V101);
        assert!(matches!(made, Err(Error::NoEInvoice)), "{kind:?}");
    }
}

#[test]
fn the_reference_is_what_the_portal_computes() {
    // A document of the portal's trial system, with the reference that it answered and signed.
    let year = FinancialYear::of("2020-08-08T06:00:00Z".parse().unwrap());
    assert_eq!(year.in_full(), "2020-21");
    let digest = reference("24AAFCD5862R005", year, "INV", "DOC/007");
    assert_eq!(digest, "58f1669d31c5725ddcc39eeecd465e69543c639daeb1d582546aa3d28d66c3f8");
    let own = irn(&"29AAGCB7383J1Z4".parse().unwrap(), year, "INV", "INV/20-21/0001");
    assert_eq!(own, reference("29AAGCB7383J1Z4", year, "INV", "INV/20-21/0001"));
}

#[test]
fn a_file_that_is_wrong_is_noticed() {
    let sale = sale(vec![line(210_00, Some("5"), ("1", Unit::Kg))], None);
    let right: Value = serde_json::from_str(&files(&sale, SchemaVersion::V101)[0]).unwrap();
    for (pointer, wrong) in [
        ("/DocDtls/Dt", json!("2026-11-24")),
        ("/DocDtls/No", json!("/26-27/0042")),
        ("/SellerDtls/Pin", json!("560001")),
        ("/BuyerDtls/Gstin", json!("27AAPFU0939F1Z")),
        ("/SellerDtls/LglNm", json!("a \"quoted\" name")),
        ("/ItemList/0/Unit", json!("KILO")),
        ("/ItemList/0/HsnCd", json!("091")),
        ("/ValDtls/TotInvVal", json!("210.00")),
    ] {
        let mut file = right.clone();
        *file.pointer_mut(pointer).unwrap() = wrong;
        assert!(!faults(&[file.to_string()]).is_empty(), "{pointer}");
    }
}

/// Sales of one to eight lines, at every rate, in every unit, within the state and beyond it.
fn any_sale() -> impl Strategy<Value = Sale> {
    let line_of =
        (1i64..=9_99_99_999, 0usize..5, 1u32..=99_999, 0usize..12).prop_map(|(paise, rate, milli, unit)| {
            let rate = [Some("5"), Some("12"), Some("18"), Some("0.25"), None][rate];
            let quantity = format!("{}.{:03}", milli / 1000, milli % 1000);
            line(paise, rate, (&quantity, Unit::ALL[unit]))
        });
    (prop::collection::vec(line_of, 0..8), any::<bool>()).prop_map(|(mut lines, inter)| {
        lines.push(line(105_00, Some("5"), ("1", Unit::Kg)));
        sale(lines, inter.then_some("27"))
    })
}

#[test]
fn every_sale_passes() {
    let mut runner = TestRunner::deterministic();
    let texts = (0..200).flat_map(|_| {
        let sale = any_sale().new_tree(&mut runner).unwrap().current();
        files(&sale, SchemaVersion::V101)
    });
    passes(&texts.collect::<Vec<_>>());
}
