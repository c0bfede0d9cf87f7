//! Papers of every kind, printed and read again with pdftotext.

use std::path::{Path, PathBuf};
use std::process::Command;

use types::{Language, Money, Price, Quantity, Unit};
use uuid::Uuid;

use super::fonts::Found;
use super::{Config, Press};
use crate::series::FinancialYear;
use crate::tax_profile::{CheckedProfile, Registration};
use crate::{
    CheckedRecipient, CreditLine, Document, DocumentKind, EvidenceCell, EvidencePaper, EvidenceSection, Paid,
    PaidBy, PaymentRequest, Sale, SaleLine, Snapshot,
};

fn line(name: &str, item: &str, (paise, rate): (i64, Option<&str>), quantity: &str) -> SaleLine {
    let quantity: Quantity = quantity.parse().unwrap();
    let price = Price::new(Money::inr(paise), Quantity::ONE, Unit::Kg).unwrap();
    SaleLine {
        name: name.to_owned(),
        names: [].into(),
        item: item.to_owned(),
        hsn: rate.map(|_| "0910".to_owned()),
        quantity,
        unit: Unit::Kg,
        price,
        total: price.total_for(quantity, Unit::Kg).unwrap(),
        taxable: rate.is_some(),
        rate_percent: rate.map(str::to_owned),
    }
}

fn sale(lines: Vec<SaleLine>, language: Language) -> Sale {
    let total = lines.iter().map(|line| line.total.minor()).sum();
    Sale {
        tenant: Uuid::from_u128(1).into(),
        order: Uuid::from_u128(2).into(),
        order_number: "17".to_owned(),
        visit: Uuid::from_u128(3).into(),
        guest: Uuid::from_u128(4).into(),
        buyer_language: language,
        vendor_language: Language::Tamil,
        seller_name: "மீனா காய்கறி கடை".to_owned(),
        lines,
        total: Money::inr(total),
        paid: Paid {
            method: "upi".to_owned(),
            by: PaidBy::Gateway,
            reference: Some("pay_29QQoUBi66xm2f".to_owned()),
            at: "2026-11-23T09:30:00Z".parse().unwrap(),
        },
        place_of_supply: None,
        recipient: None,
    }
}

fn profile(registration: Registration) -> CheckedProfile {
    CheckedProfile {
        registration,
        gstin: Some("29AAGCB7383J1Z4".parse().unwrap()),
        legal_name: "Meena Stores".to_owned(),
        address: "4 Market Road".to_owned(),
        city: Some("Bengaluru".to_owned()),
        pin: Some("560001".parse().unwrap()),
        state: "29".parse().unwrap(),
    }
}

fn spices_and_tomatoes() -> Vec<SaleLine> {
    vec![
        line("மஞ்சள் தூள்", "turmeric", (240_00, Some("5")), "0.5"),
        line("தக்காளி", "tomato", (30_00, None), "5"),
    ]
}

async fn print(name: &str, sale: &Sale, profile: Option<&CheckedProfile>) -> (DocumentKind, String) {
    let (kind, snapshot) = Snapshot::of(sale, profile).unwrap();
    let document = numbered(kind, 42, sale);
    (kind, press(name, document, snapshot, sale.buyer_language).await)
}

/// The paper that takes back a sale's.
async fn print_back(name: &str, sale: &Sale, profile: Option<&CheckedProfile>) -> (DocumentKind, String) {
    let parts: Vec<CreditLine> = (0..sale.lines.len())
        .map(|place| {
            let SaleLine { total: amount, quantity, .. } = sale.lines[place];
            CreditLine { place, before: Money::inr(0), amount, quantity: Some(quantity) }
        })
        .collect();
    print_parts_back(name, sale, profile, &parts).await
}

