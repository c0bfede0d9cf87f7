//! The platform's bank account in a file that an operator gives.
//!
//! Banks name their columns each in their own way, and write numbers into the midst of words. A line counts where one of its columns of
//! words bears the number (UTR) of a settlement or a payout that is known here; every other is somebody else's business and is not kept.
//! All of a file is taken in or nothing.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{Days, NaiveDate};
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::bank::{BANK, SHOWN_WITHIN};
use super::csv::rupees;
use crate::db::reconcile::{bank, runs};
use crate::lines::{FAULTS_MAX, LineFault, read_lines};
use crate::{Error, Payments, india};

/// Columns of a bank's file that may hold the number of a payment, the surest first.
pub const REFERENCES: [&str; 15] = [
    "utr",
    "rrn",
    "utr no",
    "utr number",
    "reference",
    "reference no",
    "ref no",
    "ref no./cheque no.",
    "chq./ref.no.",
    "cheque no/reference no",
    "narration",
    "description",
    "particulars",
    "remarks",
    "transaction remarks",
];
/// Columns of money that came in.
pub const CREDITS: [&str; 7] =
    ["credit", "deposit", "deposits", "deposit amt.", "deposit amt", "credit amount", "credit amt"];
const DEBITS: [&str; 7] =
    ["debit", "withdrawal", "withdrawals", "withdrawal amt.", "withdrawal amt", "debit amount", "debit amt"];
/// One column for both directions, and the one that says which.
const AMOUNTS: [&str; 2] = ["amount", "transaction amount"];
const DIRECTIONS: [&str; 6] = ["dr/cr", "cr/dr", "dr / cr", "type", "debit/credit", "transaction type"];
const DATES: [&str; 8] = [
    "date",
    "txn date",
    "transaction date",
    "tran date",
    "posting date",
    "post date",
    "value date",
    "value dt",
];
const DATE_FORMATS: [&str; 7] =
    ["%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d", "%d-%b-%Y", "%d %b %Y", "%d.%m.%Y", "%d/%b/%Y"];
/// The most days that one file tells of.
const DAYS_MAX: i64 = 366;
/// Numbers of payments are so long.
const UTR_BYTES: std::ops::RangeInclusive<usize> = 6..=22;

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BankStatement {
    /// How many lines with money it holds.
    pub lines: usize,
    /// How many of them are of settlements or payouts.
    pub matched: usize,
    /// How many of those were not known before.
    pub added: u64,
    /// The first day that it tells of.
    pub first_day: NaiveDate,
    /// The last day that it tells of.
    pub last_day: NaiveDate,
    /// The days in India that are compared because of it.
    pub days: Vec<NaiveDate>,
}

/// Why a file is given.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatementQuery {
    /// One line of 1 to 200 characters.
    pub reason: String,
}

/// What the bank moved for a settlement or a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BankLine {
    pub utr: String,
    pub day: NaiveDate,
    pub debit_minor: i64,
    pub credit_minor: i64,
}

/// A line with money, and every number that it bears.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Numbered {
    line: usize,
    day: NaiveDate,
    debit_minor: i64,
    credit_minor: i64,
    utrs: Vec<String>,
}

