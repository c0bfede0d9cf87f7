//! The comparison itself: three sides in, what does not match out. No I/O.

use std::collections::{BTreeMap, HashMap, HashSet};

use types::{IntentId, Money, TenantId};

use super::exception::{ExceptionKind, Finding, Repair};
use super::line::Line;
use super::settled::{Verdict, of_line};
use crate::db::payments::Payment;
use crate::db::reconcile::ours::{OurRefund, Ours};
use crate::db::refunds::RefundState;
use crate::gateway;
use crate::subject::SubjectId;

/// All that is known of one day.
#[derive(Debug, Default)]
pub(crate) struct Sides {
    /// What the gateway says of payments: those made on the day, and others that the day's refunds, lines and rows are about.
    pub charges: BTreeMap<String, gateway::Payment>,
    /// Which of them were made on the day.
    pub of_day: HashSet<String>,
    /// The refunds that were made on the day.
    pub refunds: Vec<gateway::Refund>,
    /// What the gateway says of refunds that are on record here as done on the day.
    pub refunds_known: HashMap<String, gateway::Refund>,
    /// What was settled on the day.
    pub lines: Vec<StoredLine>,
    /// Our payments with their refunds.
    pub ours: Vec<Ours>,
    /// What was disputed of them, in paise, by the gateway's ids of the payments.
    pub disputed: HashSet<(String, i64)>,
    /// What disputes moved of our balance with their fees, in paise, by the gateway's names of the movements.
    pub dispute_moves: HashMap<String, i64>,
    /// Payments of the gateway that are not on record here, with whom they are for.
    pub owners: HashMap<String, Owner>,
    /// How much each posting moved into the gateway's account, by its key.
    pub moved: HashMap<(TenantId, String), i64>,
    /// Which payments of the day were settled, on whatever day; none while it is too early to ask.
    pub settled: Option<HashSet<String>>,
}

/// A line that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredLine {
    pub line: Line,
    pub fee_accepted: bool,
    /// In whose books it is.
    pub booked_for: Option<TenantId>,
    /// Whether another settlement's line of the same thing is in the books.
    pub booked_elsewhere: bool,
}

/// For whom a payment is that is not on record here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub tenant: TenantId,
    pub intent: IntentId,
    /// Whether what it is for is paid already.
    pub is_paid: bool,
}

/// What came of a comparison.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    pub findings: Vec<Finding>,
    /// Lines that may be booked, with the payments they are about.
    pub bookable: Vec<(Line, Payment)>,
    /// How many payments, refunds and lines were looked at, on whichever side.
    pub count: usize,
}

/// Our payments by the gateway's ids.
pub(super) struct Index<'a> {
    pub payments: HashMap<&'a str, &'a Ours>,
    pub refunds: HashMap<&'a str, (&'a Ours, &'a OurRefund)>,
}

impl<'a> Index<'a> {
    fn new(ours: &'a [Ours]) -> Self {
        let id = |ours: &'a Ours| ours.payment.at_gateway.as_deref().map(|id| (id, ours));
        let refunds = |ours: &'a Ours| {
            let known = ours.refunds.iter();
            known.filter_map(move |refund| Some((refund.at_gateway.as_deref()?, (ours, refund))))
        };
        Self {
            payments: ours.iter().filter_map(id).collect(),
            refunds: ours.iter().flat_map(refunds).collect(),
        }
    }
}

