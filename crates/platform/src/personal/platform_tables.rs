//! The tables of this crate.

use super::{Fate, Holder, NONE, Table};

/// Jobs, schedules, news and leases.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlatformTables;

const TABLES: &[Table] = &[
    Table::new("jobs", "Work that waits for credit or failed.")
        .business_where("tenant_id = any($2) and state in ('paused', 'dead')", Fate::Goes),
    Table::new("outbox_events", "News that waits to become work.").business(Fate::Goes),
    Table::new("job_schedules", "When work comes round."),
    Table::new("leases", "Which node does what."),
    Table::new("switched_off", "Parts of the product that are off for a business.")
        .person(
            NONE,
            Fate::Stays("an id alone says who did it; once the person is erased it leads to nobody"),
        )
        .business(Fate::Goes)
        .without(&["off_by"], "it names somebody who runs the installation"),
];

impl Holder for PlatformTables {
    fn context(&self) -> &'static str {
        "platform"
    }

    fn tables(&self) -> &'static [Table] {
        TABLES
    }
}
