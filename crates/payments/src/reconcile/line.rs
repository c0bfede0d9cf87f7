//! What the gateway settled: one line of its report.

use chrono::{DateTime, Utc};

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(crate) enum LineKind {
    Payment,
    Refund,
    /// Money passed on to a linked account: none of ours.
    Transfer,
    Adjustment,
}

/// One line of a settlement. Amounts are in the currency's minor unit; one that makes sense has none below zero ([`Line::problem`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// What the gateway calls the payment, refund, transfer or adjustment.
    pub entity: String,
    pub kind: LineKind,
    pub settlement: String,
    /// What the bank calls the settlement.
    pub utr: Option<String>,
    pub debit_minor: i64,
    pub credit_minor: i64,
    pub amount_minor: i64,
    /// With the tax in it.
    pub fee_minor: i64,
    pub tax_minor: i64,
    pub currency: String,
    /// The payment that it is about.
    pub payment: Option<String>,
    pub created_at: DateTime<Utc>,
    pub settled_at: DateTime<Utc>,
}

/// Where a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(crate) enum Source {
    Gateway,
    File,
}

/// More than ever is settled at once: sums of what is below it do not overflow.
const MINOR_MAX: i64 = 1_000_000_000_000_00;
const ID_BYTES_MAX: usize = 64;

impl LineKind {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "payment" => Some(Self::Payment),
            "refund" => Some(Self::Refund),
            "transfer" => Some(Self::Transfer),
            "adjustment" => Some(Self::Adjustment),
            _ => None,
        }
    }
}

impl Line {
    /// What reaches the bank; below zero where it is taken off.
    pub(crate) const fn net_minor(&self) -> i64 {
        self.credit_minor - self.debit_minor
    }

    /// Why the line cannot be true; nothing where it can.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let Self { debit_minor: debit, credit_minor: credit, amount_minor: amount, .. } = *self;
        let (fee, tax) = (self.fee_minor, self.tax_minor);
        let in_range = [debit, credit, amount, fee, tax].iter().all(|minor| (0..=MINOR_MAX).contains(minor));
        if !in_range {
            return Some("an amount is out of range");
        }
        if !is_id(&self.entity) || !is_id(&self.settlement) || !self.payment.as_deref().is_none_or(is_id) {
            return Some("an id is not the gateway's");
        }
        let adds_up = match self.kind {
            LineKind::Payment => debit == 0 && credit == amount - fee,
            LineKind::Refund | LineKind::Transfer => credit == 0 && debit == amount + fee,
            LineKind::Adjustment => (debit == 0 || credit == 0) && fee == 0,
        };
        if adds_up && tax <= fee { None } else { Some("debit, credit, amount, fee and tax do not add up") }
    }
}

fn is_id(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn line(kind: LineKind, amount: i64, fee: i64) -> Line {
        let (debit_minor, credit_minor) = match kind {
            LineKind::Payment | LineKind::Adjustment => (0, amount - fee),
            LineKind::Refund | LineKind::Transfer => (amount + fee, 0),
        };
        Line {
            entity: "pay_1".to_owned(),
            kind,
            settlement: "setl_1".to_owned(),
            utr: None,
            debit_minor,
            credit_minor,
            amount_minor: amount,
            fee_minor: fee,
            tax_minor: 0,
            currency: "INR".to_owned(),
            payment: Some("pay_1".to_owned()),
            created_at: DateTime::UNIX_EPOCH,
            settled_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_line_adds_up_or_is_refused() {
        for kind in [LineKind::Payment, LineKind::Refund, LineKind::Transfer] {
            assert_eq!(line(kind, 100_00, 2_36).problem(), None, "{kind:?}");
            let wrong = Line { amount_minor: 99_00, ..line(kind, 100_00, 2_36) };
            assert!(wrong.problem().is_some(), "{kind:?}");
        }
        let good = line(LineKind::Payment, 100_00, 2_36);
        for wrong in [
            Line { tax_minor: 2_37, ..good.clone() },
            Line { fee_minor: -1, credit_minor: 100_01, ..good.clone() },
            Line { entity: "pay 1".to_owned(), ..good.clone() },
            Line { settlement: String::new(), ..good.clone() },
            line(LineKind::Payment, i64::MAX, 0),
        ] {
            assert!(wrong.problem().is_some(), "{wrong:?}");
        }
    }
}