/// Compares the sides of a day.
pub(crate) fn compare(sides: &Sides) -> Compared {
    let index = Index::new(&sides.ours);
    let mut compared = Compared::default();
    let mut subjects: HashSet<&str> = HashSet::new();
    for id in &sides.of_day {
        let Some(charge) = sides.charges.get(id).filter(|charge| charge.captured) else { continue };
        subjects.insert(id);
        compared.findings.extend(of_charge(sides, charge, index.payments.get(id.as_str()).copied()));
    }
    for ours in sides.ours.iter().filter(|ours| ours.is_of_day) {
        let Some(id) = ours.payment.at_gateway.as_deref() else { continue };
        subjects.insert(id);
        compared.findings.extend(of_row(sides, ours, id));
    }
    for refund in sides.refunds.iter().filter(|refund| refund.state != gateway::RefundState::Failed) {
        if let Some(ours) = index.payments.get(refund.payment.as_str()) {
            subjects.insert(&refund.id);
            compared.findings.extend(of_refund(ours, refund));
        }
    }
    for ours in &sides.ours {
        for (refund, id) in ours.refunds_of_day() {
            subjects.insert(id);
            compared.findings.extend(of_refund_row(sides, ours, refund, id));
        }
    }
    for stored in &sides.lines {
        subjects.insert(&stored.line.entity);
        match of_line(sides, &index, stored) {
            Verdict::Book(payment) => compared.bookable.push((stored.line.clone(), payment)),
            Verdict::Booked => {}
            Verdict::Exception(finding) => compared.findings.push(*finding),
        }
    }
    compared.count = subjects.len();
    compared
}

/// What the gateway took on the day, beside what is on record here.
fn of_charge(sides: &Sides, charge: &gateway::Payment, ours: Option<&Ours>) -> Option<Finding> {
    let amount_minor = charge.amount.map_or(0, Money::minor);
    let found = Finding { amount_minor, ..blank(&charge.id) };
    let Some(ours) = ours else {
        let is_there = charge.state == gateway::PaymentState::Captured && charge.amount.is_some();
        let owner = sides.owners.get(&charge.id);
        let tenant = owner.map(|owner| owner.tenant);
        let (kind, detail, repair) = match owner {
            Some(owner) if owner.is_paid => (
                ExceptionKind::CapturedTwice,
                "what is paid was paid again, and it is not on record",
                Repair::SendBack,
            ),
            Some(_) => (ExceptionKind::MissingHere, "the payment is not on record", Repair::TakeInPayment),
            None => {
                (ExceptionKind::MissingHere, "the payment is for nothing that was asked here", Repair::Look)
            }
        };
        let repair = if is_there { repair } else { Repair::Look };
        return Some(Finding { kind, tenant, detail, repair, ..found });
    };
    let ours_minor = ours.payment.amount_minor;
    (ours_minor != amount_minor).then(|| Finding {
        kind: ExceptionKind::AmountDiffers,
        amount_minor: (ours_minor - amount_minor).abs(),
        differs: Some((ours_minor, amount_minor)),
        detail: "the gateway says another amount than the record",
        ..about(ours, found)
    })
}

/// What was taken in here on the day, beside what the gateway says and what the books say.
fn of_row(sides: &Sides, ours: &Ours, id: &str) -> Vec<Finding> {
    let amount_minor = ours.payment.amount_minor;
    let found = about(ours, Finding { amount_minor, ..blank(id) });
    let mut findings = Vec::new();
    let detail = match sides.charges.get(id) {
        None => Some("the gateway knows no such payment"),
        Some(charge) if !charge.captured => Some("the gateway did not take the payment"),
        Some(_) => None,
    };
    if let Some(detail) = detail {
        findings.push(Finding { kind: ExceptionKind::MissingAtGateway, detail, ..found.clone() });
    }
    findings.extend(of_books(sides, ours, &crate::books::payment_key(ours.payment.id), amount_minor, &found));
    if sides.settled.as_ref().is_some_and(|settled| !settled.contains(id)) {
        let detail = "the payment was not settled in time";
        findings.push(Finding { kind: ExceptionKind::NotSettled, detail, ..found });
    }
    findings
}

