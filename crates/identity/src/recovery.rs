//! Recovery codes: for whoever lost the phone that makes the others. Ten at a time, each works once.
//!
//! A code has 120 random bits, so that a plain hash without salt tells nothing of it.

use data_encoding::BASE32_NOPAD;
use platform::Entropy;

use crate::session::hash_token;

/// So many are made at a time.
pub const CODES: usize = 10;
/// Random bytes of a code: 24 letters and digits.
const BYTES: usize = 15;
/// Letters of a group.
const GROUP: usize = 4;

/// New codes, as they are shown: `ABCD-EFGH-…`.
pub(crate) fn make(entropy: &Entropy) -> Vec<String> {
    (0..CODES).map(|_| grouped(&BASE32_NOPAD.encode(&entropy.bytes::<BYTES>()))).collect()
}

fn grouped(code: &str) -> String {
    let groups: Vec<&str> =
        code.as_bytes().chunks(GROUP).filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join("-")
}

/// What is kept of a code, and looked up, however it was typed: small letters, without hyphens, 0 for O.
pub(crate) fn hash(typed: &str) -> [u8; 32] {
    let plain = |letter: char| match letter.to_ascii_uppercase() {
        '0' => 'O',
        '1' => 'I',
        '8' => 'B',
        other => other,
    };
    let code: String = typed.chars().filter(char::is_ascii_alphanumeric).map(plain).collect();
    hash_token(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_codes_of_120_bits_are_made_and_all_differ() {
        let mut codes = make(&Entropy::seeded(4));
        assert!(codes.iter().all(|code| code.len() == 29 && code.split('-').all(|group| group.len() == 4)));
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), CODES);
    }

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        assert_eq!(hash("abcd efgh oib2"), hash("ABCD-EFGH-0182"));
        assert_ne!(hash("ABCD-EFGH-0182"), hash("ABCD-EFGH-0183"));
    }
}
