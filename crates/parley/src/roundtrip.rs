//! What is said is read back as the same act: in every language, in both styles, for thousands of random acts.

use proptest::prelude::*;
use types::{Language, Price, Quantity, Unit};

use crate::act::{Act, Amount, Offer, Side, Standing, Terms};
use crate::context::Context;
use crate::decimal::Decimal;
use crate::goods;
use crate::lexicon::Lexicon;
use crate::numbers;
use crate::reading::{Reading, read};
use crate::say::{Style, say};

/// Languages that say the same act, so that thousands of acts are tried and every language says hundreds of each kind.
const SPEAKERS: usize = 4;

/// Some of the languages whose tables are written, others from act to act.
fn languages() -> impl Strategy<Value = Vec<Language>> {
    let written: Vec<_> = Language::ALL.into_iter().filter(|l| Lexicon::voice(*l).code == l.code()).collect();
    (0..written.len()).prop_map(move |first| {
        written.iter().cycle().skip(first).step_by(3).take(SPEAKERS).copied().collect()
    })
}

fn quantity() -> impl Strategy<Value = Quantity> {
    let halves = (0i64..40).prop_map(|n| n * 1000 + 500);
    let quarters = (0i64..12, prop::sample::select(vec![250, 750])).prop_map(|(n, q)| n * 1000 + q);
    let decimals = (1i64..20, 1i64..10).prop_map(|(n, d)| n * 1000 + d * 100);
    let whole = (1i64..=500).prop_map(|n| n * 1000);
    prop_oneof![5 => whole, 2 => halves, 1 => quarters, 1 => decimals]
        .prop_map(|milli| Quantity::from_milli(milli).unwrap())
}

fn amount() -> impl Strategy<Value = Amount> {
    (quantity(), prop::sample::select(Unit::ALL.to_vec())).prop_map(|(quantity, unit)| {
        // Half a piece and half a bag are nothing that is sold.
        let is_counted = matches!(unit, Unit::Piece | Unit::Packet | Unit::Bunch | Unit::Box | Unit::Bag);
        let whole = Quantity::from_milli((quantity.milli() / 1000).max(1) * 1000).unwrap();
        Amount { quantity: if is_counted { whole } else { quantity }, unit }
    })
}

/// Prices in paise: small ones, round ones, and anything up to ten crore rupees.
fn price() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => (1i64..1000).prop_map(|r| r * 100),
        2 => (1i64..100_000).prop_map(|r| r * 100),
        1 => (1i64..=10_000).prop_map(|r| r * 1000 * 100),
        1 => 1i64..100_000,
        1 => (1..=Price::AMOUNT_MINOR_MAX / 100).prop_map(|r| r * 100),
    ]
}

fn item() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop::sample::select(
        goods::all().iter().map(|g| g.lemma.to_owned()).collect::<Vec<_>>(),
    ))
}

/// An act as people say it, with the offer it is said against.
#[derive(Debug, Clone)]
struct Said {
    act: Act,
    speaker: Side,
    standing: Option<Standing>,
}

fn side() -> impl Strategy<Value = Side> {
    prop::sample::select(vec![Side::Buyer, Side::Vendor])
}

/// A price for one unit, for a lot, or bare; the buyer wants the lot, or names an amount beside a unit price.
fn terms() -> impl Strategy<Value = (Side, Terms)> {
    let shape = prop_oneof![Just(0), Just(1), Just(2), Just(3)];
    (side(), price(), shape, amount(), quantity(), item()).prop_map(
        |(side, minor, shape, lot, count, item)| {
            let apart = Amount { quantity: count, ..lot };
            let (lot, wanted) = match shape {
                0 => (None, None),
                1 => (Some(Amount::one(lot.unit)), None),
                2 => (Some(Amount::one(lot.unit)), Some(apart).filter(|a| a.quantity != Quantity::ONE)),
                _ if lot.quantity == Quantity::ONE => (Some(lot), None),
                _ => (Some(lot), (side == Side::Buyer).then_some(lot)),
            };
            (side, Terms { price_minor: Some(minor), lot, wanted, item })
        },
    )
}

fn standing_of(terms: &Terms, by: Side) -> Standing {
    let lot = terms.lot.unwrap_or(Amount::one(Unit::Kg));
    let price_minor = terms.price_minor.unwrap();
    Standing { by, price_minor, for_quantity: lot.quantity, unit: lot.unit }
}