impl Payments {
    /// Takes in a file of the platform's bank account, all of it or nothing, and has the days compared that it tells of. The same again adds
    /// nothing. Who and why is kept with it.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Reason`]; [`Error::FileMalformed`] with the lines that are wrong.
    pub async fn take_bank_statement(
        &self,
        caller: &Caller,
        body: &[u8],
        why: &OperatorReason,
    ) -> Result<BankStatement, Error> {
        let person = caller.operator()?;
        let reason = why.line().map_err(Error::Reason)?;
        let now = self.clock.now();
        let read = parse(body, india::date(now)).map_err(Error::FileMalformed)?;
        let (first_day, last_day) = span(&read).map_err(Error::FileMalformed)?;
        let mut transaction = self.db.begin().await?;
        let utrs: HashSet<&String> = read.iter().flat_map(|line| &line.utrs).collect();
        let utrs: Vec<String> = utrs.into_iter().cloned().collect();
        let known: HashSet<String> = bank::known_utrs(&mut transaction, &utrs).await?.into_iter().collect();
        let lines = of_known(&read, &known).map_err(Error::FileMalformed)?;
        let id: Uuid = self.entropy.id(now);
        let new = bank::New {
            id,
            sha256: &hex::encode(Sha256::digest(body)),
            first_day,
            last_day,
            lines: i32::try_from(read.len()).unwrap_or(i32::MAX),
            matched: i32::try_from(lines.len()).unwrap_or(i32::MAX),
            person,
            reason: &reason,
            at: now,
        };
        bank::insert(&mut transaction, &new).await?;
        let added = bank::insert_lines(&mut transaction, id, &lines).await?;
        // What was settled shortly before must be on it, too; and what was missing may have come.
        let days = bank::days_between(&mut transaction, first_day - SHOWN_WITHIN, last_day).await?;
        let open = runs::days_due(&mut transaction, BANK, &[], &[]).await?;
        let days: BTreeSet<NaiveDate> = days.into_iter().chain(open).collect();
        for day in &days {
            self.plan_day(&mut transaction, BANK, *day, Some((person, &reason))).await?;
        }
        let act = Act::by(person, Area::Reconciliation, Deed::FileGiven, now);
        audit::keep(&mut transaction, act.about(id).because(&reason)).await?;
        transaction.commit().await?;
        let days = days.into_iter().collect();
        Ok(BankStatement { lines: read.len(), matched: lines.len(), added, first_day, last_day, days })
    }
}

/// The first and the last day of the lines.
fn span(lines: &[Numbered]) -> Result<(NaiveDate, NaiveDate), Vec<LineFault>> {
    let days = || lines.iter().map(|line| line.day);
    let (Some(first), Some(last)) = (days().min(), days().max()) else {
        return Err(vec![LineFault::at(1, "no line with money follows the names of the columns")]);
    };
    if (last - first).num_days() >= DAYS_MAX {
        return Err(vec![LineFault::at(1, format!("the file tells of more than {DAYS_MAX} days"))]);
    }
    Ok((first, last))
}

/// The lines that bear a number that is known, and which of them bear more than one.
fn of_known(lines: &[Numbered], known: &HashSet<String>) -> Result<Vec<BankLine>, Vec<LineFault>> {
    let (mut of_ours, mut faults) = (Vec::new(), Vec::new());
    for line in lines {
        let utrs: BTreeSet<&String> = line.utrs.iter().filter(|utr| known.contains(*utr)).collect();
        let mut utrs = utrs.into_iter();
        let Some(utr) = utrs.next() else { continue };
        if utrs.next().is_some() && faults.len() < FAULTS_MAX {
            faults.push(LineFault::at(line.line, "it bears the numbers of several settlements or payouts"));
        }
        let Numbered { day, debit_minor, credit_minor, .. } = *line;
        of_ours.push(BankLine { utr: utr.clone(), day, debit_minor, credit_minor });
    }
    if faults.is_empty() { Ok(of_ours) } else { Err(faults) }
}

/// Reads a whole file, or says what is wrong with it.
fn parse(body: &[u8], today: NaiveDate) -> Result<Vec<Numbered>, Vec<LineFault>> {
    read_lines(body, Columns::of, |columns, line, fields| columns.read(line, fields, today))
}

/// Where the columns that count stand.
#[derive(Debug)]
struct Columns {
    date: usize,
    references: Vec<usize>,
    money: Money,
}

#[derive(Debug)]
enum Money {
    /// One column for each direction.
    Apart { debit: usize, credit: usize },
    /// One for both, and one that says which.
    Together { amount: usize, direction: usize },
}

