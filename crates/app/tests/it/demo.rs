//! `vyapar demo`: the whole story on an embedded PostgreSQL, without the machine's own one, and nothing left running afterwards.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::process::{free_port, vyapar};

/// A folder that PostgreSQL's unprivileged account can enter, and the demo's data in it.
fn folder() -> (TempDir, PathBuf) {
    let dir = tempfile::Builder::new().prefix("vyapar-demo-").tempdir_in("/var/tmp").unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let data = dir.path().join("data");
    (dir, data)
}

fn demo(dir: &Path, data: &Path) -> Command {
    let at = || format!("127.0.0.1:{}", free_port());
    let mut command = vyapar(dir);
    command
        .args(["demo", "--http", &at(), "--https", &at(), "--gateway", &at(), "--cards", &at()])
        .arg("--data-dir")
        .arg(data)
        .env("VYAPAR_POSTGRES__SYSTEM_DIR", "/nonexistent/tool");
    command
}

fn is_running(data: &Path) -> bool {
    data.join("postgres/data/postmaster.pid").exists()
}

#[test]
fn the_demo_plays_the_deal_to_the_end_and_leaves_nothing_running() {
    let (dir, data) = folder();
    let output = demo(dir.path(), &data).arg("--once").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    for told in [
        "scans the code",
        "being confirmed",
        "counters on the keypad",
        "order 1 is open",
        "paid: ₹175",
        "debits − credits = 0",
        "has 115 kg left",
    ] {
        assert!(said.contains(told), "nothing of {told:?} in\n{said}");
    }
    let pdf = std::fs::read(data.join("played/document.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    assert!(!is_running(&data), "PostgreSQL still runs");
}

#[test]
fn a_demo_that_is_interrupted_while_it_plays_leaves_nothing_running() {
    let (dir, data) = folder();
    let mut child = demo(dir.path(), &data).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("scans the code")), "the play never began");
    assert!(is_running(&data));
    let pid = Pid::from_raw(child.id().cast_signed()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let last = lines.map(Result::unwrap).last();
    assert!(child.wait().unwrap().success());
    assert_eq!(last.as_deref(), Some("Stopping …"));
    assert!(!is_running(&data), "PostgreSQL still runs");
}
