//! Files that people bring, with a real `clamd` that knows one signature: what it finds is refused wherever a file comes in, and while
//! it is away nothing is taken in.

use std::io::{Cursor, Write};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use app::phone::Phone;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::process::Program;
use crate::story;

/// The harmless file that every scanner calls malware, in two halves so that this one is not called so.
const EICAR: [&str; 2] = [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*"];
const SOUND: &[u8] = include_bytes!("../../../voice/fixtures/offers/five-kilos-for-150-slt.flac");
/// `clamd` loads its signatures before it listens.
const LISTENS_WITHIN: Duration = Duration::from_secs(30);

/// `clamd` in a folder of its own, as an unprivileged account.
struct Clamd {
    home: TempDir,
    child: Option<Child>,
}

impl Clamd {
    fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let (signatures, body) = (home.path().join("signatures"), hex::encode(EICAR.concat()));
        std::fs::create_dir(&signatures).unwrap();
        std::fs::write(signatures.join("local.ndb"), format!("Local.Eicar.Body:0:*:{body}\n")).unwrap();
        let mut clamd = Self { home, child: None };
        let settings = [
            format!("LocalSocket {}", clamd.socket().display()),
            format!("DatabaseDirectory {}", signatures.display()),
            format!("TemporaryDirectory {}", clamd.home.path().display()),
            "Foreground yes".to_owned(),
            "StreamMaxLength 12M".to_owned(),
        ];
        std::fs::write(clamd.home.path().join("clamd.conf"), settings.join("\n") + "\n").unwrap();
        clamd.again();
        clamd
    }

    fn socket(&self) -> PathBuf {
        self.home.path().join("clamd.ctl")
    }

    fn again(&mut self) {
        let program =
            ["/usr/sbin/clamd", "/usr/local/sbin/clamd"].into_iter().find(|at| PathBuf::from(at).exists());
        let mut command = Command::new(program.expect("clamd: run scripts/setup test"));
        command.arg("--config-file").arg(self.home.path().join("clamd.conf")).current_dir("/");
        command.stdin(Stdio::null()).stdout(Stdio::null());
        if rustix::process::geteuid().is_root() {
            // `nobody`, on every Debian.
            chown(self.home.path(), Some(65_534), Some(65_534)).unwrap();
            command.uid(65_534).gid(65_534);
        }
        self.child = Some(command.spawn().unwrap());
        let started = Instant::now();
        while std::os::unix::net::UnixStream::connect(self.socket()).is_err() {
            assert!(started.elapsed() < LISTENS_WITHIN, "clamd does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A program that asks this scanner, with an operator, and a buyer in a visit.
struct Market {
    program: Program,
    vendor: Phone,
    buyer: Phone,
    visit: String,
}

impl Market {
    async fn open(clamd: &str) -> Self {
        let settings = [
            ("VYAPAR_SCANNER__CLAMD", clamd),
            ("VYAPAR_PAYMENTS__RAZORPAY__KEY_ID", "rzp_test_scanned"),
            ("VYAPAR_PAYMENTS__RAZORPAY__KEY_SECRET", "of-a-test"),
            ("VYAPAR_PAYMENTS__RAZORPAY__WEBHOOK_SECRET", "of-a-test-too"),
            ("VYAPAR_PAYMENTS__RAZORPAY__BASE_URL", "http://127.0.0.1:9"),
        ];
        let program = Program::start(&settings).await;
        let (mut vendor, _) = story::vendor(&program).await;
        let made = program.command().args(["operator", "9812345670", "--role", "finance"]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let (buyer, visit) = story::buyer(&program, &mut vendor).await;
        Self { program, vendor, buyer, visit }
    }

    async fn send(&self, who: &Phone, path: &str, kind: &str, body: Vec<u8>) -> (StatusCode, Value, String) {
        let http = platform::http::client(Duration::from_secs(30));
        let request = http.post(format!("{}/api/v1{path}", self.program.url)).header("content-type", kind);
        let answer = request.header("cookie", who.cookies()).body(body).send().await.unwrap();
        let status = answer.status();
        let wait = answer.headers().get("retry-after").map(|wait| wait.to_str().unwrap().to_owned());
        let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default();
        (status, body, wait.unwrap_or_default())
    }

    async fn speak(&self, sound: Vec<u8>) -> (StatusCode, Value, String) {
        let path = format!("/visits/{}/recordings?client_id={}&keep=true", self.visit, story::id());
        self.send(&self.buyer, &path, "audio/flac", sound).await
    }

    async fn settle(&self, kind: &str, file: Vec<u8>) -> (StatusCode, Value, String) {
        self.send(&self.vendor, "/operator/reconciliations/files?reason=monthly", kind, file).await
    }

    async fn bank(&self, kind: &str, file: Vec<u8>) -> (StatusCode, Value, String) {
        self.send(&self.vendor, "/operator/top-ups/bank-file?reason=monthly", kind, file).await
    }

    /// Whether anything was kept: a recording, a line of a table.
    async fn kept(&self) -> i64 {
        let counted = "select (select count(*) from recordings) + (select count(*) from settlement_files)
             + (select count(*) from credit_bank_lines)";
        sqlx::query_scalar(counted).fetch_one(self.program.db.db.pool()).await.unwrap()
    }
}

fn with_eicar(file: &[u8]) -> Vec<u8> {
    [file, EICAR.concat().as_bytes()].concat()
}

fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(name, SimpleFileOptions::default()).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap().into_inner()
}

fn slug(answer: &(StatusCode, Value, String)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["type"].as_str().unwrap_or_default().trim_start_matches("/problems/"))
}

const BANK: &[u8] = b"utr,credit\n412345678901,250.00\n";

#[tokio::test]
async fn malware_is_refused_wherever_a_file_comes_in_and_clean_files_pass() {
    let clamd = Clamd::start();
    let market = Market::open(clamd.socket().to_str().unwrap()).await;
    let refused = (422, "malware-found");
    assert_eq!(slug(&market.speak(with_eicar(SOUND)).await), refused, "a recording with something behind it");
    assert_eq!(slug(&market.speak(with_eicar(b"")).await), refused);
    for (kind, file) in
        [("text/csv", with_eicar(BANK)), ("application/zip", zipped("day.csv", &with_eicar(BANK)))]
    {
        assert_eq!(slug(&market.bank(kind, file.clone()).await), refused, "{kind}");
        assert_eq!(slug(&market.settle(kind, file).await), refused, "{kind}");
    }
    // What comes out is counted here: the scanner calls both clean.
    let mut deep = vec![b'1'; 30 << 20];
    deep.extend(EICAR.concat().as_bytes());
    assert_eq!(slug(&market.bank("application/zip", zipped("day.csv", &deep)).await), (413, "too-large"));
    let wrong = market.bank("application/zip", zipped("day.txt", BANK)).await;
    assert_eq!(slug(&wrong), (415, "unsupported-media"));
    assert_eq!(market.kept().await, 0, "nothing of all that was kept");

    let (status, said, _) = market.speak(SOUND.to_vec()).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{said}");
    let (status, taken, _) = market.bank("application/zip", zipped("november/day.csv", BANK)).await;
    assert_eq!((status, &taken["payments"]), (StatusCode::CREATED, &json!(1)), "{taken}");
    assert_eq!(market.kept().await, 2);
    let mut doctor = market.program.command();
    let told = doctor.arg("doctor").env("VYAPAR_SCANNER__CLAMD", clamd.socket()).output().unwrap();
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("✓ scanner") && told.contains("looked through by ClamAV"), "{told}");
}

#[tokio::test]
async fn while_the_scanner_is_away_nothing_is_taken_in_and_afterwards_it_is() {
    let mut clamd = Clamd::start();
    let market = Market::open(clamd.socket().to_str().unwrap()).await;
    clamd.stop();
    let away = market.speak(SOUND.to_vec()).await;
    assert_eq!((slug(&away), away.2.as_str()), ((503, "scanner-away"), "30"));
    assert_eq!(slug(&market.bank("text/csv", BANK.to_vec()).await), (503, "scanner-away"));
    assert_eq!(slug(&market.settle("text/csv", BANK.to_vec()).await), (503, "scanner-away"));
    assert_eq!(market.kept().await, 0);
    let mut doctor = market.program.command();
    let told = doctor.arg("doctor").env("VYAPAR_SCANNER__CLAMD", clamd.socket()).output().unwrap();
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(
        told.contains("– scanner") && told.contains("No recording, photograph or table is taken in"),
        "{told}"
    );

    clamd.again();
    let (status, said, _) = market.speak(SOUND.to_vec()).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{said}");
}

#[tokio::test]
async fn a_scanner_that_takes_the_file_and_never_answers_is_given_up_and_nothing_is_kept() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = silent.local_addr().unwrap().to_string();
    let mute = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = silent.accept().await {
            held.push(connection);
        }
    });
    let market = Market::open(&at).await;
    let started = Instant::now();
    let (said, listed) = tokio::join!(market.speak(SOUND.to_vec()), market.bank("text/csv", BANK.to_vec()));
    assert!(started.elapsed() < Duration::from_secs(20), "it is given up after ten seconds");
    assert_eq!((slug(&said), said.2.as_str()), ((503, "scanner-away"), "30"));
    assert_eq!(slug(&listed), (503, "scanner-away"));
    assert_eq!(market.kept().await, 0);
    mute.abort();
}
