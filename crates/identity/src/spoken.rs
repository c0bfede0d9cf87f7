//! Sentences in every language, from a file a language beside whoever says them.

use serde::de::DeserializeOwned;
use types::Language;

/// The files `data/<language>.json` beside the source file that asks for them.
macro_rules! sources {
    () => {{
        use types::Language::{
            Assamese, Bengali, English, Gujarati, Hindi, Kannada, Malayalam, Marathi, Odia, Punjabi, Tamil,
            Telugu, Urdu,
        };
        [
            (English, include_str!("data/en.json")),
            (Hindi, include_str!("data/hi.json")),
            (Bengali, include_str!("data/bn.json")),
            (Tamil, include_str!("data/ta.json")),
            (Telugu, include_str!("data/te.json")),
            (Marathi, include_str!("data/mr.json")),
            (Gujarati, include_str!("data/gu.json")),
            (Kannada, include_str!("data/kn.json")),
            (Malayalam, include_str!("data/ml.json")),
            (Punjabi, include_str!("data/pa.json")),
            (Odia, include_str!("data/or.json")),
            (Assamese, include_str!("data/as.json")),
            (Urdu, include_str!("data/ur.json")),
        ]
    }};
}
pub(crate) use sources;

/// What is said in every language; `T` has the sentences of one.
#[derive(Debug)]
pub(crate) struct Spoken<T>(Vec<(Language, T)>);

impl<T: DeserializeOwned> Spoken<T> {
    /// Reads the files of [`sources`].
    ///
    /// # Panics
    /// Where one lacks a sentence or has one too many: a test says all of them.
    pub fn read(sources: &[(Language, &str); Language::ALL.len()]) -> Self {
        let read = |(language, source): &(Language, &str)| {
            (*language, serde_json::from_str(source).expect("the sentences of every language are whole"))
        };
        Self(sources.iter().map(read).collect())
    }

    /// The sentences of a language.
    ///
    /// # Panics
    /// Never: there is a file for each.
    pub fn of(&self, language: Language) -> &T {
        let found = self.0.iter().find(|(known, _)| *known == language);
        &found.expect("there are sentences in every language").1
    }
}
