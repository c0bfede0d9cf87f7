//! Whose rows are in this context's tables.

use platform::personal::{Fate, PERSON, SealedColumn, Table};

/// Every table, in the order in which rows can go.
pub(crate) const TABLES: &[Table] = &[
    Table::new("grievances", "Your complaints about what is done with your data, and the answers.")
        .person(PERSON, Fate::Goes)
        .guest("guest_ids && $5", Fate::Goes)
        .sealed(
            &[("id", "uuid")],
            &[SealedColumn::new("words").from_the_start(), SealedColumn::new("answer").from_the_start()],
        ),
    Table::new("data_exports", "Copies of your data that you asked for.")
        .person(PERSON, Fate::Goes)
        .guest("guest_ids && $5", Fate::Goes)
        .without(&["key"], "it is the end of the copy's link"),
    Table::new("erasures", "That you asked to have your account erased.")
        .person(PERSON, Fate::Stays("that it was asked for and done must be shown; the id leads to nobody")),
];
