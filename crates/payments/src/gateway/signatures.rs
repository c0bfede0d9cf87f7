//! The vendors' own libraries, in Python and Node, judge the same signatures as we do.
//!
//! A library that is not installed fails the test: `scripts/setup` gets it. They and we must agree on everything but times that are
//! yet to come: the libraries take any, we take none.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::{DateTime, Utc};
use platform::keys::hmac_sha256;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Gateway;
use super::razorpay::Razorpay;
use super::stripe::Stripe;
use crate::{RazorpayConfig, StripeConfig};

const NOW_S: i64 = 1_764_000_000;
const BODY: &str = r#"{"id":"evt_1","amount":15000,"note":"₹150 – टमाटर"}"#;
const SECRET: &str = "whsec_of_the_vectors";

/// A webhook, or a browser's account of a payment, with its signature.
struct Vector {
    what: &'static str,
    vendor: &'static str,
    secret: &'static str,
    body: &'static str,
    header: String,
    /// Whether it is signed, as anybody would say.
    is_good: bool,
    /// Whether the vendors' libraries take it although it is not.
    is_taken_by_theirs: bool,
}

#[derive(Deserialize)]
struct Judged {
    verdicts: Vec<bool>,
    made: Vec<String>,
}

fn sign(secret: &str, message: &str) -> String {
    hex::encode(hmac_sha256(secret.as_bytes(), message.as_bytes()))
}

fn stripe_header(secret: &str, body: &str, at_s: i64) -> String {
    format!("t={at_s},v1={}", sign(secret, &format!("{at_s}.{body}")))
}

fn of_stripe() -> Vec<Vector> {
    let good = stripe_header(SECRET, BODY, NOW_S);
    let v1 = good.split_once(",v1=").map(|(_, v1)| v1.to_owned()).unwrap_or_default();
    let other = sign("another", &format!("{NOW_S}.{BODY}"));
    let vector = |what, header: String, is_good| Vector {
        what,
        vendor: "stripe",
        secret: SECRET,
        body: BODY,
        header,
        is_good,
        is_taken_by_theirs: is_good,
    };
    let late = |what, at_s| Vector {
        is_taken_by_theirs: true,
        ..vector(what, stripe_header(SECRET, BODY, at_s), false)
    };
    vec![
        vector("good", good.clone(), true),
        vector("as old as may be", stripe_header(SECRET, BODY, NOW_S - 300), true),
        vector("too old", stripe_header(SECRET, BODY, NOW_S - 301), false),
        vector("a wrong secret", stripe_header("another", BODY, NOW_S), false),
        vector("another body", stripe_header(SECRET, "{}", NOW_S), false),
        Vector { body: "{}", ..vector("a changed body", good.clone(), false) },
        vector("another time", good.replace(&format!("t={NOW_S}"), &format!("t={}", NOW_S - 1)), false),
        vector("two signatures, the second good", format!("t={NOW_S},v1={other},v1={v1}"), true),
        vector("two signatures, the first good", format!("t={NOW_S},v1={v1},v1={other}"), true),
        vector("two signatures, none good", format!("t={NOW_S},v1={other},v1={other}"), false),
        vector("an older scheme alone", format!("t={NOW_S},v0={v1}"), false),
        vector("an older scheme beside it", format!("t={NOW_S},v0={other},v1={v1}"), true),
        vector("no signature", format!("t={NOW_S}"), false),
        vector("no time", format!("v1={v1}"), false),
        vector("no header", String::new(), false),
        vector("no sense", "stripe".to_owned(), false),
        vector("a time that is none", format!("t=now,v1={v1}"), false),
        vector("half a signature", format!("t={NOW_S},v1={}", &v1[..32]), false),
        late("an hour ahead", NOW_S + 3_600),
        late("a year ahead", NOW_S + 31_536_000),
    ]
}

