//! The vendors' official SDKs run against the emulator.
//!
//! Each suite is a program of the SDK's own language. A suite that cannot run fails the test and says how to get what
//! is missing, and the number of tests it passed must be the number it holds: none is skipped.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use emulator::razorpay::NewMerchant;
use emulator::stripe::NewAccount;
use emulator::{Emulator, Options};
use tokio::process::Command;

const SUITE_WITHIN: Duration = Duration::from_mins(2);

fn crate_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The tool named in `variable`, or in the repository's own tools, or else the system's.
fn tool(variable: &str, own: &str, system: Option<&str>) -> PathBuf {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let own = crate_dir().join("../../.tools").join(own);
    named.or_else(|| own.exists().then_some(own)).or_else(|| system.map(PathBuf::from)).unwrap_or_else(|| {
        panic!("{variable} is not set and .tools has no interpreter with the SDKs: run `scripts/setup`")
    })
}

async fn run(mut command: Command, emulator: Emulator) -> (String, Output) {
    let merchant = NewMerchant::demo();
    command
        .current_dir(crate_dir().join("sdk"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONIOENCODING", "utf-8")
        .env("NO_PROXY", "127.0.0.1")
        .env("RAZORPAY_URL", emulator.razorpay_url())
        .env("RAZORPAY_KEY_ID", merchant.key_id)
        .env("RAZORPAY_KEY_SECRET", merchant.key_secret)
        .env("STRIPE_URL", emulator.stripe_url())
        .env("STRIPE_KEY", NewAccount::demo().secret_key)
        .env("TWILIO_URL", emulator.twilio_url())
        .env("TWILIO_SENDER", serde_json::to_string(&emulator::twilio::Sender::demo()).unwrap())
        .env("BHASHINI_URL", emulator.bhashini_url())
        .env("BHASHINI_KEY", emulator::bhashini::User::demo().inference_api_key)
        .kill_on_drop(true);
    let program = command.as_std().get_program().to_owned();
    let output = tokio::time::timeout(SUITE_WITHIN, command.output())
        .await
        .expect("the suite ends in time")
        .unwrap_or_else(|error| {
            panic!("{} does not start ({error}): run `scripts/setup`", program.display())
        });
    let text = String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned();
    assert!(
        !text.contains("ModuleNotFoundError") && !text.contains("ERR_MODULE_NOT_FOUND"),
        "the SDKs are not installed: run `scripts/setup`\n{text}"
    );
    (text, output)
}

fn tests_in(suite: &str, mark: &str) -> usize {
    let source = std::fs::read_to_string(crate_dir().join("sdk").join(suite)).unwrap();
    source.lines().filter(|line| line.trim_start().starts_with(mark)).count()
}

async fn python_suite_passes(suite: &str) {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let mut command = Command::new(tool("VYAPAR_PYTHON", "venv/bin/python", None));
    command.arg(suite);
    let (text, output) = run(command, emulator).await;
    let held = tests_in(suite, "def test_");
    assert!(output.status.success(), "{text}");
    assert!(held > 0 && text.contains(&format!("Ran {held} tests")) && !text.contains("skipped"), "{text}");
}

async fn node_suite_passes(suite: &str) {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let mut command = Command::new(tool("VYAPAR_NODE", "node/bin/node", Some("node")));
    command.args(["--test-reporter=tap", suite]);
    let (text, output) = run(command, emulator).await;
    let held = tests_in(suite, "test(");
    assert!(output.status.success(), "{text}");
    assert!(held > 0 && text.contains(&format!("\n# pass {held}\n")), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_razorpay_sdk_works_against_the_emulator() {
    python_suite_passes("razorpay_sdk.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_bhashini_sdk_works_against_the_emulator() {
    python_suite_passes("bhashini_sdk.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_stripe_sdk_works_against_the_emulator() {
    python_suite_passes("stripe_sdk.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_razorpay_sdk_works_against_the_emulator() {
    node_suite_passes("razorpay_sdk.mjs").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_stripe_sdk_works_against_the_emulator() {
    node_suite_passes("stripe_sdk.mjs").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_twilio_sdk_works_against_the_emulator() {
    python_suite_passes("twilio_sdk.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_twilio_sdk_works_against_the_emulator() {
    node_suite_passes("twilio_sdk.mjs").await;
}
