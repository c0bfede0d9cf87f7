//! A vendor's own UPI address, the link that asks for money to it, and QR codes as pictures.
//!
//! Such a link proves nothing: that it was paid is the vendor's word.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Deserializer, Serialize};
use types::Money;
use utoipa::ToSchema;
use uuid::Uuid;

/// What stands in a link as it is; a space is `%20`, never `+`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');
/// The side of a drawn code, in pixels at least; screens scale it.
const PICTURE_PX_MIN: u32 = 240;

/// An address that UPI pays to: `name@handle`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(as = UpiId, value_type = String)]
pub struct UpiId(String);

/// A text that is no UPI address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a UPI id is written name@handle, such as meena@okbank")]
pub struct NotAUpiId;

/// Money asked for at a UPI id. That it was paid is somebody's word, never proven by this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpiRequest {
    /// The link that a UPI app opens.
    pub uri: String,
    /// The same as a code to scan, drawn as SVG.
    pub image_svg: Option<String>,
}

impl FromStr for UpiId {
    type Err = NotAUpiId;

    fn from_str(text: &str) -> Result<Self, NotAUpiId> {
        let text = text.trim();
        let (name, handle) = text.split_once('@').ok_or(NotAUpiId)?;
        let name_fits = (2..=256).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        let handle_fits = (2..=64).contains(&handle.len())
            && handle.starts_with(|c: char| c.is_ascii_alphabetic())
            && handle.bytes().all(|b| b.is_ascii_alphanumeric());
        if name_fits && handle_fits { Ok(Self(text.to_owned())) } else { Err(NotAUpiId) }
    }
}

impl fmt::Display for UpiId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for UpiId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl UpiId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Asks for `amount` here: `payee` is whom the payer's app names, `reference` comes back in the payee's statements.
    pub fn request(&self, payee: &str, amount: Money, reference: Uuid, purpose: &str) -> UpiRequest {
        let uri = self.link(payee, amount, reference, purpose);
        UpiRequest { image_svg: picture(&uri), uri }
    }

    /// The link that a UPI app opens to pay `amount` here.
    pub(crate) fn link(&self, payee: &str, amount: Money, reference: Uuid, purpose: &str) -> String {
        let encode = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
        let paise = amount.minor();
        format!(
            "upi://pay?pa={}&pn={}&am={}.{:02}&tr={}&tn={}&cu=INR",
            encode(&self.0),
            encode(payee),
            paise / 100,
            paise % 100,
            reference.simple(),
            encode(purpose),
        )
    }
}

/// A QR code of `content` as SVG; none for more than a code holds.
pub(crate) fn picture(content: &str) -> Option<String> {
    let code = QrCode::new(content.as_bytes()).ok()?;
    Some(code.render::<svg::Color<'_>>().min_dimensions(PICTURE_PX_MIN, PICTURE_PX_MIN).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_upi_id_has_a_name_and_a_handle() {
        for good in ["meena@okbank", "98765.43210@ybl", "a-b_c@upi2", "  meena@okbank "] {
            assert_eq!(good.parse::<UpiId>().unwrap().as_str(), good.trim());
        }
        for bad in [
            "",
            "meena",
            "@upi",
            "m@upi",
            "meena@",
            "meena@1up",
            "mee na@upi",
            "meena@ok@bank",
            "meena@ok.bank",
            "மீனா@upi",
            "meena@upi&am=1",
        ] {
            assert_eq!(bad.parse::<UpiId>(), Err(NotAUpiId), "{bad:?}");
        }
    }

    #[test]
    fn a_link_says_rupees_and_encodes_what_a_name_holds() {
        let upi: UpiId = "meena@okbank".parse().unwrap();
        let link = upi.link("Meena's தக்காளி & Co", Money::inr(1_234_05), Uuid::from_u128(7), "Order 12");
        assert_eq!(
            link,
            "upi://pay?pa=meena@okbank&pn=Meena%27s%20%E0%AE%A4%E0%AE%95%E0%AF%8D%E0%AE%95%E0%AE%BE%E0%AE%B3%E0%AE%BF\
             %20%26%20Co&am=1234.05&tr=00000000000000000000000000000007&tn=Order%2012&cu=INR"
        );
    }

    #[test]
    fn a_code_is_drawn_as_svg_and_too_much_is_not() {
        assert!(picture("upi://pay?pa=meena@okbank").unwrap().contains("<svg"));
        assert_eq!(picture(&"x".repeat(8_000)), None);
    }
}
