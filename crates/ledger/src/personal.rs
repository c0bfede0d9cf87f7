//! Whose rows are in this context's tables.

use platform::personal::{Fate, Holder, Table};

use crate::Ledger;

const BOOKS: Fate = Fate::Stays(
    "the books are kept as the law wants it and add up for ever; they name a business by its id alone",
);

const TABLES: &[Table] = &[
    Table::new("ledger_timeouts", "Amounts that are set aside for a time.").business(BOOKS),
    Table::new("ledger_transfers", "Every movement of money.").business(BOOKS),
    Table::new("ledger_accounts", "Accounts and what is in them.").business(BOOKS),
];

impl Holder for Ledger {
    fn context(&self) -> &'static str {
        "ledger"
    }

    fn tables(&self) -> &'static [Table] {
        TABLES
    }
}