impl Columns {
    fn of(head: &[String]) -> Result<Self, String> {
        let names: HashMap<String, usize> =
            head.iter().map(|name| name.trim().to_ascii_lowercase()).zip(0..).collect();
        let first = |wanted: &[&str]| wanted.iter().find_map(|name| names.get(*name).copied());
        let need = |wanted: &[&str]| {
            first(wanted).ok_or_else(|| format!("no column is called one of: {}", wanted.join(", ")))
        };
        let references: Vec<usize> = REFERENCES.iter().filter_map(|name| names.get(*name).copied()).collect();
        if references.is_empty() {
            need(&REFERENCES)?;
        }
        let money = match (first(&DEBITS), first(&CREDITS)) {
            (Some(debit), Some(credit)) => Money::Apart { debit, credit },
            (debit, _) if first(&AMOUNTS).is_none() => {
                return Err(need(if debit.is_none() { &DEBITS } else { &CREDITS }).err().unwrap_or_default());
            }
            _ => Money::Together { amount: need(&AMOUNTS)?, direction: need(&DIRECTIONS)? },
        };
        Ok(Self { date: need(&DATES)?, references, money })
    }

    /// What a line says; nothing where it moves nothing, as a balance that was brought forward does.
    fn read(&self, line: usize, fields: &[String], today: NaiveDate) -> Result<Option<Numbered>, String> {
        let at = |place: usize| fields.get(place).map_or("", |field| field.trim());
        let paise = |place: usize| match at(place) {
            "" | "-" => Ok(0),
            money => amount(money).ok_or_else(|| format!("{money} is no amount in rupees with two decimals")),
        };
        let (debit_minor, credit_minor) = match self.money {
            Money::Apart { debit, credit } => (paise(debit)?, paise(credit)?),
            Money::Together { amount, direction } => match (paise(amount)?, direction_of(at(direction))) {
                (0, _) => (0, 0),
                (minor, Some(Direction::Debit)) => (minor, 0),
                (minor, Some(Direction::Credit)) => (0, minor),
                (_, None) => return Err(format!("{} is neither debit nor credit", at(direction))),
            },
        };
        if (debit_minor, credit_minor) == (0, 0) {
            return Ok(None);
        }
        if debit_minor != 0 && credit_minor != 0 {
            return Err("the line is a debit and a credit at once".to_owned());
        }
        let day = date(at(self.date)).ok_or_else(|| format!("{} is no date", at(self.date)))?;
        if day > today + Days::new(1) {
            return Err(format!("{day} is yet to come"));
        }
        let utrs = self.references.iter().flat_map(|place| utrs_in(at(*place))).collect();
        Ok(Some(Numbered { line, day, debit_minor, credit_minor, utrs }))
    }
}

enum Direction {
    Debit,
    Credit,
}

fn direction_of(text: &str) -> Option<Direction> {
    match text.to_ascii_lowercase().trim_end_matches('.') {
        "dr" | "d" | "debit" => Some(Direction::Debit),
        "cr" | "c" | "credit" => Some(Direction::Credit),
        _ => None,
    }
}

fn date(text: &str) -> Option<NaiveDate> {
    let day = text.split(['T', ',']).next()?.trim();
    // A time may follow, after a blank; a month in letters has blanks of its own.
    let alone = day.split(' ').next().unwrap_or_default();
    DATE_FORMATS
        .iter()
        .find_map(|format| {
            NaiveDate::parse_from_str(day, format).or_else(|_| NaiveDate::parse_from_str(alone, format)).ok()
        })
        .filter(|date| (2000..=9999).contains(&chrono::Datelike::year(date)))
}

/// What may be the number of a payment in a text, in capitals; some banks fill it up with zeros in front.
fn utrs_in(text: &str) -> impl Iterator<Item = String> {
    let runs = text.split(|c: char| !c.is_ascii_alphanumeric());
    let both = runs.flat_map(|run| {
        let bare = run.trim_start_matches('0');
        [Some(run), Some(bare).filter(|bare| *bare != run)]
    });
    let found: Vec<String> =
        both.flatten().filter(|run| UTR_BYTES.contains(&run.len())).map(str::to_ascii_uppercase).collect();
    found.into_iter()
}

