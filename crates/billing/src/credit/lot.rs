//! Credit that came in at once, and in which order it is spent.

use chrono::{DateTime, Utc};
use ledger::Account;
use platform::meter::Measure;
use serde::{Deserialize, Serialize};
use types::{AccountId, LotId, Money, TenantId};
use utoipa::ToSchema;

/// So many lots one reservation spends from at most: so many transfers a posting links.
pub(crate) const LOTS_MAX: usize = ledger::TRANSFERS_MAX;

/// Where credit came from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum LotKind {
    /// Came with a plan, for one of its periods.
    Included,
    /// Given by the operator.
    Granted,
    /// Paid for.
    Paid,
}

/// A lot as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lot {
    pub tenant: TenantId,
    pub id: LotId,
    pub account: AccountId,
    pub kind: LotKind,
    pub given_minor: i64,
    pub priority: i16,
    pub scope: Option<Measure>,
    pub expires_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// A lot with what the books say is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holding {
    pub lot: Lot,
    /// What is not spent.
    pub left_minor: i64,
    /// What of it is set aside for work under way.
    pub reserved_minor: i64,
}

/// A lot of credit, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditLot {
    /// The lot.
    pub id: LotId,
    /// Where it came from.
    pub kind: LotKind,
    /// How much it was.
    pub given: Money,
    /// What is not spent.
    pub left: Money,
    /// What of that is set aside for work under way.
    pub reserved: Money,
    /// The one measure it pays for; absent where it pays for every one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub scope: Option<Measure>,
    /// When what is left is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it came.
    pub created_at: DateTime<Utc>,
}

/// A part of a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub lot: LotId,
    pub account: AccountId,
    pub minor: i64,
}

impl Holding {
    pub(crate) fn of(lot: Lot, account: &Account) -> Self {
        Self { lot, left_minor: account.balance().minor(), reserved_minor: account.debits_pending().minor() }
    }

    /// What can be set aside.
    pub(crate) const fn available_minor(&self) -> i64 {
        self.left_minor - self.reserved_minor
    }

    /// Whether it pays for this measure now.
    fn pays_for(&self, measure: Measure, now: DateTime<Utc>) -> bool {
        self.lot.scope.is_none_or(|scope| scope == measure) && self.lot.expires_at.is_none_or(|end| now < end)
    }
}

/// Puts lots in the order in which they are spent: by priority, then what expires first, then what was granted before what was
/// paid, then the oldest.
pub(crate) fn in_order(mut holdings: Vec<Holding>) -> Vec<Holding> {
    holdings.sort_by_key(|h| {
        let expires = h.lot.expires_at.unwrap_or(DateTime::<Utc>::MAX_UTC);
        (h.lot.priority, expires, h.lot.kind, h.lot.id)
    });
    holdings
}

/// Takes `minor` paise out of lots that are in order; none where there is not so much in the first [`LOTS_MAX`] that pay for
/// this measure.
pub(crate) fn allot(
    holdings: &[Holding],
    measure: Measure,
    minor: i64,
    now: DateTime<Utc>,
) -> Option<Vec<Part>> {
    let (parts, missing) = allot_some(holdings, measure, minor, now);
    (missing == 0).then_some(parts)
}

/// Takes at most `minor` paise, and says how many are missing.
pub(crate) fn allot_some(
    holdings: &[Holding],
    measure: Measure,
    minor: i64,
    now: DateTime<Utc>,
) -> (Vec<Part>, i64) {
    let mut missing = minor;
    let mut parts = Vec::new();
    let open = holdings.iter().filter(|h| h.pays_for(measure, now) && h.available_minor() > 0);
    for holding in open.take(LOTS_MAX) {
        if missing == 0 {
            break;
        }
        let taken = holding.available_minor().min(missing);
        parts.push(Part { lot: holding.lot.id, account: holding.lot.account, minor: taken });
        missing -= taken;
    }
    (parts, missing)
}

