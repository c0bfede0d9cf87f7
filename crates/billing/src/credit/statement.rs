//! What the platform's bank says came in: a file of the account that an operator gives.
//!
//! Banks name their columns each in their own way. A line counts where one of its columns of words or numbers holds exactly one number of
//! twelve digits (the UTR) and one of its columns of money that came in has an amount; every other line is somebody else's business. The
//! file suggests; it makes no credit.

use std::collections::HashMap;

use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason};
use payments::{BANK_CREDITS, BANK_REFERENCES, FAULTS_MAX, LineFault, bank_amount, read_lines};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Error;
use crate::credit::{Credits, reason};
use crate::db::credit::by_hand;

/// What a file calls money where it tells of nothing but what came in.
const AMOUNT: &str = "amount";

/// What came of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct BankFile {
    /// How many payments it names.
    pub payments: usize,
    /// How many of them were not known before.
    pub added: u64,
    /// How many top-ups that wait for the operator have their number and amount among all that is known now.
    pub matched: i64,
}

/// Why a file is given.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BankFileQuery {
    /// One line of 1 to 200 characters.
    pub reason: String,
}

/// A payment that came in: the UTR and paise.
type CameIn = (String, i64);

impl Credits {
    /// Takes in a file of the platform's bank account, all of it or nothing. The same again adds nothing. Who and why is kept with it.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Field`]; [`payments::Error::FileMalformed`] with the lines that are wrong, also those that differ from
    /// what is known of them.
    pub async fn take_bank_file(
        &self,
        caller: &Caller,
        body: &[u8],
        why: &OperatorReason,
    ) -> Result<BankFile, Error> {
        let person = caller.operator()?;
        let reason = reason(&why.reason)?;
        let lines = parse(body).map_err(payments::Error::FileMalformed)?;
        let now = self.clock.now();
        let mut transaction = self.db.begin().await?;
        let given: Vec<CameIn> = lines.iter().map(|(_, came)| came.clone()).collect();
        let added = by_hand::insert_bank_lines(&mut transaction, &given, (person, &reason), now).await?;
        let utrs: Vec<String> = given.iter().map(|(utr, _)| utr.clone()).collect();
        let known: HashMap<String, i64> =
            by_hand::bank_lines(&mut transaction, &utrs).await?.into_iter().collect();
        let differs = |(utr, minor): &CameIn| known.get(utr).is_some_and(|known| known != minor);
        let differing = lines.iter().filter(|(_, came)| differs(came)).take(FAULTS_MAX);
        let faults: Vec<LineFault> = differing
            .map(|(line, _)| LineFault::at(*line, "its number is known with another amount"))
            .collect();
        if !faults.is_empty() {
            return Err(payments::Error::FileMalformed(faults).into());
        }
        let matched = by_hand::matched(&mut transaction).await?;
        let act = Act::by(person, Area::TopUps, Deed::FileGiven, now);
        audit::keep(&mut transaction, act.because(&reason)).await?;
        transaction.commit().await?;
        tracing::info!(%person, reason, payments = given.len(), added, "a file of the bank was taken in");
        Ok(BankFile { payments: given.len(), added, matched })
    }
}

/// What came in by the file, with the number of each line.
fn parse(body: &[u8]) -> Result<Vec<(usize, CameIn)>, Vec<LineFault>> {
    read_lines(body, Columns::of, |columns, number, fields| {
        Ok(columns.read(fields)?.map(|came| (number, came)))
    })
}

/// Where the columns that count stand.
struct Columns {
    named: Vec<usize>,
    came_in: Vec<usize>,
}

impl Columns {
    fn of(head: &[String]) -> Result<Self, String> {
        let names: Vec<String> = head.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
        let places = |wanted: &[&str]| -> Vec<usize> {
            wanted.iter().filter_map(|name| names.iter().position(|have| have == name)).collect()
        };
        let came_in: Vec<&str> = BANK_CREDITS.into_iter().chain([AMOUNT]).collect();
        let columns = Self { named: places(&BANK_REFERENCES), came_in: places(&came_in) };
        if columns.named.is_empty() {
            return Err(format!("no column is called one of: {}", BANK_REFERENCES.join(", ")));
        }
        if columns.came_in.is_empty() {
            return Err(format!("no column is called one of: {}", came_in.join(", ")));
        }
        Ok(columns)
    }

    fn read(&self, fields: &[String]) -> Result<Option<CameIn>, String> {
        let at = |place: &usize| fields.get(*place).map_or("", |field| field.trim());
        let Some(utr) = self.named.iter().find_map(|place| utr_in(at(place))) else { return Ok(None) };
        let Some(money) = self.came_in.iter().map(at).find(|field| !field.is_empty()) else {
            return Ok(None);
        };
        let minor =
            bank_amount(money).ok_or_else(|| format!("{money} is no amount in rupees with two decimals"))?;
        Ok((minor > 0).then_some((utr, minor)))
    }
}

/// A run of twelve digits; some banks fill it up with zeros in front.
fn twelve_digits(run: &str) -> Option<&str> {
    let (filling, digits) = run.split_at_checked(run.len().checked_sub(12)?)?;
    filling.bytes().all(|byte| byte == b'0').then_some(digits)
}

/// The only number of exactly twelve digits in a text.
fn utr_in(text: &str) -> Option<String> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(twelve_digits);
    let found = numbers.next()?;
    numbers.all(|other| other == found).then(|| found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payments_are_found_by_their_number_wherever_the_bank_writes_it() {
        let text = "\u{feff}Date,Narration,Withdrawal,Deposit\r\n\
             26/11/2026,UPI/CR/612345678901/MEENA/SBIN,,\"1,250.00\"\r\n\
             26/11/2026,\"NEFT, rent\",500.00,\r\n\
             26/11/2026,UPI/DR/612345678902/SHOP,75.00,\r\n\
             26/11/2026,UPI/CR/612345678903/612345678904,,10.00\r\n";
        assert_eq!(parse(text.as_bytes()).unwrap(), [(2, ("612345678901".to_owned(), 1_250_00))]);
        let short = "utr,amount\n0000612345678905,5.00\n,7.00\n";
        assert_eq!(parse(short.as_bytes()).unwrap(), [(2, ("612345678905".to_owned(), 5_00))]);
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_line() {
        assert_eq!(parse(b"").unwrap_err()[0].line, 1);
        assert!(
            parse(b"date,credit\n").unwrap_err()[0].problem.starts_with("no column is called one of: utr")
        );
        assert!(
            parse(b"utr,date\n").unwrap_err()[0].problem.starts_with("no column is called one of: credit")
        );
        let faults = parse(b"utr,credit\n612345678901,100\n612345678902,\"5.00\n").unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [2, 3]);
    }
}
