//! Coming to a stall, and coming back to it.

use catalog::QrError;
use identity::{Admission, Caller, SetCookie};
use parley::Side;
use platform::db::repeat;
use sync::Notice as PushNotice;
use types::{Language, TenantId, VisitId};

use crate::Negotiation;
use crate::db::visits;
use crate::error::Error;
use crate::message::Audience;
use crate::news::visit_view;
use crate::notice::Notice;
use crate::room::{Party, Room};
use crate::view::{PreviewProduct, StallPreview, VisitView};
use crate::visit::{BARGAIN_FOR, KEPT_FOR, Reached, Visit, VisitState};

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
            products: shown.collect(),
            rejoin_visit_id: visit_at(caller, tenant),
        })
    }

    /// Enters a stall: opens a visit, or takes up the one that this phone has there.
    ///
    /// # Errors
    /// As [`Negotiation::preview_stall`].
    pub(crate) async fn enter_stall(
        &self,
        caller: &Caller,
        token: &str,
        language: Language,
    ) -> Result<Arrival, Error> {
        self.limits.enter(caller)?;
        let tenant = self.stall_of(token).await?;
        if let Some(visit) = visit_at(caller, tenant) {
            let visit = repeat(|| self.rejoin(Party::side(tenant, visit, Side::Buyer), language)).await?;
            return Ok(Arrival { visit, cookie: None });
        }
        repeat(|| self.open_visit(caller, tenant, language)).await
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

    /// A scan begins the day of bargaining anew, within the days that the visit is kept.
    async fn rejoin(&self, party: Party, language: Language) -> Result<VisitView, Error> {
        let mut transaction = self.db.begin().await?;
        let mut room = Room::enter(self, &mut transaction, party).await?;
        room.changes.arrived = room.visit.state_at(room.now) != VisitState::Open;
        room.visit.state = VisitState::Open;
        room.visit.bargain_until = (room.now + BARGAIN_FOR).min(room.visit.expires_at);
        if room.visit.buyer_language != language {
            room.speak(language).await?;
        }
        room.changes.visit = true;
        room.close().await?;
        let view = room.whole().await?;
        transaction.commit().await?;
        Ok(view)
    }

    async fn open_visit(
        &self,
        caller: &Caller,
        tenant: TenantId,
        language: Language,
    ) -> Result<Arrival, Error> {
        let now = self.clock.now();
        let mut transaction = self.db.begin().await?;
        let stall = self.catalog.stall(&mut transaction, tenant).await?.ok_or(Error::NotFound)?;
        let id: VisitId = self.entropy.id(now);
        let admission =
            Admission { tenant, visit: id, stall_name: stall.name.clone(), until: now + KEPT_FOR };
        let (pass, cookie) = self.identity.admit_guest(&mut transaction, caller, admission).await?;
        let visit = Visit {
            tenant,
            id,
            guest: pass.guest,
            buyer_number: visits::next_buyer_number(&mut transaction, tenant).await?,
            buyer_language: language,
            vendor_language: stall.language,
            state: VisitState::Open,
            focus: None,
            wanted: None,
            message_count: 0,
            buyer_reached: Reached::default(),
            vendor_reached: Reached::default(),
            bargain_until: now + BARGAIN_FOR,
            expires_at: pass.expires_at,
            created_at: now,
            updated_at: now,
        };
        visits::insert(&mut transaction, &visit).await?;
        self.sync.notify(&mut transaction, announcement(&visit, stall.name)).await?;
        let mut room = Room::enter(self, &mut transaction, Party::side(tenant, id, Side::Buyer)).await?;
        room.announce(Notice::BuyerArrived, Audience::Vendor, None).await?;
        room.changes.arrived = true;
        let view = room.whole().await?;
        room.close().await?;
        transaction.commit().await?;
        Ok(Arrival { visit: view, cookie: Some(cookie) })
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
        visit_view(self.negotiation, self.connection, &scenery, self.party.side).await
    }
}

/// What wakes the vendor's phone.
fn announcement(visit: &Visit, stall_name: String) -> PushNotice {
    let said = Notice::BuyerArrived.say(visit.vendor_language, parley::Style::Screen);
    PushNotice {
        tenant: visit.tenant,
        title: stall_name,
        body: format!("{said} ({})", visit.buyer_name()),
        url: format!("/v/visits/{}", visit.id),
        tag: format!("visit-{}", visit.id),
    }
}

/// The newest visit of this phone at a stall.
fn visit_at(caller: &Caller, tenant: TenantId) -> Option<VisitId> {
    caller.passes().iter().find(|pass| pass.tenant == tenant).map(|pass| pass.visit)
}
