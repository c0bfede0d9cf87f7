//! Taking a document back, in as many parts as its sale's money goes back in: each refund has a credit note of its own, and where it is
//! of taxable and exempt goods of a registered buyer, one for each of the two papers.
//!
//! The parts of a line lie end to end. A tax's share of a part is what the tax comes to up to the part's end, less what it comes to
//! up to its begin, each rounded down; so the notes of a line, in whatever order they are issued, sum to its taxes to the paisa.

use sqlx::PgConnection;
use types::{Money, MoneyError, OrderId, Quantity, RefundId, TenantId};

use crate::db::documents::Parties;
use crate::document::Credited;
use crate::issue::Paper;
use crate::series::FinancialYear;
use crate::tax::Split;
use crate::{Billing, Document, DocumentLine, Error, LineTax, Snapshot, db};

/// What a refund takes back of a sale's document.
#[derive(Debug, Clone)]
pub struct NewCreditNote {
    /// Who sold.
    pub tenant: TenantId,
    /// What was sold.
    pub order: OrderId,
    /// The refund: it has one note.
    pub refund: RefundId,
    /// Of which lines; never empty.
    pub lines: Vec<CreditLine>,
}

/// A part of a line that is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditLine {
    /// The line's place in the sale, from 0.
    pub place: usize,
    /// Where in the line's total the part begins: no two parts of a line overlap.
    pub before: Money,
    /// How much of the line's total, tax included.
    pub amount: Money,
    /// The goods that came back with it; none for money alone.
    pub quantity: Option<Quantity>,
}

impl Billing {
    /// Takes an order's documents back for a refund, in the transaction that notes that the money went back: each once for each refund,
    /// as far as its lines are among the parts. None where the order never had a document, or had one that was taken back whole.
    ///
    /// # Errors
    /// [`Error::Sale`] for parts that no document has; else as [`Billing::issue`].
    pub async fn take_back(
        &self,
        connection: &mut PgConnection,
        credit: &NewCreditNote,
    ) -> Result<Vec<Document>, Error> {
        let NewCreditNote { tenant, order, .. } = *credit;
        let documents = db::documents::to_take_back(connection, tenant, order).await?;
        let mut sold = Vec::new();
        for (document, parties, stored) in documents {
            let snapshot: Snapshot = serde_json::from_value(stored).map_err(Error::Stored)?;
            sold.push((document, parties, snapshot));
        }
        let is_sold =
            |part: &CreditLine| sold.iter().any(|(.., snapshot)| snapshot.line_of(part.place).is_some());
        if !sold.is_empty() && !credit.lines.iter().all(is_sold) {
            return Err(Error::Sale("there is no such line"));
        }
        let mut notes = Vec::new();
        for (document, parties, snapshot) in sold {
            let parts = snapshot.own_parts(&credit.lines);
            if !parts.is_empty() {
                let sale = (document, snapshot);
                notes.extend(self.take_back_one(connection, credit, sale, (parties, &parts)).await?);
            }
        }
        Ok(notes)
    }

    async fn take_back_one(
        &self,
        connection: &mut PgConnection,
        credit: &NewCreditNote,
        (document, snapshot): (Document, Snapshot),
        (parties, parts): (Parties, &[CreditLine]),
    ) -> Result<Option<Document>, Error> {
        let NewCreditNote { tenant, order, refund, .. } = *credit;
        let Some(kind) = document.kind.taken_back_by() else { return Ok(None) };
        let year = FinancialYear::of(self.clock.now());
        let next = db::documents::lock_series(connection, tenant, kind, year).await?;
        let before = db::documents::credits_of(connection, tenant, document.id).await?;
        if let Some((_, noted)) = before.iter().find(|(of, _)| *of == Some(refund)) {
            return Ok(Some(noted.clone()));
        }
        // From before there were parts: it took back all.
        if before.iter().any(|(of, _)| of.is_none()) {
            return Ok(None);
        }
        let snapshot = snapshot.taking_back(&document, parts)?;
        let credits = Some((document.id, refund));
        let paper = Paper { kind, order, total: snapshot.total, credits, snapshot };
        self.number(connection, parties, (year, next), &paper).await.map(Some)
    }
}

impl Snapshot {
    /// Those parts of a sale that are of this document, by their places on it.
    fn own_parts(&self, parts: &[CreditLine]) -> Vec<CreditLine> {
        let own = |part: &CreditLine| Some(CreditLine { place: self.line_of(part.place)?, ..*part });
        parts.iter().filter_map(own).collect()
    }

