//! Codes of six digits that change every 30 s (RFC 6238): HMAC-SHA-1, because that is what every app can.

use data_encoding::BASE32_NOPAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use totp_rs::{Algorithm, TOTP};

use crate::Handle;

/// A secret, in bytes: what RFC 4226 recommends.
pub const SECRET_BYTES: usize = 20;
/// How long a code is the current one, in seconds.
const PERIOD_S: i64 = 30;
/// So many periods a phone's clock may be wrong, either way.
const DRIFT_MAX: i64 = 1;
/// Digits of a code.
const DIGITS: usize = 6;
/// What apps call the account's place.
const ISSUER: &str = "VyaparMitra";

/// The period whose code this is, where it is one around `now` (seconds of the epoch) and later than `used`: none for a wrong code
/// and for one that was used or is older than one that was.
pub fn matching(secret: &[u8; SECRET_BYTES], code: &str, now: i64, used: i64) -> Option<i64> {
    let period = now.div_euclid(PERIOD_S);
    let periods = (period - DRIFT_MAX).max(used + 1)..=period + DRIFT_MAX;
    // Every period is looked at, so that the time does not tell which.
    periods
        .fold(None, |found, period| if same(&code_of(secret, period), code) { Some(period) } else { found })
}

/// The code of a period.
fn code_of(secret: &[u8; SECRET_BYTES], period: i64) -> String {
    let step = PERIOD_S.unsigned_abs();
    let made = TOTP::new(Algorithm::SHA1, DIGITS, 0, step, secret.to_vec());
    made.expect("20 bytes are a secret").generate(period.unsigned_abs() * step)
}

/// Compares in a time that does not tell where they differ.
fn same(one: &str, other: &str) -> bool {
    let differing = one.bytes().zip(other.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
    one.len() == other.len() && std::hint::black_box(differing) == 0
}

/// The secret as people type it into an app: base32.
pub fn typed(secret: &[u8; SECRET_BYTES]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// What an app reads from a QR code.
pub fn uri(secret: &[u8; SECRET_BYTES], handle: &Handle) -> String {
    let account = utf8_percent_encode(handle.as_str(), NON_ALPHANUMERIC);
    let secret = typed(secret);
    format!(
        "otpauth://totp/{ISSUER}:{account}?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits={DIGITS}&period={PERIOD_S}"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The secret of RFC 6238, appendix B.
    const SECRET: [u8; SECRET_BYTES] = *b"12345678901234567890";

    #[test]
    fn the_codes_are_those_of_the_rfc() {
        // The last six of the eight digits there.
        for (now, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(matching(&SECRET, code, now, 0), Some(now / 30), "at {now}");
        }
    }

    #[test]
    fn a_clock_may_be_one_period_wrong_and_no_more() {
        let code = "081804";
        let period = 1_111_111_109 / 30;
        for (now, fits) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let found = matching(&SECRET, code, (period + now) * 30 + 15, 0);
            assert_eq!(found, fits.then_some(period), "{now} periods later");
        }
    }

    #[test]
    fn a_code_works_once_and_none_before_it_afterwards() {
        let now = 1_111_111_109;
        let used = matching(&SECRET, "081804", now, 0).unwrap();
        assert_eq!(matching(&SECRET, "081804", now, used), None);
        assert_eq!(matching(&SECRET, &code_of(&SECRET, used - 1), now, used), None);
        assert_eq!(matching(&SECRET, &code_of(&SECRET, used + 1), now, used), Some(used + 1));
    }

    #[test]
    fn an_app_reads_the_secret_from_the_code() {
        let uri = uri(&SECRET, &"9876543210".parse().unwrap());
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        assert_eq!(
            uri,
            format!(
                "otpauth://totp/VyaparMitra:%2B919876543210?secret={secret}&issuer=VyaparMitra&algorithm=SHA1&digits=6&period=30"
            )
        );
    }

    proptest! {
        #[test]
        fn anything_else_is_no_code(text in "\\PC{0,12}") {
            prop_assume!(text != "081804" && text != code_of(&SECRET, 37_037_035) && text != code_of(&SECRET, 37_037_037));
            prop_assert_eq!(matching(&SECRET, &text, 1_111_111_109, 0), None);
        }
    }
}