fn priced() -> impl Strategy<Value = Said> {
    (terms(), 0..3).prop_map(|((speaker, terms), kind)| match kind {
        0 => {
            let Terms { price_minor, lot, wanted, item } = terms;
            let offer = Offer { price_minor: price_minor.unwrap(), lot, wanted, item };
            Said { act: Act::Offer(offer), speaker, standing: None }
        }
        1 => {
            // Beside a yes, an amount that is not the lot is an act of its own.
            let is_lot = terms.lot.is_some_and(|l| l.quantity != Quantity::ONE);
            let wanted = terms.lot.filter(|_| is_lot);
            let terms = Terms { wanted, ..terms };
            let standing = Some(standing_of(&terms, speaker.other()));
            Said { act: Act::Accept(terms), speaker, standing }
        }
        _ => {
            let is_lot = terms.lot.is_some_and(|l| l.quantity != Quantity::ONE);
            let wanted = if is_lot { terms.lot } else { terms.wanted };
            let terms = Terms { wanted, ..terms };
            let standing = Some(standing_of(&terms, speaker));
            Said { act: Act::Confirm(terms), speaker, standing }
        }
    })
}

fn plain() -> impl Strategy<Value = Said> {
    let said = |act: Act| Said { act, speaker: Side::Buyer, standing: None };
    let against = |act: Act| Said {
        act,
        speaker: Side::Buyer,
        standing: Some(Standing {
            by: Side::Vendor,
            price_minor: 4000,
            for_quantity: Quantity::ONE,
            unit: Unit::Kg,
        }),
    };
    prop_oneof![
        Just(said(Act::Greet)),
        Just(said(Act::Thank)),
        Just(against(Act::Leave)),
        Just(against(Act::AskFinalPrice)),
        Just(against(Act::AskDiscount)),
        Just(against(Act::Reject)),
        Just(against(Act::Accept(Terms::default()))),
        Just(against(Act::Confirm(Terms::default()))),
        (prop::option::of(amount()), item())
            .prop_map(move |(wanted, item)| said(Act::AskPrice { wanted, item })),
        item().prop_map(move |item| said(Act::AskAvailability { item })),
        (amount(), item()).prop_map(move |(wanted, item)| said(Act::SetQuantity { wanted, item })),
    ]
}

/// Acts mean the same where they name the same goods: languages have one word for goods that others tell apart.
fn same_goods(read: &Act, said: &Act, language: Language) -> bool {
    match (read.item(), said.item()) {
        (Some(read), Some(said)) => {
            let (Some(read), Some(said)) = (goods::by_lemma(read), goods::by_lemma(said)) else {
                return false;
            };
            read.lemma == said.lemma || read.names(language).any(|n| n == said.name(language))
        }
        (None, None) => true,
        _ => false,
    }
}

fn check(said: &Said, language: Language, style: Style) -> Result<(), TestCaseError> {
    let text = say(&said.act, language, style);
    let context = Context::new(said.speaker).standing(said.standing);
    let reading = read(&text, language, &context);
    let Reading::Understood(acts) = &reading else {
        return Err(TestCaseError::fail(format!("{language} {text:?}: {said:?} was read as {reading:?}")));
    };
    let [act] = &acts[..] else {
        return Err(TestCaseError::fail(format!("{language} {text:?}: {said:?} was read as {reading:?}")));
    };
    let same = crate::eval::same_but_for_goods(act, &said.act) && same_goods(act, &said.act, language);
    prop_assert!(same, "{language} {text:?}: {said:?} was read as {act:?}");
    Ok(())
}

/// Thousands of acts, the same in every run: a test that fails now and then is broken.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 2000,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_123),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_priced_act_is_read_as_it_was_said(said in priced(), languages in languages(), speech in any::<bool>()) {
        let style = if speech { Style::Speech } else { Style::Screen };
        for language in languages {
            check(&said, language, style)?;
        }
    }

    #[test]
    fn an_act_without_a_price_is_read_as_it_was_said(said in plain(), languages in languages(), speech in any::<bool>()) {
        let style = if speech { Style::Speech } else { Style::Screen };
        for language in languages {
            check(&said, language, style)?;
        }
    }

    #[test]
    fn a_number_in_words_is_found_again(
        value in prop_oneof![0u32..10_000, 0..=u32::MAX],
        hundredths in 0i64..100,
        languages in languages(),
    ) {
        let value = if value % 3 == 0 { Decimal::hundredths(i64::from(value) * 100 + hundredths) } else { Decimal::whole(value) };
        for language in languages {
            let said = numbers::say(value, language);
            let found: Vec<Decimal> = numbers::find(&said, language).iter().map(|f| f.value).collect();
            prop_assert_eq!(&found, &[value], "{} {:?}", language, said);
        }
    }
}