impl From<Holding> for CreditLot {
    fn from(holding: Holding) -> Self {
        Self {
            id: holding.lot.id,
            kind: holding.lot.kind,
            given: Money::inr(holding.lot.given_minor),
            left: Money::inr(holding.left_minor),
            reserved: Money::inr(holding.reserved_minor),
            scope: holding.lot.scope,
            expires_at: holding.lot.expires_at,
            created_at: holding.lot.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn holding(id: u128, kind: LotKind, expires: Option<i64>, left_minor: i64) -> Holding {
        let id = Uuid::from_u128(id);
        let lot = Lot {
            tenant: Uuid::nil().into(),
            id: id.into(),
            account: id.into(),
            kind,
            given_minor: 1000,
            priority: 0,
            scope: None,
            expires_at: expires.map(at),
            created_at: at(0),
        };
        Holding { lot, left_minor, reserved_minor: 0 }
    }

    fn ids(parts: &[Part]) -> Vec<u128> {
        parts.iter().map(|part| part.lot.uuid().as_u128()).collect()
    }

    #[test]
    fn what_expires_first_is_spent_first_and_grants_before_what_was_paid() {
        let lots = in_order(vec![
            holding(1, LotKind::Paid, None, 5),
            holding(2, LotKind::Granted, None, 5),
            holding(3, LotKind::Granted, Some(90), 5),
            holding(4, LotKind::Granted, Some(50), 5),
        ]);
        let parts = allot(&lots, Measure::AudioMs, 20, at(10)).unwrap();
        assert_eq!(ids(&parts), [4, 3, 2, 1]);
    }

    #[test]
    fn a_lower_priority_number_goes_before_everything() {
        let mut first = holding(9, LotKind::Paid, None, 5);
        first.lot.priority = -1;
        let lots = in_order(vec![holding(4, LotKind::Granted, Some(50), 5), first]);
        assert_eq!(ids(&allot(&lots, Measure::AudioMs, 6, at(10)).unwrap()), [9, 4]);
    }

    #[test]
    fn expired_lots_and_lots_for_other_work_pay_nothing() {
        let mut scoped = holding(2, LotKind::Granted, None, 5);
        scoped.lot.scope = Some(Measure::AudioMs);
        let lots = [holding(1, LotKind::Granted, Some(10), 5), scoped];
        assert_eq!(allot(&lots, Measure::SpeechCharacters, 1, at(10)), None);
        assert_eq!(ids(&allot(&lots, Measure::AudioMs, 5, at(10)).unwrap()), [2]);
        assert_eq!(ids(&allot(&lots, Measure::SpeechCharacters, 5, at(9)).unwrap()), [1]);
    }

    #[test]
    fn what_is_set_aside_already_cannot_be_set_aside_again() {
        let mut half = holding(1, LotKind::Paid, None, 5);
        half.reserved_minor = 3;
        assert_eq!(allot(&[half.clone()], Measure::AudioMs, 3, at(0)), None);
        assert_eq!(allot(&[half], Measure::AudioMs, 2, at(0)).unwrap()[0].minor, 2);
    }

    proptest! {
        #[test]
        fn an_allotment_is_exact_or_none(left in prop::collection::vec(0i64..50, 0..40), wanted in 0i64..600) {
            let lots: Vec<Holding> =
                left.iter().enumerate().map(|(i, left)| holding(i as u128, LotKind::Paid, None, *left)).collect();
            let reachable: i64 = left.iter().filter(|left| **left > 0).take(LOTS_MAX).sum();
            match allot(&lots, Measure::AudioMs, wanted, at(0)) {
                Some(parts) => {
                    prop_assert_eq!(parts.iter().map(|part| part.minor).sum::<i64>(), wanted);
                    prop_assert!(parts.iter().all(|part| part.minor > 0));
                }
                None => prop_assert!(reachable < wanted),
            }
        }
    }
}
