//! "Which price?": what asks it, and what a number that answers it does.

use axum::http::{Method, StatusCode};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::market::{Market, without_tools};
use crate::phone::Phone;

/// The words of a visit's open question, and its kind.
async fn question(phone: &mut Phone, visit: &str) -> (Value, Value) {
    let seen = phone.visit(visit).await;
    (seen["read_back"]["kind"].clone(), seen["read_back"]["text"].clone())
}

/// What must hold once ₹450 for 5 kg was said: it is read back, binds nothing, and stands after the yes.
async fn is_read_back_and_stands_after_the_yes(
    buyer: &mut Phone,
    vendor: &mut Phone,
    visit: &str,
    quantity: &str,
) {
    let asked = buyer.visit(visit).await["read_back"].clone();
    assert_eq!(asked["kind"], "offer", "{asked}");
    assert!(asked["text"].as_str().unwrap().contains("₹450"), "{asked}");
    let offer = vendor.visit(visit).await["offers"][0].clone();
    assert_eq!((&offer["state"], &offer["confirmed"]), (&json!("being_confirmed"), &json!(false)));
    assert_eq!(offer["may"]["accept"], false, "nothing binds unconfirmed: {offer}");
    assert_eq!(vendor.visit(visit).await["standing"], json!(null));
    buyer.confirm(visit, &asked).await.is(StatusCode::OK);
    let stands = vendor.visit(visit).await["standing"].clone();
    assert_eq!((&stands["state"], &stands["price"]["amount"]["minor"]), (&json!("offered"), &json!(450_00)));
    assert_eq!((&stands["quantity"], &stands["may"]["accept"]), (&json!(quantity), &json!(true)));
}

#[tokio::test]
async fn how_much_without_a_price_is_asked_for_one_and_a_typed_number_answers() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let said = buyer.say(&visit, "five kilos of tomato").await;
    assert_eq!(
        (&said["read_back"]["kind"], &said["read_back"]["text"]),
        (&json!("price"), &json!("Which price?"))
    );
    assert_eq!((&said["read_back"]["choices"], said.get("offer")), (&json!([]), None));
    assert_eq!(vendor.visit(&visit).await["read_back"], json!(null), "its speaker alone is asked");
    buyer.confirm(&visit, &said["read_back"]).await.refused("no-such-choice");
    buyer.say(&visit, "450").await;
    is_read_back_and_stands_after_the_yes(&mut buyer, &mut vendor, &visit, "5").await;
}

#[tokio::test]
async fn a_price_near_the_tags_is_for_one_kilo_of_the_five() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    buyer.say(&visit, "five kilos of tomato").await;
    let said = buyer.say(&visit, "thirty five").await;
    let offer = &said["offer"];
    assert_eq!((&offer["price"]["amount"]["minor"], &offer["price"]["per"]), (&json!(35_00), &json!("1")));
    assert_eq!((&offer["total"]["minor"], &offer["quantity"]), (&json!(175_00), &json!("5")));
}

#[tokio::test]
async fn a_question_for_the_price_is_no_gate_to_other_talk() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    buyer.say(&visit, "five kilos of tomato").await;
    buyer.say(&visit, "are they fresh").await;
    assert_eq!(vendor.last_message(&visit).await["original"]["text"], "are they fresh");
    assert_eq!(question(&mut buyer, &visit).await.0, "price", "it still waits");
    let (mut other, visit) = market.buyer_at(&mut vendor).await;
    other.say(&visit, "five kilos of tomato").await;
    other.say(&visit, "no").await;
    assert_eq!(other.visit(&visit).await["read_back"], json!(null));
    // Where a price is on the table, how much is all that was missing.
    vendor.offer(&visit, 180_00, "5").await.is(StatusCode::CREATED);
    let said = other.say(&visit, "six kilos of tomato").await;
    assert_eq!(said.get("read_back"), None, "{said}");
}

#[tokio::test]
async fn a_number_that_is_none_of_the_choices_is_a_price_of_its_own() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let said = buyer.say(&visit, "five kilos for minus one fifty").await;
    assert_eq!(said["read_back"]["kind"], "which", "{said}");
    buyer.say(&visit, "450").await;
    is_read_back_and_stands_after_the_yes(&mut buyer, &mut vendor, &visit, "5").await;
}

/// A price spelt by a human: digits of the Free Spoken Digit Dataset, 8 kHz, joined with short silences.
fn four_five_zero() -> Vec<u8> {
    const HEADER_BYTES: usize = 44;
    const DIGITS: [&[u8]; 3] = [
        include_bytes!("../../../voice/fixtures/digits/4_george_0.wav"),
        include_bytes!("../../../voice/fixtures/digits/5_george_0.wav"),
        include_bytes!("../../../voice/fixtures/digits/0_george_0.wav"),
    ];
    let silence = |ms: usize| vec![0_u8; ms * 16];
    let mut samples = silence(200);
    for (digit, silence_ms) in DIGITS.into_iter().zip([80, 150, 200]) {
        samples.extend(&digit[HEADER_BYTES..]);
        samples.extend(silence(silence_ms));
    }
    let mut file = DIGITS[0][..HEADER_BYTES].to_vec();
    let length = u32::try_from(samples.len()).unwrap();
    file[4..8].copy_from_slice(&(length + 36).to_le_bytes());
    file[40..44].copy_from_slice(&length.to_le_bytes());
    file.extend(samples);
    file
}

/// The recogniser's own program, where this build has made it: beside the tests.
fn recogniser() -> Option<std::path::PathBuf> {
    let built = std::env::current_exe().ok()?.parent()?.parent()?.to_owned();
    ["recogniser", "vyapar"].map(|name| built.join(name)).into_iter().find(|program| program.is_file())
}

/// Needs the Debian packages libpocketsphinx3 and pocketsphinx-en-us, as scripts/setup installs them.
#[tokio::test]
async fn four_five_zero_spoken_by_a_human_is_read_back_as_450_and_stands_after_the_yes() {
    let Some(program) = recogniser() else {
        println!("not run: this build has no recogniser program");
        return;
    };
    let installed = voice::Config::default();
    let voices = voice::Config {
        recogniser_program: Some(program),
        pocketsphinx_library: installed.pocketsphinx_library,
        pocketsphinx_model: installed.pocketsphinx_model,
        ..without_tools()
    };
    let market = Market::open_with(voices).await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    if buyer.visit(&visit).await["voice"]["recognition"]["how"] == "off" {
        println!("not run: no recogniser is installed");
        return;
    }
    buyer.say(&visit, "five kilos of tomato").await;
    assert_eq!(question(&mut buyer, &visit).await, (json!("price"), json!("Which price?")));
    let path = format!("{visit}/recordings?client_id={}&expecting=price", buyer.fresh());
    let sound = Bytes::from(four_five_zero());
    buyer.call(Method::POST, &path, Some(("audio/wav", sound))).await.is(StatusCode::ACCEPTED);
    market.work().await;
    let heard = buyer.last_message(&visit).await;
    assert_eq!(
        (&heard["state"], &heard["recording"]["heard_by"]),
        (&json!("heard"), &json!("local")),
        "{heard}"
    );
    is_read_back_and_stands_after_the_yes(&mut buyer, &mut vendor, &visit, "5").await;
}
