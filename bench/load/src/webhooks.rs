//! Webhooks as a gateway sends them on a busy day: each signed, each about another payment, over connections that stay open.
//!
//! Measured is the time from sending one to its acknowledgement, which is given when it is verified and durably stored, and how many a second
//! that makes. Afterwards the table is counted: nothing that was acknowledged may be missing. Meanwhile the server's own jobs work on what
//! came, and ask the gateway for each payment; it is the emulator, which knows none of them, so all are about nobody's order.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Args;
use platform::keys::hmac_sha256;
use platform::postgres::Postgres;
use platform::{Db, Entropy};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::server::{Server, data_dir, database, serve};
use crate::tally::Tally;

const SECRET: &str = "bench-webhook-secret";
/// What is asked: so many a second, and so long for 99 of 100.
const PER_S_MIN: usize = 1000;
const P99_MAX: Duration = Duration::from_millis(100);
/// Before it is measured, in seconds.
const WARM_UP: Duration = Duration::from_secs(2);

/// How many, and for how long.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Connections, each of which sends the next webhook when the one before is acknowledged.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// For how long each round is measured, in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How many rounds.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

/// Who sends.
#[derive(Clone)]
struct Gateway {
    http: reqwest::Client,
    url: String,
    sent: Arc<AtomicU64>,
}

/// Runs it and prints what it measured.
pub async fn run(vyapar: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let data = data_dir()?;
    let (emulator, vendor) = emulate(vyapar).await?;
    let server = Server::spawn(|port| {
        let mut command = serve(vyapar, data.path(), port);
        command
            .env("VYAPAR_PAYMENTS__RAZORPAY__BASE_URL", &vendor)
            .env("VYAPAR_PAYMENTS__RAZORPAY__KEY_ID", "rzp_test_emulator00001")
            .env("VYAPAR_PAYMENTS__RAZORPAY__KEY_SECRET", "emulator-secret-0001")
            .env("VYAPAR_PAYMENTS__RAZORPAY__WEBHOOK_SECRET", SECRET);
        command
    });
    let server = server.await?;
    let gateway = Gateway {
        http: platform::http::client(Duration::from_secs(10)),
        url: format!("{}/api/v1/webhooks/razorpay", server.url),
        sent: Arc::default(),
    };
    let connections = arguments.connections.clamp(1, 512);
    let mut acknowledged = gateway.send(connections, WARM_UP).await?.count();
    let length = Duration::from_secs(arguments.seconds.clamp(1, 120));
    let mut rounds = Vec::new();
    for _ in 0..arguments.rounds.clamp(1, 20) {
        let cpu = server.cpu_s()?;
        let times = gateway.send(connections, length).await?;
        let cpu_us = (server.cpu_s()? - cpu) * 1e6 / f64::from(u32::try_from(times.count())?);
        acknowledged += times.count();
        rounds.push((times.count() / usize::try_from(length.as_secs())?, cpu_us, times));
    }
    let (stored, worked_on) = count(data.path()).await?;
    rounds.sort_by_key(|(per_s, ..)| *per_s);
    let (per_s, cpu_us, times) = &rounds[rounds.len() / 2];
    let p99 = times.percentile(99);
    println!(
        "{} {per_s}/s ≥ {PER_S_MIN}/s ({}–{}) verified, stored and acknowledged, {connections} connections, {} rounds of {} s",
        mark(*per_s >= PER_S_MIN),
        rounds[0].0,
        rounds[rounds.len() - 1].0,
        rounds.len(),
        length.as_secs(),
    );
    println!(
        "{} p99 {:.1} ms ≤ {} ms  {times}",
        mark(p99 <= P99_MAX),
        p99.as_secs_f64() * 1000.0,
        P99_MAX.as_millis()
    );
    println!("{cpu_us:.0} µs of the server's CPU each, its work on what came included; PostgreSQL's not");
    println!("acknowledged {acknowledged}, stored {stored}, worked on meanwhile {worked_on}");
    ensure!(stored == acknowledged, "what was acknowledged is not what was stored");
    server.stop().await?;
    drop(emulator);
    Ok(())
}

