//! What of a person, a business or a letter is sealed, and how it is opened.

use platform::fields::{Column, EMAIL_ADDRESSES, Fields, PHONE_NUMBERS};
use types::{PersonId, TenantId};

use crate::{EmailAddress, Handle, PhoneNumber};

pub(super) const NAME: Column = Column::of("people", "name");
pub(super) const PHONE: Column = Column::of("people", "phone");
pub(super) const EMAIL: Column = Column::of("people", "email");
const BUSINESS: Column = Column::of("tenants", "name");

/// What stands in the place of a name that was erased.
const NOBODY: &str = "—";

/// What a row says of a person, sealed.
#[derive(Debug)]
pub(super) struct Sealed {
    pub name: Option<Vec<u8>>,
    pub phone: Option<Vec<u8>>,
    pub email: Option<Vec<u8>>,
}

/// The same, opened.
#[derive(Debug)]
pub(super) struct Known {
    pub name: String,
    pub phone: Option<PhoneNumber>,
    pub email: Option<EmailAddress>,
}

impl Sealed {
    pub(super) fn open(&self, fields: &Fields, person: PersonId) -> Result<Known, sqlx::Error> {
        Ok(Known {
            name: name(fields, person, self.name.as_deref())?,
            phone: fields.read(PHONE, person, self.phone.as_deref())?,
            email: fields.read(EMAIL, person, self.email.as_deref())?,
        })
    }
}

/// What a person is called.
pub(super) fn name(fields: &Fields, person: PersonId, sealed: Option<&[u8]>) -> Result<String, sqlx::Error> {
    Ok(fields.read(NAME, person, sealed)?.unwrap_or_else(|| NOBODY.to_owned()))
}

/// What a business is called by its members.
pub(super) fn business(
    fields: &Fields,
    tenant: TenantId,
    sealed: Option<&[u8]>,
) -> Result<String, sqlx::Error> {
    Ok(fields.read(BUSINESS, tenant, sealed)?.unwrap_or_else(|| NOBODY.to_owned()))
}

pub(super) fn seal_business(fields: &Fields, tenant: TenantId, name: &str) -> Vec<u8> {
    fields.seal(BUSINESS, tenant, name)
}

/// By what somebody with this number is found.
pub(super) fn phone_index(fields: &Fields, phone: &PhoneNumber) -> Vec<u8> {
    fields.index(PHONE_NUMBERS, phone.as_str())
}

/// By what somebody with this address is found.
pub(super) fn email_index(fields: &Fields, email: &EmailAddress) -> Vec<u8> {
    fields.index(EMAIL_ADDRESSES, email.as_str())
}

/// By what somebody with this number or address is found: the one or the other.
pub(super) fn indexes(fields: &Fields, handle: &Handle) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let phone = handle.phone().map(|phone| phone_index(fields, phone));
    (phone, handle.email().map(|email| email_index(fields, email)))
}
