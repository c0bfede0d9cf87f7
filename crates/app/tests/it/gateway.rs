//! An emulated gateway for a program, and what stands there.

use std::time::Duration;

use app::phone::Phone;
use emulator::razorpay::{Endpoint, NewMerchant};
use emulator::{Emulator, Options};
use serde_json::Value;

use crate::process::{Program, free_port};

const SECRET: &str = "webhook-secret";
/// How long the end of a story may take: the gateway sends a lost webhook again after seconds.
const ENDS_WITHIN: Duration = Duration::from_mins(1);

/// A gateway, and the settings that lead a program to it.
pub async fn gateway() -> (Emulator, Vec<(String, String)>) {
    let emulator =
        Emulator::start(Options { seed: Some(u64::from(free_port())), ..Options::default() }).await.unwrap();
    let merchant = NewMerchant::demo();
    let settings = [
        ("VYAPAR_PAYMENTS__RAZORPAY__BASE_URL", emulator.razorpay_url().to_owned()),
        ("VYAPAR_PAYMENTS__RAZORPAY__KEY_ID", merchant.key_id),
        ("VYAPAR_PAYMENTS__RAZORPAY__KEY_SECRET", merchant.key_secret),
        ("VYAPAR_PAYMENTS__RAZORPAY__WEBHOOK_SECRET", SECRET.to_owned()),
        ("VYAPAR_PAYMENTS__COMMISSION_PERCENT", "2".to_owned()),
    ];
    (emulator, settings.map(|(name, value)| (name.to_owned(), value)).to_vec())
}

/// Has the gateway's news sent to the program.
pub fn listen(emulator: &Emulator, program: &Program) {
    let hook = format!("{}/api/v1/webhooks/razorpay", program.url);
    let hooks = vec![Endpoint::new(&hook, SECRET)];
    emulator.razorpay().set_webhooks(&NewMerchant::demo().key_id, hooks).unwrap();
}

/// Asks until the answer fits.
pub async fn until(phone: &mut Phone, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let asked = async {
        loop {
            match phone.get(path).await {
                Ok(answer) if fits(&answer) => return answer,
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    };
    tokio::time::timeout(ENDS_WITHIN, asked).await.unwrap_or_else(|_| panic!("{path} never fits"))
}

/// What the gateway has of a kind.
pub async fn at_gateway(emulator: &Emulator, collection: &str) -> Vec<Value> {
    let merchant = NewMerchant::demo();
    let url = format!("{}/v1/{collection}", emulator.razorpay_url());
    let request = platform::http::client(Duration::from_secs(10)).get(url);
    let answer = request.basic_auth(&merchant.key_id, Some(&merchant.key_secret)).send().await.unwrap();
    answer.json::<Value>().await.unwrap()["items"].as_array().unwrap().clone()
}
