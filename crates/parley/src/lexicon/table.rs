//! Reading of the embedded tables. A fault in a table is a fault of the build, so it panics and names the line.

use crate::decimal::Decimal;

/// The rows of a tab-separated table after its header; lines that begin with `#` are notes.
pub(crate) fn rows<const N: usize>(
    table: &'static str,
    name: &str,
) -> impl Iterator<Item = [&'static str; N]> {
    let name = name.to_owned();
    table
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .skip(1)
        .map(move |(index, line)| {
            let mut cells = line.split('\t').map(str::trim);
            let row = std::array::from_fn(|_| cells.next().unwrap_or(""));
            assert!(cells.next().is_none(), "{name}:{}: more than {N} cells", index + 1);
            row
        })
}

/// The forms of a cell, separated by `|`.
pub(crate) fn forms(cell: &'static str) -> impl Iterator<Item = &'static str> {
    cell.split('|').map(str::trim).filter(|form| !form.is_empty())
}

/// A decimal cell.
pub(crate) fn decimal(cell: &str, table: &str) -> Decimal {
    cell.parse().unwrap_or_else(|_| panic!("{table}: {cell:?} is no number"))
}
