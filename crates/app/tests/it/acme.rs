//! Certificates from a real authority of ACME: `pebble`, which Let's Encrypt wrote to test programs like this one.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Certificate, Client};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Program, free_port, vyapar};

/// The name that certificates are for. Only the authority's own lookup knows it.
const NAME: &str = "stall.example";
/// How long the authority's programs may take to listen.
const LISTENS_WITHIN: Duration = Duration::from_secs(20);
/// An authority refuses a nonce of twenty to see that it is sent again: of orders in a row one may fail, and is repeated after a minute.
const OBTAINED_WITHIN: Duration = Duration::from_secs(100);
/// An account elsewhere, as the authority knows it.
const ACCOUNT: (&str, &str) = ("kid-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W");

/// How an authority behaves.
#[derive(Clone, Copy)]
struct Manner {
    /// Where it looks for its answer.
    looks_at: u16,
    /// How long its certificates live, in seconds.
    lives_s: u64,
    /// How many of a hundred nonces it refuses.
    refuses: u8,
    /// Whether it wants to know an account elsewhere.
    wants_account: bool,
}

/// `pebble`, with a name server that leads every name to this machine.
struct Authority {
    home: TempDir,
    directory_port: u16,
    management_port: u16,
    dns_port: u16,
    children: Vec<Child>,
}