/// What was given back at the gateway on the day, beside what is on record here.
fn of_refund(ours: &Ours, refund: &gateway::Refund) -> Option<Finding> {
    let amount_minor = refund.amount.map_or(0, Money::minor);
    let known = ours.refunds.iter().find(|kept| kept.at_gateway.as_deref() == Some(refund.id.as_str()));
    let gateway_payment = ours.payment.at_gateway.clone();
    let found = about(ours, Finding { gateway_payment, amount_minor, ..blank(&refund.id) });
    if let Some(known) = known.filter(|known| known.amount_minor != amount_minor) {
        return Some(Finding {
            kind: ExceptionKind::AmountDiffers,
            differs: Some((known.amount_minor, amount_minor)),
            detail: "the gateway gave another amount back than the record says",
            ..found
        });
    }
    let is_done = |kept: &OurRefund| kept.state == RefundState::Processed;
    if known.is_some_and(|kept| is_done(kept) || refund.state == gateway::RefundState::Pending) {
        return None;
    }
    let is_top_up = matches!(ours.payment.subject, SubjectId::TopUp(_));
    let detail = "money went back at the gateway, and that is not on record";
    // Nobody here gives a top-up back: the vendor may have spent it.
    let repair = if is_top_up { Repair::Look } else { Repair::TakeInRefund };
    Some(Finding { kind: ExceptionKind::RefundedAtGateway, detail, repair, ..found })
}

/// What is on record here as given back on the day, beside what the gateway says and what the books say.
fn of_refund_row(sides: &Sides, ours: &Ours, refund: &OurRefund, id: &str) -> Vec<Finding> {
    let amount_minor = refund.amount_minor;
    let gateway_payment = ours.payment.at_gateway.clone();
    let found = about(ours, Finding { gateway_payment, amount_minor, ..blank(id) });
    let mut findings = Vec::new();
    let listed = sides.refunds.iter().find(|refund| refund.id == id).or_else(|| sides.refunds_known.get(id));
    if listed.is_none_or(|refund| refund.state != gateway::RefundState::Processed) {
        let detail = "the gateway did not give the money back";
        findings.push(Finding { kind: ExceptionKind::MissingAtGateway, detail, ..found.clone() });
    }
    let key = crate::books::refund_key(refund.booked_as, refund.came_back);
    findings.extend(of_books(sides, ours, &key, -amount_minor, &found));
    findings
}

fn of_books(sides: &Sides, ours: &Ours, key: &str, expected: i64, found: &Finding) -> Option<Finding> {
    let moved = sides.moved.get(&(ours.payment.tenant, key.to_owned())).copied();
    (moved != Some(expected)).then(|| Finding {
        kind: ExceptionKind::BooksDiffer,
        differs: Some((expected, moved.unwrap_or(0))),
        detail: if moved.is_none() {
            "the posting is not in the books"
        } else {
            "the books say another amount"
        },
        repair: if moved.is_none() { Repair::PostAgain } else { Repair::Look },
        ..found.clone()
    })
}

pub(super) fn blank(subject: &str) -> Finding {
    Finding {
        kind: ExceptionKind::MissingHere,
        subject: subject.to_owned(),
        gateway_payment: None,
        settlement: None,
        ours: None,
        tenant: None,
        amount_minor: 0,
        differs: None,
        detail: "",
        repair: Repair::Look,
    }
}

pub(super) fn about(ours: &Ours, finding: Finding) -> Finding {
    let tenant = ours.payment.tenant;
    Finding { ours: Some((tenant, ours.payment.id)), tenant: Some(tenant), ..finding }
}

#[cfg(test)]
mod tests {
    use types::PaymentId;
    use uuid::Uuid;

    use super::*;
    use crate::books::{payment_key, refund_key};
    use crate::db::payments::Role;
    use crate::gateway::PaymentState;
    use crate::reconcile::line::LineKind;
    use crate::reconcile::line::tests::line;

    const AMOUNT: i64 = 150_00;

    fn charge(state: PaymentState, captured: bool) -> gateway::Payment {
        gateway::Payment {
            id: "pay_1".to_owned(),
            state,
            amount: Some(Money::inr(AMOUNT)),
            order: None,
            intent: None,
            method: "upi".to_owned(),
            reference: None,
            captured,
            fee_minor: Some(3_54),
        }
    }

