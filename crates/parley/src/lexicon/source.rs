//! The tables of every language, embedded. A language is the folder of its code; a romanised form is a folder more.

use types::Language;

/// The tables of one folder of `data/`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    /// The folder.
    pub code: &'static str,
    pub numbers: &'static str,
    pub units: &'static str,
    pub cues: &'static str,
    pub suffixes: &'static str,
    /// How the language says things; romanised forms are heard only and have none.
    pub says: &'static str,
    /// Spellings that count as one; romanised forms alone have them.
    pub folds: &'static str,
}

macro_rules! file {
    ($code:literal, $name:literal) => {
        include_str!(concat!("../../data/", $code, "/", $name, ".tsv"))
    };
}

macro_rules! spoken {
    ($code:literal) => {
        Source {
            code: $code,
            numbers: file!($code, "numbers"),
            units: file!($code, "units"),
            cues: file!($code, "cues"),
            suffixes: file!($code, "suffixes"),
            says: file!($code, "says"),
            folds: "",
        }
    };
}

macro_rules! romanised {
    ($code:literal) => {
        Source {
            code: $code,
            numbers: file!($code, "numbers"),
            units: file!($code, "units"),
            cues: file!($code, "cues"),
            suffixes: file!($code, "suffixes"),
            says: "",
            folds: file!($code, "folds"),
        }
    };
}

/// English, which every other language borrows from.
pub(crate) static ENGLISH: Source = spoken!("en");

static ROMANISED_HINDI: Source = romanised!("hi-Latn");

/// The tables of a language in its own script.
pub(crate) fn own(language: Language) -> &'static Source {
    static HINDI: Source = spoken!("hi");
    static BENGALI: Source = spoken!("bn");
    static TAMIL: Source = spoken!("ta");
    static TELUGU: Source = spoken!("te");
    static MARATHI: Source = spoken!("mr");
    static GUJARATI: Source = spoken!("gu");
    static KANNADA: Source = spoken!("kn");
    static MALAYALAM: Source = spoken!("ml");
    static PUNJABI: Source = spoken!("pa");
    static ODIA: Source = spoken!("or");
    static ASSAMESE: Source = spoken!("as");
    static URDU: Source = spoken!("ur");
    match language {
        Language::English => &ENGLISH,
        Language::Hindi => &HINDI,
        Language::Bengali => &BENGALI,
        Language::Tamil => &TAMIL,
        Language::Telugu => &TELUGU,
        Language::Marathi => &MARATHI,
        Language::Gujarati => &GUJARATI,
        Language::Kannada => &KANNADA,
        Language::Malayalam => &MALAYALAM,
        Language::Punjabi => &PUNJABI,
        Language::Odia => &ODIA,
        Language::Assamese => &ASSAMESE,
        Language::Urdu => &URDU,
    }
}

/// The tables of a language as people type it in Latin letters. Spoken Urdu is typed as Hindi is.
pub(crate) fn romanised(language: Language) -> Option<&'static Source> {
    static BENGALI: Source = romanised!("bn-Latn");
    static TAMIL: Source = romanised!("ta-Latn");
    static TELUGU: Source = romanised!("te-Latn");
    match language {
        Language::Hindi | Language::Urdu => Some(&ROMANISED_HINDI),
        Language::Bengali => Some(&BENGALI),
        Language::Tamil => Some(&TAMIL),
        Language::Telugu => Some(&TELUGU),
        _ => None,
    }
}
