//! Settlement lines in a file that an operator gives.
//!
//! The first line names the columns, as the gateway's API names its fields, in any order; others are ignored. Amounts are rupees with
//! two decimals, so that a file in paise is refused and not read a hundred times too large.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::line::{Line, LineKind};
use crate::lines::{LineFault, read_lines};

const NEEDED: [&str; 11] = [
    "entity_id",
    "type",
    "debit",
    "credit",
    "amount",
    "currency",
    "fee",
    "tax",
    "created_at",
    "settled_at",
    "settlement_id",
];

/// Reads a whole file with the number of each line, or says what is wrong with it.
pub(super) fn parse(body: &[u8]) -> Result<Vec<(usize, Line)>, Vec<LineFault>> {
    let mut seen = HashSet::new();
    let lines = read_lines(body, columns, |columns, number, fields| {
        let line = read(columns, fields)?;
        let is_new = seen.insert((line.entity.clone(), line.settlement.clone()));
        if is_new {
            Ok(Some((number, line)))
        } else {
            Err("the same line stands in the file before".to_owned())
        }
    })?;
    if lines.is_empty() {
        return Err(vec![LineFault::at(1, "no line follows the names of the columns")]);
    }
    Ok(lines)
}

/// Where each column stands.
fn columns(head: &[String]) -> Result<HashMap<String, usize>, String> {
    let names = head.iter().map(|name| name.trim().to_ascii_lowercase());
    let columns: HashMap<String, usize> = names.zip(0..).collect();
    let missing: Vec<&str> = NEEDED.into_iter().filter(|name| !columns.contains_key(*name)).collect();
    if missing.is_empty() { Ok(columns) } else { Err(format!("columns are missing: {}", missing.join(", "))) }
}

fn read(columns: &HashMap<String, usize>, fields: &[String]) -> Result<Line, String> {
    let optional = |name: &str| {
        let field = columns.get(name).and_then(|at| fields.get(*at)).map(|field| field.trim());
        field.filter(|field| !field.is_empty()).map(ToOwned::to_owned)
    };
    let field = |name: &str| optional(name).ok_or_else(|| format!("{name} is empty"));
    let paise = |name: &str| {
        rupees(&field(name)?).ok_or_else(|| format!("{name} is no amount in rupees with two decimals"))
    };
    let moment = |name: &str| {
        moment(&field(name)?)
            .ok_or_else(|| format!("{name} is neither seconds since 1970 nor an RFC 3339 time"))
    };
    let kind =
        LineKind::parse(&field("type")?).ok_or("type is none of payment, refund, transfer and adjustment")?;
    let entity = field("entity_id")?;
    let itself = (kind == LineKind::Payment).then(|| entity.clone());
    let line = Line {
        payment: optional("payment_id").or(itself),
        entity,
        kind,
        settlement: field("settlement_id")?,
        utr: optional("settlement_utr").filter(|utr| utr.len() <= 64),
        debit_minor: paise("debit")?,
        credit_minor: paise("credit")?,
        amount_minor: paise("amount")?,
        fee_minor: paise("fee")?,
        tax_minor: paise("tax")?,
        currency: field("currency").and_then(currency)?,
        created_at: moment("created_at")?,
        settled_at: moment("settled_at")?,
    };
    match line.problem() {
        Some(problem) => Err(problem.to_owned()),
        None => Ok(line),
    }
}

/// Paise, of rupees with two decimals, or of nothing written as `0`.
pub fn rupees(text: &str) -> Option<i64> {
    if text == "0" {
        return Some(0);
    }
    let (rupees, paise) = text.split_once('.')?;
    let digits = |part: &str, bytes: std::ops::RangeInclusive<usize>| {
        bytes.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(rupees, 1..=13) || !digits(paise, 2..=2) {
        return None;
    }
    Some(rupees.parse::<i64>().ok()? * 100 + paise.parse::<i64>().ok()?)
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    let seconds = text.parse().ok().filter(|seconds| (0..=253_402_300_799).contains(seconds));
    seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)).or_else(|| text.parse().ok())
}

fn currency(text: String) -> Result<String, String> {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_code { Ok(text) } else { Err("currency is no code of three letters".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::FAULTS_MAX;

    const HEAD: &str =
        "settlement_id,entity_id,type,debit,credit,amount,currency,fee,tax,created_at,settled_at,notes";

    fn file(lines: &[&str]) -> String {
        [&[HEAD], lines].concat().join("\r\n")
    }

    #[test]
    fn lines_are_read_by_the_names_of_their_columns() {
        let text = file(&[
            "setl_1,pay_1,payment,0,97.64,100.00,INR,2.36,0.36,1764000000,2026-11-28T04:30:00Z,\"a, \"\"b\"\"\"",
            "",
            "setl_1,rfnd_1,refund,100.00,0.00,100.00,INR,0,0,1764000000,1764172800,",
        ]);
        let lines = parse(format!("\u{feff}{text}").as_bytes()).unwrap();
        let first = &lines[0].1;
        assert_eq!((lines.len(), lines[0].0, lines[1].0), (2, 2, 4));
        assert_eq!((first.credit_minor, first.fee_minor, first.tax_minor), (9_764, 236, 36));
        assert_eq!((first.payment.as_deref(), &lines[1].1.payment), (Some("pay_1"), &None));
        assert_eq!(first.settled_at, "2026-11-28T04:30:00Z".parse::<DateTime<Utc>>().unwrap());
    }

    #[test]
    fn each_malformed_line_is_told_by_its_number() {
        let good = "setl_1,pay_1,payment,0,97.64,100.00,INR,2.36,0.36,1764000000,1764172800,";
        let text = file(&[
            good,
            good,
            "setl_1,pay_2,payment,0,9764,10000,INR,236,36,1764000000,1764172800,",
            "setl_1,pay_3,payment,0,97.65,100.00,INR,2.36,0.36,1764000000,1764172800,",
            "setl_1,pay_4,gift,0,97.64,100.00,INR,2.36,0.36,1764000000,1764172800,",
            "setl_1,\"pay_5,payment",
            "setl_1,pay_6,payment,0,97.64,100.00,INR,2.36,0.36,yesterday,1764172800,",
            "setl_1,../x,payment,0,97.64,100.00,INR,2.36,0.36,1764000000,1764172800,",
        ]);
        let faults = parse(text.as_bytes()).unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(
            faults[1].problem,
            "debit is no amount in rupees with two decimals".replace("debit", "credit")
        );
        assert_eq!(faults[2].problem, "debit, credit, amount, fee and tax do not add up");
    }

    #[test]
    fn a_file_without_its_columns_or_lines_is_refused() {
        assert_eq!(parse(b"").unwrap_err()[0].line, 1);
        assert!(
            parse(b"entity_id,type\npay_1,payment").unwrap_err()[0]
                .problem
                .starts_with("columns are missing: debit")
        );
        assert!(parse(HEAD.as_bytes()).is_err());
        let many = vec!["x"; 100];
        assert_eq!(parse(file(&many).as_bytes()).unwrap_err().len(), FAULTS_MAX);
    }
}