    fn ours(refund: Option<RefundState>) -> Ours {
        let id = Uuid::from_u128;
        Ours {
            payment: Payment {
                tenant: id(1).into(),
                id: id(2).into(),
                intent: id(3).into(),
                subject: SubjectId::Order(id(4).into()),
                gateway: Some("razorpay".to_owned()),
                at_gateway: Some("pay_1".to_owned()),
                role: Role::Settles,
                amount_minor: AMOUNT,
                commission_minor: 0,
                refunded_minor: 0,
                commission_back_minor: 0,
                tcs: crate::tcs::Collected::default(),
            },
            is_of_day: true,
            refunds: refund.map(|state| our_refund(1, AMOUNT, state)).into_iter().collect(),
        }
    }

    fn our_refund(number: u128, amount_minor: i64, state: RefundState) -> OurRefund {
        OurRefund {
            amount_minor,
            state,
            at_gateway: Some(format!("rfnd_{number}")),
            booked_as: Uuid::from_u128(100 + number),
            came_back: 0,
            is_of_day: state == RefundState::Processed,
        }
    }

    /// A day with one payment, in order on all sides.
    fn sides(refund: Option<RefundState>) -> Sides {
        let state = if refund.is_some() { PaymentState::Refunded } else { PaymentState::Captured };
        let ours = ours(refund);
        let tenant = ours.payment.tenant;
        let payment: PaymentId = ours.payment.id;
        Sides {
            charges: BTreeMap::from([("pay_1".to_owned(), charge(state, true))]),
            of_day: HashSet::from(["pay_1".to_owned()]),
            moved: HashMap::from([
                ((tenant, payment_key(payment)), AMOUNT),
                ((tenant, refund_key(Uuid::from_u128(101), 0)), -AMOUNT),
            ]),
            ours: vec![ours],
            ..Sides::default()
        }
    }

    fn refund(state: gateway::RefundState) -> gateway::Refund {
        let (id, payment) = ("rfnd_1".to_owned(), "pay_1".to_owned());
        gateway::Refund { id, payment, amount: Some(Money::inr(AMOUNT)), state, receipt: None }
    }

