//! A line of the register.

use super::Subject;
use crate::fields::Kind;

/// The rows of the person: `person_id` names them.
pub const PERSON: &str = "person_id = $1";
/// The rows of the businesses.
pub const BUSINESS: &str = "tenant_id = any($2)";
/// The rows of the visits.
pub const VISIT: &str = "(tenant_id, visit_id) in (select * from unnest($3::uuid[], $4::uuid[]))";
/// The rows of the guests whose visits they are.
pub const GUEST: &str = "(tenant_id, guest_id) in (select * from unnest($3::uuid[], $5::uuid[]))";
/// No rows: the column names them and tells nothing of them.
pub const NONE: &str = "false";

/// What an erasure does to rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// They are deleted.
    Goes,
    /// These columns are overwritten; doing it again changes nothing.
    Set(&'static str),
    /// They stay as they are, for this reason.
    Stays(&'static str),
}

/// Which rows are somebody's, and what becomes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// A condition; `$1` is the person, `$2` the businesses, `$3` the visits' stalls, `$4` the visits, `$5` the guests.
    pub rows: &'static str,
    /// Which of them an export shows, where that is not all: a further condition on `kept`, the table.
    pub shown: Option<&'static str>,
    /// What an erasure does to them.
    pub fate: Fate,
}

/// A column whose values are sealed: `phone` stands for `phone_sealed`, and `phone_index` where rows are found by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedColumn {
    /// What the column was called before, and is in an export.
    pub name: &'static str,
    /// What it is found by.
    pub index: Option<Kind>,
    /// Whether there is a column of this name from before, with values in the clear that are to be sealed.
    pub was_open: bool,
    /// Whether the values are bytes and not text.
    pub bytes: bool,
}

impl SealedColumn {
    /// A column that held its values in the clear in a release before.
    pub const fn new(name: &'static str) -> Self {
        Self { name, index: None, was_open: true, bytes: false }
    }

    /// The same, with an index of this kind.
    #[must_use]
    pub const fn found_by(self, kind: Kind) -> Self {
        Self { index: Some(kind), ..self }
    }

    /// The same, with values that are bytes and not text.
    #[must_use]
    pub const fn of_bytes(self) -> Self {
        Self { bytes: true, ..self }
    }

    /// The same, which was sealed from the beginning.
    #[must_use]
    pub const fn from_the_start(self) -> Self {
        Self { was_open: false, ..self }
    }
}

/// A table and whose rows are in it.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What it holds, as the contents of an export say it.
    pub holds: &'static str,
    /// Rows of a person.
    pub person: Option<Link>,
    /// Rows of a business.
    pub business: Option<Link>,
    /// Rows of a guest.
    pub guest: Option<Link>,
    /// The columns of the key of a row with sealed values, each with its type in the database.
    pub key: &'static [(&'static str, &'static str)],
    /// Columns whose values are sealed; an export has them open.
    pub sealed: &'static [SealedColumn],
    /// Columns that nobody is handed.
    pub withheld: &'static [&'static str],
    /// Why; of a table that nobody is handed at all, too.
    pub because: Option<&'static str>,
    /// Whether an export leaves the whole table out.
    pub secret: bool,
}

impl Table {
    /// A table that holds this.
    pub const fn new(name: &'static str, holds: &'static str) -> Self {
        Self {
            name,
            holds,
            person: None,
            business: None,
            guest: None,
            key: &[],
            sealed: &[],
            withheld: &[],
            because: None,
            secret: false,
        }
    }

    /// The rows of a person.
    #[must_use]
    pub const fn person(self, rows: &'static str, fate: Fate) -> Self {
        Self { person: Some(Link { rows, shown: None, fate }), ..self }
    }

    /// The rows of a business.
    #[must_use]
    pub const fn business(self, fate: Fate) -> Self {
        Self { business: Some(Link { rows: BUSINESS, shown: None, fate }), ..self }
    }

    /// Of the rows of a business those that the condition lets through.
    #[must_use]
    pub const fn business_where(self, rows: &'static str, fate: Fate) -> Self {
        Self { business: Some(Link { rows, shown: None, fate }), ..self }
    }

    /// Of the rows of a business an export shows those that the condition lets through.
    ///
    /// # Panics
    /// Where the business has no rows here.
    #[must_use]
    pub const fn shown_to_business(self, shown: &'static str) -> Self {
        let Some(link) = self.business else { panic!("a business has rows before some are shown") };
        Self { business: Some(Link { shown: Some(shown), ..link }), ..self }
    }

    /// The rows of a guest.
    #[must_use]
    pub const fn guest(self, rows: &'static str, fate: Fate) -> Self {
        Self { guest: Some(Link { rows, shown: None, fate }), ..self }
    }

    /// Of the rows of a guest an export shows those that the condition lets through.
    ///
    /// # Panics
    /// Where the guest has no rows here.
    #[must_use]
    pub const fn shown_to_guest(self, shown: &'static str) -> Self {
        let Some(link) = self.guest else { panic!("a guest has rows before some are shown") };
        Self { guest: Some(Link { shown: Some(shown), ..link }), ..self }
    }

    /// It names who did it, by an id that is a pseudonym once the person is erased.
    #[must_use]
    pub const fn says_who(self) -> Self {
        self.person(
            NONE,
            Fate::Stays("an id alone says who did it; once the person is erased it leads to nobody"),
        )
    }

    /// It says for which visit something was done at the stall's cost, and nothing of the guest.
    #[must_use]
    pub const fn says_which_visit(self) -> Self {
        self.guest(NONE, Fate::Stays("the stall's own record; it names a visit by its id alone"))
    }

    /// Columns whose values are sealed, each bound to the key of its row.
    #[must_use]
    pub const fn sealed(
        self,
        key: &'static [(&'static str, &'static str)],
        sealed: &'static [SealedColumn],
    ) -> Self {
        Self { key, sealed, ..self }
    }

    /// Columns that an export leaves out, and why.
    #[must_use]
    pub const fn without(self, withheld: &'static [&'static str], because: &'static str) -> Self {
        Self { withheld, because: Some(because), ..self }
    }

    /// An export leaves it out, for this reason.
    #[must_use]
    pub const fn secret(self, because: &'static str) -> Self {
        Self { secret: true, because: Some(because), ..self }
    }

    /// The conditions under which rows are the subject's.
    pub(super) fn links(&self, subject: &Subject) -> impl Iterator<Item = Link> {
        let person = self.person.filter(|_| subject.person.is_some());
        let business = self.business.filter(|_| !subject.businesses.is_empty());
        let guest = self.guest.filter(|_| !subject.visits.is_empty());
        [person, business, guest].into_iter().flatten()
    }
}