async fn print_parts_back(
    name: &str,
    sale: &Sale,
    profile: Option<&CheckedProfile>,
    parts: &[CreditLine],
) -> (DocumentKind, String) {
    let (kind, snapshot) = Snapshot::of(sale, profile).unwrap();
    let snapshot = snapshot.taking_back(&numbered(kind, 42, sale), parts).unwrap();
    let kind = kind.taken_back_by().unwrap();
    let document = Document { total: snapshot.total, ..numbered(kind, 7, sale) };
    (kind, press(name, document, snapshot, sale.buyer_language).await)
}

fn numbered(kind: DocumentKind, number: i32, sale: &Sale) -> Document {
    let issued_at = sale.paid.at;
    Document {
        id: Uuid::from_u128(5).into(),
        kind,
        number: FinancialYear::of(issued_at).number(kind, number),
        order_id: sale.order,
        total: sale.total,
        issued_at,
        e_invoice: false,
    }
}

async fn press(name: &str, document: Document, snapshot: Snapshot, language: Language) -> String {
    let press = Press::new(Config::default());
    let pdf = press.print(document, snapshot, language).await.unwrap().bytes;
    assert!(pdf.starts_with(b"%PDF-"));
    text_of(&pdf, &folder().join(format!("{name}.pdf")))
}

#[tokio::test]
async fn a_credit_note_names_the_invoice_and_its_taxes_and_says_that_the_money_goes_back() {
    let regular = profile(Registration::Regular);
    for language in [Language::Hindi, Language::Tamil, Language::Bengali, Language::Urdu] {
        let sale = sale(spices_and_tomatoes(), language);
        let name = format!("credit-note-{}", language.code());
        let (kind, text) = print_back(&name, &sale, Some(&regular)).await;
        assert_eq!(kind, DocumentKind::CreditNote);
        says(&text, &["Credit note", "CRN/26-27/0007", "CGST", "2.5%", "₹270"]);
        // What runs from the right is read from the picture in another order.
        if language != Language::Urdu {
            says(&text, &["INV/26-27/0042 (23-11-2026)"]);
        }
        says(&text, &["The whole amount goes back to the buyer"]);
        assert!(!text.contains("pay_29QQoUBi66xm2f"), "nothing was paid by this paper: {text}");
    }
    let (kind, text) =
        print_back("refund-receipt-en", &sale(spices_and_tomatoes(), Language::English), None).await;
    assert_eq!(kind, DocumentKind::RefundReceipt);
    says(&text, &["Refund receipt", "RFD/26-27/0007", "RCT/26-27/0042"]);
}

#[tokio::test]
async fn a_credit_note_for_a_part_names_the_goods_that_came_back_and_the_money_without_goods() {
    let regular = profile(Registration::Regular);
    let sale = sale(spices_and_tomatoes(), Language::Hindi);
    let half = Some("0.25".parse().unwrap());
    let parts = [
        CreditLine { place: 0, before: Money::inr(0), amount: Money::inr(60_00), quantity: half },
        CreditLine { place: 1, before: Money::inr(0), amount: Money::inr(15_50), quantity: None },
    ];
    let (_, text) = print_parts_back("credit-note-part-hi", &sale, Some(&regular), &parts).await;
    says(
        &text,
        &["Credit note", "60.00", "1.43", "15.50", "₹75.50", "A part of the amount goes back to the buyer"],
    );
    says(&text, &["रकम का एक हिस्सा"]);
    assert!(!text.contains("The whole amount"), "{text}");
}