fn of_razorpay() -> Vec<Vector> {
    let good = sign(SECRET, BODY);
    let vector = |what, header: String, is_good| Vector {
        what,
        vendor: "razorpay",
        secret: SECRET,
        body: BODY,
        header,
        is_good,
        is_taken_by_theirs: is_good,
    };
    let checkout = |what, header: String, is_good| Vector {
        vendor: "razorpay-checkout",
        body: "order_1|pay_1",
        ..vector(what, header, is_good)
    };
    vec![
        vector("good", good.clone(), true),
        vector("a wrong secret", sign("another", BODY), false),
        Vector { body: "{}", ..vector("a changed body", good.clone(), false) },
        vector("no signature", String::new(), false),
        vector("half a signature", good[..32].to_owned(), false),
        vector("no digits", "z".repeat(64), false),
        checkout("good", sign(SECRET, "order_1|pay_1"), true),
        checkout("a wrong secret", sign("another", "order_1|pay_1"), false),
        checkout("another payment", sign(SECRET, "order_1|pay_2"), false),
        checkout("the other way round", sign(SECRET, "pay_1|order_1"), false),
    ]
}

/// What we say.
fn ours(vector: &Vector) -> bool {
    let now: DateTime<Utc> = DateTime::from_timestamp(NOW_S, 0).unwrap();
    if vector.vendor == "stripe" {
        let account = StripeConfig {
            base_url: String::new(),
            secret_key: String::new().into(),
            webhook_secret: vector.secret.into(),
        };
        return Stripe::new(account, "").signed_webhook(vector.body.as_bytes(), &vector.header, now);
    }
    let account = RazorpayConfig {
        base_url: String::new(),
        key_id: String::new(),
        key_secret: vector.secret.into(),
        webhook_secret: vector.secret.into(),
        checkout_script_url: String::new(),
    };
    let razorpay = Razorpay::new(account);
    match vector.body.split_once('|') {
        Some((order, payment)) => razorpay.signed_checkout(order, payment, &vector.header),
        None => razorpay.signed_webhook(vector.body.as_bytes(), &vector.header, now),
    }
}

/// What a library says.
fn theirs(program: &Path, script: &str, asked: &Value) -> Judged {
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../emulator/sdk");
    let mut judge = Command::new(program)
        .arg(script)
        .current_dir(sdk)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("{} does not start ({error}): run `scripts/setup`", program.display())
        });
    judge.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = judge.wait_with_output().unwrap();
    assert!(output.status.success(), "{script} failed; are the SDKs installed? run `scripts/setup`");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The tool named in `variable`, or in the repository's own tools, or else the system's.
fn tool(variable: &str, own: &str, system: &str) -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools").join(own);
    let named = std::env::var_os(variable).map(PathBuf::from);
    named.or_else(|| own.exists().then_some(own)).unwrap_or_else(|| PathBuf::from(system))
}

fn agree(program: &Path, script: &str) {
    let vectors: Vec<Vector> = of_stripe().into_iter().chain(of_razorpay()).collect();
    let judge: Vec<Value> = vectors
        .iter()
        .map(|one| json!({"vendor": one.vendor, "secret": one.secret, "body": one.body, "header": one.header, "now_s": NOW_S}))
        .collect();
    let make: Vec<Value> = [SECRET, "another"]
        .iter()
        .map(|secret| json!({"secret": secret, "body": BODY, "at_s": NOW_S}))
        .collect();
    let judged = theirs(program, script, &json!({"judge": judge, "make": make}));
    assert_eq!(judged.verdicts.len(), vectors.len());
    for (vector, verdict) in vectors.iter().zip(judged.verdicts) {
        let Vector { vendor, what, .. } = vector;
        assert_eq!(ours(vector), vector.is_good, "ours of {vendor}: {what}");
        assert_eq!(verdict, vector.is_taken_by_theirs, "{script} of {vendor}: {what}");
    }
    let made = |header: &String| {
        let vector = Vector { header: header.clone(), ..of_stripe().remove(0) };
        ours(&vector)
    };
    assert_eq!(judged.made.iter().map(made).collect::<Vec<_>>(), [true, false], "{:?}", judged.made);
}

#[test]
fn the_python_libraries_take_what_we_take_and_also_what_is_yet_to_come() {
    agree(&tool("VYAPAR_PYTHON", "venv/bin/python", "python3"), "signatures.py");
}

#[test]
fn the_node_libraries_take_what_we_take_and_also_what_is_yet_to_come() {
    agree(&tool("VYAPAR_NODE", "node/bin/node", "node"), "signatures.mjs");
}
