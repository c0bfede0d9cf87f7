//! Coming to a stall, and coming back to it.

use catalog::{QrError, Stall};
use chrono::{DateTime, TimeDelta, Utc};
use identity::{Admission, Agreement, Caller, Pass, SetCookie};
use parley::Side;
use platform::db::repeat;
use sqlx::PgConnection;
use types::{Language, TenantId, VisitId};
use uuid::Uuid;

use crate::Negotiation;
use crate::db::{reports, visits};
use crate::error::Error;
use crate::message::Audience;
use crate::news::visit_view;
use crate::notice::Notice;
use crate::room::{Party, Room};
use crate::view::{PreviewProduct, StallPreview, VisitView};
use crate::visit::{BARGAIN_FOR, Reached, Visit, VisitState};

/// How long a phone that got no answer may ask again for the visit that it opened.
const AGAIN_WITHIN: TimeDelta = TimeDelta::minutes(10);

/// How a phone enters.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What the buyer reads and hears.
    pub language: Language,
    /// The phone's own id for it.
    pub client_id: Option<Uuid>,
    /// To what the buyer agrees with it.
    pub agreed: Vec<Agreement>,
}

/// A visit that was entered.
pub struct Arrival {
    /// The visit, as its buyer sees it.
    pub visit: VisitView,
    /// The pass, where the visit is a new one.
    pub cookie: Option<SetCookie>,
}

impl Negotiation {
    /// What a scanned code leads to, before anybody enters.
    ///
    /// # Errors
    /// [`Error::CodeForged`], [`Error::CodeExpired`], [`Error::NotFound`] where the stall has no name, [`Error::TooMany`].
    pub(crate) async fn preview_stall(&self, caller: &Caller, token: &str) -> Result<StallPreview, Error> {
        self.limits.scan(caller)?;
        let tenant = self.stall_of(token).await?;
        let mut connection = self.db.acquire().await?;
        let stall = self.catalog.stall(&mut connection, tenant).await?.ok_or(Error::NotFound)?;
        let rejoined = visit_at(caller, tenant, self.clock.now());
        if rejoined.is_none() {
            must_be_in_business(&mut connection, &stall).await?;
        }
        let products = self.catalog.products_on_sale(&mut connection, tenant).await?;
        let shown = products.into_iter().map(|p| PreviewProduct {
            id: p.id,
            names: p.names,
            price: p.price,
            unit: p.price.unit(),
            in_stock: !p.stock.available.is_zero(),
        });
        Ok(StallPreview {
            tenant_id: tenant,
            stall_name: stall.name,
            languages: Language::ALL.to_vec(),
            consents: self.identity.asked_of_guest(caller).await?,
            products: shown.collect(),
            rejoin_visit_id: rejoined,
        })
    }

    /// Enters a stall: opens a visit, or takes up the one that this phone has there.
    ///
    /// # Errors
    /// As [`Negotiation::preview_stall`]; [`Error::ClientIdReused`] for an id that opened a visit a while ago.
    pub(crate) async fn enter_stall(
        &self,
        caller: &Caller,
        token: &str,
        entry: &Entry,
    ) -> Result<Arrival, Error> {
        self.limits.enter(caller)?;
        let tenant = self.stall_of(token).await?;
        if let Some(visit) = visit_at(caller, tenant, self.clock.now()) {
            let party = Party::side(tenant, visit, Side::Buyer);
            let visit = repeat(|| self.rejoin(party, entry)).await?;
            return Ok(Arrival { visit, cookie: None });
        }
        if let Some(before) = self.enter_again(caller, tenant, entry).await? {
            return Ok(before);
        }
        match repeat(|| self.open_visit(caller, tenant, entry)).await? {
            Some(arrival) => Ok(arrival),
            // The same phone was faster.
            None => self.enter_again(caller, tenant, entry).await?.ok_or(Error::ClientIdReused),
        }
    }

    /// The visit that a phone opened under this id moments ago, where the answer with its pass was lost.
    async fn enter_again(
        &self,
        caller: &Caller,
        tenant: TenantId,
        entry: &Entry,
    ) -> Result<Option<Arrival>, Error> {
        let Some(client_id) = entry.client_id else { return Ok(None) };
        let mut connection = self.db.acquire().await?;
        let Some((visit, opened)) = visits::opened_as(&mut connection, tenant, client_id).await? else {
            return Ok(None);
        };
        if self.clock.now() - opened > AGAIN_WITHIN {
            return Err(Error::ClientIdReused);
        }
        let cookie = self.identity.admit_guest_again(&mut connection, caller, tenant, visit).await?;
        let cookie = cookie.ok_or(Error::ClientIdReused)?;
        drop(connection);
        let party = Party::side(tenant, visit, Side::Buyer);
        let visit = repeat(|| self.rejoin(party, entry)).await?;
        Ok(Some(Arrival { visit, cookie: Some(cookie) }))
    }

