//! A paper of plain tables for a payer's bank: in English, with what people said in their own scripts.

use serde::Serialize;
use types::Script;

use super::fonts::Loaded;
use super::wording::script_of;

/// What such a paper says: titled tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidencePaper {
    /// What it is.
    pub title: String,
    /// What stands below each page.
    pub footer: String,
    /// Its tables.
    pub sections: Vec<EvidenceSection>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceSection {
    /// What it tells of.
    pub title: String,
    /// How wide its columns are, beside each other; never empty.
    pub widths: Vec<u8>,
    /// What the columns are; none where that is plain.
    pub head: Vec<String>,
    /// As many cells a row as there are columns.
    pub rows: Vec<Vec<EvidenceCell>>,
}

/// What stands in a cell: a line, and smaller ones below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceCell(pub Vec<String>);

impl From<&str> for EvidenceCell {
    fn from(text: &str) -> Self {
        Self(vec![text.to_owned()])
    }
}

impl From<String> for EvidenceCell {
    fn from(text: String) -> Self {
        Self(vec![text])
    }
}

/// The paper, ready for the template.
#[derive(Debug, Serialize)]
pub(super) struct Sheet {
    title: String,
    footer: String,
    fonts: Vec<String>,
    sections: Vec<Section>,
}

#[derive(Debug, Serialize)]
struct Section {
    title: String,
    widths: Vec<u8>,
    head: Vec<String>,
    rows: Vec<Vec<Vec<Written>>>,
}

/// A text with the families that have its letters.
#[derive(Debug, Serialize)]
struct Written {
    text: String,
    fonts: Vec<String>,
    right_to_left: bool,
    small: bool,
}

impl Sheet {
    pub fn new(paper: &EvidencePaper, fonts: &Loaded) -> Self {
        let written = |text: &String, small| {
            let script = script_of(text);
            Written {
                text: text.clone(),
                fonts: fonts.families(script),
                right_to_left: script == Script::Arabic,
                small,
            }
        };
        let cell = |cell: &EvidenceCell| {
            cell.0.iter().enumerate().map(|(place, text)| written(text, place > 0)).collect()
        };
        let section = |section: &EvidenceSection| Section {
            title: section.title.clone(),
            widths: section.widths.clone(),
            head: section.head.clone(),
            rows: section.rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
        };
        Self {
            title: paper.title.clone(),
            footer: paper.footer.clone(),
            fonts: fonts.families(Script::Latin),
            sections: paper.sections.iter().map(section).collect(),
        }
    }
}
