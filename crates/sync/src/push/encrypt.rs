//! Message encryption for Web Push (RFC 8291): one record of `aes128gcm` (RFC 8188).

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes128Gcm, Nonce};
use hkdf::Hkdf;
use p256::{PublicKey, SecretKey};
use platform::Entropy;
use sha2::Sha256;

use super::Receiver;

/// Size of the one record; push services take no more in all.
const RECORD_BYTES: u32 = 4096;
/// The longest plain text: a record less salt, sizes and key (86), tag (16) and delimiter (1).
pub(crate) const PLAIN_BYTES_MAX: usize = 3993;
/// Ends the last record.
const DELIMITER: u8 = 2;

/// Why a message cannot be encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// The phone's key is not on the curve.
    #[error("the phone's key is no point of P-256")]
    Key,
    /// The text is too long.
    #[error("the message is longer than {PLAIN_BYTES_MAX} bytes")]
    TooLong,
}

/// Encrypts for the phone, under a key that is used once.
pub(crate) fn encrypt(receiver: &Receiver, plain: &[u8], entropy: &Entropy) -> Result<Vec<u8>, Error> {
    let mut draws = std::iter::repeat_with(|| entropy.bytes::<32>());
    let sender = draws.find_map(|bytes| SecretKey::from_slice(&bytes).ok());
    encrypt_with(receiver, plain, &sender.ok_or(Error::Key)?, entropy.bytes::<16>())
}

fn encrypt_with(
    receiver: &Receiver,
    plain: &[u8],
    sender: &SecretKey,
    salt: [u8; 16],
) -> Result<Vec<u8>, Error> {
    if plain.len() > PLAIN_BYTES_MAX {
        return Err(Error::TooLong);
    }
    let phone = PublicKey::from_sec1_bytes(&receiver.p256dh).map_err(|_| Error::Key)?;
    let sender_public = sender.public_key().to_sec1_bytes();
    let shared = sender.diffie_hellman(&phone);

    let key_info = [b"WebPush: info\0".as_slice(), &receiver.p256dh, &sender_public].concat();
    let input_key: [u8; 32] = derive(&receiver.auth, shared.raw_secret_bytes(), &key_info);
    let content_key: [u8; 16] = derive(&salt, &input_key, b"Content-Encoding: aes128gcm\0");
    let nonce: [u8; 12] = derive(&salt, &input_key, b"Content-Encoding: nonce\0");

    let cipher = Aes128Gcm::new(&content_key.into());
    let padded = [plain, &[DELIMITER]].concat();
    let sealed = cipher.encrypt(&Nonce::from(nonce), padded.as_slice()).expect("memory holds the ciphertext");
    let key_bytes = u8::try_from(sender_public.len()).map_err(|_| Error::Key)?;
    let sizes = [RECORD_BYTES.to_be_bytes().as_slice(), &[key_bytes]].concat();
    Ok([salt.as_slice(), &sizes, &sender_public, &sealed].concat())
}

fn derive<const N: usize>(salt: &[u8], input_key: &[u8], info: &[u8]) -> [u8; N] {
    let mut key = [0; N];
    Hkdf::<Sha256>::new(Some(salt), input_key)
        .expand(info, &mut key)
        .expect("32 bytes are within what HKDF-SHA256 gives");
    key
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::super::decode;
    use super::*;

    fn receiver() -> Receiver {
        Receiver {
            endpoint: "https://push.example/".parse().unwrap(),
            p256dh: decode(
                "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            )
            .unwrap(),
            auth: decode("BTBZMqHH6r4Tts7J_aSIgg").unwrap(),
        }
    }

    #[test]
    fn the_example_of_rfc_8291_comes_out_byte_for_byte() {
        let sender: [u8; 32] = decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").unwrap();
        let sender = SecretKey::from_slice(&sender).unwrap();
        let salt = decode("DGv6ra1nlYgDCS1FRnbzlw").unwrap();
        let sealed =
            encrypt_with(&receiver(), b"When I grow up, I want to be a watermelon", &sender, salt).unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(sealed),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn the_longest_message_fills_a_record_and_a_longer_one_is_refused() {
        let entropy = Entropy::seeded(1);
        let sealed = encrypt(&receiver(), &[b'x'; PLAIN_BYTES_MAX], &entropy).unwrap();
        assert_eq!(sealed.len(), 4096);
        assert_eq!(encrypt(&receiver(), &[b'x'; PLAIN_BYTES_MAX + 1], &entropy), Err(Error::TooLong));
    }

    #[test]
    fn no_two_messages_share_a_key_or_salt() {
        let entropy = Entropy::seeded(1);
        let first = encrypt(&receiver(), b"news", &entropy).unwrap();
        let second = encrypt(&receiver(), b"news", &entropy).unwrap();
        assert_ne!(first[..16], second[..16]);
        assert_ne!(first[21..86], second[21..86]);
    }
}
