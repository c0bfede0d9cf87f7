//! With each tool's path pointing at nothing, the doctor says what is off and how to get it, and the product still runs.

use std::process::Output;

use app::phone::text;
use serde_json::{Value, json};

use crate::process::{Program, vyapar};
use crate::story;

const NOWHERE: &str = "/nonexistent/tool";

fn doctor(settings: &[(&str, &str)]) -> (Output, String) {
    let data = tempfile::tempdir().unwrap();
    let output = vyapar(data.path()).arg("doctor").envs(settings.iter().copied()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output, said)
}

/// The line about a part, and the one below it that says what to do.
fn lines_about<'a>(said: &'a str, part: &str) -> (&'a str, &'a str) {
    let mut lines = said.lines().skip_while(|l| !l.contains(part));
    (lines.next().unwrap_or_default(), lines.next().unwrap_or_default())
}

#[test]
fn the_doctor_names_a_missing_voice_and_the_package_to_install() {
    let (output, said) = doctor(&[("VYAPAR_VOICE__ESPEAK", NOWHERE)]);
    assert!(output.status.success(), "a missing voice stops nothing: {said}");
    let (line, fix) = lines_about(&said, "voice");
    assert!(line.starts_with('–') && fix.contains("espeak-ng"), "{said}");
}

#[test]
fn the_doctor_names_a_missing_recogniser_and_the_packages_to_install() {
    let settings =
        [("VYAPAR_VOICE__POCKETSPHINX_LIBRARY", NOWHERE), ("VYAPAR_VOICE__POCKETSPHINX_MODEL", NOWHERE)];
    let (output, said) = doctor(&settings);
    assert!(output.status.success(), "a missing recogniser stops nothing: {said}");
    let (line, fix) = lines_about(&said, "recogniser");
    assert!(line.starts_with('–') && fix.contains("pocketsphinx"), "{said}");
}

#[test]
fn without_any_postgresql_the_doctor_says_that_nothing_starts_and_how_to_get_one() {
    let settings = [("VYAPAR_POSTGRES__SYSTEM_DIR", NOWHERE), ("VYAPAR_POSTGRES__BUNDLE_DIR", NOWHERE)];
    let (output, said) = doctor(&settings);
    assert!(!output.status.success(), "{said}");
    let (line, fix) = lines_about(&said, "database");
    assert!(line.starts_with('–') && fix.contains("DATABASE_URL"), "{said}");
}

#[test]
fn the_doctor_names_a_missing_system_postgresql_and_the_other_one_serves() {
    let (output, said) = doctor(&[("VYAPAR_POSTGRES__SYSTEM_DIR", NOWHERE)]);
    assert!(output.status.success(), "the bundle serves: {said}");
    assert!(lines_about(&said, "database").0.starts_with('✓'), "{said}");
    let (line, fix) = lines_about(&said, "postgresql");
    assert!(line.starts_with('–') && fix.contains("package postgresql"), "{said}");
}

#[tokio::test]
async fn without_voice_recogniser_and_gateway_a_deal_is_still_made() {
    let settings = [
        ("VYAPAR_VOICE__ESPEAK", NOWHERE),
        ("VYAPAR_VOICE__POCKETSPHINX_LIBRARY", NOWHERE),
        ("VYAPAR_VOICE__POCKETSPHINX_MODEL", NOWHERE),
    ];
    let program = Program::start(&settings).await;
    let (mut vendor, product) = story::vendor(&program).await;
    let (mut buyer, visit) = story::buyer(&program, &mut vendor).await;

    let can = buyer.get("/capabilities").await.unwrap();
    let english = can["languages"].as_array().unwrap().iter().find(|l| l["code"] == "en").unwrap().clone();
    assert_eq!(can["payments"]["gateway"], "off");
    for part in ["recognition", "speech"] {
        assert_ne!(english[part]["how"], "local", "{english}");
        assert!(english[part]["fix"].is_string(), "the screen says how to switch it on: {english}");
    }

    let said =
        buyer.post(&format!("/visits/{visit}/messages"), story::offer_in_words(&product)).await.unwrap();
    let speech = format!("/visits/{visit}/messages/{}/speech", text(&said, "/message/id").unwrap());
    assert_eq!(buyer.file(&speech).await.unwrap(), None, "no voice pretends to be there");
    let path = format!("/visits/{visit}/read-backs/{}/confirm", text(&said, "/read_back/id").unwrap());
    let settled: Value = buyer.post(&path, json!({ "client_id": story::id() })).await.unwrap();
    assert_eq!(settled["offer"]["state"], "offered");
}