#[tokio::test]
async fn evidence_is_printed_with_what_was_said_in_its_own_script() {
    let cell = |lines: &[&str]| EvidenceCell(lines.iter().map(|line| (*line).to_owned()).collect());
    let said = EvidenceSection {
        title: "What was said".to_owned(),
        widths: vec![1, 1, 4],
        head: ["When", "Who", "What"].map(str::to_owned).to_vec(),
        rows: vec![
            vec![
                "23-11-2026 15:00".into(),
                "buyer".into(),
                cell(&["पाँच किलो", "five kilos", "recording ab12"]),
            ],
            vec!["23-11-2026 15:01".into(), "seller".into(), cell(&["சரி", "agreed"])],
            vec!["23-11-2026 15:02".into(), "buyer".into(), cell(&["شکریہ", "thanks #panic() $"])],
        ],
    };
    let paper =
        EvidencePaper { title: "Evidence".to_owned(), footer: "disp_1".to_owned(), sections: vec![said] };
    let printed = Press::new(Config::default()).print_evidence(paper).await.unwrap();
    assert_eq!(printed.pages, 1);
    let pdf = printed.bytes;
    let text = text_of(&pdf, &folder().join("evidence.pdf"));
    says(
        &text,
        &[
            "Evidence",
            "What was said",
            "five kilos",
            "recording ab12",
            "agreed",
            "#panic() $",
            "disp_1",
            "1/1",
        ],
    );
    says(&text, &["சரி"]);
}

/// Where the papers stay to be looked at, within the build's own folder.
fn folder() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let folder = program.ancestors().nth(3).unwrap().join("tmp/billing-papers");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn text_of(pdf: &[u8], path: &Path) -> String {
    std::fs::write(path, pdf).unwrap();
    let output = Command::new("pdftotext").args(["-layout"]).arg(path).arg("-").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // A space that must not break is a space.
    String::from_utf8(output.stdout).unwrap().replace('\u{a0}', " ")
}

#[track_caller]
fn says(text: &str, expected: &[&str]) {
    for words in expected {
        assert!(text.contains(words), "{words:?} is not in\n{text}");
    }
}

#[tokio::test]
async fn a_tax_invoice_within_a_state_has_equal_halves() {
    let lines = vec![line("Haldi", "turmeric", (105_00, Some("5")), "10")];
    let sale = sale(lines, Language::Hindi);
    let (kind, text) = print("invoice-intra-hi", &sale, Some(&profile(Registration::Regular))).await;
    assert_eq!(kind, DocumentKind::TaxInvoice);
    says(
        &text,
        &["Tax invoice", "INV/26-27/0042", "GSTIN 29AAGCB7383J1Z4", "1,000.00", "25.00", "2.5%", "₹1,050"],
    );
    says(&text, &["कर", "सीजीएसटी", "CGST", "SGST", "Karnataka (29)", "HSN 0910", "23-11-2026", "Haldi"]);
    assert!(!text.contains("IGST"));
}

#[tokio::test]
async fn a_tax_invoice_into_another_state_has_igst() {
    let lines = vec![line("मसाला", "masala", (105_00, Some("5")), "10")];
    let sale = Sale { place_of_supply: Some("33".parse().unwrap()), ..sale(lines, Language::English) };
    let (_, text) = print("invoice-inter-en", &sale, Some(&profile(Registration::Regular))).await;
    says(
        &text,
        &[
            "Tax invoice",
            "IGST",
            "50.00",
            "5%",
            "Tamil Nadu (33)",
            "one thousand fifty",
            "reverse charge: No",
        ],
    );
    assert!(!text.contains("CGST"));
}

#[tokio::test]
async fn taxable_and_exempt_goods_stand_on_one_paper() {
    let sale = sale(spices_and_tomatoes(), Language::Tamil);
    let (kind, text) = print("invoice-mixed-ta", &sale, Some(&profile(Registration::Regular))).await;
    assert_eq!(kind, DocumentKind::TaxInvoice);
    says(&text, &["Tax invoice – Bill of supply", "Tomato", "No tax", "150.00", "114.28", "2.86", "₹270"]);
}

#[tokio::test]
async fn a_composition_dealer_says_that_no_tax_is_collected() {
    let sale = sale(spices_and_tomatoes(), Language::Bengali);
    let (kind, text) = print("bill-composition-bn", &sale, Some(&profile(Registration::Composition))).await;
    assert_eq!(kind, DocumentKind::BillOfSupply);
    says(
        &text,
        &["Bill of supply", "BOS/26-27/0042", "not eligible to collect tax on supplies", "120.00", "মোট"],
    );
    assert!(!text.contains("CGST") && !text.contains("Taxable value"));
}

