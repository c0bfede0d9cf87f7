//! The words on documents, in every language (`data/labels.tsv`: one label a row, one language a column).

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Serialize;
use types::Language;

/// A text in the reader's language and in English. The first is absent where the reader reads English, or where no font
/// can show the script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Said {
    /// In the reader's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<String>,
    /// In English.
    pub english: String,
}

type Row = [&'static str; Language::ALL.len()];

static LABELS: LazyLock<HashMap<&'static str, Row>> =
    LazyLock::new(|| read(include_str!("../../data/labels.tsv")));

/// Words in one language and English.
#[derive(Debug, Clone, Copy)]
pub(super) struct Labels {
    /// The language beside English; none where there is only English.
    pub language: Option<Language>,
}

impl Labels {
    /// The label of a key. The keys are ours, so an unknown one is a mistake in this module.
    pub fn said(self, key: &str) -> Said {
        let find = |language| find(key, language).unwrap_or_else(|| panic!("labels: no {key}")).to_owned();
        Said { own: self.language.map(find), english: find(Language::English) }
    }

    /// The label of a key that others chose (a way to pay): the key itself where there is none.
    pub fn said_or_verbatim(self, key: &str) -> Said {
        match find(key, Language::English) {
            Some(_) => self.said(key),
            None => Said { own: None, english: key.to_owned() },
        }
    }

    /// A text made for each of the languages; said once where it comes out the same.
    pub fn made(self, make: impl Fn(Language) -> String) -> Said {
        let english = make(Language::English);
        Said { own: self.language.map(make).filter(|own| *own != english), english }
    }
}

fn find(key: &str, language: Language) -> Option<&'static str> {
    let column = Language::ALL.iter().position(|l| *l == language)?;
    LABELS.get(key).map(|row| row[column])
}

fn read(table: &'static str) -> HashMap<&'static str, Row> {
    let mut lines = table.lines();
    let codes: Vec<&str> = lines.next().unwrap_or_default().split('\t').skip(1).collect();
    assert_eq!(codes, Language::ALL.map(Language::code), "labels: the columns are the languages");
    lines
        .map(|line| {
            let mut cells = line.split('\t');
            let key = cells.next().unwrap_or_default();
            let row: Vec<&str> = cells.collect();
            let row = row.try_into().unwrap_or_else(|_| panic!("labels: {key} is not in every language"));
            (key, row)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::super::wording::script_of;
    use super::*;

    #[test]
    fn every_label_is_in_every_language() {
        for (key, row) in LABELS.iter() {
            assert!(row.iter().all(|cell| !cell.trim().is_empty()), "{key}");
        }
    }

    #[test]
    fn a_label_is_written_in_its_language_s_script() {
        let tamil = Labels { language: Some(Language::Tamil) };
        let said = tamil.said("total");
        assert_eq!((said.own.as_deref(), &*said.english), (Some("மொத்தம்"), "Total"));
        for (key, row) in LABELS.iter() {
            for (language, cell) in Language::ALL.into_iter().zip(row).skip(1) {
                let foreign = cell
                    .chars()
                    .find(|c| c.is_alphabetic() && script_of(&c.to_string()) != language.script());
                assert_eq!(foreign, None, "{key} in {language}");
            }
        }
    }

    #[test]
    fn a_document_is_called_on_paper_what_it_is_called_on_screen() {
        let catalogues = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/src/lib/i18n");
        for language in Language::ALL {
            let catalogue = catalogues.join(format!("{}.json", language.code()));
            let catalogue: Value = serde_json::from_slice(&std::fs::read(catalogue).unwrap()).unwrap();
            for kind in [
                "tax_invoice",
                "bill_of_supply",
                "receipt",
                "credit_note",
                "refund_receipt",
                "subscription_invoice",
            ] {
                let on_screen = catalogue[format!("document.{kind}")].as_str();
                assert_eq!(find(kind, language), on_screen, "{kind} in {language}");
            }
        }
    }

    #[test]
    fn a_way_to_pay_that_we_have_no_word_for_is_shown_as_it_is() {
        let hindi = Labels { language: Some(Language::Hindi) };
        assert_eq!(hindi.said_or_verbatim("netbanking").english, "netbanking");
        assert_eq!(hindi.said_or_verbatim("cash").own.as_deref(), Some("नकद"));
    }
}
