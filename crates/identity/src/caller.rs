//! Who calls: the one thing handlers ask of identity.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use secrecy::SecretString;
use types::{ApiKeyId, Language, PersonId, SessionId, TenantId, VisitId};

use crate::api_key::Calling;
use crate::connection::Connection;
use crate::role::{OperatorRole, Permission, Role};
use crate::{Error, Pass, Person};

/// Who made a request: a person with a session, a phone with passes, both or neither.
///
/// A handler's extractor. The middleware of [`crate::Identity::protect`] puts it into the request's extensions; a test
/// that calls a router directly puts one there itself. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Caller(Arc<Known>);

#[derive(Debug, Clone, Default)]
struct Known {
    signed_in: Option<SignedIn>,
    standing: Standing,
    passes: Vec<Pass>,
    guest_token: Option<SecretString>,
    half_token: Option<SecretString>,
    openid_token: Option<SecretString>,
    trust: Trust,
    key: Option<Calling>,
    app: bool,
    side: Option<Side>,
    connection: Connection,
}

/// A person with a living session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session.
    pub session: SessionId,
    /// The person.
    pub person: Person,
}

/// What a person is: in the business that the session acts for, and in the installation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// In the business.
    pub role: Option<Role>,
    /// Among those who run the installation.
    pub operator: Option<OperatorRole>,
}

/// How far a session is trusted beyond being somebody's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Trust {
    /// The person showed within the last minutes that it is they.
    pub is_fresh: bool,
    /// The business lets in only those who give a code, and the person gives none.
    pub lacks_factor: bool,
}

/// As whom a browser that is both vendor and buyer makes a call (`Vyapar-Side`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The holder of a pass.
    Buyer,
    /// The person who is signed in.
    Vendor,
}

/// A person who calls in the name of a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VendorCaller {
    /// The person.
    pub person: PersonId,
    /// The business.
    pub tenant: TenantId,
    /// The language the person reads.
    pub language: Language,
    /// The session that the call is made in.
    pub session: SessionId,
}

/// Somebody who takes part in a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    /// The stall's side. Whether the visit is at this vendor's stall is for the visit's context to see.
    Vendor(VendorCaller),
    /// The visit's buyer.
    Buyer(Pass),
}

/// As whom a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acting {
    /// A vendor: what is the business's.
    Vendor(VendorCaller),
    /// A phone: what belongs to its visits; never empty.
    Buyer(Vec<Pass>),
}

impl Side {
    /// The header's value; anything else says nothing.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        match headers.get("vyapar-side")?.as_bytes() {
            b"buyer" => Some(Self::Buyer),
            b"vendor" => Some(Self::Vendor),
            _ => None,
        }
    }
}

impl Caller {
    /// A caller who has shown nothing.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// A person with a session, who owns their business and, as an operator, is an admin.
    pub fn person(signed_in: SignedIn) -> Self {
        let SignedIn { person, .. } = &signed_in;
        let standing = Standing {
            role: person.tenant.map(|_| Role::Owner),
            operator: person.operator.then_some(OperatorRole::Admin),
        };
        Self::standing(signed_in, standing)
    }

    /// A person with a session, who is what `standing` says.
    pub fn standing(signed_in: SignedIn, standing: Standing) -> Self {
        Self(Arc::new(Known { signed_in: Some(signed_in), standing, ..Known::default() }))
    }

    /// A phone with these passes.
    pub fn guest(passes: Vec<Pass>) -> Self {
        Self(Arc::new(Known { passes, ..Known::default() }))
    }

    /// The same caller, who says as whom the call is made.
    #[must_use]
    pub fn on(self, side: Option<Side>) -> Self {
        Self(Arc::new(Known { side, ..Arc::unwrap_or_clone(self.0) }))
    }

    /// The same caller, calling from there.
    #[must_use]
    pub fn from(self, connection: Connection) -> Self {
        Self(Arc::new(Known { connection, ..Arc::unwrap_or_clone(self.0) }))
    }

    pub(crate) fn trusted(self, trust: Trust) -> Self {
        Self(Arc::new(Known { trust, ..Arc::unwrap_or_clone(self.0) }))
    }

    pub(crate) fn by_key(self, key: Calling) -> Self {
        Self(Arc::new(Known { key: Some(key), ..Arc::unwrap_or_clone(self.0) }))
    }

    pub(crate) fn by_app(self) -> Self {
        Self(Arc::new(Known { app: true, ..Arc::unwrap_or_clone(self.0) }))
    }