fn program(name: &str) -> Command {
    let at = [format!("/usr/bin/{name}"), format!("/usr/local/bin/{name}")];
    let at = at.into_iter().find(|at| Path::new(at).exists());
    let mut command = Command::new(at.expect("pebble: run scripts/setup test"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

impl Authority {
    async fn start(manner: Manner) -> Self {
        // A second call finds the provider installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let home = tempfile::tempdir().unwrap();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        std::fs::write(home.path().join("chain.pem"), made.cert.pem()).unwrap();
        std::fs::write(home.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let (directory_port, management_port, dns_port) = (free_port(), free_port(), free_port());
        let mut authority = Self { home, directory_port, management_port, dns_port, children: Vec::new() };
        authority.again(manner).await;
        authority
    }

    /// Starts it anew, without what it knew.
    async fn again(&mut self, manner: Manner) {
        self.stop();
        let local = |port: u16| format!("127.0.0.1:{port}");
        let mut names = program("pebble-challtestsrv");
        names.args(["-dns01", &local(self.dns_port), "-management", &local(free_port())]);
        names.args(["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""]);
        self.children.push(names.spawn().unwrap());
        let settings = json!({ "pebble": {
            "listenAddress": local(self.directory_port),
            "managementListenAddress": local(self.management_port),
            "certificate": self.home.path().join("chain.pem"),
            "privateKey": self.home.path().join("key.pem"),
            "httpPort": manner.looks_at,
            "tlsPort": free_port(),
            "certificateValidityPeriod": manner.lives_s,
            "externalAccountBindingRequired": manner.wants_account,
            "externalAccountMACKeys": { ACCOUNT.0: ACCOUNT.1 },
        } });
        let file = self.home.path().join("settings.json");
        std::fs::write(&file, settings.to_string()).unwrap();
        let mut pebble = program("pebble");
        pebble.arg("-config").arg(file).args(["-dnsserver", &local(self.dns_port)]);
        pebble.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", manner.refuses.to_string());
        self.children.push(pebble.spawn().unwrap());
        let started = Instant::now();
        while self.asked_for_root().await.is_none() {
            assert!(started.elapsed() < LISTENS_WITHIN, "pebble does not listen");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn stop(&mut self) {
        for mut child in self.children.drain(..) {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn own_chain(&self) -> PathBuf {
        self.home.path().join("chain.pem")
    }

    async fn asked_for_root(&self) -> Option<Vec<u8>> {
        let trusted = Certificate::from_pem(&std::fs::read(self.own_chain()).unwrap()).unwrap();
        let client =
            Client::builder().tls_certs_only([trusted]).timeout(Duration::from_secs(5)).build().unwrap();
        let answer = client.get(format!("https://localhost:{}/roots/0", self.management_port)).send().await;
        Some(answer.ok()?.error_for_status().ok()?.bytes().await.ok()?.to_vec())
    }

    /// What browsers would trust.
    async fn root(&self) -> Certificate {
        Certificate::from_pem(&self.asked_for_root().await.unwrap()).unwrap()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Where a server is told to listen, and whom to ask.
struct Stall {
    https: u16,
    plain: u16,
    settings: Vec<(&'static str, String)>,
}

impl Stall {
    fn new(authority_port: u16, root: &Path, plain: u16) -> Self {
        let https = free_port();
        let settings = vec![
            ("VYAPAR_PUBLIC_URL", format!("https://{NAME}")),
            ("VYAPAR_HTTPS__ADDRESS", format!("127.0.0.1:{https}")),
            ("VYAPAR_HTTPS__REDIRECT", format!("127.0.0.1:{plain}")),
            ("VYAPAR_HTTPS__ACME__DIRECTORY", format!("https://localhost:{authority_port}/dir")),
            ("VYAPAR_HTTPS__ACME__ROOT", root.display().to_string()),
            ("VYAPAR_HTTPS__ACME__TERMS_AGREED", "true".to_owned()),
            ("VYAPAR_HTTPS__ACME__CONTACT", format!("ops@{NAME}")),
            ("VYAPAR_HTTPS__ACME__EXTERNAL_ACCOUNT__KEY_ID", ACCOUNT.0.to_owned()),
            ("VYAPAR_HTTPS__ACME__EXTERNAL_ACCOUNT__HMAC_KEY", ACCOUNT.1.to_owned()),
        ];
        Self { https, plain, settings }
    }

    async fn open(&self) -> Program {
        let settings: Vec<_> = self.settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Program::start(&settings).await
    }

    /// The certificate that a browser sees that trusts `root` alone; none where it would warn.
    async fn seen(&self, root: &Certificate) -> Option<Vec<u8>> {
        let client = Client::builder().tls_certs_only([root.clone()]).tls_info(true);
        let client =
            client.resolve(NAME, ([127, 0, 0, 1], self.https).into()).timeout(Duration::from_secs(5));
        let answer =
            client.build().unwrap().get(format!("https://{NAME}:{}/healthz", self.https)).send().await;
        let answer = answer.ok()?.error_for_status().ok()?;
        let shown = answer.extensions().get::<reqwest::tls::TlsInfo>()?;
        shown.peer_certificate().map(<[u8]>::to_vec)
    }

    /// Waits for a certificate of this authority that is another than `before`.
    async fn obtained(&self, root: &Certificate, before: Option<&[u8]>) -> Vec<u8> {
        let started = Instant::now();
        loop {
            if let Some(seen) = self.seen(root).await.filter(|seen| Some(seen.as_slice()) != before) {
                return seen;
            }
            assert!(started.elapsed() < OBTAINED_WITHIN, "no certificate was obtained");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn doctor(&self, program: &Program) -> String {
        let mut doctor = program.command();
        let told = doctor.arg("doctor").envs(self.settings.clone()).output().unwrap();
        String::from_utf8_lossy(&told.stdout).into_owned()
    }
}

fn kept(program: &Program, name: &str) -> PathBuf {
    program.data().join("tls/acme").join(name)
}

/// Waits until it is kept that something went wrong, in words with these.
async fn trouble(program: &Program, words: &str) -> Value {
    let started = Instant::now();
    loop {
        let read = std::fs::read(kept(program, "trouble.json")).unwrap_or_default();
        let read: Value = serde_json::from_slice(&read).unwrap_or_default();
        if read["why"].as_str().is_some_and(|why| why.contains(words)) {
            return read;
        }
        assert!(started.elapsed() < OBTAINED_WITHIN, "nothing went wrong with {words}: {read}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_certificate_is_obtained_served_and_renewed_while_the_server_runs() {
    let plain = free_port();
    let manner = Manner { looks_at: plain, lives_s: 30, refuses: 5, wants_account: false };
    let mut authority = Authority::start(manner).await;
    let stall = Stall::new(authority.directory_port, &authority.own_chain(), plain);
    let program = stall.open().await;
    let root = authority.root().await;
    let first = stall.obtained(&root, None).await;
    for file in ["certificate.pem", "account.json"] {
        let mode = std::fs::metadata(kept(&program, file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let told = stall.doctor(&program);
    assert!(told.contains("✓ tls") && told.contains("for stall.example until"), "{told}");
    let answers = std::fs::read_dir(kept(&program, "answers/.well-known/acme-challenge")).unwrap();
    assert_eq!(answers.count(), 0, "an answer is of no use afterwards");
    let plain = platform::http::client(Duration::from_secs(5));
    let sent_on = plain.get(format!("http://127.0.0.1:{}/b", stall.plain)).send().await.unwrap();
    assert_eq!(sent_on.headers()["location"], format!("https://{NAME}/b"));

    // Two thirds of its life are over, and nobody restarted anything.
    let second = stall.obtained(&root, Some(&first)).await;
    authority.stop();
    let failed = trouble(&program, "authority").await;
    assert_eq!(failed["failures"], 1);
    assert_eq!(stall.seen(&root).await, Some(second), "the one before serves on");
}

#[tokio::test]
async fn while_orders_are_refused_the_servers_own_certificate_serves_and_later_one_is_obtained() {
    let plain = free_port();
    let manner = Manner { looks_at: plain, lives_s: 86_400, refuses: 100, wants_account: true };
    let mut authority = Authority::start(manner).await;
    let stall = Stall::new(authority.directory_port, &authority.own_chain(), plain);
    let mut program = stall.open().await;
    let failed = trouble(&program, "badNonce").await;
    let time = |name: &str| chrono::DateTime::parse_from_rfc3339(failed[name].as_str().unwrap()).unwrap();
    assert_eq!((time("again_at") - time("at")).num_seconds(), 60, "{failed}");
    let own = std::fs::read(program.data().join("tls/chain.pem")).unwrap();
    assert!(stall.seen(&Certificate::from_pem(&own).unwrap()).await.is_some());
    let told = stall.doctor(&program);
    assert!(told.contains("– tls") && told.contains("gave no certificate for stall.example yet"), "{told}");
    assert!(told.contains("badNonce") && told.contains("The next is at"), "{told}");

    // Started again and again, it asks no sooner.
    program.kill();
    authority.again(Manner { looks_at: free_port(), refuses: 0, ..manner }).await;
    program.again().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(trouble(&program, "badNonce").await, failed);
    // Whoever mended something has it tried at once. Now nobody answers where the authority looks.
    program.kill();
    std::fs::remove_file(kept(&program, "trouble.json")).unwrap();
    program.again().await;
    trouble(&program, "did not find its answer here").await;
    assert!(stall.seen(&Certificate::from_pem(&own).unwrap()).await.is_some());

    // An authority that forgot the account is told of it anew.
    program.kill();
    authority.again(Manner { refuses: 0, ..manner }).await;
    std::fs::remove_file(kept(&program, "trouble.json")).unwrap();
    program.again().await;
    stall.obtained(&authority.root().await, None).await;
    assert!(!kept(&program, "trouble.json").exists());
}

#[test]
fn without_a_word_to_the_terms_and_a_place_for_the_question_the_server_does_not_start() {
    let said = |settings: &[(&str, &str)]| {
        let data = tempfile::tempdir().unwrap();
        let mut serve = vyapar(data.path());
        serve.arg("serve").env("VYAPAR_HTTP__ADDRESS", format!("127.0.0.1:{}", free_port()));
        serve.env("VYAPAR_HTTPS__ADDRESS", format!("127.0.0.1:{}", free_port()));
        serve.env("VYAPAR_PUBLIC_URL", format!("https://{NAME}"));
        let told = serve.envs(settings.iter().copied()).output().unwrap();
        assert!(!told.status.success());
        String::from_utf8_lossy(&[told.stdout, told.stderr].concat()).into_owned()
    };
    let contact = ("VYAPAR_HTTPS__ACME__CONTACT", "ops@stall.example");
    assert!(said(&[contact]).contains("https.acme.terms_agreed"));
    let agreed = ("VYAPAR_HTTPS__ACME__TERMS_AGREED", "true");
    assert!(said(&[agreed]).contains("https.acme needs https.redirect"));
}
