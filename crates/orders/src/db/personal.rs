//! Whose rows are in this context's tables.

use async_trait::async_trait;
use platform::personal::{Fate, Holder, Obstacle, SealedColumn, Subject, Table, VISIT};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Orders;

const BOOKS: Fate = Fate::Stays("what was sold and for how much belongs to the books; it names nobody");
const OF_ORDER: &str = "(tenant_id, order_id) in (select tenant_id, id from orders
     where (tenant_id, visit_id) in (select * from unnest($3::uuid[], $4::uuid[])))";

/// Every table, in the order in which rows can go.
const TABLES: &[Table] = &[
    Table::new("order_recipients", "Businesses that an order's invoice is for.")
        .business(Fate::Goes)
        .guest(OF_ORDER, Fate::Goes)
        .sealed(
            &[("tenant_id", "uuid"), ("order_id", "uuid")],
            &[
                SealedColumn::new("legal_name"),
                SealedColumn::new("address"),
                SealedColumn::new("city"),
                SealedColumn::new("pin"),
            ],
        ),
    Table::new("order_lines", "What was ordered, and what was said on the way to the agreement.")
        .business(Fate::Set("transcript = '[]'"))
        .guest(OF_ORDER, Fate::Set("transcript = '[]'")),
    Table::new("order_events", "What became of an order.").business(BOOKS).guest(OF_ORDER, BOOKS),
    Table::new("order_refund_lines", "Goods and amounts that were given back.")
        .business(BOOKS)
        .guest(OF_ORDER, BOOKS),
    Table::new("order_refunds", "Money that was given back for an order.").business(BOOKS).says_who(),
    Table::new("order_counters", "How many orders a stall has had.").business(BOOKS),
    Table::new("orders", "Orders.").business(BOOKS).guest(VISIT, BOOKS),
];

#[async_trait]
impl Holder for Orders {
    fn context(&self) -> &'static str {
        "orders"
    }

    fn tables(&self) -> &'static [Table] {
        TABLES
    }

    async fn obstacles(
        &self,
        connection: &mut PgConnection,
        subject: &Subject,
    ) -> Result<Vec<Obstacle>, sqlx::Error> {
        let businesses: Vec<Uuid> = subject.businesses.iter().map(|tenant| tenant.uuid()).collect();
        let (stalls, visits): (Vec<Uuid>, Vec<Uuid>) =
            subject.visits.iter().map(|(tenant, visit, _)| (tenant.uuid(), visit.uuid())).unzip();
        let open = sqlx::query_scalar!(
            r#"select exists (
                 select 1 from orders
                 where state in ('open', 'paid')
                     and (
                         tenant_id = any($1)
                         or (tenant_id, visit_id) in (select * from unnest($2::uuid[], $3::uuid[]))
                     )
             ) as "open!""#,
            &businesses,
            &stalls,
            &visits,
        )
        .fetch_one(connection)
        .await?;
        Ok(open.then_some(Obstacle::OpenOrders).into_iter().collect())
    }
}
