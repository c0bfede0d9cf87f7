//! The platform's bank beside what gateways say they settled and what was paid out.
//!
//! A day of it is compared under a name of its own, as a gateway's is: each settlement of the day must have come in, each payout have
//! gone out, under the number (UTR) that both sides know it by, and with its amount. A payout may have gone out with the provider's fee.
//! What the bank does not show is an exception only where the files that were given reach some days past it, and were given after it
//! was known here.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use types::TenantId;
use uuid::Uuid;

use super::compare::{Compared, blank};
use super::exception::{ExceptionKind, Finding};
use crate::db::reconcile::bank;
use crate::payout::PayoutState;
use crate::{Error, Payments};

/// The name under which days of the bank are compared, beside those of the gateways.
pub(crate) const BANK: &str = "bank";
/// So many days after a settlement or payout the bank shows it at the latest: a weekend and a holiday.
pub(super) const SHOWN_WITHIN: Days = Days::new(4);

/// What a settlement comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SettledSum {
    pub gateway: String,
    pub settlement: String,
    pub utr: String,
    pub net_minor: i64,
    /// Since when its last line is known here.
    pub known_at: DateTime<Utc>,
}

/// A payout that was made, and perhaps came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PaidOut {
    pub tenant: TenantId,
    pub id: Uuid,
    pub utr: String,
    pub state: PayoutState,
    pub amount_minor: i64,
    pub fee_minor: i64,
    pub known_at: DateTime<Utc>,
}

/// What the bank moved under one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moved {
    pub utr: String,
    pub debit_minor: i64,
    pub credit_minor: i64,
}

/// All that is known of one day.
#[derive(Debug, Default)]
pub(crate) struct BankDay {
    pub settled: Vec<SettledSum>,
    pub paid_out: Vec<PaidOut>,
    pub moved: Vec<Moved>,
    /// Since when files cover the day and those after it.
    pub covered_since: Option<DateTime<Utc>>,
}

impl Payments {
    /// What is known of a day at the bank by now.
    pub(super) async fn bank_day(&self, day: NaiveDate) -> Result<BankDay, Error> {
        let mut connection = self.db.acquire().await?;
        let settled = bank::settled_on(&mut connection, day).await?;
        let paid_out = bank::paid_out_on(&mut connection, day).await?;
        let utrs = settled.iter().map(|sum| &sum.utr).chain(paid_out.iter().map(|paid| &paid.utr));
        let utrs: Vec<String> = utrs.cloned().collect();
        let moved = bank::moved(&mut connection, &utrs).await?;
        let covered_since = bank::covered_since(&mut connection, day, day + SHOWN_WITHIN).await?;
        Ok(BankDay { settled, paid_out, moved, covered_since })
    }
}

/// Compares a day at the bank.
pub(super) fn compare_bank(day: &BankDay) -> Compared {
    let moved: HashMap<&str, &Moved> = day.moved.iter().map(|moved| (moved.utr.as_str(), moved)).collect();
    let is_over = |known_at| day.covered_since.is_some_and(|since| since > known_at);
    let settled =
        day.settled.iter().filter_map(|sum| of_settled(sum, moved.get(&*sum.utr), is_over(sum.known_at)));
    let paid_out = day
        .paid_out
        .iter()
        .filter_map(|paid| of_paid_out(paid, moved.get(&*paid.utr), is_over(paid.known_at)));
    Compared {
        findings: settled.chain(paid_out).collect(),
        bookable: Vec::new(),
        count: day.settled.len() + day.paid_out.len(),
    }
}

fn of_settled(sum: &SettledSum, moved: Option<&&Moved>, is_over: bool) -> Option<Finding> {
    let found = Finding {
        amount_minor: sum.net_minor.abs(),
        settlement: Some(sum.settlement.clone()),
        ..blank(&sum.settlement)
    };
    let Some(moved) = moved else {
        let detail = "the settlement is not in the bank's files";
        let missing = Finding { kind: ExceptionKind::MissingAtBank, detail, ..found };
        return (is_over && sum.net_minor != 0).then_some(missing);
    };
    let came = moved.credit_minor - moved.debit_minor;
    (came != sum.net_minor).then(|| Finding {
        kind: ExceptionKind::BankDiffers,
        amount_minor: (came - sum.net_minor).abs(),
        differs: Some((sum.net_minor, came)),
        detail: "another amount reached the bank than was settled",
        ..found
    })
}

