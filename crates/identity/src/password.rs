//! Passwords: which are taken, and how they are kept.
//!
//! Length decides and common ones are refused; there are no rules of composition and nothing is cut off. Kept is an
//! argon2id hash with OWASP's parameters (19 MiB, 2 passes), made off the request threads, few at a time, so that a flood
//! of sign-ins costs waiting and not memory.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use platform::Entropy;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zxcvbn::{Score, zxcvbn};

/// The shortest password, in characters.
pub const CHARS_MIN: usize = 8;
/// The longest password, in characters.
pub const CHARS_MAX: usize = 128;

/// Hashes made at the same time; each takes 19 MiB.
const CONCURRENT_MAX: usize = 2;
/// How long a sign-in waits for its turn to be hashed.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than [`CHARS_MIN`] characters.
    #[error("a password has at least {CHARS_MIN} characters")]
    TooShort,
    /// More than [`CHARS_MAX`] characters.
    #[error("a password has at most {CHARS_MAX} characters")]
    TooLong,
    /// Among the first million that somebody would guess, the person's own name and number included.
    #[error("the password is easy to guess")]
    Common,
}

/// Too many passwords are being hashed; nothing was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many people are signing in at this moment")]
pub struct Busy;

/// Checks a password that somebody wants to have from now on; `about` is what others know of the person.
///
/// # Errors
/// See [`PasswordError`].
pub fn check(password: &SecretString, about: &[String]) -> Result<(), PasswordError> {
    let password = normal(password.expose_secret());
    let chars = password.chars().count();
    if chars < CHARS_MIN {
        return Err(PasswordError::TooShort);
    }
    if chars > CHARS_MAX {
        return Err(PasswordError::TooLong);
    }
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    // Below `Two` fewer than a million guesses suffice, which is what throttled guessing could reach.
    if zxcvbn(&password, &about).score() < Score::Two { Err(PasswordError::Common) } else { Ok(()) }
}

/// The same text from any keyboard: people's devices compose letters in different ways.
fn normal(password: &str) -> String {
    password.nfkc().collect()
}

/// Makes and checks hashes. Cheap to clone; clones share the limit.
#[derive(Debug, Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    entropy: Entropy,
}

impl Hasher {
    /// A hasher whose salts come from `entropy`.
    pub fn new(entropy: Entropy) -> Self {
        Self { turns: Arc::new(Semaphore::new(CONCURRENT_MAX)), entropy }
    }

    /// Checks a password as [`check`] does and gives the hash to keep, in PHC format.
    ///
    /// # Errors
    /// [`Busy`]; within, what is wrong with the password.
    pub async fn hash(
        &self,
        password: SecretString,
        about: Vec<String>,
    ) -> Result<Result<String, PasswordError>, Busy> {
        let salt = self.entropy.bytes::<16>();
        self.work(move || {
            check(&password, &about)?;
            let hash: PasswordHash = argon2()
                .hash_password_with_salt(normal(password.expose_secret()).as_bytes(), &salt)
                .expect("argon2 takes any password with a salt of 16 bytes");
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether `password` is the one behind `kept`. Where nothing is kept the same work is done for nothing, so that the
    /// time does not tell whether the person exists.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn verify(&self, password: &SecretString, kept: Option<String>) -> Result<bool, Busy> {
        if password.expose_secret().len() > CHARS_MAX * 16 {
            return Ok(false);
        }
        let password = SecretString::from(normal(password.expose_secret()));
        self.work(move || {
            let bytes = password.expose_secret().as_bytes();
            let Some(kept) = kept.as_deref().and_then(|text| PasswordHash::new(text).ok()) else {
                let unused: Result<PasswordHash, _> = argon2().hash_password_with_salt(bytes, &[0; 16]);
                std::hint::black_box(unused.is_ok());
                return false;
            };
            argon2().verify_password(bytes, &kept).is_ok()
        })
        .await
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let waiting = tokio::time::timeout(WAIT_MAX, Arc::clone(&self.turns).acquire_owned());
        let turn = waiting.await.map_err(|_| Busy)?.expect("the hasher's turns are never closed");
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        Ok(done.await.expect("hashing a password does not panic"))
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("OWASP's parameters are within argon2's ranges");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(password: &str) -> Result<(), PasswordError> {
        let about = crate::person::known_to_others(
            "Meena Kumari",
            Some(&"9876543210".parse().unwrap()),
            Some(&"mkumari1987@example.com".parse().unwrap()),
        );
        check(&SecretString::from(password), &about)
    }

    async fn hashed(hasher: &Hasher, password: &str) -> String {
        hasher.hash(SecretString::from(password), Vec::new()).await.unwrap().unwrap()
    }

    #[test]
    fn seven_characters_are_refused_and_sixty_four_taken() {
        assert_eq!(checked("k9$wQz7"), Err(PasswordError::TooShort));
        assert_eq!(checked(&"violet kettle ".repeat(5)[..64]), Ok(()));
    }

    #[test]
    fn the_length_counts_characters_not_bytes() {
        assert_eq!(checked("தக்காளி"), Err(PasswordError::TooShort), "seven characters of three bytes each");
        assert_eq!(checked(&"கடை வெயில் ".repeat(12)[..]), Err(PasswordError::TooLong));
    }

    #[test]
    fn common_ones_are_refused_also_in_disguise() {
        for common in [
            "password",
            "12345678",
            "qwertyuiop",
            "P@ssw0rd",
            "iloveyou1",
            "9876543210",
            "meenakumari",
            "Meena Kumari",
            "mkumari1987",
            "mkumari1987@example.com",
        ] {
            assert_eq!(checked(common), Err(PasswordError::Common), "{common}");
        }
    }

    #[test]
    fn no_rule_of_composition_is_applied() {
        for plain in ["correct horse battery", "மழை பெய்தது நேற்று", "zvqhwnxplk", "7193028461528"]
        {
            assert_eq!(checked(plain), Ok(()), "{plain}");
        }
    }

    #[tokio::test]
    async fn the_last_of_128_characters_counts() {
        let hasher = Hasher::new(Entropy::seeded(1));
        let stem = "k7 violet rains over the kettle ".repeat(4);
        let kept = hashed(&hasher, &format!("{}a", &stem[..127])).await;
        let almost = SecretString::from(format!("{}b", &stem[..127]));
        assert!(!hasher.verify(&almost, Some(kept.clone())).await.unwrap());
        let right = SecretString::from(format!("{}a", &stem[..127]));
        assert!(hasher.verify(&right, Some(kept)).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_names_argon2id_with_owasps_parameters_and_a_salt_of_its_own() {
        let hasher = Hasher::new(Entropy::seeded(1));
        let one = hashed(&hasher, "violet kettle rain").await;
        let other = hashed(&hasher, "violet kettle rain").await;
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
    }

    #[tokio::test]
    async fn composed_and_decomposed_letters_are_the_same_password() {
        let hasher = Hasher::new(Entropy::seeded(1));
        let kept = hashed(&hasher, "caf\u{e9} by the sea").await;
        assert!(hasher.verify(&SecretString::from("cafe\u{301} by the sea"), Some(kept)).await.unwrap());
    }

    #[tokio::test]
    async fn nobodys_password_is_never_right() {
        let hasher = Hasher::new(Entropy::seeded(1));
        assert_eq!(hasher.verify(&SecretString::from("violet kettle rain"), None).await, Ok(false));
        let garbled = Some("not a hash".to_owned());
        assert_eq!(hasher.verify(&SecretString::from("violet kettle rain"), garbled).await, Ok(false));
    }
}
