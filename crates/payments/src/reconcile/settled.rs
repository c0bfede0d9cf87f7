//! A line of a settlement beside record, payment and books. No I/O.

use types::TenantId;

use super::book;
use super::compare::{Index, Sides, StoredLine, about, blank};
use super::exception::{ExceptionKind, Finding, Repair};
use super::line::{Line, LineKind};
use crate::db::payments::Payment;
use crate::db::reconcile::ours::Ours;

/// What is to become of a line.
pub(super) enum Verdict {
    /// It matches, and may be written into the books of this payment.
    Book(Payment),
    /// It is in the books.
    Booked,
    Exception(Box<Finding>),
}

/// Compares a line.
pub(super) fn of_line(sides: &Sides, index: &Index<'_>, stored: &StoredLine) -> Verdict {
    let line = &stored.line;
    let found = Finding {
        kind: ExceptionKind::UnknownSettlementLine,
        gateway_payment: line.payment.clone().filter(|payment| *payment != line.entity),
        settlement: Some(line.settlement.clone()),
        amount_minor: line.amount_minor,
        ..blank(&line.entity)
    };
    if let Some(tenant) = stored.booked_for {
        return of_booked(sides, tenant, line, found);
    }
    let ours = match line.kind {
        LineKind::Payment => {
            let ours = index.payments.get(line.entity.as_str()).copied();
            ours.map(|ours| (ours, ours.payment.amount_minor))
        }
        LineKind::Refund => {
            let ours = index.refunds.get(line.entity.as_str());
            ours.map(|(ours, refund)| (*ours, refund.amount_minor))
        }
        LineKind::Adjustment => of_dispute(sides, index, line),
        LineKind::Transfer => None,
    };
    let detail = match ours {
        _ if stored.booked_elsewhere => "it was settled before, in another settlement",
        _ if line.currency != "INR" => "it is in a currency that is not traded",
        _ if line.problem().is_some() => "its amounts do not add up",
        Some((ours, minor)) => return of_known(sides, (ours, minor), stored, about(ours, found)),
        None => "nothing on record is settled by it",
    };
    Verdict::Exception(Box::new(Finding { detail, ..found }))
}

/// The payment that a dispute took this off, or gave it back to.
fn of_dispute<'a>(sides: &Sides, index: &Index<'a>, line: &Line) -> Option<(&'a Ours, i64)> {
    let payment = line.payment.as_ref()?;
    let ours = index.payments.get(payment.as_str()).copied()?;
    if let Some(moved) = sides.dispute_moves.get(&line.entity) {
        let is_same_way = moved.signum() == line.net_minor().signum();
        return is_same_way.then(|| (ours, moved.abs()));
    }
    sides.disputed.contains(&(payment.clone(), line.amount_minor)).then_some((ours, line.amount_minor))
}

/// A line that is in the books: they must say what it says.
fn of_booked(sides: &Sides, tenant: TenantId, line: &Line, found: Finding) -> Verdict {
    let expected = -(line.net_minor() + line.fee_minor);
    let moved = sides.moved.get(&(tenant, book::key(&line.entity))).copied().unwrap_or(0);
    if moved == expected {
        return Verdict::Booked;
    }
    Verdict::Exception(Box::new(Finding {
        kind: ExceptionKind::BooksDiffer,
        tenant: Some(tenant),
        differs: Some((expected, moved)),
        detail: "the books say another amount",
        ..found
    }))
}

/// A line of what is on record: its amount must be the record's, and its fee that which the payment says.
fn of_known(sides: &Sides, (ours, ours_minor): (&Ours, i64), stored: &StoredLine, found: Finding) -> Verdict {
    let line = &stored.line;
    if line.amount_minor != ours_minor {
        return Verdict::Exception(Box::new(Finding {
            kind: ExceptionKind::AmountDiffers,
            amount_minor: (ours_minor - line.amount_minor).abs(),
            differs: Some((ours_minor, line.amount_minor)),
            detail: "the settlement says another amount than the record",
            ..found
        }));
    }
    let fee = sides.charges.get(&line.entity).and_then(|charge| charge.fee_minor);
    match fee.filter(|fee| *fee != line.fee_minor && !stored.fee_accepted) {
        None => Verdict::Book(ours.payment.clone()),
        Some(fee) => Verdict::Exception(Box::new(Finding {
            kind: ExceptionKind::FeeDiffers,
            amount_minor: (fee - line.fee_minor).abs(),
            differs: Some((fee, line.fee_minor)),
            detail: "the settlement keeps another fee than the payment says",
            repair: Repair::AcceptFee,
            ..found
        })),
    }
}
