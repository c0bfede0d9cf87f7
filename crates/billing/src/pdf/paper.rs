//! What the template prints: the snapshot, put into words in the reader's language and English.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use parley::{Style, goods};
use serde::Serialize;
use types::{Direction, Language, Money, Script};

use super::fonts::Loaded;
use super::labels::{Labels, Said};
use super::wording::{capitalised, figure, moment, price, quantity, rupees, script_of, state};
use crate::sale::PaidBy;
use crate::series::in_india;
use crate::{
    Document, DocumentKind, DocumentLine, LineTax, Registration, ServicePeriod, Snapshot, StateCode,
};

/// A document, ready for the template.
#[derive(Debug, Serialize)]
pub(super) struct Paper {
    language: Language,
    right_to_left: bool,
    /// Families for the reader's language, and for English.
    fonts: Fonts,
    pub(super) title: Said,
    number: String,
    stall_name: Written,
    seller: Vec<Written>,
    /// Who buys, line by line; empty where nobody is named.
    buyer: Vec<Written>,
    buyer_label: Said,
    /// Whom it names as the buyer.
    recipient: Option<Recipient>,
    /// How it is to be paid, where it is not paid yet.
    pub(super) request: Option<Asked>,
    pub(super) facts: Vec<Fact>,
    total_label: Said,
    total: String,
    words_label: Said,
    words: Said,
    item_label: Said,
    columns: Vec<Column>,
    lines: Vec<Line>,
    sums: Vec<Fact>,
    pub(super) paid: Vec<Fact>,
    pub(super) notes: Vec<Said>,
    pub(super) signature: Option<Said>,
    thanks: Said,
}

/// How money is asked for.
#[derive(Debug, Serialize)]
pub(super) struct Asked {
    /// The code to scan, as SVG.
    pub qr: Option<String>,
    pub scan: Said,
    pub facts: Vec<Fact>,
}

/// Whom a document names as the buyer.
#[derive(Debug, Serialize)]
pub(super) struct Recipient {
    pub label: Said,
    pub name: Written,
    pub lines: Vec<Written>,
}

#[derive(Debug, Serialize)]
struct Fonts {
    own: Vec<String>,
    english: Vec<String>,
}

/// A text that people typed, with the families that have its letters.
#[derive(Debug, Serialize)]
pub(super) struct Written {
    text: String,
    fonts: Vec<String>,
    /// Which way its own script runs, whatever the page's does.
    right_to_left: bool,
}

/// A label and what stands beside it.
#[derive(Debug, Serialize)]
pub(super) struct Fact {
    label: Said,
    value: Said,
}

/// A column of the table after the item's name.
#[derive(Debug, Serialize)]
struct Column {
    label: Said,
}

#[derive(Debug, Serialize)]
struct Line {
    place: usize,
    name: Written,
    also: Vec<Written>,
    hsn: Option<String>,
    /// One for each column.
    cells: Vec<Cell>,
}

/// What stands in a column: a figure, and in small letters the rate that made it.
#[derive(Debug, Serialize)]
struct Cell {
    text: Said,
    below: Option<String>,
}

/// Which taxes a document has columns for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taxes {
    None,
    Halves { second: &'static str },
    Integrated,
}

/// A tax's part of a line: the money, and the rate that made it.
type Part = fn(&LineTax) -> (Money, String);

/// Puts one document into words.
pub(super) struct Writer<'a> {
    pub labels: Labels,
    language: Language,
    fonts: &'a Loaded,
    /// The tariff's codes are the tax office's business: a receipt does without.
    shows_hsn: bool,
}

