//! A payment request: what the document of an order will say, asked for and not confirmed. It has no number.

use types::Language;

use super::fonts::Loaded;
use super::paper::{Asked, Paper, Writer};
use super::wording::{moment, state};
use crate::request::PaymentRequest;
use crate::series::in_india;
use crate::{Document, Snapshot};

impl Paper {
    /// The paper of a request; `document` is what would be issued now.
    pub(super) fn of_request(
        request: &PaymentRequest,
        (document, snapshot): (&Document, &Snapshot),
        language: Language,
        fonts: &Loaded,
    ) -> Self {
        let mut paper = Self::new(document, snapshot, language, fonts);
        let writer = Writer::new(language, fonts, true);
        let labels = writer.labels;
        let upi_id = request.upi_id.iter().map(|id| writer.fact("pay_to", id.clone()));
        paper.request = Some(Asked {
            qr: request.qr_svg.clone(),
            scan: labels.said("scan_to_pay"),
            facts: upi_id.collect(),
        });
        paper.title = labels.said("payment_request");
        paper.facts = vec![
            writer.fact("order", snapshot.order_number.clone()),
            writer.fact("date", in_india(document.issued_at).format("%d-%m-%Y").to_string()),
            writer.fact("pay_until", moment(in_india(request.until))),
        ];
        let place = snapshot.place_of_supply.map(|place| writer.fact("place_of_supply", state(place)));
        paper.facts.extend(place);
        paper.paid = Vec::new();
        paper.notes = ["not_an_invoice", "qr_proves_nothing"].map(|key| labels.said(key)).into();
        paper.signature = None;
        paper
    }
}
