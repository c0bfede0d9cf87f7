//! The code that buyers scan: an address with a signed token that says whose stall it is and since when.
//!
//! `version (1) ‖ tenant (16) ‖ issued at, Unix seconds (4) ‖ nonce (8) ‖ HMAC-SHA256, first 128 bits (16)`, as 60 characters of
//! base64url: few enough for a code that a cheap camera reads off a poster.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use identity::VendorCaller;
use platform::keys::{Keyring, SigningKey};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::Serialize;
use types::TenantId;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Catalog, Error};

/// How long a code is believed.
pub const VALID_FOR: TimeDelta = TimeDelta::hours(24);
/// How far ahead of ours the clock may have been that issued a code.
const SKEW_MAX: TimeDelta = TimeDelta::minutes(10);
const VERSION: u8 = 1;
const SIGNED_BYTES: usize = 1 + 16 + 4 + 8;
const TAG_BYTES: usize = 16;
const TOKEN_CHARS: usize = (SIGNED_BYTES + TAG_BYTES) / 3 * 4;
/// Pixels a side; the picture has no size of its own on a page.
const SVG_SIDE: u32 = 320;

/// Why a code does not lead to its stall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// Not signed by us: altered, made up, or of another installation.
    #[error("the code is not genuine")]
    Forged,
    /// Genuine, and its time is over.
    #[error("the code has expired")]
    Expired(TenantId),
}

/// A stall's code, fresh.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StallQr {
    /// The address the code carries.
    pub url: String,
    /// The last part of the address.
    pub token: String,
    /// When it was made.
    pub issued_at: DateTime<Utc>,
    /// Until when it is believed.
    pub expires_at: DateTime<Utc>,
    /// The code as a picture.
    pub svg: String,
}

/// Signs and reads tokens.
#[derive(Debug, Clone)]
pub(crate) struct Signer(SigningKey);

impl Signer {
    pub(crate) fn new(keyring: &Keyring) -> Self {
        Self(keyring.signing("stall-qr"))
    }

