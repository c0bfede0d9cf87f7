//! What payments are set up with.

use std::fmt;
use std::str::FromStr;

use platform::retention::Retention;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The highest commission, in hundredths of a per cent.
const BASIS_POINTS_MAX: u16 = 50_00;

/// How money is taken.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Takes buyers' orders where it is set up. Without any gateway vendors are paid at their own UPI ids or in cash.
    pub razorpay: Option<RazorpayConfig>,
    /// Takes buyers' orders where it stands alone, and top-ups of vendors who choose it.
    pub stripe: Option<StripeConfig>,
    /// What the platform keeps of a sale where the commission book has no rule for it, as a decimal string: `"2.5"`.
    pub commission_percent: Percent,
    /// How vendors are paid out.
    pub payouts: PayoutConfig,
    /// Who makes payouts; without it an operator makes them at the platform's bank.
    pub razorpayx: Option<RazorpayXConfig>,
    /// Where this installation is reached, without a path: payers come back there. The program writes it.
    #[serde(skip)]
    pub public_url: String,
    /// How long messages of gateways are kept. The program writes it.
    #[serde(skip)]
    pub retention: Retention,
}

/// How vendors are paid out.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PayoutConfig {
    /// How many days the money of a sale is held back, 0 to 90, where a stall has no term of its own.
    #[serde(deserialize_with = "days")]
    pub hold_days: i16,
    /// The least that is paid out at once, in whole rupees: from 1.
    #[serde(deserialize_with = "from_one")]
    pub minimum_rupees: u32,
    /// Whether a run comes by itself each day, where a provider makes payouts.
    pub daily: bool,
}

/// An account at `RazorpayX`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RazorpayXConfig {
    /// Where its API is, without `/v1`: the one switch between the vendor and the emulator.
    #[serde(default = "vendor_url")]
    pub base_url: String,
    /// The public half of the API key.
    pub key_id: String,
    /// The secret half of the API key.
    pub key_secret: SecretString,
    /// The number of the account that payouts are made from.
    pub account_number: String,
    /// What webhooks are signed with.
    pub webhook_secret: SecretString,
}

impl Default for PayoutConfig {
    fn default() -> Self {
        Self { hold_days: 2, minimum_rupees: 100, daily: true }
    }
}

impl PayoutConfig {
    /// The least that is paid out at once, in paise.
    pub(crate) fn minimum_minor(&self) -> i64 {
        i64::from(self.minimum_rupees) * 100
    }
}

fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i16, D::Error> {
    let days = i16::deserialize(deserializer)?;
    let fits = (0..=crate::payout::HOLD_DAYS_MAX).contains(&days);
    if fits { Ok(days) } else { Err(serde::de::Error::custom("hold_days is from 0 to 90")) }
}

fn from_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        0 => Err(serde::de::Error::custom("minimum_rupees is 1 or more")),
        rupees => Ok(rupees),
    }
}

/// An account at Razorpay.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RazorpayConfig {
    /// Where its API is, without `/v1`: the one switch between the vendor and the emulator.
    #[serde(default = "vendor_url")]
    pub base_url: String,
    /// The public half of the API key.
    pub key_id: String,
    /// The secret half of the API key.
    pub key_secret: SecretString,
    /// What webhooks are signed with.
    pub webhook_secret: SecretString,
    /// The script of the gateway's payment sheet.
    #[serde(default = "vendor_script")]
    pub checkout_script_url: String,
}

/// An account at Stripe.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StripeConfig {
    /// Where its API is, without `/v1`: the one switch between the vendor and the emulator.
    #[serde(default = "stripe_url")]
    pub base_url: String,
    /// The secret API key.
    pub secret_key: SecretString,
    /// What webhooks are signed with: `whsec_…`.
    pub webhook_secret: SecretString,
}

fn stripe_url() -> String {
    "https://api.stripe.com".to_owned()
}

fn vendor_url() -> String {
    "https://api.razorpay.com".to_owned()
}

fn vendor_script() -> String {
    "https://checkout.razorpay.com/v1/checkout.js".to_owned()
}

