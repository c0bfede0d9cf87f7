//! Lists of visits: the vendor's, a phone's, the operator's. Each asks a fixed number of questions a stall, however many visits it shows.

use std::collections::BTreeMap;

use catalog::Product;
use identity::audit::{self, Area};
use identity::{Pass, VendorCaller};
use parley::Side;
use platform::page::{Page, PageQuery};
use serde::Deserialize;
use sqlx::PgConnection;
use types::{MessageId, PersonId, ProductId, TenantId, VisitId};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::Negotiation;
use crate::db::messages::Translation;
use crate::db::offers::Placed;
use crate::db::{messages, offers, visits};
use crate::error::Error;
use crate::message::{Audience, Message};
use crate::view::{CardRest, OperatorVisit, Scenery, View, VisitCard};
use crate::visit::{Visit, VisitState};

/// Which visits the operator asks for.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only those of this state.
    state: Option<VisitState>,
    /// The `next` of the page before; nothing for the first page.
    before: Option<Uuid>,
    /// Items a page, 1–100; 50 where nothing is said.
    limit: Option<i64>,
}

/// Which of a stall's visits are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Those that a team of the caller's looks after.
    Mine,
}

/// Which visits somebody at the stall asks for.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VisitQuery {
    /// Only those that a team of the caller's looks after; for a stall's people.
    #[param(inline)]
    whose: Option<Whose>,
    /// The `next` of the page before; nothing for the first page.
    before: Option<Uuid>,
    /// Items a page, 1–100; 50 where nothing is said.
    limit: Option<i64>,
}

impl VisitQuery {
    /// Which page of them.
    pub const fn page(self) -> PageQuery {
        PageQuery { before: self.before, limit: self.limit }
    }
}

/// What the cards of a stall's visits are made from.
struct Deck {
    said: Vec<Message>,
    translations: Vec<Translation>,
    standing: Vec<Placed>,
    products: Vec<Product>,
    unseen: Vec<(VisitId, i32)>,
    orders: Vec<orders::OrderCard>,
}

impl Negotiation {
    /// A stall's visits, or those that the caller's teams look after; the one with the latest news first.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub(crate) async fn visits_of_stall(
        &self,
        vendor: &VendorCaller,
        asked: VisitQuery,
    ) -> Result<Page<VisitCard>, Error> {
        let (now, tenant, query) = (self.clock.now(), vendor.tenant, asked.page());
        let mut connection = self.db.acquire().await?;
        let crews = match asked.whose {
            Some(Whose::Mine) => Some(self.identity.crews_of(&mut connection, tenant, vendor.person).await?),
            None => None,
        };
        let visits = visits::recent(&mut connection, tenant, crews.as_deref(), query, now).await?;
        let visits = query.page(visits, |visit| visit.id.uuid());
        let deck = self.deck(&mut connection, tenant, &visits.items, Side::Vendor).await?;
        let items = visits.items.iter().map(|visit| deck.card(visit, Side::Vendor, now, None)).collect();
        Ok(Page { items, next: visits.next })
    }

    /// The visits of a phone, the one with the latest news first.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub(crate) async fn visits_of_phone(
        &self,
        passes: &[Pass],
        query: PageQuery,
    ) -> Result<Page<VisitCard>, Error> {
        let now = self.clock.now();
        let mut connection = self.db.acquire().await?;
        let held: Vec<_> = passes.iter().map(|pass| (pass.tenant, pass.visit)).collect();
        let visits = visits::among(&mut connection, &held, query, now).await?;
        let visits = query.page(visits, |visit| visit.id.uuid());
        let mut by_stall: BTreeMap<TenantId, Vec<Visit>> = BTreeMap::new();
        for visit in &visits.items {
            by_stall.entry(visit.tenant).or_default().push(visit.clone());
        }
        let mut decks = BTreeMap::new();
        for (tenant, here) in by_stall {
            decks.insert(tenant, self.deck(&mut connection, tenant, &here, Side::Buyer).await?);
        }
        let card = |visit: &Visit| {
            let pass = passes.iter().find(|pass| pass.visit == visit.id);
            let stall_name = pass.map(|pass| pass.stall_name.clone());
            decks.get(&visit.tenant).map(|deck| deck.card(visit, Side::Buyer, now, stall_name))
        };
        Ok(Page { items: visits.items.iter().filter_map(card).collect(), next: visits.next })
    }

    /// The newest visits of every stall, where asked for only those of a state.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub(crate) async fn visits_of_all(
        &self,
        person: PersonId,
        wanted: Wanted,
    ) -> Result<Page<OperatorVisit>, Error> {
        let query = PageQuery { before: wanted.before, limit: wanted.limit };
        let now = self.clock.now();
        let mut connection = self.db.acquire().await?;
        let visits = visits::newest_of_all(&mut connection, wanted.state, query, now).await?;
        let visits = query.page(visits, |visit| visit.id.uuid());
        let mut tenants: Vec<TenantId> = visits.items.iter().map(|visit| visit.tenant).collect();
        tenants.sort_unstable();
        tenants.dedup();
        audit::looked(&mut connection, person, Area::Visits, tenants.iter().copied(), now).await?;
        let stalls = self.catalog.stalls(&mut connection, &tenants).await?;
        let items = visits.items.iter().map(|visit| OperatorVisit {
            id: visit.id,
            tenant_id: visit.tenant,
            stall_name: stalls
                .iter()
                .find(|s| s.tenant_id == visit.tenant)
                .map(|s| s.name.clone())
                .unwrap_or_default(),
            buyer_number: visit.buyer_number,
            state: visit.state_at(now),
            updated_at: visit.updated_at,
        });
        Ok(Page { items: items.collect(), next: visits.next })
    }

    async fn deck(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        visits: &[Visit],
        side: Side,
    ) -> Result<Deck, Error> {
        let ids: Vec<VisitId> = visits.iter().map(|visit| visit.id).collect();
        let said = messages::newest_of_visits(connection, tenant, &ids, Audience::only(side)).await?;
        let said_ids: Vec<MessageId> = said.iter().map(|message| message.id).collect();
        let translations = messages::translations(connection, tenant, &said_ids).await?;
        let standing = offers::standing_of(connection, tenant, &ids).await?;
        let mut named: Vec<ProductId> = standing.iter().map(|p| p.offer.product).collect();
        named.sort_unstable();
        named.dedup();
        let products = self.catalog.products(connection, tenant, &named).await?;
        let unseen = messages::unseen(connection, tenant, &ids, side).await?;
        let orders = self.orders.cards_of_visits(connection, tenant, &ids).await?;
        Ok(Deck { said, translations, standing, products, unseen, orders })
    }
}

impl Deck {
    fn card(
        &self,
        visit: &Visit,
        side: Side,
        now: chrono::DateTime<chrono::Utc>,
        stall_name: Option<String>,
    ) -> VisitCard {
        let offers: Vec<Placed> = self.standing.iter().filter(|p| p.visit == visit.id).cloned().collect();
        let view = View::new(Scenery { visit, products: &self.products, offers: &offers, now }, side);
        let said = self.said.iter().find(|message| message.visit == visit.id);
        view.card(CardRest {
            stall_name,
            last_message: said.map(|message| view.last_message(message, &self.translations)),
            unseen: self.unseen.iter().find(|(id, _)| *id == visit.id).map_or(0, |(_, count)| *count),
            order: self.orders.iter().find(|order| order.visit_id == visit.id).cloned(),
        })
    }
}
