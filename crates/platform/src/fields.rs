//! What tells who somebody is, sealed column by column, and what it is found by.
//!
//! A column `phone` that held a number in the clear has become `phone_sealed`, and where rows are looked for by it, `phone_index`: a
//! keyed hash of the value as its type writes it.
//!
//! **Invariants.** A sealed value opens in its table, column and row alone. An index is made with a key of the first master key, which
//! stays as long as the installation: sealing again leaves it as it is. It tells whoever has the database which rows have the same value,
//! and nothing of the value to whoever has no key.
//!
//! **Deliberately absent**: an index of names. Few names are common, so that how often one comes would tell it; they are looked
//! through where they are opened.

use std::error::Error as StdError;
use std::fmt::{self, Display};
use std::str::FromStr;

use crate::Entropy;
use crate::keys::Keyring;
use crate::seal::{Sealed, Sealer, Unopenable};

/// Seals personal fields and makes what they are found by. Cheap to clone.
#[derive(Clone)]
pub struct Fields {
    sealer: Sealer,
    keyring: Keyring,
}

/// A column whose values are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    table: &'static str,
    name: &'static str,
}

/// What an index is of. Columns with the same kind of value have the same index for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind(&'static str);

/// Telephone numbers in E.164.
pub const PHONE_NUMBERS: Kind = Kind("phone-numbers");
/// E-mail addresses in small letters.
pub const EMAIL_ADDRESSES: Kind = Kind("email-addresses");

impl Column {
    /// The column that was called so before it was sealed.
    pub const fn of(table: &'static str, name: &'static str) -> Self {
        Self { table, name }
    }

    fn place(self, row: impl Display) -> String {
        format!("{}/{}/{row}", self.table, self.name)
    }
}

impl Fields {
    /// What seals with these keys.
    pub fn new(keyring: &Keyring, entropy: Entropy) -> Self {
        Self { sealer: Sealer::new(keyring, "personal-fields", entropy), keyring: keyring.clone() }
    }

    /// Seals the value of this column in this row. A row with a key of several parts is `part/part`.
    pub fn seal(&self, column: Column, row: impl Display, plain: impl AsRef<[u8]>) -> Vec<u8> {
        self.sealer.seal(&column.place(row), plain.as_ref())
    }

    /// Opens the text of this column in this row.
    ///
    /// # Errors
    /// [`Unopenable`].
    pub fn open(&self, column: Column, row: impl Display, sealed: &[u8]) -> Result<String, Unopenable> {
        String::from_utf8(self.open_bytes(column, row, sealed)?).map_err(|_| Unopenable)
    }

    /// Opens the bytes of this column in this row.
    ///
    /// # Errors
    /// [`Unopenable`].
    pub fn open_bytes(
        &self,
        column: Column,
        row: impl Display,
        sealed: &[u8],
    ) -> Result<Vec<u8>, Unopenable> {
        self.sealer.open(&column.place(row), sealed)
    }

    /// Opens what stands in this column of this row, if anything, and reads it.
    ///
    /// # Errors
    /// [`sqlx::Error::Decode`] where it does not open or is none of the kind.
    pub fn read<T>(
        &self,
        column: Column,
        row: impl Display,
        sealed: Option<&[u8]>,
    ) -> Result<Option<T>, sqlx::Error>
    where
        T: FromStr<Err: StdError + Send + Sync + 'static>,
    {
        let Some(sealed) = sealed else { return Ok(None) };
        let plain = self.open(column, row, sealed).map_err(|error| sqlx::Error::Decode(error.into()))?;
        plain.parse().map(Some).map_err(|error: T::Err| sqlx::Error::Decode(error.into()))
    }

    /// By what a value of this kind is found: 32 bytes.
    pub fn index(&self, kind: Kind, value: impl AsRef<[u8]>) -> Vec<u8> {
        self.keyring.signing(&format!("index/{}", kind.0)).sign(value.as_ref()).to_vec()
    }

    /// Does the work of opening something, for nobody: so that it takes as long where there is no row.
    pub fn open_nothing(&self) {
        let nobody = Column::of("nobody", "name");
        let sealed = self.seal(nobody, 0, "nobody at all");
        std::hint::black_box(self.open(nobody, 0, &sealed).is_ok());
    }

    pub(crate) fn newest(&self) -> [u8; 5] {
        self.sealer.newest()
    }

    pub(crate) fn seal_again(
        &self,
        column: Column,
        row: impl Display,
        sealed: &[u8],
    ) -> Result<Sealed, Unopenable> {
        self.sealer.seal_again(&column.place(row), sealed)
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fields(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: Column = Column::of("people", "phone");
    const NUMBER: &str = "+919876543210";

    fn fields(digits: &[&str]) -> Fields {
        let keys: Vec<String> = digits.iter().map(|digits| digits.repeat(32)).collect();
        Fields::new(&Keyring::from_hex(&keys.join("\n")).unwrap(), Entropy::seeded(5))
    }

    #[test]
    fn a_field_opens_in_its_table_column_and_row_alone() {
        let fields = fields(&["07"]);
        let sealed = fields.seal(PHONE, 1, NUMBER);
        assert_eq!(fields.open(PHONE, 1, &sealed).unwrap(), NUMBER);
        assert_eq!(fields.open(PHONE, 2, &sealed), Err(Unopenable), "another row");
        assert_eq!(fields.open(Column::of("people", "email"), 1, &sealed), Err(Unopenable), "another column");
        assert_eq!(
            fields.open(Column::of("invitations", "phone"), 1, &sealed),
            Err(Unopenable),
            "another table"
        );
        assert_ne!(sealed, fields.seal(PHONE, 1, NUMBER), "equal values do not look equal");
    }

    #[test]
    fn what_does_not_open_is_no_empty_field() {
        let sealed = fields(&["07"]).seal(PHONE, 1, "12");
        assert!(matches!(
            fields(&["08"]).read::<String>(PHONE, 1, Some(&sealed)),
            Err(sqlx::Error::Decode(_))
        ));
        assert!(matches!(fields(&["07"]).read::<u8>(PHONE, 1, Some(&sealed)), Ok(Some(12))));
        assert!(matches!(fields(&["07"]).read::<u8>(PHONE, 1, None), Ok(None)));
        let word = fields(&["07"]).seal(PHONE, 1, "twelve");
        assert!(fields(&["07"]).read::<u8>(PHONE, 1, Some(&word)).is_err(), "it is no number");
    }

    #[test]
    fn an_index_is_the_same_whatever_keys_are_added_and_another_for_each_kind() {
        let (one, two) = (fields(&["07"]), fields(&["07", "08"]));
        let index = one.index(PHONE_NUMBERS, NUMBER);
        assert_eq!((index.len(), &index), (32, &two.index(PHONE_NUMBERS, NUMBER)));
        assert_ne!(index, one.index(EMAIL_ADDRESSES, NUMBER));
        assert_ne!(index, one.index(PHONE_NUMBERS, "+919876543211"));
        assert_ne!(index, fields(&["08"]).index(PHONE_NUMBERS, NUMBER), "of another installation");
    }
}
