//! Whatever is said, reading ends, stays in bounds and moves nothing by accident.

use parley::goods::Resolver;
use parley::{Act, Asked, Context, Reading, Side, Standing, numbers, read, units};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use types::{Language, Price, Quantity, Unit};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn standing() -> Standing {
    Standing { by: Side::Vendor, price_minor: 4000, for_quantity: Quantity::ONE, unit: Unit::Kg }
}

fn language() -> impl Strategy<Value = Language> {
    prop::sample::select(Language::ALL.to_vec())
}

/// Words of bargaining thrown together, with text of every script and control characters between them.
fn jumble() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        prop::sample::select(vec![
            "fifty",
            "no",
            "not",
            "below",
            "two",
            "kilo",
            "for",
            "₹",
            "and",
            "half",
            "point",
            "dozen",
            "ok",
            "less",
            "पाँच",
            "सौ",
            "साढ़े",
            "से",
            "कम",
            "नहीं",
            "में",
            "दो",
            "किलो",
            "दे",
            "का",
            "நூற்று",
            "ஐம்பது",
            "க்கு",
            "அரை",
            "லட்சம்",
            "வேண்டாம்",
            "1,25,000",
            "9:30",
            "1/2",
            "½",
            "99999999999999999999",
            "?",
            "।",
            ",",
            "\u{202E}",
            "\u{200D}",
            "\u{0}",
            "lakh",
            "crore",
            "ek",
            "bees",
            "ke",
            "chaar",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,12}",
    ];
    prop::collection::vec(word, 0..25).prop_map(|words| words.join(" "))
}

/// Every act that is read could be written down and read again: its numbers are in range.
fn is_sound(act: &Act) -> bool {
    let again = serde_json::to_string(act).and_then(|json| serde_json::from_str::<Act>(&json));
    again.is_ok_and(|a| a == *act)
        && act.price_minor().is_none_or(|p| (1..=Price::AMOUNT_MINOR_MAX).contains(&p))
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn any_jumble_is_read_to_sound_acts(text in jumble(), language in language(), spoken in any::<bool>()) {
        let stall = Resolver::new(["Tomato", "\u{202E}x", ""]);
        for context in [
            Context::new(Side::Buyer).standing(standing()).spoken(spoken).stall(&stall),
            Context::new(Side::Vendor).asked(Asked::Price),
            Context::new(Side::Buyer).asked(Asked::Quantity(Unit::Kg)),
            Context::new(Side::Buyer).asked(Asked::YesNo).standing(standing()),
        ] {
            match read(&text, language, &context) {
                Reading::Understood(acts) => prop_assert!(!acts.is_empty() && acts.iter().all(is_sound), "{acts:?}"),
                Reading::Unsure(candidates) => {
                    prop_assert!((1..=3).contains(&candidates.len()), "{candidates:?}");
                    prop_assert!(candidates.iter().all(|c| !c.is_empty() && c.iter().all(is_sound)), "{candidates:?}");
                }
                Reading::Talk => {}
            }
        }
    }

    #[test]
    fn numbers_and_units_are_found_inside_the_text(text in jumble(), language in language()) {
        for span in numbers::find(&text, language).into_iter().map(|f| f.span)
            .chain(units::find(&text, language).into_iter().map(|f| f.span))
        {
            prop_assert!(text.get(span.clone()).is_some_and(|part| !part.is_empty()), "{span:?}");
        }
    }

    #[test]
    fn nothing_that_stands_for_nobody_is_accepted(text in jumble(), language in language()) {
        let reading = read(&text, language, &Context::new(Side::Buyer));
        let accepts = reading.acts().iter().any(|a| matches!(a, Act::Accept(_) | Act::Reject | Act::Confirm(_)));
        prop_assert!(!accepts, "{reading:?}");
    }
}

proptest! {
    #![proptest_config(config(4))]

    #[test]
    fn a_hundred_kilobytes_are_talk(seed in jumble(), language in language()) {
        let text = format!("fifty rupees {seed} ").repeat(100_000 / (seed.len() + 14) + 1);
        prop_assert_eq!(read(&text, language, &Context::new(Side::Buyer)), Reading::Talk);
        numbers::find(&text, language);
    }
}

#[test]
fn five_hundred_characters_are_read_and_one_more_is_talk() {
    let offer = "fifty rupees a kilo";
    let context = Context::new(Side::Vendor);
    let padded = |len: usize| format!("{offer}{}", " ".repeat(len - offer.len()));
    assert_ne!(read(&padded(500), Language::English, &context), Reading::Talk);
    assert_eq!(read(&padded(501), Language::English, &context), Reading::Talk);
}

#[test]
fn endless_digits_and_separators_are_no_price() {
    for text in ["9".repeat(499), "1,".repeat(249), "₹".repeat(499), "lakh ".repeat(99), "nine ".repeat(99)]
    {
        let reading = read(&text, Language::English, &Context::new(Side::Buyer));
        assert!(reading.acts().iter().all(|a| !a.moves_the_deal()), "{text:.20}: {reading:?}");
    }
}

#[test]
fn prices_of_nothing_or_beyond_ten_crore_are_no_offers() {
    for text in ["zero rupees", "₹0", "₹0.001", "twelve thousand crore rupees", "₹1000000000.50"] {
        let reading = read(text, Language::English, &Context::new(Side::Buyer));
        assert!(reading.acts().iter().all(|a| a.price_minor().is_none()), "{text}: {reading:?}");
    }
}

#[test]
fn a_number_below_zero_moves_nothing_unasked() {
    use Language::{Bengali, English, Hindi, Tamil, Urdu};
    let theirs = Context::new(Side::Buyer).standing(standing());
    let contexts = [
        Context::new(Side::Buyer),
        theirs,
        theirs.asked(Asked::Price),
        Context::new(Side::Vendor).spoken(true),
    ];
    for (text, language) in [
        ("five kilos for minus fifty", English),
        ("minus fifty rupees", English),
        ("negative 50", English),
        ("five kilos for -50", English),
        ("₹-50 for 5 kg", English),
        ("-₹50 for 5 kg", English),
        ("Rs. −50 per kg", English),
        ("पाँच किलो माइनस पचास में", Hindi),
        ("minus pachaas rupaye", Hindi),
        ("மைனஸ் ஐம்பது ரூபாய்", Tamil),
        ("মাইনাস পঞ্চাশ টাকা", Bengali),
        ("مائنس پچاس روپے", Urdu),
    ] {
        for context in &contexts {
            let reading = read(text, language, context);
            assert!(reading.acts().iter().all(|a| !a.moves_the_deal()), "{text}: {reading:?}");
        }
    }
    for text in ["150/-", "Rs.150/- per kg", "tomato - fifty rupees kilo", "forty-five rupees", "5kg-150rs"] {
        let reading = read(text, English, &Context::new(Side::Buyer));
        assert!(reading.acts().iter().any(|a| a.price_minor().is_some()), "{text}: {reading:?}");
    }
}
