//! Offers, answers and other talk as flite speaks them (synthetic voices).

use std::time::Instant;

use parley::{Act, Context, Reading, Side, Standing, read};
use types::{Language, Quantity, Unit};
use voice::stt::Expecting;

use crate::machine::{fixture, hear, local};
use crate::{Outcome, outcome};

/// `fixtures/offers/list.psv`: file and what is said in it.
fn list() -> Vec<(String, String)> {
    let list = String::from_utf8(fixture("offers/list.psv")).expect("the list is text");
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let [voice, name, text] = line.split('|').collect::<Vec<_>>()[..] else { panic!("{line}") };
            (format!("offers/{name}-{voice}.flac"), text.to_owned())
        })
        .collect()
}

/// Where a buyer hears "₹50 a kilo".
fn context() -> Context<'static> {
    let standing =
        Standing { by: Side::Vendor, price_minor: 50_00, for_quantity: Quantity::ONE, unit: Unit::Kg };
    Context::new(Side::Buyer).standing(standing)
}

#[tokio::test]
async fn offers_are_read_or_asked_about_and_no_other_price_is_taken_for_said() {
    let local = local();
    let (mut all, mut exact, mut asked) = (0, 0, 0);
    let mut wrong = Vec::new();
    for (file, said) in list() {
        let Reading::Understood(expected) = read(&said, Language::English, &context()) else { continue };
        if !expected.iter().any(Act::moves_the_deal) {
            continue;
        }
        all += 1;
        let heard = hear(&local, &fixture(&file), Expecting::Anything).await;
        let outcome = outcome(&heard, &context());
        println!("{file}: said {said:?}, heard {heard:?}, {outcome:?}");
        match outcome {
            Outcome::Sure(acts) if acts == expected => exact += 1,
            Outcome::Sure(acts) => wrong.push(format!("{file}: {acts:?}")),
            Outcome::Asked(readings) => asked += u32::from(readings.contains(&expected)),
            Outcome::Talk => {}
        }
    }
    println!("of {all}: {exact} exact, {asked} asked about with the right one, wrong: {wrong:#?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!((exact + asked) * 10 >= all * 7, "{exact} + {asked} of {all}");
}

#[tokio::test]
async fn other_talk_moves_nothing() {
    let local = local();
    for (file, said) in list().into_iter().filter(|(file, _)| file.contains("/talk-")) {
        let heard = hear(&local, &fixture(&file), Expecting::Anything).await;
        println!("{file}: said {said:?}, heard {heard:?}");
        assert_eq!(outcome(&heard, &context()), Outcome::Talk, "{file}: {heard:?}");
    }
}

#[tokio::test]
async fn the_offer_of_the_browser_journey_is_heard_word_for_word() {
    let local = local();
    let mut heard = None;
    for process in ["new", "warm"] {
        let start = Instant::now();
        heard = Some(hear(&local, &fixture("browser-offer.wav"), Expecting::Anything).await.unwrap());
        println!("{process} process, 3.8 s of speech, from file to text: {} ms", start.elapsed().as_millis());
    }
    let heard = heard.unwrap();
    println!("{heard:?}");
    assert_eq!(heard.text, "five kilos of tomato for one hundred and fifty rupees");
    assert_eq!(heard.alternatives, Vec::<String>::new());
    assert_eq!(heard.made_by, "local");
}

#[tokio::test]
async fn a_yes_and_a_no_are_heard_where_they_are_asked_for() {
    let local = local();
    for (file, answer) in [("yes-slt", "yes"), ("yes-rms", "yes"), ("no-slt", "no"), ("no-rms", "no")] {
        let heard = hear(&local, &fixture(&format!("offers/{file}.flac")), Expecting::YesNo).await.unwrap();
        println!("{file}: {heard:?}");
        assert!(heard.text.starts_with(answer), "{file}: {heard:?}");
    }
}
