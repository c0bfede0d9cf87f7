//! What happened to an account, for its owner to see: kept in the transaction that did it, never changed, and as long as the
//! installation keeps such logs.

use chrono::{DateTime, Utc};
use platform::page::{Page, PageQuery};
use serde::Serialize;
use sqlx::PgConnection;
use types::{AccountActId, PersonId};
use utoipa::ToSchema;

use crate::{Caller, Error, Identity, db};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Deed {
    /// The account was opened.
    Opened,
    /// Somebody signed in.
    SignedIn,
    /// The name, the language or the time zone changed.
    ProfileChanged,
    /// The password changed; the other devices were signed out.
    PasswordChanged,
    /// A forgotten password was replaced by a letter's link; all devices were signed out.
    PasswordReset,
    /// A forgotten password was replaced by a code that came to the telephone; all devices were signed out.
    PasswordResetByCode,
    /// The number was shown to be the person's.
    PhoneVerified,
    /// The phone number is another one.
    PhoneChanged,
    /// The picture is another one, or there is none any more.
    PictureChanged,
    /// The e-mail address is another one.
    EmailChanged,
    /// A device was signed out from another one.
    DeviceSignedOut,
    /// All other devices were signed out.
    OthersSignedOut,
    /// Codes are asked for at sign-in; the other devices were signed out.
    FactorOn,
    /// Codes are no longer asked for; the other devices were signed out.
    FactorOff,
    /// New recovery codes were made.
    CodesMade,
    /// A recovery code was used in place of a code.
    RecoveryCodeUsed,
    /// Somebody who knew the password, or was signed in, gave a wrong code.
    CodeRefused,
    /// A passkey was added; the other devices were signed out.
    PasskeyAdded,
    /// A passkey was removed; the other devices were signed out.
    PasskeyRemoved,
    /// An account elsewhere was linked.
    OutsideLinked,
    /// An account elsewhere was unlinked.
    OutsideUnlinked,
    /// A token of a program came again after it was exchanged: its sign-in was ended.
    TokenReused,
}

/// Something that happened to an account, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountAct {
    /// The record.
    pub id: AccountActId,
    /// What was done.
    pub act: Deed,
    /// With what: browser and system, such as `Chrome · Android`; empty where unknown.
    pub device: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Identity {
    /// A page of what happened to the caller's account, newest first.
    ///
    /// # Errors
    /// [`Error::SignedOut`].
    pub async fn account_acts(&self, caller: &Caller, query: PageQuery) -> Result<Page<AccountAct>, Error> {
        let person = caller.signed_in()?.person.id;
        let acts = db::account_acts::page(&mut *self.db.acquire().await?, person, query).await?;
        Ok(query.page(acts, |act| act.id.uuid()))
    }

    /// Keeps what was done.
    pub(crate) async fn keep_deed(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        person: PersonId,
        act: Deed,
    ) -> Result<(), Error> {
        self.keep_deed_of(connection, caller, Some(person), act).await
    }

    /// The same, where there may be nobody: it takes as long then.
    pub(crate) async fn keep_deed_of(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        person: Option<PersonId>,
        act: Deed,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let device = caller.connection().device.to_string();
        let kept = AccountAct { id: self.entropy.id(now), act, device, at: now };
        Ok(db::account_acts::insert(connection, person, &kept).await?)
    }
}