    /// What the paper says that takes these parts of the document back.
    ///
    /// # Errors
    /// [`Error::Sale`] where the document has no such parts.
    pub fn taking_back(self, document: &Document, parts: &[CreditLine]) -> Result<Self, Error> {
        let Document { kind, number, issued_at, total, .. } = document.clone();
        let part_of = |part: &CreditLine| {
            let line = self.lines.get(part.place).ok_or(Error::Sale("there is no such line"))?;
            line.taking_back(*part)
        };
        let lines = parts.iter().map(part_of).collect::<Result<Vec<_>, Error>>()?;
        let nothing = Money::new(0, total.currency());
        let credited = lines.iter().try_fold(nothing, |sum, line| sum.plus(line.total))?;
        if !(1..=total.minor()).contains(&credited.minor()) {
            return Err(Error::Sale("no such amount can be taken back"));
        }
        let credits = Some(Credited { kind, number, issued_at, total: Some(total) });
        Ok(Self { credits, lines, total: credited, ..self })
    }

    /// Whether this paper takes a part of a document back, and not all.
    pub fn is_of_a_part(&self) -> bool {
        self.credits.as_ref().and_then(|credits| credits.total).is_some_and(|total| total != self.total)
    }
}

impl DocumentLine {
    fn taking_back(&self, part: CreditLine) -> Result<Self, Error> {
        let ends = part.before.plus(part.amount)?;
        let is_within =
            part.before.minor() >= 0 && part.amount.minor() > 0 && ends.minor() <= self.total.minor();
        if !is_within || part.quantity.is_some_and(|quantity| quantity > self.quantity) {
            return Err(Error::Sale("a line is taken back beyond its end"));
        }
        let tax = self.tax.map(|tax| {
            let split = tax.split.part(self.total, part.before, part.amount)?;
            Ok::<_, Error>(LineTax { split, ..tax })
        });
        Ok(Self {
            total: part.amount,
            tax: tax.transpose()?,
            quantity: part.quantity.unwrap_or(self.quantity),
            money_alone: part.quantity.is_none(),
            ..self.clone()
        })
    }
}

impl Split {
    /// The taxes of a part of a total that this is the split of. Between parts that lie end to end the taxable value takes what
    /// rounding leaves, so that of a few paise it may be below zero.
    fn part(self, total: Money, before: Money, amount: Money) -> Result<Self, MoneyError> {
        let upto = |head: Money, end: i64| {
            let share = i128::from(head.minor()) * i128::from(end) / i128::from(total.minor().max(1));
            i64::try_from(share).map_err(|_| MoneyError::Overflow)
        };
        let ends = before.plus(amount)?.minor();
        let share = |head: Money| {
            let minor = upto(head, ends)? - upto(head, before.minor())?;
            Ok::<_, MoneyError>(Money::new(minor, head.currency()))
        };
        let (cgst, sgst, igst) = (share(self.cgst)?, share(self.sgst)?, share(self.igst)?);
        let taxable_value = amount.minus(cgst)?.minus(sgst)?.minus(igst)?;
        Ok(Self { taxable_value, cgst, sgst, igst })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tax::{Supply, split};

    #[test]
    fn the_parts_of_a_line_sum_to_its_taxes_in_whatever_order_they_come() {
        for (total, rate) in [(210_00, "5"), (99_99, "18"), (1_23_456_78, "12"), (101, "28"), (7, "0.25")] {
            let total = Money::inr(total);
            for supply in [Supply::IntraState, Supply::InterState] {
                let whole = split(total, rate.parse().unwrap(), supply).unwrap();
                // Cuts at a third, a seventh more, and one paisa before the end.
                let whole_minor = total.minor();
                let cuts =
                    [0, whole_minor / 3, whole_minor / 3 + whole_minor / 7, whole_minor - 1, whole_minor];
                let mut sum = [0; 4];
                for ends in cuts.windows(2).rev().filter(|ends| ends[0] < ends[1]) {
                    let (from, to) = (ends[0], ends[1]);
                    let part = whole.part(total, Money::inr(from), Money::inr(to - from)).unwrap();
                    assert_eq!(part.cgst, part.sgst);
                    let heads = [part.taxable_value, part.cgst, part.sgst, part.igst];
                    assert_eq!(heads.iter().map(|head| head.minor()).sum::<i64>(), to - from);
                    for (sum, head) in sum.iter_mut().zip(heads) {
                        *sum += head.minor();
                    }
                }
                let heads = [whole.taxable_value, whole.cgst, whole.sgst, whole.igst];
                assert_eq!(sum, heads.map(Money::minor), "{total} at {rate}");
            }
        }
    }
}