#[tokio::test]
async fn an_unregistered_seller_gives_a_receipt() {
    let (kind, text) = print("receipt-ur", &sale(spices_and_tomatoes(), Language::Urdu), None).await;
    assert_eq!(kind, DocumentKind::Receipt);
    says(&text, &["Receipt", "RCT/26-27/0042", "₹270", "pay_29QQoUBi66xm2f", "Thank you"]);
    assert!(!text.contains("GSTIN") && !text.contains("HSN"));
}

#[tokio::test]
async fn a_bill_of_exempt_goods_is_printed_in_every_language() {
    let lines = || {
        vec![line("தக்காளி", "tomato", (30_00, None), "2.5"), line("வெங்காயம்", "onion", (1_25_000_00, None), "1")]
    };
    for language in Language::ALL {
        let (kind, text) = print(
            &format!("bill-{language}"),
            &sale(lines(), language),
            Some(&profile(Registration::Regular)),
        )
        .await;
        assert_eq!(kind, DocumentKind::BillOfSupply);
        says(&text, &["Bill of supply", "Tomato", "1,25,000.00", "₹1,25,075", "Meena Stores"]);
    }
}

#[tokio::test]
async fn an_order_of_fifty_lines_goes_on_over_pages() {
    let lines = (1..=50).map(|n| line(&format!("Thing {n}"), "thing", (10_00, Some("18")), "1")).collect();
    let (_, text) =
        print("invoice-long-en", &sale(lines, Language::English), Some(&profile(Registration::Regular)))
            .await;
    says(&text, &["Thing 1", "Thing 50", "₹500", "3/3"]);
}

#[tokio::test]
async fn what_is_typed_is_text_and_no_instruction() {
    let evil = "#panic() $ * [x] \\ \" <script> @ref";
    let mut sale = sale(vec![line(evil, evil, (10_00, None), "1")], Language::English);
    sale.seller_name = evil.to_owned();
    let (_, text) = print("receipt-evil-en", &sale, None).await;
    says(&text, &["#panic() $ * [x]", "<script> @ref"]);
}

#[tokio::test]
async fn a_script_without_a_font_is_left_out_for_english() {
    let only_latin = folder().join("only-latin");
    std::fs::create_dir_all(&only_latin).unwrap();
    let latin = Found::in_folders(&Config::default()).regular(types::Script::Latin).unwrap();
    std::fs::copy(&latin, only_latin.join(latin.file_name().unwrap())).unwrap();
    let config = Config { fonts: vec![only_latin], ..Config::default() };
    assert_eq!(super::report(&config)[0].state, super::PartState::Limited);
    let sale = sale(vec![line("Tomato", "tomato", (30_00, None), "1")], Language::Tamil);
    let (kind, snapshot) = Snapshot::of(&sale, None).unwrap();
    let number = "RCT/26-27/0001".to_owned();
    let (id, issued_at) = (Uuid::from_u128(5).into(), sale.paid.at);
    let document =
        Document { id, kind, number, order_id: sale.order, total: sale.total, issued_at, e_invoice: false };
    let pdf = Press::new(config).print(document.clone(), snapshot.clone(), Language::Tamil).await.unwrap();
    let text = text_of(&pdf.bytes, &folder().join("receipt-no-tamil.pdf"));
    says(&text, &["Receipt", "Tomato", "₹30"]);
    assert!(!text.contains("ரசீது"));
    let nothing = Press::new(Config { fonts: Vec::new(), ..Config::default() })
        .print(document, snapshot, Language::Tamil)
        .await;
    assert!(matches!(nothing, Err(super::PdfError::NoFont)));
}