    async fn stall_of(&self, token: &str) -> Result<TenantId, Error> {
        match self.catalog.read_qr(token) {
            Ok(tenant) => Ok(tenant),
            Err(QrError::Forged) => Err(Error::CodeForged),
            Err(QrError::Expired(tenant)) => {
                let stall = self.catalog.stall(&mut *self.db.acquire().await?, tenant).await?;
                Err(Error::CodeExpired { stall_name: stall.map(|s| s.name) })
            }
        }
    }

    /// A scan begins the day of bargaining anew, within the days that the visit is kept; not at a stall that is closed for now,
    /// where it leads to what was begun.
    async fn rejoin(&self, party: Party, entry: &Entry) -> Result<VisitView, Error> {
        let mut transaction = self.db.begin().await?;
        let mut room = Room::enter(self, &mut transaction, party).await?;
        if reports::closed_since(room.connection, party.tenant).await?.is_none() {
            room.changes.arrived = room.visit.state_at(room.now) != VisitState::Open;
            room.visit.state = VisitState::Open;
            room.visit.bargain_until = (room.now + BARGAIN_FOR).min(room.visit.expires_at);
        }
        self.identity.agree(room.connection, room.visit.guest, &entry.agreed, entry.language).await?;
        if room.visit.buyer_language != entry.language {
            room.speak(entry.language).await?;
        }
        room.changes.visit = true;
        room.close().await?;
        let view = room.whole().await?;
        transaction.commit().await?;
        Ok(view)
    }

    /// None where the phone's id has opened a visit by now.
    async fn open_visit(
        &self,
        caller: &Caller,
        tenant: TenantId,
        entry: &Entry,
    ) -> Result<Option<Arrival>, Error> {
        let now = self.clock.now();
        let mut transaction = self.db.begin().await?;
        let stall = self.catalog.stall(&mut transaction, tenant).await?.ok_or(Error::NotFound)?;
        must_be_in_business(&mut transaction, &stall).await?;
        let id: VisitId = self.entropy.id(now);
        let admission = Admission {
            tenant,
            visit: id,
            stall_name: stall.name.clone(),
            until: now + self.retention.visits(),
        };
        let (pass, cookie) = self.identity.admit_guest(&mut transaction, caller, admission).await?;
        let visit = Visit {
            tenant,
            id,
            guest: pass.guest,
            buyer_number: visits::next_buyer_number(&mut transaction, tenant).await?,
            buyer_language: entry.language,
            vendor_language: stall.language,
            state: VisitState::Open,
            focus: None,
            wanted: None,
            crew: self.identity.greeting_crew(&mut transaction, tenant).await?,
            message_count: 0,
            buyer_reached: Reached::default(),
            vendor_reached: Reached::default(),
            bargain_until: now + BARGAIN_FOR,
            expires_at: pass.expires_at,
            created_at: now,
            updated_at: now,
        };
        if !visits::insert(&mut transaction, &visit, entry.client_id).await? {
            return Ok(None);
        }
        self.identity.agree(&mut transaction, visit.guest, &entry.agreed, entry.language).await?;
        let rang = self.wake(&mut transaction, &visit, stall.name).await?;
        let mut room = Room::enter(self, &mut transaction, Party::side(tenant, id, Side::Buyer)).await?;
        room.announce(Notice::BuyerArrived, Audience::Vendor, None).await?;
        (room.changes.arrived, room.changes.rang) = (true, rang);
        let view = room.whole().await?;
        room.close().await?;
        transaction.commit().await?;
        Ok(Some(Arrival { visit: view, cookie: Some(cookie) }))
    }
}

impl Room<'_> {
    /// The whole visit, as the acting side sees it.
    pub async fn whole(&mut self) -> Result<VisitView, Error> {
        let scenery = crate::view::Scenery {
            visit: &self.visit,
            products: &self.products,
            offers: &self.offers,
            now: self.now,
        };
        visit_view(self.negotiation, self.connection, &scenery, self.party).await
    }
}

/// Nobody begins a visit at a stall that is closed for now.
async fn must_be_in_business(connection: &mut PgConnection, stall: &Stall) -> Result<(), Error> {
    match reports::closed_since(connection, stall.tenant_id).await? {
        Some(_) => Err(Error::StallClosed { stall_name: stall.name.clone() }),
        None => Ok(()),
    }
}

/// The newest visit of this phone at a stall that can be gone on with.
fn visit_at(caller: &Caller, tenant: TenantId, now: DateTime<Utc>) -> Option<VisitId> {
    let can = |pass: &&Pass| pass.tenant == tenant && pass.expires_at > now;
    caller.passes().iter().find(can).map(|pass| pass.visit)
}
