//! A device that keeps passkeys, written from the standard (WebAuthn Level 3, 6.1 and 6.5), and able to lie.

use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A device with one passkey.
#[derive(Clone)]
pub struct Device {
    key: SigningKey,
    pub credential: Vec<u8>,
    pub handle: Vec<u8>,
    /// What it counts its signatures by.
    pub counter: u32,
    /// The page that asks.
    pub origin: String,
    /// The name that the passkey is bound to.
    pub rp_id: String,
    /// Whether the person showed a finger.
    pub verified: bool,
}

impl Device {
    /// A device that differs from others by `seed`.
    pub fn new(seed: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).unwrap(),
            credential: vec![seed; 32],
            handle: Vec::new(),
            counter: 0,
            origin: "https://stall.example".to_owned(),
            rp_id: "stall.example".to_owned(),
            verified: true,
        }
    }

    /// Makes a passkey, as a page asks it to.
    pub fn make(&mut self, options: &Value) -> Value {
        self.handle = BASE64URL_NOPAD.decode(options["user"]["id"].as_str().unwrap().as_bytes()).unwrap();
        let mut data = self.data(0x40);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.credential.len()).unwrap().to_be_bytes());
        data.extend(&self.credential);
        data.extend(self.public_key());
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let response = json!({
            "clientDataJSON": coded(self.client_data("webauthn.create", options).as_bytes()),
            "attestationObject": coded(&object),
            "transports": ["internal"],
        });
        self.answer(&response)
    }

    /// Signs what a page asks.
    pub fn show(&mut self, options: &Value) -> Value {
        self.counter += 1;
        let (data, client) = (self.data(0), self.client_data("webauthn.get", options));
        let signed = [data.as_slice(), &Sha256::digest(client.as_bytes())].concat();
        let signature: Signature = self.key.sign(&signed);
        let response = json!({
            "clientDataJSON": coded(client.as_bytes()),
            "authenticatorData": coded(&data),
            "signature": coded(signature.to_der().as_bytes()),
            "userHandle": coded(&self.handle),
        });
        self.answer(&response)
    }

    /// What the name hashes to, which flags are up, and the counter.
    fn data(&self, flags: u8) -> Vec<u8> {
        let flags = flags | 0x01 | if self.verified { 0x04 } else { 0 };
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// The public key in COSE: EC2, ES256, P-256.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let mut key = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".to_vec();
        key.extend(&point.as_bytes()[1..33]);
        key.extend(b"\x22\x58\x20");
        key.extend(&point.as_bytes()[33..]);
        key
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        json!({
            "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false,
        })
        .to_string()
    }

    fn answer(&self, response: &Value) -> Value {
        json!({
            "id": coded(&self.credential), "rawId": coded(&self.credential), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {}, "response": response,
        })
    }
}

fn coded(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}