    fn kinds(sides: &Sides) -> Vec<ExceptionKind> {
        compare(sides).findings.iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn what_matches_is_no_exception() {
        assert_eq!(kinds(&sides(None)), []);
        let refunded = Sides {
            refunds: vec![refund(gateway::RefundState::Processed)],
            ..sides(Some(RefundState::Processed))
        };
        assert_eq!((kinds(&refunded), compare(&refunded).count), (vec![], 2));
    }

    #[test]
    fn a_refund_on_record_that_the_gateway_did_not_make_is_missing_there() {
        let unknown = sides(Some(RefundState::Processed));
        assert_eq!(kinds(&unknown), [ExceptionKind::MissingAtGateway]);
        let known = HashMap::from([("rfnd_1".to_owned(), refund(gateway::RefundState::Processed))]);
        assert_eq!(kinds(&Sides { refunds_known: known, ..sides(Some(RefundState::Processed)) }), []);
    }

    #[test]
    fn a_refund_under_way_or_failed_there_is_no_exception_and_one_done_there_alone_is() {
        for (there, here, expected) in [
            (gateway::RefundState::Pending, RefundState::Pending, None),
            (gateway::RefundState::Failed, RefundState::Asked, None),
            (gateway::RefundState::Processed, RefundState::Pending, Some(ExceptionKind::RefundedAtGateway)),
        ] {
            let day = Sides { refunds: vec![refund(there)], ..sides(Some(here)) };
            assert_eq!(kinds(&day), Vec::from_iter(expected), "{there:?}");
        }
    }

    #[test]
    fn each_part_that_went_back_is_compared_by_itself() {
        let mut day = sides(None);
        day.ours[0].refunds =
            vec![our_refund(1, 50_00, RefundState::Processed), our_refund(2, 30_00, RefundState::Processed)];
        let part = |number: u128, minor: i64| gateway::Refund {
            id: format!("rfnd_{number}"),
            amount: Some(Money::inr(minor)),
            ..refund(gateway::RefundState::Processed)
        };
        day.refunds = vec![part(1, 50_00), part(2, 30_00)];
        let tenant = day.ours[0].payment.tenant;
        for (number, minor) in [(101, 50_00), (102, 30_00)] {
            day.moved.insert((tenant, refund_key(Uuid::from_u128(number), 0)), -minor);
        }
        assert_eq!(kinds(&day), []);
        day.refunds[1] = part(2, 31_00);
        assert_eq!(kinds(&day), [ExceptionKind::AmountDiffers]);
        day.refunds[1] = part(2, 30_00);
        day.refunds.push(part(3, 5_00));
        assert_eq!(kinds(&day), [ExceptionKind::RefundedAtGateway]);
        let taken = Line { entity: "adj_1".to_owned(), ..line(LineKind::Adjustment, 60_00, 0) };
        let taken =
            StoredLine { line: taken, fee_accepted: false, booked_for: None, booked_elsewhere: false };
        day.lines = vec![taken];
        assert_eq!(compare(&day).bookable.len(), 0, "nothing is disputed");
        day.disputed.insert(("pay_1".to_owned(), 60_00));
        assert_eq!(compare(&day).bookable.len(), 1);
        let settled = |minor| {
            let line = Line { entity: "rfnd_2".to_owned(), ..line(LineKind::Refund, minor, 0) };
            StoredLine { line, fee_accepted: false, booked_for: None, booked_elsewhere: false }
        };
        day.lines = vec![settled(30_00)];
        assert_eq!(compare(&day).bookable.len(), 1);
        day.lines = vec![settled(50_00)];
        assert_eq!(compare(&day).bookable.len(), 0);
    }

    #[test]
    fn what_was_never_taken_is_expected_nowhere_and_missed_where_it_is_on_record() {
        let returned = BTreeMap::from([("pay_1".to_owned(), charge(PaymentState::Refunded, false))]);
        let nobodys = Sides { charges: returned.clone(), of_day: sides(None).of_day, ..Sides::default() };
        assert_eq!((kinds(&nobodys), compare(&nobodys).count), (vec![], 0));
        assert_eq!(kinds(&Sides { charges: returned, ..sides(None) }), [ExceptionKind::MissingAtGateway]);
    }

    #[test]
    fn only_a_line_that_matches_in_rupees_and_adds_up_is_bookable() {
        let stored =
            |line| StoredLine { line, fee_accepted: false, booked_for: None, booked_elsewhere: false };
        let day = |stored| Sides { lines: vec![stored], ..sides(None) };
        let good = line(LineKind::Payment, AMOUNT, 3_54);
        assert_eq!(compare(&day(stored(good.clone()))).bookable.len(), 1);
        let foreign = Line { currency: "USD".to_owned(), ..good.clone() };
        let crooked = Line { credit_minor: AMOUNT, ..good.clone() };
        for unknown in [
            stored(foreign),
            stored(crooked),
            StoredLine { booked_elsewhere: true, ..stored(good.clone()) },
            stored(line(LineKind::Transfer, AMOUNT, 0)),
            stored(line(LineKind::Refund, AMOUNT, 0)),
        ] {
            let compared = compare(&day(unknown.clone()));
            assert_eq!(compared.bookable, [], "{unknown:?}");
            assert_eq!(compared.findings[0].kind, ExceptionKind::UnknownSettlementLine, "{unknown:?}");
        }
        let dearer = stored(line(LineKind::Payment, AMOUNT, 5_00));
        assert_eq!(kinds(&day(dearer.clone())), [ExceptionKind::FeeDiffers]);
        assert_eq!(compare(&day(StoredLine { fee_accepted: true, ..dearer })).bookable.len(), 1);
    }

    #[test]
    fn a_booked_line_that_the_books_do_not_show_differs() {
        let tenant = ours(None).payment.tenant;
        let booked = StoredLine {
            line: line(LineKind::Payment, AMOUNT, 3_54),
            fee_accepted: false,
            booked_for: Some(tenant),
            booked_elsewhere: false,
        };
        let mut day = Sides { lines: vec![booked], ..sides(None) };
        assert_eq!(kinds(&day), [ExceptionKind::BooksDiffer]);
        day.moved.insert((tenant, "settlement:pay_1".to_owned()), -AMOUNT);
        assert_eq!(kinds(&day), []);
    }
}
