//! The vendors on their addresses, until told to stop.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::bhashini::{self, Bhashini};
use crate::clock::Clock;
use crate::razorpay::{self, NewMerchant, Razorpay};
use crate::stripe::{self, NewAccount, Stripe};
use crate::twilio::{Sender, Twilio};

/// How long open connections get to end once the emulator is told to stop.
const STOP_WITHIN: Duration = Duration::from_secs(1);

/// What an emulator is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where Razorpay listens; port 0 takes a free one.
    pub razorpay: SocketAddr,
    /// Where Stripe listens; port 0 takes a free one.
    pub stripe: SocketAddr,
    /// Where BHASHINI listens; port 0 takes a free one.
    pub bhashini: SocketAddr,
    /// Where Twilio listens; port 0 takes a free one.
    pub twilio: SocketAddr,
    /// Where browsers reach Razorpay's pay pages, where that is not the address it listens on.
    pub razorpay_public_url: Option<String>,
    /// Where browsers reach Stripe's hosted pages, where that is not the address it listens on.
    pub stripe_public_url: Option<String>,
    /// The time of all vendors.
    pub clock: Clock,
    /// The same seed and calls give the same ids. Where absent it is taken from the clock, so that ids do not come
    /// again in a database that outlived an earlier run.
    pub seed: Option<u64>,
    /// Razorpay's accounts.
    pub merchants: Vec<NewMerchant>,
    /// Stripe's accounts.
    pub accounts: Vec<NewAccount>,
    /// The users of BHASHINI.
    pub users: Vec<bhashini::User>,
    /// Twilio's account.
    pub sender: Sender,
    /// How long a webhook endpoint may take to answer, in real time.
    pub webhook_answer_within: Duration,
}

impl Default for Options {
    fn default() -> Self {
        let free_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            razorpay: free_port,
            stripe: free_port,
            bhashini: free_port,
            twilio: free_port,
            razorpay_public_url: None,
            stripe_public_url: None,
            clock: Clock::running(),
            seed: None,
            merchants: vec![NewMerchant::demo()],
            accounts: vec![NewAccount::demo()],
            users: vec![bhashini::User::demo()],
            sender: Sender::demo(),
            webhook_answer_within: razorpay::ANSWER_WITHIN,
        }
    }
}

impl Options {
    /// For a test: the clock stands at `unix_s`, and ids follow from `seed`.
    pub fn repeatable(unix_s: i64, seed: u64) -> Self {
        Self { clock: Clock::frozen_at(unix_s), seed: Some(seed), ..Self::default() }
    }
}

/// A running emulator. Dropping it stops it; [`Emulator::stop`] also waits until it has stopped.
pub struct Emulator {
    razorpay: Razorpay,
    stripe: Stripe,
    bhashini: Bhashini,
    twilio: Twilio,
    urls: Urls,
    clock: Clock,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

/// Where the vendors are, without a slash at the end.
struct Urls {
    razorpay: String,
    stripe: String,
    bhashini: String,
    twilio: String,
}

impl Emulator {
    /// Starts the vendors.
    ///
    /// # Errors
    /// An address that cannot be listened on.
    pub async fn start(options: Options) -> io::Result<Self> {
        let (for_razorpay, razorpay_url) = listen(options.razorpay).await?;
        let (for_stripe, stripe_url) = listen(options.stripe).await?;
        let (for_bhashini, bhashini_url) = listen(options.bhashini).await?;
        let (for_twilio, twilio_url) = listen(options.twilio).await?;
        let clock = options.clock;
        let seed = options.seed.unwrap_or_else(|| clock.now_ms().unsigned_abs());
        let public = |given: Option<String>, own: &str| {
            given.unwrap_or_else(|| own.to_owned()).trim_end_matches('/').to_owned()
        };
        let razorpay = Razorpay::new(razorpay::Setup {
            clock: clock.clone(),
            seed,
            public_url: public(options.razorpay_public_url, &razorpay_url),
            merchants: options.merchants,
            answer_within: options.webhook_answer_within,
        });
        let stripe = Stripe::new(stripe::Setup {
            clock: clock.clone(),
            seed,
            public_url: public(options.stripe_public_url, &stripe_url),
            accounts: options.accounts,
            answer_within: options.webhook_answer_within,
        });
        let bhashini = Bhashini::new(clock.clone(), bhashini_url.clone(), options.users);
        let twilio = Twilio::new(clock.clone(), seed, options.sender);
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(run(for_razorpay, razorpay.router(), stop.clone()));
        tasks.spawn(run(for_stripe, stripe.router(), stop.clone()));
        tasks.spawn(run(for_bhashini, bhashini.router(), stop.clone()));
        tasks.spawn(run(for_twilio, twilio.router(), stop.clone()));
        tasks.spawn(until(stop.clone(), razorpay.clone().deliver()));
        tasks.spawn(until(stop.clone(), stripe.clone().deliver()));
        let urls =
            Urls { razorpay: razorpay_url, stripe: stripe_url, bhashini: bhashini_url, twilio: twilio_url };
        Ok(Self { razorpay, stripe, bhashini, twilio, urls, clock, stop, tasks })
    }

    /// Razorpay's base address, without a slash at the end.
    pub fn razorpay_url(&self) -> &str {
        &self.urls.razorpay
    }

    /// Stripe's base address, without a slash at the end.
    pub fn stripe_url(&self) -> &str {
        &self.urls.stripe
    }

    /// BHASHINI's base address, without a slash at the end. Both its calls are answered here.
    pub fn bhashini_url(&self) -> &str {
        &self.urls.bhashini
    }

    /// Twilio's base address, without a slash at the end.
    pub fn twilio_url(&self) -> &str {
        &self.urls.twilio
    }

    /// Twilio and what may be done to it.
    pub fn twilio(&self) -> &Twilio {
        &self.twilio
    }

    /// Stripe and what may be done to it.
    pub fn stripe(&self) -> &Stripe {
        &self.stripe
    }

    /// Razorpay and what may be done to it.
    pub fn razorpay(&self) -> &Razorpay {
        &self.razorpay
    }

    /// BHASHINI and what may be done to it.
    pub fn bhashini(&self) -> &Bhashini {
        &self.bhashini
    }

    /// The time of all vendors.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Stops, and returns once nothing runs any more.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop.cancel();
        // The tasks end by themselves within `STOP_WITHIN`: open connections may finish their answer.
        self.tasks.detach_all();
    }
}

/// Runs the emulator until `shutdown` completes.
///
/// # Errors
/// An address that cannot be listened on.
pub async fn serve(options: Options, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let emulator = Emulator::start(options).await?;
    tracing::info!(
        razorpay = emulator.razorpay_url(),
        stripe = emulator.stripe_url(),
        bhashini = emulator.bhashini_url(),
        twilio = emulator.twilio_url(),
        "the emulator listens; no money moves, nothing is translated and nobody is written to for real"
    );
    shutdown.await;
    emulator.stop().await;
    Ok(())
}

async fn listen(address: SocketAddr) -> io::Result<(TcpListener, String)> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}")))?;
    let mut bound = listener.local_addr()?;
    if bound.ip().is_unspecified() {
        bound.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    Ok((listener, format!("http://{bound}")))
}

async fn run(listener: TcpListener, router: Router, stop: CancellationToken) {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    let deadline = async {
        stop.cancelled().await;
        tokio::time::sleep(STOP_WITHIN).await;
    };
    tokio::select! {
        served = serving => if let Err(error) = served { tracing::error!(%error, "the emulator stopped serving"); },
        () = deadline => {}
    }
}

async fn until(stop: CancellationToken, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        () = stop.cancelled() => {}
    }
}