    /// Whether a program calls with a token of the person's.
    pub(crate) fn is_app(&self) -> bool {
        self.0.app
    }

    pub(crate) fn with_half(self, token: SecretString) -> Self {
        Self(Arc::new(Known { half_token: Some(token), ..Arc::unwrap_or_clone(self.0) }))
    }

    pub(crate) fn with_openid(self, token: SecretString) -> Self {
        Self(Arc::new(Known { openid_token: Some(token), ..Arc::unwrap_or_clone(self.0) }))
    }

    pub(crate) fn with_guest(self, guest_token: SecretString, passes: Vec<Pass>) -> Self {
        Self(Arc::new(Known { guest_token: Some(guest_token), passes, ..Arc::unwrap_or_clone(self.0) }))
    }

    /// The same caller, with what belongs to the visits that they keep.
    pub(crate) fn keeping(self, kept: Vec<Pass>) -> Self {
        let mut known = Arc::unwrap_or_clone(self.0);
        for pass in kept {
            if !known.passes.iter().any(|held| held.guest == pass.guest) {
                known.passes.push(pass);
            }
        }
        Self(Arc::new(known))
    }

    /// The person who is signed in, whichever side the call is made on.
    ///
    /// # Errors
    /// [`Error::SignedOut`]; [`Error::Forbidden`] for a key, which is nobody.
    pub fn signed_in(&self) -> Result<&SignedIn, Error> {
        if self.0.key.is_some() {
            return Err(Error::Forbidden);
        }
        self.0.signed_in.as_ref().ok_or(Error::SignedOut)
    }

    /// The key that calls, where it is one.
    pub fn key(&self) -> Option<ApiKeyId> {
        self.0.key.as_ref().map(|key| key.id)
    }

    pub(crate) fn calling(&self) -> Option<&Calling> {
        self.0.key.as_ref()
    }

    /// What the person is called; empty for nobody.
    pub(crate) fn person_name(&self) -> String {
        self.0.signed_in.as_ref().map(|known| known.person.name.clone()).unwrap_or_default()
    }

    /// The business that the call is for, by whomever it is made.
    pub fn business(&self) -> Option<TenantId> {
        self.0.signed_in.as_ref().and_then(|known| known.person.tenant)
    }

    /// The business for which the caller acts as a member, where the call is not made on the buyer's side.
    pub fn acts_for(&self) -> Option<TenantId> {
        self.business().filter(|_| !self.is_buyer())
    }

    /// The passes of this phone, newest first, and after them those of the visits that a person who buys keeps: whose days may be over.
    pub fn passes(&self) -> &[Pass] {
        &self.0.passes
    }

    /// How the request came.
    pub fn connection(&self) -> &Connection {
        &self.0.connection
    }

    /// The phone's secret, where it is one that we gave out and that opens something.
    pub(crate) fn guest_token(&self) -> Option<&SecretString> {
        self.0.guest_token.as_ref()
    }

    /// The secret of a sign-in that waits for a code, where the browser has one. Nobody has looked yet whether it is one.
    pub(crate) fn half_token(&self) -> Option<&SecretString> {
        self.0.half_token.as_ref()
    }

    /// The secret of a sign-in elsewhere that this browser began. Nobody has looked yet whether it is one.
    pub(crate) fn openid_token(&self) -> Option<&SecretString> {
        self.0.openid_token.as_ref()
    }

    /// Whether the business that the session acts for waits for the person to turn on a second factor.
    pub fn must_enrol(&self) -> bool {
        self.0.trust.lacks_factor
    }

    /// The person showed within the last ten minutes that it is they: whoever finds an open phone did not.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::ConfirmAgain`].
    pub fn confirmed(&self) -> Result<&SignedIn, Error> {
        let signed_in = self.signed_in()?;
        if self.0.trust.is_fresh { Ok(signed_in) } else { Err(Error::ConfirmAgain) }
    }

    /// The caller showed once more who calls: a person lately, a key by signing this very call.
    ///
    /// # Errors
    /// As [`Caller::confirmed`]; [`Error::SignRequest`].
    pub fn shown_again(&self) -> Result<(), Error> {
        match &self.0.key {
            Some(key) if key.signed => Ok(()),
            Some(_) => Err(self.deny(Error::SignRequest)),
            None => self.confirmed().map(drop),
        }
    }

    /// What the person who is signed in is; nothing for nobody.
    pub fn roles(&self) -> Standing {
        self.0.standing
    }