/// A share from 0 to 50 per cent, exact to a hundredth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent {
    basis_points: u16,
}

/// A text that is no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a percentage is written from 0 to 50 with at most two decimals, such as 2.5")]
pub struct NotAPercent;

impl Config {
    /// Why no payment confirms itself; none where a gateway is set up.
    pub fn why_no_gateway(&self) -> Option<&'static str> {
        let why = "No payment gateway is set up: buyers pay to the vendor's UPI id or in cash, and the vendor confirms it.";
        (self.razorpay.is_none() && self.stripe.is_none()).then_some(why)
    }

    /// Why payouts are made by hand; none where a provider makes them.
    pub fn why_no_provider(&self) -> Option<&'static str> {
        let why = "No payout provider is set up: an operator takes the list for the bank and marks each payout with the bank's reference.";
        self.razorpayx.is_none().then_some(why)
    }

    /// The origin of the payment sheet, for the content security policy. A page that the payer is sent to needs no leave.
    pub fn checkout_origin(&self) -> Option<String> {
        let url = reqwest::Url::parse(&self.razorpay.as_ref()?.checkout_script_url).ok()?;
        Some(url.origin().ascii_serialization())
    }
}

impl Percent {
    /// Hundredths of a per cent.
    pub(crate) fn basis_points(self) -> i64 {
        self.basis_points.into()
    }

    /// So many hundredths of a per cent.
    ///
    /// # Errors
    /// [`NotAPercent`] below nothing or above 50 per cent.
    pub(crate) fn from_basis_points(basis_points: i16) -> Result<Self, NotAPercent> {
        let basis_points = u16::try_from(basis_points).map_err(|_| NotAPercent)?;
        if basis_points <= BASIS_POINTS_MAX { Ok(Self { basis_points }) } else { Err(NotAPercent) }
    }
}

impl FromStr for Percent {
    type Err = NotAPercent;

    fn from_str(text: &str) -> Result<Self, NotAPercent> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str, max: usize| {
            (1..=max).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(whole, 2) || !digits(decimals, 2) {
            return Err(NotAPercent);
        }
        let whole: u16 = whole.parse().map_err(|_| NotAPercent)?;
        let hundredths: u16 = format!("{decimals:0<2}").parse().map_err(|_| NotAPercent)?;
        let basis_points = whole * 100 + hundredths;
        if basis_points <= BASIS_POINTS_MAX { Ok(Self { basis_points }) } else { Err(NotAPercent) }
    }
}

/// As short as it is exact: `2`, `2.5`, `0.05`.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, hundredths) = (self.basis_points / 100, self.basis_points % 100);
        match hundredths {
            0 => write!(f, "{whole}"),
            tenths if tenths % 10 == 0 => write!(f, "{whole}.{}", tenths / 10),
            _ => write!(f, "{whole}.{hundredths:02}"),
        }
    }
}

/// From `"2.5"`, or from a whole number.
impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Whole(u16),
            Text(String),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Whole(number) => number.to_string(),
            Written::Text(text) => text,
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_reads_and_writes_exactly() {
        for (text, points) in
            [("0", 0), ("2", 200), ("2.5", 250), ("0.05", 5), ("50", 5_000), ("12.34", 1_234)]
        {
            let percent: Percent = text.parse().unwrap();
            assert_eq!((percent.basis_points(), percent.to_string().as_str()), (points, text));
        }
        for bad in ["", "-1", "50.01", "2.505", "2,5", ".5", "2.", "1e1", "٢"] {
            assert_eq!(bad.parse::<Percent>(), Err(NotAPercent), "{bad:?}");
        }
    }

    #[test]
    fn secrets_do_not_reach_the_log() {
        let config: RazorpayConfig = serde_json::from_value(serde_json::json!({
            "key_id": "rzp_1", "key_secret": "hush-1", "webhook_secret": "hush-2",
        }))
        .unwrap();
        assert!(!format!("{config:?}").contains("hush"));
        assert_eq!(config.base_url, "https://api.razorpay.com");
    }
}
