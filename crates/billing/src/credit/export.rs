//! What was used, as a table for whoever keeps the vendor's accounts.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::Stream;
use futures::stream::try_unfold;
use identity::VendorCaller;
use platform::csv::cell;
use platform::meter::Measure;
use platform::page::{LIMIT_MAX, PageQuery};
use types::{Money, TenantId};
use uuid::Uuid;

use crate::Error;
use crate::credit::{ChargedLot, Credits, LotKind, Usage};

/// How far back it goes.
const DAYS: i64 = 366;
/// The most charges in it: what is older is left out.
const ROWS_MAX: i64 = 100_000;
const HEAD: &str = "time,id,for,visit,provider,model,measure,quantity,unit,exact_rupees,charged_rupees,by,kept_on,taken_from\r\n";

/// How far the table has come.
#[derive(Debug, Clone, Copy)]
struct Place {
    before: Option<Uuid>,
    rows: i64,
}

impl Credits {
    /// The caller's charges of the last year, newest first, as CSV: a head, then a page at a time.
    pub fn export_usage(&self, vendor: &VendorCaller) -> impl Stream<Item = Result<Bytes, Error>> + use<> {
        let (credits, tenant) = (self.clone(), vendor.tenant);
        let since = self.clock.now() - TimeDelta::days(DAYS);
        let first = Some(Place { before: None, rows: 0 });
        try_unfold(first, move |place| {
            let credits = credits.clone();
            async move {
                match place {
                    None => Ok(None),
                    Some(place) => credits.next_rows(tenant, since, place).await.map(Some),
                }
            }
        })
    }

    async fn next_rows(
        &self,
        tenant: TenantId,
        since: DateTime<Utc>,
        place: Place,
    ) -> Result<(Bytes, Option<Place>), Error> {
        let query = PageQuery { before: place.before, limit: Some(LIMIT_MAX) };
        let mut connection = self.db.acquire().await?;
        let page = self.charged(&mut connection, tenant, query).await?;
        let page = query.page(page, |usage| usage.id.uuid());
        let mut text = if place.rows == 0 { HEAD.to_owned() } else { String::new() };
        let recent: Vec<&Usage> = page.items.iter().take_while(|usage| usage.at >= since).collect();
        for usage in &recent {
            text.push_str(&line(usage));
        }
        let rows = place.rows + LIMIT_MAX;
        let more = page.next.filter(|_| recent.len() == page.items.len() && rows < ROWS_MAX);
        Ok((text.into(), more.map(|before| Place { before: Some(before), rows })))
    }
}

/// One charge as a line.
fn line(usage: &Usage) -> String {
    let cells = [
        usage.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        usage.id.to_string(),
        format!("{} {}", usage.cause.kind, usage.cause.id),
        usage.cause.visit_id.map(|visit| visit.to_string()).unwrap_or_default(),
        usage.provider.clone(),
        usage.model.clone().unwrap_or_default(),
        usage.measure.name().to_owned(),
        usage.quantity.to_string(),
        unit(usage.measure).to_owned(),
        format!("{}.{:06}", usage.exact_micros / 1_000_000, usage.exact_micros % 1_000_000),
        rupees(usage.charged),
        usage.by.as_ref().map(|by| by.name.clone()).unwrap_or_default(),
        usage.kept.map(|kept| kept.day.to_string()).unwrap_or_default(),
        usage.lots.iter().map(taken_from).collect::<Vec<_>>().join("; "),
    ];
    cells.map(|text| cell(&text)).join(",") + "\r\n"
}

fn rupees(money: Money) -> String {
    format!("{}.{:02}", money.minor() / 100, money.minor() % 100)
}

/// A lot by when it came in, its kind and its id, and what was taken of it.
fn taken_from(lot: &ChargedLot) -> String {
    let kind = match lot.kind {
        LotKind::Included => "included",
        LotKind::Granted => "granted",
        LotKind::Paid => "paid",
    };
    format!("{} {kind} {} {}", lot.since.format("%Y-%m-%d"), lot.lot_id, rupees(lot.amount))
}

const fn unit(measure: Measure) -> &'static str {
    match measure {
        Measure::AudioMs => "ms",
        Measure::SpeechCharacters | Measure::TranslationCharacters => "characters",
        Measure::StoredByteDays => "byte-days",
    }
}
