//! The ends of the chains, signed, to be kept elsewhere: what was exported once cannot be rewritten unseen.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use p256::SecretKey;
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use platform::Db;
use platform::keys::Keyring;
use sqlx::Connection;
use uuid::Uuid;

use super::chain;
use super::verify::name;
use crate::db;

/// Chains that are read at a time.
const ROWS: i64 = 1_000;
/// The first words of an export.
const FORM: &str = "vyapar audit heads 1";

/// The end of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The chain: a business, or the installation's.
    pub chain: Uuid,
    /// How many entries it has.
    pub length: i64,
    /// The hash of the last.
    pub head: [u8; 32],
}

/// An export that cannot be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnExport {
    /// It is no such file.
    #[error("line {0} of the exported heads cannot be read")]
    Line(usize),
    /// It was signed by another installation, or changed since.
    #[error("the exported heads are not signed by this installation, or were changed since")]
    Signature,
}

/// Signs exports with a key that follows from the installation's master key: ECDSA over P-256 with SHA-256.
pub struct Seal {
    key: SigningKey,
}

impl Seal {
    /// The installation's own.
    ///
    /// # Panics
    /// Where no draw of very many is a key of the curve: the master key's derivation is broken.
    pub fn new(keyring: &Keyring) -> Self {
        let mut candidates = (0_u32..64).map(|n| keyring.derive(&format!("audit/heads/{n}")));
        let key = candidates.find_map(|bytes| SecretKey::from_slice(&bytes).ok());
        Self { key: SigningKey::from(key.expect("a key follows within a few draws")) }
    }

    /// The heads as a text: one line a chain, then the public key (SEC 1, compressed) and the signature of all lines before
    /// it, in hexadecimal digits.
    ///
    /// # Panics
    /// Never: a text is written to memory.
    pub fn export(&self, heads: &[Head], now: DateTime<Utc>) -> String {
        let mut text = format!("{FORM}\nmade {}\n", now.to_rfc3339_opts(SecondsFormat::Secs, true));
        for head in heads {
            let line =
                writeln!(text, "chain {} {} {}", name(head.chain), head.length, hex::encode(head.head));
            line.expect("memory takes a line");
        }
        let public = self.key.verifying_key().to_sec1_point(true);
        writeln!(text, "key {}", hex::encode(public.as_bytes())).expect("memory takes a line");
        let signature: Signature = self.key.sign(text.as_bytes());
        writeln!(text, "signature {}", hex::encode(signature.to_bytes())).expect("memory takes a line");
        text
    }

    /// The heads of an export of this installation.
    ///
    /// # Errors
    /// [`NotAnExport`].
    pub fn read(&self, text: &str) -> Result<Vec<Head>, NotAnExport> {
        let (signed, signature) = text.trim_end().rsplit_once("signature ").ok_or(NotAnExport::Signature)?;
        let signature = hex::decode(signature).ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
        let signature = signature.ok_or(NotAnExport::Signature)?;
        let key: &VerifyingKey = self.key.verifying_key();
        key.verify(signed.as_bytes(), &signature).map_err(|_| NotAnExport::Signature)?;
        let mut heads = Vec::new();
        for (line, number) in signed.lines().zip(1..) {
            let words: Vec<&str> = line.split(' ').collect();
            match (number, words.as_slice()) {
                (1, _) if line == FORM => {}
                (_, ["made" | "key", _]) => {}
                (_, ["chain", chain, length, head]) => {
                    heads.push(read_head(chain, length, head).ok_or(NotAnExport::Line(number))?);
                }
                _ => return Err(NotAnExport::Line(number)),
            }
        }
        Ok(heads)
    }
}

fn read_head(chain: &str, length: &str, hash: &str) -> Option<Head> {
    let chain = if chain == "installation" { chain::INSTALLATION } else { chain.parse().ok()? };
    let mut head = [0; 32];
    hex::decode_to_slice(hash, &mut head).ok()?;
    Some(Head { chain, length: length.parse().ok()?, head })
}

/// The ends of all chains at one moment.
///
/// # Errors
/// Whatever the database says.
pub async fn heads(db: &Db) -> Result<Vec<Head>, sqlx::Error> {
    let mut connection = db.acquire().await?;
    let mut transaction = connection.begin().await?;
    db::audit::at_one_moment(&mut transaction).await?;
    let mut all: Vec<Head> = Vec::new();
    loop {
        let after = all.last().map(|head| head.chain);
        let more = db::audit::heads(&mut transaction, after, ROWS).await?;
        if more.is_empty() {
            return Ok(all);
        }
        all.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(digit: &str) -> Seal {
        Seal::new(&Keyring::from_hex(&digit.repeat(32)).unwrap())
    }

    #[test]
    fn an_export_is_believed_by_its_own_installation_and_as_it_was() {
        let heads = [
            Head { chain: chain::INSTALLATION, length: 3, head: [7; 32] },
            Head { chain: Uuid::from_u128(9), length: 0, head: chain::NOTHING },
        ];
        let text = seal("5a").export(&heads, DateTime::UNIX_EPOCH);
        assert_eq!(seal("5a").read(&text).unwrap(), heads);
        assert_eq!(seal("5b").read(&text), Err(NotAnExport::Signature));
        let changed = text.replacen(" 3 ", " 2 ", 1);
        assert_eq!(seal("5a").read(&changed), Err(NotAnExport::Signature));
        assert_eq!(seal("5a").read(""), Err(NotAnExport::Signature));
    }
}