    /// `issued_at` counts in whole seconds.
    fn token(&self, tenant: TenantId, issued_at: DateTime<Utc>, nonce: [u8; 8]) -> String {
        let seconds = u32::try_from(issued_at.timestamp()).expect("a code is issued between 1970 and 2106");
        let mut bytes = Vec::with_capacity(SIGNED_BYTES + TAG_BYTES);
        bytes.push(VERSION);
        bytes.extend_from_slice(tenant.uuid().as_bytes());
        bytes.extend_from_slice(&seconds.to_be_bytes());
        bytes.extend_from_slice(&nonce);
        let tag = self.0.sign(&bytes);
        bytes.extend_from_slice(&tag[..TAG_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn read(&self, token: &str, now: DateTime<Utc>) -> Result<TenantId, QrError> {
        if token.len() != TOKEN_CHARS {
            return Err(QrError::Forged);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| QrError::Forged)?;
        let (signed, tag) = bytes.split_at_checked(SIGNED_BYTES).ok_or(QrError::Forged)?;
        if !self.0.verifies(signed, tag) || signed[0] != VERSION {
            return Err(QrError::Forged);
        }
        let tenant = Uuid::from_slice(&signed[1..17]).map_err(|_| QrError::Forged)?.into();
        let seconds: [u8; 4] = signed[17..21].try_into().map_err(|_| QrError::Forged)?;
        let issued_at =
            DateTime::from_timestamp(u32::from_be_bytes(seconds).into(), 0).ok_or(QrError::Forged)?;
        // A code of a clock that ran ahead must not outlive its day.
        let is_current = issued_at <= now + SKEW_MAX && now < issued_at + VALID_FOR;
        if is_current { Ok(tenant) } else { Err(QrError::Expired(tenant)) }
    }
}

impl Catalog {
    /// Whose stall a scanned token leads to.
    ///
    /// # Errors
    /// See [`QrError`].
    pub fn read_qr(&self, token: &str) -> Result<TenantId, QrError> {
        self.signer.read(token, self.clock.now())
    }

    /// A fresh code of the vendor's stall.
    ///
    /// # Errors
    /// [`Error::NoStall`], [`Error::Unprintable`], [`Error::Database`].
    pub async fn issue_qr(&self, vendor: VendorCaller) -> Result<StallQr, Error> {
        self.own_stall(vendor).await?;
        let now = self.clock.now();
        let issued_at = DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now);
        let token = self.signer.token(vendor.tenant, issued_at, self.entropy.bytes());
        let url = format!("{}/s/{token}", self.config.public_url.trim_end_matches('/'));
        let code = QrCode::with_error_correction_level(&url, EcLevel::M)?;
        let svg = code.render::<svg::Color<'_>>().min_dimensions(SVG_SIDE, SVG_SIDE).build();
        Ok(StallQr { url, token, issued_at, expires_at: issued_at + VALID_FOR, svg })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn signer(fill: &str) -> Signer {
        Signer::new(&Keyring::from_hex(&fill.repeat(32)).unwrap())
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn tenant(id: u128) -> TenantId {
        Uuid::from_u128(id).into()
    }

    const ISSUED: i64 = 1_800_000_000;

    #[test]
    fn a_token_is_believed_for_a_day_to_the_second() {
        let token = signer("5a").token(tenant(7), at(ISSUED), [9; 8]);
        assert_eq!(token.len(), TOKEN_CHARS);
        let last = at(ISSUED) + VALID_FOR - TimeDelta::seconds(1);
        assert_eq!(signer("5a").read(&token, at(ISSUED)), Ok(tenant(7)));
        assert_eq!(signer("5a").read(&token, last), Ok(tenant(7)));
        assert_eq!(signer("5a").read(&token, at(ISSUED) + VALID_FOR), Err(QrError::Expired(tenant(7))));
    }

    #[test]
    fn a_token_of_a_clock_far_ahead_is_not_believed() {
        let token = signer("5a").token(tenant(7), at(ISSUED), [9; 8]);
        assert_eq!(signer("5a").read(&token, at(ISSUED) - SKEW_MAX), Ok(tenant(7)));
        let long_before = at(ISSUED) - TimeDelta::days(30);
        assert_eq!(signer("5a").read(&token, long_before), Err(QrError::Expired(tenant(7))));
    }

    #[test]
    fn a_token_of_another_installation_is_forged() {
        let token = signer("a5").token(tenant(7), at(ISSUED), [9; 8]);
        assert_eq!(signer("5a").read(&token, at(ISSUED)), Err(QrError::Forged));
    }

    proptest! {
        #[test]
        fn every_token_reads_back_its_tenant(id: u128, issued in 0..i64::from(u32::MAX), nonce: [u8; 8], age in 0i64..86_400) {
            let token = signer("5a").token(tenant(id), at(issued), nonce);
            prop_assert_eq!(signer("5a").read(&token, at(issued + age)), Ok(tenant(id)));
        }

        #[test]
        fn a_token_with_any_character_changed_is_forged(id: u128, nonce: [u8; 8], place in 0..TOKEN_CHARS, other in "[A-Za-z0-9_=+/ -]") {
            let token = signer("5a").token(tenant(id), at(ISSUED), nonce);
            let altered = format!("{}{other}{}", &token[..place], &token[place + 1..]);
            prop_assume!(altered != token);
            prop_assert_eq!(signer("5a").read(&altered, at(ISSUED)), Err(QrError::Forged));
        }

        #[test]
        fn a_token_cut_or_lengthened_is_forged(id: u128, cut in 0..TOKEN_CHARS, tail in "[A-Za-z0-9_-]{1,8}") {
            let token = signer("5a").token(tenant(id), at(ISSUED), [1; 8]);
            prop_assert_eq!(signer("5a").read(&token[..cut], at(ISSUED)), Err(QrError::Forged));
            prop_assert_eq!(signer("5a").read(&format!("{token}{tail}"), at(ISSUED)), Err(QrError::Forged));
        }

        #[test]
        fn no_text_is_believed_by_chance(text in any::<String>()) {
            prop_assert_eq!(signer("5a").read(&text, at(ISSUED)), Err(QrError::Forged));
        }
    }
}
