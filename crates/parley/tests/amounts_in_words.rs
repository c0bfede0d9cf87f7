//! Amounts as documents write them out: lakh and crore, paise, and read back as what they were.

use parley::{Act, Context, Reading, Side, Style, money, read};
use proptest::prelude::*;
use types::{Language, Money};

/// ₹1,23,45,678.90 and ₹1,25,075. Each says the same number words as to-words (npm) does, which has no Urdu; where that strings
/// bare words together, these have the cases that people say (நாற்பத்தைந்தாயிரத்து, ఐదు వేల, അറുനൂറ്റെഴുപത്തിയെട്ട്).
const WRITTEN: [(Language, &str, &str); 13] = [
    (
        Language::English,
        "one crore twenty-three lakh forty-five thousand six hundred and seventy-eight rupees ninety paise",
        "one lakh twenty-five thousand seventy-five rupees",
    ),
    (Language::Hindi, "एक करोड़ तेईस लाख पैंतालीस हज़ार छह सौ अठहत्तर रुपये नब्बे पैसे", "एक लाख पच्चीस हज़ार पचहत्तर रुपये"),
    (Language::Bengali, "এক কোটি তেইশ লাখ পঁয়তাল্লিশ হাজার ছয়শো আটাত্তর টাকা নব্বই পয়সা", "এক লাখ পঁচিশ হাজার পঁচাত্তর টাকা"),
    (
        Language::Tamil,
        "ஒரு கோடியே இருபத்து மூன்று லட்சத்து நாற்பத்தைந்தாயிரத்து அறுநூற்று எழுபத்தெட்டு ரூபாய் தொண்ணூறு பைசா",
        "ஒரு லட்சத்து இருபத்தைந்தாயிரத்து எழுபத்தைந்து ரூபாய்",
    ),
    (
        Language::Telugu,
        "కోటి ఇరవై మూడు లక్షల నలభై ఐదు వేల ఆరు వందల డెబ్బై ఎనిమిది రూపాయల తొంభై పైసలు",
        "లక్షా ఇరవై ఐదు వేల డెబ్బై ఐదు రూపాయలు",
    ),
    (
        Language::Marathi,
        "एक कोटी तेवीस लाख पंचेचाळीस हजार सहाशे अठ्ठ्याहत्तर रुपये नव्वद पैसे",
        "एक लाख पंचवीस हजार पंच्याहत्तर रुपये",
    ),
    (
        Language::Gujarati,
        "એક કરોડ ત્રેવીસ લાખ પિસ્તાલીસ હજાર છસો ઇઠ્યોતેર રૂપિયા નેવું પૈસા",
        "એક લાખ પચ્ચીસ હજાર પંચોતેર રૂપિયા",
    ),
    (
        Language::Kannada,
        "ಒಂದು ಕೋಟಿ ಇಪ್ಪತ್ತಮೂರು ಲಕ್ಷದ ನಲವತ್ತೈದು ಸಾವಿರದ ಆರುನೂರ ಎಪ್ಪತ್ತೆಂಟು ರೂಪಾಯಿ ತೊಂಬತ್ತು ಪೈಸೆ",
        "ಒಂದು ಲಕ್ಷದ ಇಪ್ಪತ್ತೈದು ಸಾವಿರದ ಎಪ್ಪತ್ತೈದು ರೂಪಾಯಿ",
    ),
    (
        Language::Malayalam,
        "ഒരു കോടി ഇരുപത്തിമൂന്ന് ലക്ഷത്തി നാൽപ്പത്തയ്യായിരത്തി അറുനൂറ്റെഴുപത്തിയെട്ട് രൂപ തൊണ്ണൂറ് പൈസ",
        "ഒരു ലക്ഷത്തി ഇരുപത്തയ്യായിരത്തി എഴുപത്തിയഞ്ച് രൂപ",
    ),
    (Language::Punjabi, "ਇੱਕ ਕਰੋੜ ਤੇਈ ਲੱਖ ਪੰਤਾਲੀ ਹਜ਼ਾਰ ਛੇ ਸੌ ਅਠੱਤਰ ਰੁਪਏ ਨੱਬੇ ਪੈਸੇ", "ਇੱਕ ਲੱਖ ਪੱਚੀ ਹਜ਼ਾਰ ਪੰਝੱਤਰ ਰੁਪਏ"),
    (Language::Odia, "ଏକ କୋଟି ତେଇଶ ଲକ୍ଷ ପଇଁଚାଳିଶ ହଜାର ଛଅ ଶହ ଅଠସ୍ତରି ଟଙ୍କା ନବେ ପଇସା", "ଏକ ଲକ୍ଷ ପଚିଶ ହଜାର ପଞ୍ଚସ୍ତରି ଟଙ୍କା"),
    (Language::Assamese, "এক কোটি তেইশ লাখ পঞ্চল্লিশ হাজাৰ ছশ আঠসত্তৰ টকা নব্বৈ পইচা", "এক লাখ পঁচিশ হাজাৰ পঁসত্তৰ টকা"),
    (
        Language::Urdu,
        "ایک کروڑ تئیس لاکھ پینتالیس ہزار چھ سو اٹھہتر روپے نوے پیسے",
        "ایک لاکھ پچیس ہزار پچہتر روپے",
    ),
];

#[test]
fn lakh_and_crore_and_paise_are_written_out_in_every_language() {
    assert_eq!(WRITTEN.map(|(language, ..)| language), Language::ALL);
    for (language, with_paise, whole) in WRITTEN {
        assert_eq!(money(Money::inr(1_23_45_678_90), language, Style::Speech), with_paise);
        assert_eq!(money(Money::inr(1_25_075_00), language, Style::Speech), whole);
    }
}

#[test]
fn no_amount_is_written_in_figures() {
    for language in Language::ALL {
        for rupees in (0..=1000).chain([9_999, 75_075, 1_75_075, 1_75_75_075]) {
            let words = money(Money::inr(rupees * 100 + 75), language, Style::Speech);
            assert!(!words.chars().any(char::is_numeric), "{rupees} in {language}: {words}");
        }
    }
}

/// The price that an amount is read as, where it is read as one.
fn price_in(words: &str, language: Language) -> Option<i64> {
    let Reading::Understood(acts) = read(words, language, &Context::new(Side::Buyer)) else { return None };
    acts.iter().find_map(|act| match act {
        Act::Offer(offer) => Some(offer.price_minor),
        _ => None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_words_of_an_amount_are_read_back_as_the_amount(
        paise in prop_oneof![1i64..1_00_000, 1i64..10_00_000_00, 1i64..9_99_99_999_99],
    ) {
        for language in Language::ALL {
            let words = money(Money::inr(paise), language, Style::Speech);
            prop_assert_eq!(price_in(&words, language), Some(paise), "{}: {}", language, words);
        }
    }
}