fn of_paid_out(paid: &PaidOut, moved: Option<&&Moved>, is_over: bool) -> Option<Finding> {
    let found =
        Finding { tenant: Some(paid.tenant), amount_minor: paid.amount_minor, ..blank(&paid.id.to_string()) };
    let Some(moved) = moved else {
        let detail = "the payout is not in the bank's files";
        let missing = Finding { kind: ExceptionKind::MissingAtBank, detail, ..found };
        return (is_over && paid.state == PayoutState::Paid).then_some(missing);
    };
    let went = moved.debit_minor - moved.credit_minor;
    // A provider takes its fee along, or by itself; of what came back it may keep it.
    let owed = if paid.state == PayoutState::Paid { paid.amount_minor } else { 0 };
    if went == owed || went == owed + paid.fee_minor {
        return None;
    }
    let detail = match paid.state {
        PayoutState::Paid => "another amount left the bank than was paid out, the fee aside",
        // It may come back under a number of its own.
        _ if went == paid.amount_minor && !is_over => return None,
        _ => "a payout that came back is not in the bank's files as such",
    };
    Some(Finding {
        kind: ExceptionKind::BankDiffers,
        amount_minor: (went - owed).abs(),
        differs: Some((owed + paid.fee_minor, went)),
        detail,
        ..found
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const NET: i64 = 146_46;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn moved(debit_minor: i64, credit_minor: i64) -> Vec<Moved> {
        vec![Moved { utr: "UTR1".to_owned(), debit_minor, credit_minor }]
    }

    fn settled() -> BankDay {
        let sum = SettledSum {
            gateway: "razorpay".to_owned(),
            settlement: "setl_1".to_owned(),
            utr: "UTR1".to_owned(),
            net_minor: NET,
            known_at: at(1),
        };
        BankDay { settled: vec![sum], covered_since: Some(at(2)), ..BankDay::default() }
    }

    fn paid_out(state: PayoutState) -> BankDay {
        let id = Uuid::from_u128(7);
        let utr = "UTR1".to_owned();
        let paid = PaidOut {
            tenant: id.into(),
            id,
            utr,
            state,
            amount_minor: 500_00,
            fee_minor: 5_90,
            known_at: at(1),
        };
        BankDay { paid_out: vec![paid], covered_since: Some(at(2)), ..BankDay::default() }
    }

    fn kinds(day: &BankDay) -> Vec<(ExceptionKind, Option<(i64, i64)>)> {
        compare_bank(day).findings.iter().map(|finding| (finding.kind, finding.differs)).collect()
    }

    #[test]
    fn a_settlement_that_came_in_whole_matches_and_any_other_amount_differs() {
        assert_eq!(kinds(&BankDay { moved: moved(0, NET), ..settled() }), []);
        let differs = [(ExceptionKind::BankDiffers, Some((NET, NET - 1)))];
        assert_eq!(kinds(&BankDay { moved: moved(0, NET - 1), ..settled() }), differs);
    }

    #[test]
    fn what_the_bank_does_not_show_is_missed_only_where_its_files_must_show_it() {
        let missing = [(ExceptionKind::MissingAtBank, None)];
        assert_eq!(kinds(&settled()), missing);
        assert_eq!(kinds(&paid_out(PayoutState::Paid)), missing);
        // Nobody gave a file of those days, or gave it before the settlement was known.
        for covered_since in [None, Some(at(1)), Some(at(0))] {
            assert_eq!(kinds(&BankDay { covered_since, ..settled() }), []);
        }
        assert_eq!(kinds(&paid_out(PayoutState::Reversed)), []);
    }

    #[test]
    fn a_payout_may_go_out_with_its_fee_and_no_other() {
        for went in [500_00, 505_90] {
            assert_eq!(kinds(&BankDay { moved: moved(went, 0), ..paid_out(PayoutState::Paid) }), []);
        }
        let differs = |went| [(ExceptionKind::BankDiffers, Some((505_90, went)))];
        for went in [499_99, 505_89, 507_08] {
            assert_eq!(
                kinds(&BankDay { moved: moved(went, 0), ..paid_out(PayoutState::Paid) }),
                differs(went)
            );
        }
    }

    #[test]
    fn what_came_back_is_back_at_the_bank() {
        for back in [500_00, 494_10] {
            let day = BankDay { moved: moved(500_00, back), ..paid_out(PayoutState::Reversed) };
            assert_eq!(kinds(&day), []);
        }
        let gone = BankDay { moved: moved(500_00, 0), ..paid_out(PayoutState::Reversed) };
        assert_eq!(kinds(&gone), [(ExceptionKind::BankDiffers, Some((5_90, 500_00)))]);
        assert_eq!(kinds(&BankDay { covered_since: None, ..gone }), []);
    }
}
