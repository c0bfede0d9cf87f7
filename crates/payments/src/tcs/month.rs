//! What was collected at source in a month, vendor by vendor: what the monthly return (GSTR-8) is written from.
//!
//! A month is India's. A sale is in the month in which the gateway had its money, what came back in the month in which it was given back;
//! so a vendor's month may be below zero.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, Utc};
use identity::Caller;
use identity::audit::{self, Act, Area, Deed};
use platform::csv::quoted;
use serde::Serialize;
use types::{Money, TenantId};
use utoipa::ToSchema;

use super::pay::TcsPayment;
use crate::db::tcs;
use crate::{Error, Payments, india};

/// So many lines are shown on a screen; the file has all, up to as many as a return takes.
const SHOWN_MAX: i64 = 500;
const FILE_LINES_MAX: i64 = 100_000;

/// What one registration supplied into one state in a month, and what was collected of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TcsLine {
    /// The line's name in its month.
    pub id: String,
    /// Under which registration the vendor sold.
    pub gstin: String,
    /// The stall.
    pub tenant_id: TenantId,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall_name: Option<String>,
    /// The two digits of the state that was supplied in.
    pub place_of_supply: String,
    /// Whether the buyers were registered (table 3A of the return) or not (3B).
    pub to_registered: bool,
    /// The value of what was sold, before tax.
    pub supplied: Money,
    /// The value of what came back.
    pub returned: Money,
    /// The difference, of which the tax is.
    pub net: Money,
    /// Collected between states.
    pub integrated_tax: Money,
    /// Collected for the centre.
    pub central_tax: Money,
    /// Collected for the state; as much as for the centre.
    pub state_tax: Money,
}

/// A month's tax collected at source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TcsMonth {
    /// The month in India: `2026-11`.
    pub month: String,
    /// By registration, at most 500.
    pub lines: Vec<TcsLine>,
    /// Whether there are more than those: the file has them.
    pub more: bool,
    /// What all of it comes to: net value and tax.
    pub net: Money,
    /// All that is owed for the month: collected, less what went back.
    pub tax: Money,
    /// How it was paid to the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub payment: Option<TcsPayment>,
}

/// What was moved for one line, in paise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moved {
    pub tenant: TenantId,
    pub stall_name: Option<String>,
    pub gstin: String,
    pub place: String,
    pub to_registered: bool,
    pub inter_state: bool,
    pub supplied_minor: i64,
    pub returned_minor: i64,
    pub tax_minor: i64,
}

impl From<Moved> for TcsLine {
    fn from(moved: Moved) -> Self {
        let half = if moved.inter_state { 0 } else { moved.tax_minor / 2 };
        let table = table(moved.to_registered);
        Self {
            id: format!("{}-{}-{}-{table}", moved.tenant, moved.gstin, moved.place),
            gstin: moved.gstin,
            tenant_id: moved.tenant,
            stall_name: moved.stall_name,
            place_of_supply: moved.place,
            to_registered: moved.to_registered,
            supplied: Money::inr(moved.supplied_minor),
            returned: Money::inr(moved.returned_minor),
            net: Money::inr(moved.supplied_minor - moved.returned_minor),
            integrated_tax: Money::inr(moved.tax_minor - 2 * half),
            central_tax: Money::inr(half),
            state_tax: Money::inr(half),
        }
    }
}

/// The return's table for what went to registered buyers, and for the rest.
const fn table(to_registered: bool) -> &'static str {
    if to_registered { "3A" } else { "3B" }
}

const COLUMNS: &str = "table,gstin_of_supplier,supplier,place_of_supply,gross_value_of_supplies,value_of_supplies_returned,\
                       net_amount_liable,integrated_tax,central_tax,state_tax\r\n";

impl TcsLine {
    fn csv(&self) -> String {
        let table = table(self.to_registered);
        let name = quoted(self.stall_name.as_deref().unwrap_or_default());
        let amounts =
            [self.supplied, self.returned, self.net, self.integrated_tax, self.central_tax, self.state_tax];
        let amounts = amounts.map(rupees).join(",");
        format!("{table},{},{name},{},{amounts}\r\n", self.gstin, self.place_of_supply)
    }
}

