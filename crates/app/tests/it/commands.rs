//! The other commands.

use crate::process::{Program, vyapar};
use crate::story;

fn run(arguments: &[&str]) -> (bool, String) {
    let data = tempfile::tempdir().unwrap();
    let output = vyapar(data.path()).args(arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn one_utterance_is_read_and_one_act_is_said() {
    let (read, acts) = run(&["parley", "read", "--lang", "en", "five kilos tomato for one fifty"]);
    assert!(read && acts.contains("\"price_minor\": 15000"), "{acts}");
    let act = r#"{"act":"offer","price_minor":15000,"for_quantity":"5","unit":"kg","quantity":"5","item":"tomato"}"#;
    let (said, text) = run(&["parley", "say", "--lang", "ta", act]);
    assert!(said && text.contains("₹150") && text.contains("தக்காளி"), "{text}");
}

#[test]
fn a_bare_price_is_read_against_the_standing_offer() {
    let standing = r#"{"by":"vendor","price_minor":20000,"for_quantity":"5","unit":"kg"}"#;
    let (read, acts) = run(&["parley", "read", "--lang", "en", "--standing", standing, "one fifty"]);
    assert!(
        read && acts.contains("\"price_minor\": 15000") && acts.contains("\"for_quantity\": null"),
        "{acts}"
    );
    let (read, said) = run(&["parley", "read", "--lang", "en", "--standing", "{}", "one fifty"]);
    assert!(!read && said.contains("--standing is no standing offer"), "{said}");
}

#[test]
fn a_folder_of_lines_is_scored() {
    let gold = concat!(env!("CARGO_MANIFEST_DIR"), "/../parley/gold/bargaining");
    let (scored, json) = run(&["parley", "eval", gold, "--json"]);
    assert!(scored && json.contains("\"money_wrong\""), "{json}");
    let (scored, said) = run(&["parley", "eval", "/nonexistent"]);
    assert!(!scored && said.contains("/nonexistent cannot be read"), "{said}");
}

#[test]
fn a_setting_that_is_misspelt_is_named() {
    let data = tempfile::tempdir().unwrap();
    let output =
        vyapar(data.path()).arg("doctor").env("VYAPAR_HTTP__ADRESS", "127.0.0.1:1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("adress"), "{said}");
}

#[test]
fn a_port_in_use_gives_one_clear_sentence() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = tempfile::tempdir().unwrap();
    let output = vyapar(data.path()).arg("serve").env("VYAPAR_HTTP__ADDRESS", &address).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains(&format!("{address} is in use")), "{said}");
}

#[tokio::test]
async fn an_account_is_let_into_the_operators_pages_and_out_again() {
    let program = Program::start(&[]).await;
    let (mut vendor, _) = story::vendor(&program).await;
    assert!(vendor.get("/operator/refunds").await.is_err());
    let command = |arguments: &[&str]| program.command().arg("operator").args(arguments).output().unwrap();
    assert!(command(&["98123 45670"]).status.success());
    assert_eq!(vendor.get("/operator/refunds").await.unwrap()["items"], serde_json::json!([]));
    assert!(command(&["9812345670", "--revoke"]).status.success());
    assert!(vendor.get("/operator/refunds").await.is_err());
    let unknown = command(&["9811111111"]);
    let said = String::from_utf8_lossy(&unknown.stderr);
    assert!(!unknown.status.success() && said.contains("there is no such person here"), "{said}");
}
