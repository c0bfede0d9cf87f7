//! What somebody signs in with: a phone number or an e-mail address.

use std::str::FromStr;

use crate::{EmailAddress, Error, Person, PhoneNumber};

/// A phone number or an e-mail address. In a log it tells neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handle {
    /// A phone number.
    Phone(PhoneNumber),
    /// An e-mail address.
    Email(EmailAddress),
}

/// A text that is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither a phone number nor an e-mail address")]
pub struct NotAHandle;

impl Handle {
    /// The one of the two that is given.
    ///
    /// # Errors
    /// [`Error::NoHandle`] where it is none of them or both.
    pub(crate) fn given(phone: Option<&PhoneNumber>, email: Option<&EmailAddress>) -> Result<Self, Error> {
        match (phone, email) {
            (Some(phone), None) => Ok(Self::Phone(phone.clone())),
            (None, Some(email)) => Ok(Self::Email(email.clone())),
            _ => Err(Error::NoHandle),
        }
    }

    /// The number, where it is one.
    pub const fn phone(&self) -> Option<&PhoneNumber> {
        match self {
            Self::Phone(phone) => Some(phone),
            Self::Email(_) => None,
        }
    }

    /// The address, where it is one.
    pub const fn email(&self) -> Option<&EmailAddress> {
        match self {
            Self::Phone(_) => None,
            Self::Email(email) => Some(email),
        }
    }

    /// As people know it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.as_str(),
            Self::Email(email) => email.as_str(),
        }
    }
}

impl FromStr for Handle {
    type Err = NotAHandle;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains('@') {
            text.parse().map(Self::Email).map_err(|_| NotAHandle)
        } else {
            text.parse().map(Self::Phone).map_err(|_| NotAHandle)
        }
    }
}

impl From<PhoneNumber> for Handle {
    fn from(phone: PhoneNumber) -> Self {
        Self::Phone(phone)
    }
}

impl Person {
    /// What the person signs in with; the number where there are both.
    ///
    /// # Panics
    /// Never: the database keeps nobody who has neither.
    pub fn handle(&self) -> Handle {
        let phone = self.phone.clone().map(Handle::Phone);
        phone.or_else(|| self.email.clone().map(Handle::Email)).expect("everybody has a number or an address")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_an_at_sign_and_a_number_has_none() {
        assert_eq!("98765 43210".parse::<Handle>().unwrap().as_str(), "+919876543210");
        assert_eq!("Meena@example.com".parse::<Handle>().unwrap().as_str(), "meena@example.com");
        assert_eq!("meena".parse::<Handle>(), Err(NotAHandle));
        assert_eq!("9876543210@".parse::<Handle>(), Err(NotAHandle));
    }

    #[test]
    fn one_of_the_two_is_given() {
        let (phone, email) = ("9876543210".parse().unwrap(), "meena@example.com".parse().unwrap());
        assert!(Handle::given(Some(&phone), None).is_ok() && Handle::given(None, Some(&email)).is_ok());
        assert!(matches!(Handle::given(None, None), Err(Error::NoHandle)));
        assert!(matches!(Handle::given(Some(&phone), Some(&email)), Err(Error::NoHandle)));
    }
}
