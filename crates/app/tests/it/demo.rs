//! `vyapar demo --once`: the whole story on an embedded PostgreSQL, and nothing left running afterwards.

use std::os::unix::fs::PermissionsExt;

use crate::process::{free_port, vyapar};

#[test]
fn the_demo_plays_the_deal_to_the_end_and_leaves_nothing_running() {
    let dir = tempfile::Builder::new().prefix("vyapar-demo-").tempdir_in("/var/tmp").unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let data = dir.path().join("data");
    let at = || format!("127.0.0.1:{}", free_port());
    let output = vyapar(dir.path())
        .args(["demo", "--once", "--http", &at(), "--https", &at(), "--gateway", &at()])
        .arg("--data-dir")
        .arg(&data)
        .output()
        .unwrap();
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
    assert!(!data.join("postgres/data/postmaster.pid").exists(), "PostgreSQL still runs");
}
