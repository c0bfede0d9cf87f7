//! Whose rows are in this context's tables.

use platform::personal::Table;

/// Every table.
pub(crate) const TABLES: &[Table] = &[
    Table::new("provider_keys", "Keys by which this installation calls providers.")
        .says_who()
        .secret("they are the installation's, and would let somebody call in its name"),
    Table::new("provider_minutes", "How calls to providers went, minute by minute, without what was said."),
];