fn shop() -> CheckedRecipient {
    CheckedRecipient {
        gstin: Some("27AAPFU0939F1ZV".parse().unwrap()),
        legal_name: "पाटील ट्रेडर्स अँड सन्स".to_owned(),
        address: "12, Laxmi Road, Sadashiv Peth".to_owned(),
        city: "Pune".to_owned(),
        pin: "411030".parse().unwrap(),
        state: "27".parse().unwrap(),
    }
}

#[tokio::test]
async fn an_invoice_to_a_business_names_it_and_is_no_bill_of_supply() {
    let regular = profile(Registration::Regular);
    for language in [Language::Hindi, Language::Tamil, Language::Marathi, Language::Urdu] {
        let sale = Sale {
            recipient: Some(shop()),
            place_of_supply: Some("27".parse().unwrap()),
            ..sale(spices_and_tomatoes(), language)
        };
        let name = format!("invoice-business-{}", language.code());
        let (kind, text) = print(&name, &sale, Some(&regular)).await;
        assert_eq!(kind, DocumentKind::TaxInvoice);
        says(
            &text,
            &["Tax invoice", "GSTIN 27AAPFU0939F1ZV", "GSTIN 29AAGCB7383J1Z4", "411030", "IGST", "Buyer"],
        );
        // What runs from the right is read from the picture in another order.
        if language != Language::Urdu {
            says(&text, &["12, Laxmi Road, Sadashiv Peth", "Maharashtra (27)"]);
        }
        assert!(!text.contains("Bill of supply"), "that is for buyers who are not registered");
    }
}

#[tokio::test]
async fn a_business_has_a_bill_of_its_own_for_what_is_exempt() {
    let regular = profile(Registration::Regular);
    for language in [Language::Hindi, Language::Urdu] {
        let sale = Sale {
            recipient: Some(shop()),
            place_of_supply: Some("27".parse().unwrap()),
            ..sale(vec![line("தக்காளி", "tomato", (30_00, None), "5")], language)
        };
        let name = format!("bill-business-{}", language.code());
        let (kind, text) = print(&name, &sale, Some(&regular)).await;
        assert_eq!(kind, DocumentKind::BillOfSupply);
        says(
            &text,
            &["Bill of supply", "BOS/26-27/0042", "GSTIN 27AAPFU0939F1ZV", "411030", "Buyer", "₹150"],
        );
        assert!(!text.contains("IGST") && !text.contains("Tax invoice"), "{text}");
    }
}

#[tokio::test]
async fn a_payment_request_has_a_code_and_no_number_and_says_that_it_proves_nothing() {
    let payee: payments::UpiId = "meena@okbank".parse().unwrap();
    let code = payee.request("Meena Stores", Money::inr(270_00), Uuid::from_u128(17), "order 17").image_svg;
    for language in Language::ALL {
        let sale = sale(spices_and_tomatoes(), language);
        let (kind, snapshot) = Snapshot::of(&sale, Some(&profile(Registration::Regular))).unwrap();
        let would_be = Document { number: String::new(), ..numbered(kind, 1, &sale) };
        let request = PaymentRequest {
            until: "2026-11-23T10:00:00Z".parse().unwrap(),
            qr_svg: code.clone(),
            upi_id: Some("meena@okbank".to_owned()),
            sale,
        };
        let press = Press::new(Config::default());
        let pdf = press.print_request(request, (would_be, snapshot), language).await.unwrap().bytes;
        let text = text_of(&pdf, &folder().join(format!("payment-request-{language}.pdf")));
        says(&text, &["Payment request", "Scan with any UPI app", "meena@okbank", "₹270"]);
        if language != Language::Urdu {
            says(&text, &["23-11-2026 15:30"]);
        }
        says(&text, &["this is not a tax invoice", "This paper does not show that anything was paid"]);
        assert!(!text.contains("INV/") && !text.contains("pay_29QQoUBi66xm2f"), "{text}");
    }
}
