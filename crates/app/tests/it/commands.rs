//! The other commands.

use crate::process::vyapar;

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
