//! Takes in settlement lines that an operator has in a file: the gateway's report, where its API is away or was switched off.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use utoipa::{IntoParams, ToSchema};

use super::csv;
use super::line::{Line, Source};
use crate::db::reconcile::{files, lines};
use crate::lines::LineFault;
use crate::{Error, Payments, india};

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettlementFile {
    /// How many lines it holds.
    pub lines: usize,
    /// How many of them were not known before.
    pub added: u64,
    /// The days in India that are compared because of it.
    pub days: Vec<NaiveDate>,
}

/// Why a file is given.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileQuery {
    /// One line of 1 to 200 characters.
    pub reason: String,
    /// The gateway that settled: without it the first of those that are set up.
    pub gateway: Option<String>,
}

impl Payments {
    /// Takes in a file of settlement lines, all of it or nothing, and has its days compared. The same again adds nothing. Who and
    /// why is kept with it.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Reason`], [`Error::NoGateway`]; [`Error::FileMalformed`] with the lines that are wrong, also
    /// those that differ from what is known of them.
    pub async fn take_settlement_file(
        &self,
        caller: &Caller,
        body: &[u8],
        gateway: Option<&str>,
        why: &OperatorReason,
    ) -> Result<SettlementFile, Error> {
        let person = caller.operator()?;
        let reason = why.line().map_err(Error::Reason)?;
        let gateway = self.gateways.chosen(gateway)?.name();
        let numbered = csv::parse(body).map_err(Error::FileMalformed)?;
        let now = self.clock.now();
        let mut transaction = self.db.begin().await?;
        agree(&mut transaction, gateway, &numbered).await?;
        let given: Vec<Line> = numbered.into_iter().map(|(_, line)| line).collect();
        let added = lines::insert(&mut transaction, gateway, &given, Source::File, now).await?;
        let new = files::New {
            id: self.entropy.id(now),
            gateway,
            sha256: &hex::encode(Sha256::digest(body)),
            lines: i32::try_from(given.len()).unwrap_or(i32::MAX),
            added: i32::try_from(added).unwrap_or(i32::MAX),
            person,
            reason: &reason,
            at: now,
        };
        files::insert(&mut transaction, &new).await?;
        let days: BTreeSet<NaiveDate> = given.iter().map(|line| india::date(line.settled_at)).collect();
        for day in &days {
            self.plan_day(&mut transaction, gateway, *day, Some((person, &reason))).await?;
        }
        let act = Act::by(person, Area::Reconciliation, Deed::FileGiven, now);
        audit::keep(&mut transaction, act.because(&reason)).await?;
        transaction.commit().await?;
        Ok(SettlementFile { lines: given.len(), added, days: days.into_iter().collect() })
    }
}

/// Refuses lines that are known otherwise.
async fn agree(
    connection: &mut PgConnection,
    gateway: &str,
    numbered: &[(usize, Line)],
) -> Result<(), Error> {
    let entities: Vec<String> = numbered.iter().map(|(_, line)| line.entity.clone()).collect();
    let stored = lines::of_entities(connection, gateway, &entities).await?;
    let known: HashMap<(&str, &str), &Line> = stored
        .iter()
        .map(|stored| ((stored.line.entity.as_str(), stored.line.settlement.as_str()), &stored.line))
        .collect();
    let differs = |line: &Line| {
        let other = known.get(&(line.entity.as_str(), line.settlement.as_str()));
        other.is_some_and(|other| money_of(other) != money_of(line))
    };
    let faults: Vec<LineFault> = numbered
        .iter()
        .filter(|(_, line)| differs(line))
        .map(|(line, _)| LineFault::at(*line, "it differs from the line that is known"))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::FileMalformed(faults)) }
}

fn money_of(line: &Line) -> (i64, i64, i64, i64, i64, &str) {
    (line.debit_minor, line.credit_minor, line.amount_minor, line.fee_minor, line.tax_minor, &line.currency)
}
