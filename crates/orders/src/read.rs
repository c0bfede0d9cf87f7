//! Looking at orders.

use std::collections::HashMap;

use identity::audit::{self, Area};
use identity::{Acting, Caller};
use platform::page::{Page, PageQuery};
use sqlx::PgConnection;
use types::{Language, OrderId, ProductId, TenantId, VisitId};

use crate::order::{Order, OrderState};
use crate::parts::Part;
use crate::refund::{RefundView, shown};
use crate::view::{LineView, OperatorOrder, OrderCard, OrderView, lines_in};
use crate::{Error, Orders, db};

impl Orders {
    /// An order of a stall.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn card(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        order: OrderId,
    ) -> Result<Option<OrderCard>, Error> {
        let order = db::orders::of_stall(connection, tenant, order).await?;
        Ok(order.as_ref().map(OrderCard::from))
    }

    /// The newest order of a visit.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn card_of_visit(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        visit: VisitId,
    ) -> Result<Option<OrderCard>, Error> {
        Ok(self.cards_of_visits(connection, tenant, &[visit]).await?.pop())
    }

    /// The newest order of each of these visits that has one, in no order; one statement for all.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn cards_of_visits(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        visits: &[VisitId],
    ) -> Result<Vec<OrderCard>, Error> {
        let orders = db::orders::newest_of_visits(connection, tenant, visits).await?;
        Ok(orders.iter().map(OrderCard::from).collect())
    }

    /// An order as the caller reads it.
    pub(crate) async fn show(&self, caller: &Caller, id: OrderId) -> Result<OrderView, Error> {
        let acting = caller.acting()?;
        let mut connection = self.db.acquire().await?;
        let order = self.find(&mut connection, &acting, id).await?;
        let language = match &acting {
            Acting::Vendor(vendor) => vendor.language,
            Acting::Buyer(_) => order.buyer_language,
        };
        self.view(&mut connection, &order, language).await
    }

    /// The order of that id, where the caller may see it; somebody else's is not there.
    pub(crate) async fn find(
        &self,
        connection: &mut PgConnection,
        acting: &Acting,
        id: OrderId,
    ) -> Result<Order, Error> {
        let found = match acting {
            Acting::Vendor(vendor) => db::orders::of_stall(connection, vendor.tenant, id).await?,
            Acting::Buyer(passes) => db::orders::of_phone(connection, passes, id).await?,
        };
        found.ok_or(Error::NotFound)
    }

    async fn view(
        &self,
        connection: &mut PgConnection,
        order: &Order,
        language: Language,
    ) -> Result<OrderView, Error> {
        let lines = db::lines::of_order(connection, order.tenant, order.id).await?;
        let ids: Vec<ProductId> = lines.iter().map(|line| line.product).collect();
        let products = self.catalog.products(connection, order.tenant, &ids).await?;
        let documents = self.billing.documents_of(connection, order.tenant, &[order.id]).await?;
        let (mut sold, mut credit_notes): (Vec<_>, Vec<_>) =
            documents.into_iter().partition(|document| document.kind.taken_back_by().is_some());
        credit_notes.reverse();
        let document = sold.pop();
        let payment = self.payments.payment_of(connection, order.tenant, order.id).await?;
        let (refunds, parts) = match (&payment.refunded, &payment.refunding) {
            (None, None) => (Vec::new(), Vec::new()),
            _ => self.given_back(connection, order).await?,
        };
        let recipient = db::recipients::of_order(connection, &self.fields, order.tenant, order.id).await?;
        let asks = self.asks_for_recipient(connection, order, (&lines, &products)).await?;
        Ok(OrderView {
            card: OrderCard::from(order),
            lines: lines_in(language, lines, &products, &parts),
            timeline: db::events::of_order(connection, order.tenant, order.id).await?,
            payment,
            document,
            documents_beside: sold,
            credit_notes,
            refunds,
            place_of_supply: order.place_of_supply.map(String::from),
            asks_for_recipient: asks && recipient.is_none(),
            recipient: recipient.map(billing::Recipient::from),
            hold_expires_at: (order.state == OrderState::Open).then_some(order.hold_until),
        })
    }

    /// What goes back or went of an order, and of which parts of its lines it is.
    async fn given_back(
        &self,
        connection: &mut PgConnection,
        order: &Order,
    ) -> Result<(Vec<RefundView>, Vec<Part>), Error> {
        let mut standing = self.payments.refunds_of(connection, order.tenant, order.id).await?;
        standing.extend(self.payments.lost_of(connection, order.tenant, order.id).await?);
        let kept = db::refunds::of_order(connection, order.tenant, order.id).await?;
        let parts = db::refunds::parts_of(connection, order.tenant, order.id).await?;
        Ok((shown(&kept, &standing), parts.into_iter().map(|(_, part)| part).collect()))
    }

    /// A page of the caller's orders: the stall's, or those of the phone's visits.
    pub(crate) async fn list(&self, caller: &Caller, query: PageQuery) -> Result<Page<OrderCard>, Error> {
        let acting = caller.acting()?;
        let mut connection = self.db.acquire().await?;
        let orders = match &acting {
            Acting::Vendor(vendor) => {
                db::orders::page_of_stall(&mut connection, vendor.tenant, query).await?
            }
            Acting::Buyer(passes) => db::orders::page_of_phone(&mut connection, passes, query).await?,
        };
        Ok(query.page(orders.iter().map(OrderCard::from).collect(), |card| card.id.uuid()))
    }

    /// The lines of a stall's order, for whoever runs this installation, in their own language.
    pub(crate) async fn lines_for_operator(
        &self,
        caller: &Caller,
        id: OrderId,
    ) -> Result<Vec<LineView>, Error> {
        let person = caller.operator()?;
        let language = caller.signed_in()?.person.language;
        let mut connection = self.db.acquire().await?;
        let tenant = db::refunds::tenant_of(&mut connection, id).await?.ok_or(Error::NotFound)?;
        audit::looked(&mut connection, person, Area::Orders, [tenant], self.clock.now()).await?;
        let lines = db::lines::of_order(&mut connection, tenant, id).await?;
        let ids: Vec<ProductId> = lines.iter().map(|line| line.product).collect();
        let products = self.catalog.products(&mut connection, tenant, &ids).await?;
        let parts = db::refunds::parts_of(&mut connection, tenant, id).await?;
        let parts: Vec<Part> = parts.into_iter().map(|(_, part)| part).collect();
        Ok(lines_in(language, lines, &products, &parts))
    }

    /// A page of all orders, for whoever runs this installation.
    pub(crate) async fn list_for_operator(
        &self,
        caller: &Caller,
        state: Option<OrderState>,
        query: PageQuery,
    ) -> Result<Page<OperatorOrder>, Error> {
        let person = caller.operator()?;
        let mut connection = self.db.acquire().await?;
        let orders = db::orders::page_of_everybody(&mut connection, state, query).await?;
        let page = query.page(orders, |order| order.id.uuid());
        let mut tenants: Vec<TenantId> = page.items.iter().map(|order| order.tenant).collect();
        tenants.sort_unstable();
        tenants.dedup();
        let businesses = tenants.iter().copied();
        audit::looked(&mut connection, person, Area::Orders, businesses, self.clock.now()).await?;
        let stalls = self.catalog.stalls(&mut connection, &tenants).await?;
        let names: HashMap<TenantId, String> =
            stalls.into_iter().map(|stall| (stall.tenant_id, stall.name)).collect();
        let operator_order = |order: &Order| OperatorOrder {
            card: OrderCard::from(order),
            tenant_id: order.tenant,
            stall_name: names.get(&order.tenant).cloned().unwrap_or_default(),
        };
        Ok(Page { items: page.items.iter().map(operator_order).collect(), next: page.next })
    }
}
