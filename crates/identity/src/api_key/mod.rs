//! Keys by which other programs call the API in the name of a business.
//!
//! **Invariants.** A key may what its scopes say and its maker may at that moment, in that business, and no more: it dies with the
//! maker's membership. It reaches nothing of a person's own account and nothing of the installation. What sends money or says where it
//! goes, and what a person would be asked for once more, takes a signed request ([`signature`]). The key itself is shown once and kept
//! as its SHA-256; it expires; whoever manages the team ends it at once.
//!
//! **Deliberately absent**: keys of those who run the installation; keys that make keys or members.

pub(crate) mod signature;

use chrono::{DateTime, TimeDelta, Utc};
use platform::db::repeat;
use platform::text;
use serde::{Deserialize, Serialize};
use types::ApiKeyId;
use utoipa::ToSchema;

use crate::audit::{self, Act, Area, Deed};
use crate::role::Permission;
use crate::session::hash_token;
use crate::{Caller, Error, Identity, db};

/// What every key begins with.
pub const BEGINS: &str = "vyk_";
/// So many living keys a business has at most.
pub const PER_BUSINESS_MAX: i64 = 20;
/// No key lives longer, in days.
pub const DAYS_MAX: u16 = 365;
/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 40;

/// A key, as those who manage the team see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApiKey {
    /// The key.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: String,
    /// Its first and last letters: `vyk_AbCd…wxyz`.
    pub ends: String,
    /// What it may, as long as its maker may.
    pub scopes: Vec<Permission>,
    /// Whether its requests can be signed.
    pub signs: bool,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: DateTime<Utc>,
    /// Until when it works.
    pub expires_at: DateTime<Utc>,
    /// When it was used last, to the minute; absent where it never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub used_at: Option<DateTime<Utc>>,
}

/// The living keys of the caller's business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApiKeys {
    /// The newest first; at most 20.
    pub items: Vec<ApiKey>,
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewApiKey {
    /// What it is for, at most 40 characters.
    #[schema(min_length = 1, max_length = 40)]
    name: String,
    /// What it may: rights in the business that the caller has, without those over members.
    #[schema(min_items = 1)]
    scopes: Vec<Permission>,
    /// For how many days it works.
    #[schema(minimum = 1, maximum = 365)]
    days: u16,
    /// The public key of its signed requests: Ed25519, 32 bytes in base64.
    #[schema(value_type = Option<String>, nullable = false)]
    public_key: Option<String>,
}

/// A key that was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKeyMade {
    /// The key as it is listed.
    pub key: ApiKey,
    /// The key itself, shown only now.
    pub token: String,
}

/// A key that calls.
#[derive(Debug, Clone)]
pub(crate) struct Calling {
    pub id: ApiKeyId,
    pub scopes: Vec<Permission>,
    pub public_key: Option<[u8; 32]>,
    /// Whether the request was signed with the key's private key.
    pub signed: bool,
}

impl Permission {
    /// Whether a key may have it: what is done in a business, but nothing over its members.
    pub const fn is_for_keys(self) -> bool {
        matches!(
            self,
            Self::ReadShop
                | Self::Sell
                | Self::CountStock
                | Self::ChangePrices
                | Self::ChangeShop
                | Self::ReadMoney
                | Self::MoveMoney
                | Self::ChangePayee
        )
    }

    /// Whether a key's request for it must be signed: it sends money, or says where money goes.
    pub const fn is_signed_for(self) -> bool {
        matches!(self, Self::MoveMoney | Self::ChangePayee)
    }
}

impl Identity {
    /// The living keys of the caller's business.
    ///
    /// # Errors
    /// As [`Caller::member`].
    pub async fn api_keys(&self, caller: &Caller) -> Result<ApiKeys, Error> {
        let vendor = caller.member(Permission::ManageTeam)?;
        let mut connection = self.db.acquire().await?;
        let items = db::api_keys::of(
            &mut connection,
            &self.fields,
            vendor.tenant,
            self.clock.now(),
            PER_BUSINESS_MAX,
        )
        .await?;
        Ok(ApiKeys { items })
    }

    /// Makes a key for the caller's business.
    ///
    /// # Errors
    /// As [`Caller::member`]; [`Error::Forbidden`] for a scope that the caller has not, or no key may have; [`Error::Name`],
    /// [`Error::KeyLife`], [`Error::PublicKey`], [`Error::KeysFull`].
    pub async fn make_api_key(&self, caller: &Caller, new: &NewApiKey) -> Result<ApiKeyMade, Error> {
        let vendor = caller.member(Permission::ManageTeam)?;
        let name = text::line(&new.name, NAME_CHARS_MAX)?;
        if new.days == 0 || new.days > DAYS_MAX {
            return Err(Error::KeyLife);
        }
        let public_key = new.public_key.as_deref().map(signature::public_key).transpose()?;
        let mut scopes = new.scopes.clone();
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(Error::Forbidden);
        }
        let made = repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let role = self.manager(&mut transaction, vendor).await?;
            if !scopes.iter().all(|scope| scope.is_for_keys() && role.may(*scope)) {
                return Err(Error::Forbidden);
            }
            let now = self.clock.now();
            let living =
                db::api_keys::of(&mut transaction, &self.fields, vendor.tenant, now, PER_BUSINESS_MAX)
                    .await?;
            if i64::try_from(living.len()).is_ok_and(|living| living >= PER_BUSINESS_MAX) {
                return Err(Error::KeysFull);
            }
            let token = format!("{BEGINS}{}", self.entropy.token());
            let key = ApiKey {
                id: self.entropy.id(now),
                name: name.clone(),
                ends: format!("{}…{}", &token[..BEGINS.len() + 4], &token[token.len() - 4..]),
                scopes: scopes.clone(),
                signs: public_key.is_some(),
                made_by: caller.person_name(),
                made_at: now,
                expires_at: now + TimeDelta::days(i64::from(new.days)),
                used_at: None,
            };
            let hash = hash_token(&token);
            db::api_keys::insert(&mut transaction, vendor, &key, &hash, public_key.as_ref()).await?;
            let act = Act::by(vendor.person, Area::ApiKeys, Deed::Added, now).in_business(vendor.tenant);
            audit::keep(&mut transaction, act.about(key.id.uuid())).await?;
            transaction.commit().await?;
            Ok::<_, Error>(ApiKeyMade { key, token })
        })
        .await?;
        tracing::info!(tenant = %vendor.tenant, by = %vendor.person, key = %made.key.id, "a key was made");
        Ok(made)
    }

    /// Ends a key of the caller's business at once.
    ///
    /// # Errors
    /// As [`Caller::member`]; [`Error::NoSuchPerson`] where the business has no such key.
    pub async fn end_api_key(&self, caller: &Caller, id: ApiKeyId) -> Result<(), Error> {
        let vendor = caller.member(Permission::ManageTeam)?;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            self.manager(&mut transaction, vendor).await?;
            if !db::api_keys::end(&mut transaction, vendor.tenant, id).await? {
                return Err(Error::NoSuchPerson);
            }
            let now = self.clock.now();
            let act = Act::by(vendor.person, Area::ApiKeys, Deed::Ended, now).in_business(vendor.tenant);
            audit::keep(&mut transaction, act.about(id.uuid())).await?;
            Ok::<(), Error>(transaction.commit().await?)
        })
        .await?;
        tracing::info!(tenant = %vendor.tenant, by = %vendor.person, key = %id, "a key was ended");
        Ok(())
    }
}