/// Rupees with two decimals, a minus before them where there are less than none.
fn rupees(money: Money) -> String {
    let minor = money.minor();
    let sign = if minor < 0 { "-" } else { "" };
    let paise = minor.unsigned_abs();
    format!("{sign}{}.{:02}", paise / 100, paise % 100)
}

/// From the beginning of a month in India to its end; none where it is not written as one.
pub(super) fn hours(month: &str) -> Option<Range<DateTime<Utc>>> {
    let first: NaiveDate = format!("{month}-01").parse().ok().filter(|_| month.len() == 7)?;
    Some(india::month(india::midnight(first)))
}

impl Payments {
    /// What was collected at source in a month, for the operator.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Month`]; whatever the database says.
    pub async fn tcs_month(&self, caller: &Caller, month: &str) -> Result<TcsMonth, Error> {
        let person = caller.operator()?;
        let hours = hours(month).ok_or(Error::Month)?;
        let mut connection = self.db.acquire().await?;
        let mut lines = tcs::moved(&mut connection, &hours, SHOWN_MAX + 1).await?;
        let more = lines.len() > usize::try_from(SHOWN_MAX).unwrap_or(usize::MAX);
        lines.truncate(usize::try_from(SHOWN_MAX).unwrap_or(usize::MAX));
        let businesses = lines.iter().map(|line| line.tenant);
        audit::looked(&mut connection, person, Area::Tcs, businesses, self.clock.now()).await?;
        let (net_minor, tax_minor) = tcs::sums(&mut connection, &hours).await?;
        Ok(TcsMonth {
            month: month.to_owned(),
            lines: lines.into_iter().map(TcsLine::from).collect(),
            more,
            net: Money::inr(net_minor),
            tax: Money::inr(tax_minor),
            payment: tcs::payment_of(&mut connection, month).await?.map(|(_, payment)| payment),
        })
    }

    /// The same as comma-separated values in rupees, with a first line that names the columns: at most 100,000 lines.
    ///
    /// # Errors
    /// As [`Payments::tcs_month`].
    pub async fn tcs_month_file(&self, caller: &Caller, month: &str) -> Result<String, Error> {
        let person = caller.operator()?;
        let hours = hours(month).ok_or(Error::Month)?;
        let now = self.clock.now();
        let mut transaction = self.db.begin().await?;
        let lines = tcs::moved(&mut transaction, &hours, FILE_LINES_MAX).await?;
        let act = Act::by(person, Area::Tcs, Deed::FileTaken, now).because(month);
        audit::keep(&mut transaction, act).await?;
        if !lines.is_empty() {
            let businesses = lines.iter().map(|line| line.tenant);
            audit::looked(&mut transaction, person, Area::Tcs, businesses, now).await?;
        }
        transaction.commit().await?;
        let mut file = COLUMNS.to_owned();
        for line in lines {
            file.push_str(&TcsLine::from(line).csv());
        }
        tracing::info!(month, %person, "the tax collected at source was taken as a file");
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_four_digits_and_two() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(hours("2026-11"), Some(at("2026-10-31T18:30:00Z")..at("2026-11-30T18:30:00Z")));
        for bad in ["", "2026", "2026-13", "2026-1", "2026-11-01", "11-2026", "२०२६-११"] {
            assert_eq!(hours(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_line_of_the_file_is_in_rupees() {
        let line = TcsLine::from(Moved {
            tenant: uuid::Uuid::nil().into(),
            stall_name: Some("Meena, \"Tomatoes\"".to_owned()),
            gstin: "27AAPFU0939F1ZV".to_owned(),
            place: "27".to_owned(),
            to_registered: false,
            inter_state: false,
            supplied_minor: 100_00,
            returned_minor: 300_05,
            tax_minor: -1_00,
        });
        let expected =
            "3B,27AAPFU0939F1ZV,\"Meena, \"\"Tomatoes\"\"\",27,100.00,300.05,-200.05,0.00,-0.50,-0.50\r\n";
        assert_eq!(line.csv(), expected);
    }
}
