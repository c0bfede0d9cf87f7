//! Which parts of an order's lines a refund is of. Pure.
//!
//! The parts of a line lie end to end: each begins where the one before ended, so that all of them together are the line, its goods
//! and its taxes. Money that goes back without goods is spread over the lines by what is left of them.

use types::{Money, Quantity};

use crate::order::Line;

/// A part of a line that goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// The line's place in the order, from 1.
    pub line: i32,
    /// Where in the line's total it begins.
    pub before: Money,
    /// How much of it.
    pub amount: Money,
    /// How much of the goods; zero for money alone.
    pub quantity: Quantity,
    /// Whether the goods are on the shelf again.
    pub is_restocked: bool,
}

/// What is left of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    pub line: i32,
    /// What went back before.
    pub before: Money,
    pub amount: Money,
    pub quantity: Quantity,
}

/// Goods that come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Goods {
    pub line: i32,
    pub quantity: Quantity,
    pub is_restocked: bool,
}

/// Why there are no such parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotLeft {
    /// The order has no such line, or it is named twice.
    #[error("each line of the order can be named once")]
    Line,
    /// Not so much of the goods is left, or nothing was said.
    #[error("so much of these goods is not left")]
    Goods,
    /// Not so much money is left.
    #[error("so much money is not left")]
    Money,
}

/// What is left of each line after these parts.
pub(crate) fn left_of(lines: &[Line], parts: &[Part]) -> Vec<Left> {
    let left = |line: &Line| {
        let of_line = || parts.iter().filter(|part| part.line == line.line);
        let before: i64 = of_line().map(|part| part.amount.minor()).sum();
        let returned: i64 = of_line().map(|part| part.quantity.milli()).sum();
        Left {
            line: line.line,
            before: Money::inr(before),
            amount: Money::inr(line.total.minor() - before),
            quantity: milli(line.quantity.milli() - returned),
        }
    };
    lines.iter().map(left).collect()
}

/// The parts of goods that come back: of what is left of a line's money as much as of what is left of its goods.
pub(crate) fn of_goods(left: &[Left], goods: &[Goods]) -> Result<Vec<Part>, NotLeft> {
    let mut parts: Vec<Part> = Vec::new();
    for Goods { line, quantity, is_restocked } in goods.iter().copied() {
        let left = left.iter().find(|left| left.line == line).ok_or(NotLeft::Line)?;
        if parts.iter().any(|part| part.line == line) {
            return Err(NotLeft::Line);
        }
        if quantity.is_zero() || quantity > left.quantity {
            return Err(NotLeft::Goods);
        }
        let amount =
            left.amount.scale(quantity.milli(), left.quantity.milli()).map_err(|_| NotLeft::Money)?;
        if amount.minor() <= 0 {
            return Err(NotLeft::Money);
        }
        parts.push(Part { line, before: left.before, amount, quantity, is_restocked });
    }
    if parts.is_empty() { Err(NotLeft::Goods) } else { Ok(parts) }
}

/// Money alone, spread over the lines by what is left of each.
pub(crate) fn of_money(left: &[Left], amount: Money) -> Result<Vec<Part>, NotLeft> {
    let whole: i128 = left.iter().map(|left| i128::from(left.amount.minor())).sum();
    let wanted = i128::from(amount.minor());
    if wanted <= 0 || wanted > whole {
        return Err(NotLeft::Money);
    }
    let exact = |left: &Left| wanted * i128::from(left.amount.minor());
    let mut shares: Vec<i128> = left.iter().map(|left| exact(left) / whole).collect();
    let missing = usize::try_from(wanted - shares.iter().sum::<i128>()).unwrap_or(0);
    let mut by_remainder: Vec<usize> = (0..left.len()).collect();
    by_remainder.sort_by_key(|place| std::cmp::Reverse(exact(&left[*place]) % whole));
    for place in by_remainder.into_iter().take(missing) {
        shares[place] += 1;
    }
    let parts = left.iter().zip(shares).filter(|(_, share)| *share > 0).map(|(left, share)| Part {
        line: left.line,
        before: left.before,
        amount: Money::inr(i64::try_from(share).unwrap_or(0)),
        quantity: milli(0),
        is_restocked: false,
    });
    Ok(parts.collect())
}

/// All that is left, with its goods.
pub(crate) fn of_rest(left: &[Left], restock: bool) -> Result<Vec<Part>, NotLeft> {
    let there = left.iter().filter(|left| left.amount.minor() > 0);
    let parts: Vec<Part> = there
        .map(|left| Part {
            line: left.line,
            before: left.before,
            amount: left.amount,
            quantity: left.quantity,
            is_restocked: restock && !left.quantity.is_zero(),
        })
        .collect();
    if parts.is_empty() { Err(NotLeft::Money) } else { Ok(parts) }
}