/// Paise of an amount as banks write it: rupees with two decimals, and commas between.
pub fn amount(text: &str) -> Option<i64> {
    rupees(&text.replace(',', ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::LINES_MAX;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    fn read(text: &str) -> Vec<Numbered> {
        parse(text.as_bytes(), day(26)).unwrap()
    }

    fn faults(text: &str) -> Vec<usize> {
        parse(text.as_bytes(), day(26)).unwrap_err().iter().map(|fault| fault.line).collect()
    }

    #[test]
    fn files_of_several_banks_are_read() {
        let apart = "\u{feff}Date,Narration,Chq./Ref.No.,Value Dt,Withdrawal Amt.,Deposit Amt.,Closing Balance\r\n\
             26/11/2026,NEFT CR-RAZORPAY SOFTWARE-1568176960vxp0rj,0000000000000000,26/11/2026,,\"1,25,000.50\",2\r\n\
             25/11/2026,\"IMPS-612345678901-MEENA, SBIN\",0000612345678901,25/11/2026,500.00,,1\r\n\
             24/11/2026,B/F,,,,,1\r\n";
        let lines = read(apart);
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].line, lines[0].day, lines[0].credit_minor), (2, day(26), 1_25_000_50));
        assert!(lines[0].utrs.contains(&"1568176960VXP0RJ".to_owned()), "{lines:?}");
        assert_eq!((lines[1].debit_minor, lines[1].day), (500_00, day(25)));
        assert!(lines[1].utrs.iter().filter(|utr| *utr == "612345678901").count() >= 1, "{lines:?}");
        let together = "Transaction Date,UTR,Amount,Type\n2026-11-25 10:30:00,EMUL0042,99.00,DR\n25-Nov-2026,X,1.00,Credit\n";
        let lines = read(together);
        assert_eq!((lines[0].debit_minor, lines[0].utrs.clone()), (99_00, vec!["EMUL0042".to_owned()]));
        assert_eq!((lines[1].credit_minor, lines[1].day, lines[1].utrs.len()), (1_00, day(25), 0));
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_line() {
        let head = "date,utr,debit,credit";
        assert_eq!(faults(""), [1]);
        for missing in ["date,utr,debit", "date,debit,credit", "utr,debit,credit", "date,utr,amount"] {
            assert_eq!(faults(missing), [1], "{missing}");
        }
        let wrong = [
            "31/02/2026,A1234567,1.00,",
            "26/11/2026,A1234567,100,",
            "26/11/2026,A1234567,1.00,1.00",
            "28/11/2026,A1234567,1.00,",
            "26/11/2026,\"A1234567,1.00,",
        ];
        assert_eq!(faults(&format!("{head}\n{}", wrong.join("\n"))), [2, 3, 4, 5, 6]);
        let many = format!("{head}\n{}", "26/11/2026,A1234567,1.00,\n".repeat(LINES_MAX + 1));
        assert_eq!(faults(&many), [LINES_MAX + 2]);
    }

    #[test]
    fn a_file_tells_of_at_most_a_year_and_of_something() {
        assert!(span(&read("date,utr,debit,credit\n26/11/2026,,,\n")).is_err());
        let lines = read("date,utr,debit,credit\n26/11/2026,x,1.00,\n01/11/2025,x,1.00,\n");
        assert!(span(&lines).is_err());
        assert_eq!(span(&lines[..1]).unwrap(), (day(26), day(26)));
    }

    #[test]
    fn a_line_of_two_payments_is_refused_and_one_of_none_is_left_aside() {
        let known = HashSet::from(["AAA11111".to_owned(), "BBB22222".to_owned()]);
        let head = "date,narration,debit,credit";
        let lines =
            read(&format!("{head}\n26/11/2026,neft aaa11111 in,,5.00\n26/11/2026,rent 12345678,7.00,\n"));
        let ours = of_known(&lines, &known).unwrap();
        assert_eq!(
            ours,
            [BankLine { utr: "AAA11111".to_owned(), day: day(26), debit_minor: 0, credit_minor: 5_00 }]
        );
        let both = read(&format!("{head}\n26/11/2026,AAA11111/BBB22222,,5.00\n"));
        assert_eq!(of_known(&both, &known).unwrap_err()[0].line, 2);
    }
}