    /// The caller as a member of a business who may do this.
    ///
    /// # Errors
    /// As [`Caller::vendor`]; [`Error::Forbidden`] for a role or a key without this right; [`Error::SignRequest`] for a key whose call is
    /// not signed where that is asked for.
    pub fn member(&self, permission: Permission) -> Result<VendorCaller, Error> {
        let vendor = self.vendor()?;
        let may = self.0.standing.role.is_some_and(|role| role.may(permission));
        match &self.0.key {
            _ if !may => Err(self.deny(Error::Forbidden)),
            Some(key) if !key.scopes.contains(&permission) => Err(self.deny(Error::Forbidden)),
            Some(key) if permission.is_signed_for() && !key.signed => Err(self.deny(Error::SignRequest)),
            _ => Ok(vendor),
        }
    }

    /// The caller as somebody who runs this installation and may do this.
    ///
    /// # Errors
    /// As [`Caller::operator`]; [`Error::Forbidden`] for a role without this right.
    pub fn operate(&self, permission: Permission) -> Result<PersonId, Error> {
        let person = self.operator()?;
        let may = self.0.standing.operator.is_some_and(|role| role.may(permission));
        if may { Ok(person) } else { Err(self.deny(Error::Forbidden)) }
    }

    /// The caller as a buyer with a pass or as a member who may do this: whether there is anything to ask at all. Which visit
    /// the pass is for is seen by [`Caller::party`] and [`Caller::acting`].
    ///
    /// # Errors
    /// As [`Caller::member`]; [`Error::NoPass`] for a phone that holds none.
    pub fn either(&self, permission: Permission) -> Result<(), Error> {
        if !self.is_buyer() {
            return self.member(permission).map(drop);
        }
        if self.0.passes.is_empty() { Err(self.deny(Error::NoPass)) } else { Ok(()) }
    }

    /// The caller as a vendor: a member of a business, whatever the role. What the role may do was asked for by the route's
    /// line before the handler ran.
    ///
    /// # Errors
    /// [`Error::SignedOut`]; [`Error::Forbidden`] for a call on the buyer's side or a person without a business;
    /// [`Error::FactorRequired`] where the business waits for a second factor.
    pub fn vendor(&self) -> Result<VendorCaller, Error> {
        if self.0.side == Some(Side::Buyer) {
            return Err(self.deny(Error::Forbidden));
        }
        let SignedIn { session, person } = self.0.signed_in.as_ref().ok_or(Error::SignedOut)?;
        let tenant = person.tenant.ok_or_else(|| self.deny(Error::Forbidden))?;
        if self.0.trust.lacks_factor {
            return Err(self.deny(Error::FactorRequired));
        }
        Ok(VendorCaller { person: person.id, tenant, language: person.language, session: *session })
    }

    /// The caller's pass for this visit.
    ///
    /// # Errors
    /// [`Error::NoPass`]: the same for a visit of somebody else as for none.
    pub fn pass(&self, visit: VisitId) -> Result<Pass, Error> {
        let mut passes = self.0.passes.iter().filter(|_| self.0.side != Some(Side::Vendor));
        passes.find(|pass| pass.visit == visit).cloned().ok_or_else(|| self.deny(Error::NoPass))
    }

    /// The caller as a side of this visit: as the header says, else the vendor where somebody is signed in.
    ///
    /// # Errors
    /// As [`Caller::vendor`] or [`Caller::pass`].
    pub fn party(&self, visit: VisitId) -> Result<Party, Error> {
        if self.is_buyer() { self.pass(visit).map(Party::Buyer) } else { self.vendor().map(Party::Vendor) }
    }

    /// As whom the caller asks for a list.
    ///
    /// # Errors
    /// As [`Caller::vendor`]; [`Error::NoPass`] for a phone that holds none.
    pub fn acting(&self) -> Result<Acting, Error> {
        if !self.is_buyer() {
            return self.vendor().map(Acting::Vendor);
        }
        if self.0.passes.is_empty() { Err(Error::NoPass) } else { Ok(Acting::Buyer(self.0.passes.clone())) }
    }

    /// The caller as somebody who runs this installation, whatever the role. What the role may do was asked for by the
    /// route's line before the handler ran.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Forbidden`].
    pub fn operator(&self) -> Result<PersonId, Error> {
        let person = &self.signed_in()?.person;
        if person.operator { Ok(person.id) } else { Err(self.deny(Error::Forbidden)) }
    }

    /// Notes that somebody was kept out: a row of these from one address is somebody who tries doors.
    fn deny(&self, error: Error) -> Error {
        let person = self.0.signed_in.as_ref().map(|signed_in| signed_in.person.id);
        tracing::warn!(?person, address = ?self.0.connection.address, reason = %error, "access denied");
        error
    }

