//! Whose rows are in this context's tables.

use platform::personal::{Fate, Holder, PERSON, Table};

use crate::Sync;

const OWN: &str = "(tenant_id, subscriber_id) in (select * from unnest($3::uuid[], $5::uuid[]))";
const COPY: &str = "a copy, for phones that were away, of what the other files say";

/// Every table, in the order in which rows can go.
const TABLES: &[Table] = &[
    Table::new("socket_tickets", "Tickets of thirty seconds for live news.")
        .business(Fate::Goes)
        .guest(OWN, Fate::Goes)
        .secret("it would open a socket"),
    // The log has no gaps: what an event said goes, its number stays.
    Table::new("sync_events", "News for phones that were away.")
        .business(Fate::Goes)
        .guest(
            "tenant_id = any($3) and (
                 (tenant_id, subscriber_id) in (select * from unnest($3::uuid[], $5::uuid[]))
                 or payload->>'visit_id' = any($4::uuid[]::text[])
             )",
            Fate::Set(r#"payload = '{"kind": "forgotten", "data": {}}'"#),
        )
        .secret(COPY),
    Table::new("sync_heads", "How far the log of news is.")
        .business(Fate::Goes)
        .guest(
            OWN,
            Fate::Stays("a count of news under an id that leads to nobody; it goes after thirty days"),
        )
        .secret(COPY),
    Table::new("push_subscriptions", "Phones that take notices while the app is closed.")
        .person(PERSON, Fate::Goes)
        .business(Fate::Goes)
        .without(&["p256dh", "auth"], "keys of the phone"),
];

impl Holder for Sync {
    fn context(&self) -> &'static str {
        "sync"
    }

    fn tables(&self) -> &'static [Table] {
        TABLES
    }
}