impl Gateway {
    /// Sends over so many connections for so long; every answer must be an acknowledgement.
    async fn send(&self, connections: usize, during: Duration) -> anyhow::Result<Tally> {
        let until = Instant::now() + during;
        let senders = (0..connections).map(|_| {
            let gateway = self.clone();
            tokio::spawn(async move {
                let mut times = Tally::default();
                while Instant::now() < until {
                    gateway.send_one(&mut times).await?;
                }
                anyhow::Ok(times)
            })
        });
        let senders: Vec<_> = senders.collect();
        let mut times = Tally::default();
        for sender in senders {
            times.extend(sender.await??);
        }
        Ok(times)
    }

    async fn send_one(&self, times: &mut Tally) -> anyhow::Result<()> {
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        let body = event(number);
        let signature = hex::encode(hmac_sha256(SECRET.as_bytes(), body.as_bytes()));
        let request = self
            .http
            .post(&self.url)
            .header("content-type", "application/json")
            .header("x-razorpay-signature", signature)
            .header("x-razorpay-event-id", format!("event-{number}"))
            .body(body);
        let sent = Instant::now();
        let answer = request.send().await?;
        ensure!(answer.status().is_success(), "a webhook was answered {}", answer.status());
        answer.bytes().await?;
        times.note(sent.elapsed());
        Ok(())
    }
}

/// A captured payment by UPI, as long as the gateway's own.
fn event(number: u64) -> String {
    format!(
        r#"{{"entity":"event","account_id":"acc_BFQ7uQEaa7j2z7","event":"payment.captured","contains":["payment"],"payload":{{"payment":{{"entity":{{"id":"pay_{number:014}","entity":"payment","amount":14700,"currency":"INR","base_amount":14700,"status":"captured","order_id":"order_{number:014}","invoice_id":null,"international":false,"method":"upi","amount_refunded":0,"amount_transferred":0,"refund_status":null,"captured":true,"description":"3 kg tomatoes","card_id":null,"card":null,"bank":null,"wallet":null,"vpa":"buyer@upi","email":"void@razorpay.com","contact":"+919876543210","notes":[],"fee":0,"tax":0,"error_code":null,"error_description":null,"error_source":null,"error_step":null,"error_reason":null,"acquirer_data":{{"rrn":"{number:012}"}},"created_at":1764000000}}}}}},"created_at":1764000001}}"#
    )
}

/// Starts the emulated gateway; gives its address.
async fn emulate(vyapar: &Path) -> anyhow::Result<(Child, String)> {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let child = Command::new(vyapar)
        .args(["emulator", "--razorpay", &address.to_string()])
        .args(["--bhashini", "127.0.0.1:0", "--stripe", "127.0.0.1:0", "--twilio", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    for _ in 0..400 {
        if TcpStream::connect(address).await.is_ok() {
            return Ok((child, format!("http://{address}")));
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    anyhow::bail!("the emulator does not start")
}

/// How many webhooks are in the table, and how many of them were worked on.
async fn count(data: &Path) -> anyhow::Result<(usize, usize)> {
    let postgres = Postgres::join_or_start(&database(data), &Entropy::system()).await?;
    let db = Db::connect(postgres.connect_options().clone(), 1).await?;
    let query = "select count(*), count(*) filter (where state <> 'received') from webhook_events";
    let (stored, worked_on): (i64, i64) = sqlx::query_as(query).fetch_one(db.pool()).await?;
    db.close().await;
    Ok((usize::try_from(stored).context("a count")?, usize::try_from(worked_on).context("a count")?))
}

/// Whether what is asked was reached.
const fn mark(reached: bool) -> char {
    if reached { '✓' } else { '✗' }
}
