//! Sets the stage: emulated vendors, the server beside them, and what is said about it in the terminal.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context;
use emulator::razorpay::{ACCOUNT_NUMBER, EVENTS, Endpoint, NewMerchant};
use emulator::stripe::NewAccount;
use emulator::{Emulator, Options};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use secrecy::SecretString;

use super::play::Scene;
use super::seed::Stall;
use super::{Demo, on_this_machine};
use crate::server::Server;
use crate::{Config, report};

/// Guards nothing: the money is not real.
const WEBHOOK_SECRET: &str = "demo-webhook-secret";
const PAYOUT_SECRET: &str = "demo-payout-secret";
const CARDS_SECRET: &str = "whsec_demo";

/// What the platform keeps in a demo, in per cent, so that the books have something to tell.
const COMMISSION: &str = "2";

/// What runs during a demo.
pub struct Stage {
    /// The product.
    pub server: Server,
    emulator: Emulator,
    gateway: SocketAddr,
    cards: SocketAddr,
    lan: IpAddr,
}

/// The configuration of a demo.
pub fn config(mut config: Config, demo: &Demo, lan: IpAddr) -> Config {
    let merchant = NewMerchant::demo();
    config.data_dir = demo.data_dir();
    config.http.address = demo.http;
    config.https.address = Some(demo.https);
    config.public_url = Some(format!("https://{lan}:{}", demo.https.port()));
    if config.payments.commission_percent == payments::Percent::default() {
        config.payments.commission_percent = COMMISSION.parse().unwrap_or_default();
    }
    config.payments.razorpay = Some(payments::RazorpayConfig {
        base_url: format!("http://{}", on_this_machine(demo.gateway)),
        key_id: merchant.key_id,
        key_secret: SecretString::from(merchant.key_secret),
        webhook_secret: SecretString::from(WEBHOOK_SECRET),
        checkout_script_url: format!("http://{}/v1/checkout.js", on_this_machine(demo.gateway)),
    });
    config.payments.stripe = Some(payments::StripeConfig {
        base_url: format!("http://{}", on_this_machine(demo.cards)),
        secret_key: SecretString::from(NewAccount::demo().secret_key),
        webhook_secret: SecretString::from(CARDS_SECRET),
    });
    config.payments.razorpayx = Some(payments::RazorpayXConfig {
        base_url: format!("http://{}", on_this_machine(demo.gateway)),
        key_id: NewMerchant::demo().key_id,
        key_secret: SecretString::from(NewMerchant::demo().key_secret),
        account_number: ACCOUNT_NUMBER.to_owned(),
        webhook_secret: SecretString::from(PAYOUT_SECRET),
    });
    config
}

impl Stage {
    /// Starts the vendors and the server.
    pub async fn set(base: Config, demo: &Demo, lan: IpAddr) -> anyhow::Result<Self> {
        let options = Options {
            razorpay: demo.gateway,
            razorpay_public_url: Some(format!("http://{lan}:{}", demo.gateway.port())),
            stripe: demo.cards,
            stripe_public_url: Some(format!("http://{lan}:{}", demo.cards.port())),
            ..Options::default()
        };
        let (gateway, cards) = (demo.gateway, demo.cards);
        let in_use = || {
            format!("the emulated gateways cannot listen on {gateway} and {cards}: set --gateway, --cards")
        };
        let emulator = Emulator::start(options).await.with_context(in_use)?;
        let [hook, payout_hook, cards_hook] = ["razorpay", "razorpayx", "stripe"]
            .map(|name| format!("http://{}/api/v1/webhooks/{name}", demo.http));
        let of_payouts = EVENTS.iter().filter(|event| event.starts_with("payout."));
        let events = Some(of_payouts.map(|event| (*event).to_owned()).collect());
        let payouts = Endpoint { events, ..Endpoint::new(&payout_hook, PAYOUT_SECRET) };
        let key = NewMerchant::demo().key_id;
        emulator
            .razorpay()
            .set_webhooks(&key, vec![Endpoint::new(&hook, WEBHOOK_SECRET), payouts])
            .map_err(|refusal| anyhow::anyhow!("the emulated gateway takes no webhook: {refusal:?}"))?;
        emulator
            .stripe()
            .set_webhooks(&NewAccount::demo().secret_key, vec![Endpoint::new(&cards_hook, CARDS_SECRET)])
            .map_err(|refusal| {
                anyhow::anyhow!("the emulated gateway for cards takes no webhook: {refusal:?}")
            })?;
        match Box::pin(Server::start(config(base, demo, lan))).await {
            Ok(server) => Ok(Self { server, emulator, gateway, cards, lan }),
            Err(error) => {
                emulator.stop().await;
                Err(error)
            }
        }
    }

    /// Where a play finds everything.
    pub fn scene(&self, out_dir: PathBuf) -> Scene {
        Scene {
            server: format!("http://{}", self.server.http),
            gateway: format!("http://{}", on_this_machine(self.gateway)),
            out_dir,
            books: self.server.app.config.postgres_options(),
        }
    }

    /// Says where everything is.
    pub fn announce(&self, stall: &Stall) {
        let http = self.server.http;
        println!("\n  VyaparMitra is running, on {}.\n", self.server.database());
        println!("  On this machine    http://{http}/");
        println!("  From a phone       {}/", self.server.app.config.public_url());
        if self.lan.is_loopback() {
            println!("                     This machine is in no network now: no phone reaches it.");
        }
        println!(
            "                     The certificate is made on this machine, so the browser warns once: choose"
        );
        println!(
            "                     “Advanced”, then “Proceed”. Without TLS a phone gives a page no microphone."
        );
        println!(
            "  The stall          sign in at http://{http}/v/sign-in with {} and “{}”",
            stall.phone, stall.password
        );
        println!(
            "  The operator       {} and “{}”, then http://{http}/op/visits",
            stall.operator_phone, stall.password
        );
        println!(
            "  Where buyers pay   http://{}:{}/ (an emulated bank; no money is real)",
            self.lan,
            self.gateway.port()
        );
        println!("  Where cards pay    http://{}:{}/ (the same)\n", self.lan, self.cards.port());
        for part in report::parts(&self.server.app).iter().filter(|part| !part.on) {
            println!("  Off: {} {}", part.sentence, part.fix);
        }
        println!("\n  Scan this as a buyer (valid for 24 hours): {}\n", stall.qr_url);
        match QrCode::new(&stall.qr_url) {
            Ok(code) => println!("{}\n", code.render::<Dense1x2>().quiet_zone(true).build()),
            Err(error) => println!("  (the code cannot be drawn: {error})\n"),
        }
    }

    /// Stops everything.
    pub async fn clear(self) {
        Box::pin(self.server.stop()).await;
        self.emulator.stop().await;
    }
}