impl Paper {
    /// The paper of a document in this language and English; in English alone where no font has the language's script.
    pub fn new(document: &Document, snapshot: &Snapshot, language: Language, fonts: &Loaded) -> Self {
        // What takes another back has its columns, and speaks of its taxes.
        let sold_by = snapshot.credits.as_ref().map_or(document.kind, |credits| credits.kind);
        let is_receipt = sold_by == DocumentKind::Receipt;
        let writer = Writer::new(language, fonts, !is_receipt);
        let Writer { labels, language, .. } = writer;
        let taxes = Taxes::of(sold_by, snapshot);
        Self {
            language,
            right_to_left: language.direction() == Direction::RightToLeft,
            fonts: Fonts { own: fonts.families(language.script()), english: fonts.families(Script::Latin) },
            title: writer.title(document.kind, snapshot),
            number: document.number.clone(),
            stall_name: writer.written(&snapshot.seller.stall_name),
            seller: writer.seller(snapshot),
            buyer: writer.buyer(snapshot),
            buyer_label: labels.said("billed_to"),
            recipient: snapshot.recipient.as_ref().map(|recipient| writer.recipient(recipient)),
            request: None,
            facts: writer.facts(document, snapshot),
            total_label: labels.said("total"),
            total: document.total.to_string(),
            words_label: labels.said("amount_in_words"),
            words: labels.made(|language| parley::money(document.total, language, Style::Speech)),
            item_label: labels.said("item"),
            columns: writer.columns(taxes),
            lines: snapshot
                .lines
                .iter()
                .enumerate()
                .map(|(index, line)| writer.line(index + 1, line, taxes, snapshot.vendor_language))
                .collect(),
            sums: writer.sums(snapshot, taxes),
            paid: writer.paid(snapshot),
            notes: writer.notes(sold_by, snapshot),
            signature: (!is_receipt).then(|| labels.said("signature")),
            thanks: labels.said("thank_you"),
        }
    }
}

impl Taxes {
    fn of(kind: DocumentKind, snapshot: &Snapshot) -> Self {
        let bears_tax = match kind {
            DocumentKind::TaxInvoice => true,
            DocumentKind::SubscriptionInvoice => snapshot.lines.iter().any(|line| line.tax.is_some()),
            _ => false,
        };
        if !bears_tax {
            Self::None
        } else if snapshot.is_inter_state() {
            Self::Integrated
        } else if snapshot.place_of_supply.is_some_and(StateCode::has_utgst) {
            Self::Halves { second: "utgst" }
        } else {
            Self::Halves { second: "sgst" }
        }
    }

    /// Each tax by its label, with its part of a line.
    fn parts(self) -> Vec<(&'static str, Part)> {
        match self {
            Self::None => Vec::new(),
            Self::Halves { second } => vec![
                ("cgst", |tax| (tax.split.cgst, tax.rate.half())),
                (second, |tax| (tax.split.sgst, tax.rate.half())),
            ],
            Self::Integrated => vec![("igst", |tax| (tax.split.igst, tax.rate.to_string()))],
        }
    }
}

impl<'a> Writer<'a> {
    /// Writes in this language and English; in English alone where no font has the language's script.
    pub(super) fn new(language: Language, fonts: &'a Loaded, shows_hsn: bool) -> Self {
        let shown = (language != Language::English && fonts.has(language.script())).then_some(language);
        let labels = Labels { language: shown };
        Self { labels, language: shown.unwrap_or(Language::English), fonts, shows_hsn }
    }
}