/// What parts come to.
pub(crate) fn sum(parts: &[Part]) -> Money {
    Money::inr(parts.iter().map(|part| part.amount.minor()).sum())
}

/// Parts sum to no more than their line: nothing is below zero.
fn milli(milli: i64) -> Quantity {
    Quantity::from_milli(milli.max(0)).unwrap_or(Quantity::ONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(line: i32, minor: i64, milli: i64) -> Left {
        Left {
            line,
            before: Money::inr(0),
            amount: Money::inr(minor),
            quantity: Quantity::from_milli(milli).unwrap(),
        }
    }

    fn goods(line: i32, quantity: &str) -> Goods {
        Goods { line, quantity: quantity.parse().unwrap(), is_restocked: true }
    }

    fn without(left: &[Left], parts: &[Part]) -> Vec<Left> {
        let after = |left: &Left| match parts.iter().find(|part| part.line == left.line) {
            None => *left,
            Some(part) => Left {
                before: left.before.plus(part.amount).unwrap(),
                amount: left.amount.minus(part.amount).unwrap(),
                quantity: left.quantity.minus(part.quantity).unwrap(),
                ..*left
            },
        };
        left.iter().map(after).collect()
    }

    #[test]
    fn goods_come_back_at_what_was_paid_for_them() {
        let lines = [left(1, 100_00, 3_000), left(2, 50_00, 1_000)];
        let part = of_goods(&lines, &[goods(1, "1")]).unwrap();
        assert_eq!(part[0].amount, Money::inr(33_33));
        let rest = of_goods(&without(&lines, &part), &[goods(1, "2"), goods(2, "1")]).unwrap();
        assert_eq!((rest[0].before, rest[0].amount), (Money::inr(33_33), Money::inr(66_67)));
        assert_eq!(sum(&part).plus(sum(&rest)), Ok(Money::inr(150_00)));
    }

    #[test]
    fn after_money_alone_the_goods_are_worth_what_is_left() {
        let lines = [left(1, 100_00, 2_000)];
        let money = of_money(&lines, Money::inr(10_00)).unwrap();
        let half = of_goods(&without(&lines, &money), &[goods(1, "1")]).unwrap();
        assert_eq!((half[0].before, half[0].amount), (Money::inr(10_00), Money::inr(45_00)));
    }

    #[test]
    fn what_is_not_there_cannot_come_back() {
        let lines = [left(1, 100_00, 2_000)];
        assert_eq!(of_goods(&lines, &[goods(1, "2.001")]), Err(NotLeft::Goods));
        assert_eq!(of_goods(&lines, &[goods(1, "0")]), Err(NotLeft::Goods));
        assert_eq!(of_goods(&lines, &[]), Err(NotLeft::Goods));
        assert_eq!(of_goods(&lines, &[goods(2, "1")]), Err(NotLeft::Line));
        assert_eq!(of_goods(&lines, &[goods(1, "1"), goods(1, "1")]), Err(NotLeft::Line));
        assert_eq!(of_money(&lines, Money::inr(100_01)), Err(NotLeft::Money));
        assert_eq!(of_money(&lines, Money::inr(0)), Err(NotLeft::Money));
        assert_eq!(of_goods(&[left(1, 0, 2_000)], &[goods(1, "1")]), Err(NotLeft::Money));
        assert_eq!(of_rest(&[left(1, 0, 2_000)], true), Err(NotLeft::Money));
    }

    #[test]
    fn money_is_spread_exactly_and_never_beyond_a_line() {
        let mut lines: Vec<Left> =
            [(1, 1), (2, 99_99), (3, 3_33), (4, 12_345_67)].map(|(n, minor)| left(n, minor, 1_000)).to_vec();
        let whole: i64 = lines.iter().map(|left| left.amount.minor()).sum();
        // A fixed walk over odd amounts, down to the last paisa.
        let (mut back, mut step) = (0, 7);
        while back < whole {
            step = (step * 31 + 11) % 40_009;
            let amount = Money::inr(step.clamp(1, whole - back));
            let parts = of_money(&lines, amount).unwrap();
            assert_eq!(sum(&parts), amount);
            assert!(parts.iter().all(|part| part.amount.minor() > 0));
            lines = without(&lines, &parts);
            assert!(lines.iter().all(|left| left.amount.minor() >= 0), "{lines:?}");
            back += amount.minor();
        }
        assert!(lines.iter().all(|left| left.amount.is_zero()));
    }

    #[test]
    fn the_rest_is_all_of_it() {
        let lines = [left(1, 100_00, 2_000), left(2, 0, 1_000), left(3, 5_00, 0)];
        let rest = of_rest(&lines, true).unwrap();
        assert_eq!(
            rest.iter().map(|part| (part.line, part.is_restocked)).collect::<Vec<_>>(),
            [(1, true), (3, false)]
        );
        assert_eq!(sum(&rest), Money::inr(105_00));
    }
}