    fn is_buyer(&self) -> bool {
        match self.0.side {
            Some(side) => side == Side::Buyer,
            None => self.0.signed_in.is_none(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get().cloned().ok_or(Error::Unprotected)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use types::GuestId;
    use uuid::Uuid;

    use super::*;

    fn person(tenant: Option<u128>, operator: bool) -> SignedIn {
        let person = Person {
            id: PersonId::from_uuid(Uuid::from_u128(1)),
            name: "Meena".to_owned(),
            phone: Some("9876543210".parse().unwrap()),
            email: None,
            language: Language::Tamil,
            time_zone: crate::TimeZone::default(),
            tenant: tenant.map(|id| TenantId::from_uuid(Uuid::from_u128(id))),
            operator,
        };
        SignedIn { session: SessionId::from_uuid(Uuid::from_u128(2)), person }
    }

    fn visit(id: u128) -> VisitId {
        VisitId::from_uuid(Uuid::from_u128(id))
    }

    fn pass(id: u128) -> Pass {
        Pass {
            visit: visit(id),
            tenant: TenantId::from_uuid(Uuid::from_u128(9)),
            guest: GuestId::from_uuid(Uuid::from_u128(id + 100)),
            stall_name: "Fresh".to_owned(),
            expires_at: DateTime::UNIX_EPOCH,
        }
    }

    fn both() -> Caller {
        let token = SecretString::from("t");
        Caller::person(person(Some(9), false)).with_guest(token, vec![pass(5), pass(6)])
    }

    #[test]
    fn a_browser_that_is_both_is_the_vendor_until_it_says_buyer() {
        assert!(matches!(both().party(visit(5)), Ok(Party::Vendor(_))));
        assert!(matches!(both().on(Some(Side::Buyer)).party(visit(5)), Ok(Party::Buyer(p)) if p == pass(5)));
        assert!(matches!(both().on(Some(Side::Buyer)).vendor(), Err(Error::Forbidden)));
        assert!(matches!(both().on(Some(Side::Vendor)).pass(visit(5)), Err(Error::NoPass)));
    }

    #[test]
    fn a_pass_opens_its_own_visit_only() {
        let caller = Caller::guest(vec![pass(5)]);
        assert!(caller.pass(visit(5)).is_ok());
        assert!(matches!(caller.pass(visit(6)), Err(Error::NoPass)));
        assert!(matches!(caller.vendor(), Err(Error::SignedOut)));
    }

    #[test]
    fn somebody_who_showed_nothing_gets_nothing() {
        let nobody = Caller::nobody();
        assert!(matches!(nobody.vendor(), Err(Error::SignedOut)));
        assert!(matches!(nobody.operator(), Err(Error::SignedOut)));
        assert!(matches!(nobody.acting(), Err(Error::NoPass)));
        assert!(matches!(nobody.party(visit(5)), Err(Error::NoPass)));
    }

    #[test]
    fn only_operators_operate_and_only_people_with_a_business_sell() {
        assert!(matches!(Caller::person(person(Some(9), false)).operator(), Err(Error::Forbidden)));
        assert!(Caller::person(person(None, true)).operator().is_ok());
        assert!(matches!(Caller::person(person(None, true)).vendor(), Err(Error::Forbidden)));
    }

    #[test]
    fn a_role_may_what_its_rights_say_and_no_more() {
        let viewer = Standing { role: Some(Role::Viewer), operator: None };
        let caller = Caller::standing(person(Some(9), false), viewer);
        assert!(caller.member(Permission::ReadShop).is_ok());
        assert!(matches!(caller.member(Permission::Sell), Err(Error::Forbidden)));
        assert!(matches!(caller.operate(Permission::OverseeShops), Err(Error::Forbidden)));
        let support = Standing { role: None, operator: Some(OperatorRole::Support) };
        let caller = Caller::standing(person(None, true), support);
        assert!(caller.operate(Permission::MendWork).is_ok());
        assert!(matches!(caller.operate(Permission::RunMoney), Err(Error::Forbidden)));
        assert!(matches!(caller.member(Permission::ReadShop), Err(Error::Forbidden)));
    }

    #[test]
    fn a_list_is_asked_for_by_one_side() {
        assert!(matches!(both().acting(), Ok(Acting::Vendor(_))));
        assert!(
            matches!(both().on(Some(Side::Buyer)).acting(), Ok(Acting::Buyer(passes)) if passes.len() == 2)
        );
    }
}