impl Writer<'_> {
    fn title(&self, kind: DocumentKind, snapshot: &Snapshot) -> Said {
        match kind {
            // An invoice-cum-bill of supply carries both names.
            DocumentKind::TaxInvoice if snapshot.is_mixed() && !snapshot.is_to_a_business() => {
                joined(&[self.labels.said("tax_invoice"), self.labels.said("bill_of_supply")], " – ")
            }
            DocumentKind::TaxInvoice => self.labels.said("tax_invoice"),
            DocumentKind::BillOfSupply => self.labels.said("bill_of_supply"),
            DocumentKind::Receipt => self.labels.said("receipt"),
            DocumentKind::CreditNote => self.labels.said("credit_note"),
            DocumentKind::RefundReceipt => self.labels.said("refund_receipt"),
            // A platform that is registered owes a tax invoice, and that is what this one is.
            DocumentKind::SubscriptionInvoice if Taxes::of(kind, snapshot) != Taxes::None => {
                joined(&[self.labels.said("tax_invoice"), self.labels.said("subscription_invoice")], " – ")
            }
            DocumentKind::SubscriptionInvoice => self.labels.said("subscription_invoice"),
        }
    }

    fn buyer(&self, snapshot: &Snapshot) -> Vec<Written> {
        let Some(buyer) = &snapshot.buyer else { return Vec::new() };
        let gstin = buyer.gstin.as_ref().map(|gstin| format!("GSTIN {gstin}"));
        let rest = [buyer.address.clone(), buyer.state.map(state), gstin];
        let lines = std::iter::once(buyer.name.clone()).chain(rest.into_iter().flatten());
        lines.map(|line| self.written(&line)).collect()
    }

    fn facts(&self, document: &Document, snapshot: &Snapshot) -> Vec<Fact> {
        let mut facts = vec![
            self.fact("number", document.number.clone()),
            self.fact("date", in_india(document.issued_at).format("%d-%m-%Y").to_string()),
            match &snapshot.period {
                Some(during) => self.fact("period", days(during)),
                None => self.fact("order", snapshot.order_number.clone()),
            },
        ];
        facts.extend(snapshot.credits.iter().map(|credits| {
            let day = in_india(credits.issued_at).format("%d-%m-%Y");
            self.fact("takes_back", format!("{} ({day})", credits.number))
        }));
        if self.shows_hsn {
            facts.extend(snapshot.place_of_supply.map(|place| self.fact("place_of_supply", state(place))));
        }
        facts
    }

    fn columns(&self, taxes: Taxes) -> Vec<Column> {
        let mut keys = vec!["quantity", "price"];
        if taxes != Taxes::None {
            keys.push("taxable_value");
        }
        keys.extend(taxes.parts().into_iter().map(|(key, _)| key));
        keys.push("total");
        keys.into_iter().map(|key| Column { label: self.labels.said(key) }).collect()
    }

    fn line(&self, place: usize, line: &DocumentLine, taxes: Taxes, vendor_language: Language) -> Line {
        let goods = self.labels.made(|language| quantity(line.quantity, line.unit, language));
        let mut cells = vec![
            Cell { text: if line.money_alone { english("–".to_owned()) } else { goods }, below: None },
            Cell { text: self.labels.made(|language| price(line.price, language)), below: None },
        ];
        let amount = |money: Money| Cell { text: english(figure(money)), below: None };
        let none = || Cell { text: english("–".to_owned()), below: None };
        match &line.tax {
            _ if taxes == Taxes::None => {}
            // Exempt goods on an invoice-cum-bill: they have a total, and no taxable value.
            None => cells.extend((0..=taxes.parts().len()).map(|_| none())),
            Some(tax) => {
                cells.push(amount(tax.split.taxable_value));
                cells.extend(taxes.parts().into_iter().map(|(_, part)| {
                    let (money, rate) = part(tax);
                    Cell { below: Some(format!("{rate}%")), ..amount(money) }
                }));
            }
        }
        cells.push(amount(line.total));
        let (name, also) = self.names(line, vendor_language);
        Line { place, name, also, hsn: line.hsn.clone().filter(|_| self.shows_hsn), cells }
    }

    /// The name in the reader's language, then in English and as it was typed where those differ.
    fn names(&self, line: &DocumentLine, vendor_language: Language) -> (Written, Vec<Written>) {
        let own = name_in(line, self.language, vendor_language);
        let others = [name_in(line, Language::English, vendor_language), Some(line.name.clone())];
        let first = own.unwrap_or_else(|| line.name.clone());
        let mut seen = BTreeSet::from([first.to_lowercase()]);
        let also = others.into_iter().flatten().filter(|name| seen.insert(name.to_lowercase()));
        let also = also.map(|name| self.written(&capitalised(&name))).collect();
        (self.written(&capitalised(&first)), also)
    }

    fn sums(&self, snapshot: &Snapshot, taxes: Taxes) -> Vec<Fact> {
        if taxes == Taxes::None {
            return Vec::new();
        }
        let taxed = || snapshot.lines.iter().filter_map(|line| line.tax.as_ref());
        let sum = |amounts: &mut dyn Iterator<Item = Money>| rupees(amounts.map(Money::minor).sum());
        let taxable = sum(&mut taxed().map(|tax| tax.split.taxable_value));
        let mut sums = vec![self.fact("taxable_value", taxable)];
        sums.extend(
            taxes
                .parts()
                .into_iter()
                .map(|(key, part)| self.fact(key, sum(&mut taxed().map(|tax| part(tax).0)))),
        );
        if snapshot.is_mixed() {
            let exempt = snapshot.lines.iter().filter(|line| line.tax.is_none()).map(|line| line.total);
            sums.push(self.fact("exempt", sum(&mut { exempt })));
        }
        sums
    }

    /// How the money came; nothing of that where it went back.
    fn paid(&self, snapshot: &Snapshot) -> Vec<Fact> {
        if snapshot.credits.is_some() {
            return Vec::new();
        }
        let paid = &snapshot.paid;
        let method = self.labels.said_or_verbatim(&paid.method);
        let mut facts = vec![Fact { label: self.labels.said("paid_by"), value: method }];
        facts.push(self.fact("date", moment(in_india(paid.at))));
        facts.extend(paid.reference.iter().map(|reference| self.fact("reference", reference.clone())));
        facts
    }

    fn notes(&self, kind: DocumentKind, snapshot: &Snapshot) -> Vec<Said> {
        let word = match snapshot.paid.by {
            PaidBy::Gateway => "by_gateway",
            PaidBy::Vendor => "by_vendor",
            PaidBy::Credit => "by_credit",
        };
        if snapshot.credits.is_some() {
            let label = if snapshot.is_of_a_part() { "part_back" } else { "money_back" };
            return vec![self.labels.said(label)];
        }
        let of_the_law: &[&str] = match (kind, snapshot.seller.registration) {
            (DocumentKind::TaxInvoice, _) | (DocumentKind::SubscriptionInvoice, Registration::Regular) => {
                &["includes_tax", "reverse_charge"]
            }
            (_, Registration::Composition) => &["composition"],
            _ => &[],
        };
        [&[word], of_the_law].concat().into_iter().map(|key| self.labels.said(key)).collect()
    }

    pub(super) fn fact(&self, key: &str, value: String) -> Fact {
        Fact { label: self.labels.said(key), value: english(value) }
    }

    pub(super) fn written(&self, text: &str) -> Written {
        let script = script_of(text);
        let fonts = self.fonts.families(script);
        Written { text: text.to_owned(), fonts, right_to_left: script == Script::Arabic }
    }
}

/// The days of a period in India; its end is no part of it.
fn days(during: &ServicePeriod) -> String {
    let day = |at: DateTime<Utc>| in_india(at).format("%d-%m-%Y");
    format!("{} – {}", day(during.from), day(during.until - TimeDelta::seconds(1)))
}

/// A text that is the same in every language.
fn english(text: String) -> Said {
    Said { own: None, english: text }
}

fn joined(parts: &[Said], by: &str) -> Said {
    let english = parts.iter().map(|part| part.english.as_str()).collect::<Vec<_>>().join(by);
    let own = parts.iter().any(|part| part.own.is_some()).then(|| {
        parts
            .iter()
            .map(|part| part.own.as_ref().unwrap_or(&part.english).as_str())
            .collect::<Vec<_>>()
            .join(by)
    });
    Said { own, english }
}

fn name_in(line: &DocumentLine, language: Language, vendor_language: Language) -> Option<String> {
    let typed = || (language == vendor_language).then(|| line.name.clone());
    let known = || goods::by_lemma(&line.item).map(|good| good.name(language).to_owned());
    line.names.get(&language).cloned().or_else(typed).or_else(known)
}
