//! From configuration to a running server, and its orderly end.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::Context;
use axum::{Extension, Router};
use axum_server::Handle;
use identity::Transport;
use platform::postgres::Postgres;
use platform::{Clock, Db, Entropy, migrate};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::signals::StopSignals;
use crate::wiring::{App, Ground};
use crate::{Config, redirect, router, tls};

/// How long open requests get to end once the server is told to stop.
const STOP_WITHIN: Duration = Duration::from_secs(3);
/// How long a client may take to send the head of a request.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// A running server. [`Server::stop`] ends it in order: listeners, jobs, database.
pub struct Server {
    /// The contexts.
    pub app: App,
    /// Where the plain listener listens.
    pub http: SocketAddr,
    /// Where the TLS listener listens.
    pub https: Option<SocketAddr>,
    /// Where browsers without TLS are sent on from.
    pub leads_on: Option<SocketAddr>,
    postgres: Postgres,
    listeners: Vec<Handle<SocketAddr>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Server {
    /// Starts the database, brings its schema up to date, makes the contexts and listens.
    ///
    /// # Errors
    /// One sentence for whatever is in the way.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let entropy = Entropy::system();
        let clock = Clock::system();
        let http = bind(config.http.address)?;
        let https = config.https.address.map(bind).transpose()?;
        let leads_on = |at| anyhow::Ok((bind(at)?, redirect::router(&config)?));
        let leads_on = config.https.redirect.map(leads_on).transpose()?;
        let postgres = Postgres::start(&config.postgres_options(), &entropy).await?;
        match Self::start_on(
            config,
            postgres.connect_options().clone(),
            clock,
            entropy,
            Listeners { http, https, leads_on },
        )
        .await
        {
            Ok((app, parts)) => Ok(parts.into_server(app, postgres)),
            Err(error) => {
                postgres.stop().await;
                Err(error)
            }
        }
    }

    async fn start_on(
        config: Config,
        connect: sqlx::postgres::PgConnectOptions,
        clock: Clock,
        entropy: Entropy,
        Listeners { http, https, leads_on }: Listeners,
    ) -> anyhow::Result<(App, Parts)> {
        let db = Db::connect(connect, config.postgres.connections_max)
            .await
            .context("the database does not answer")?;
        migrate::migrate(&db, &clock, &entropy).await?;
        db.fence().await?;
        let app = App::new(config, Ground { db, clock, entropy })?;
        let mut parts = Parts::default();
        app.start_background(&parts.tasks, &parts.stop);
        let router = router::router(&app);
        parts.http = Some(parts.listen(http, &router)?);
        if let Some(listener) = https {
            let certificate =
                tls::certificate(&app.config.https, &app.config.data_dir, &names(&app.config)).await?;
            parts.https = Some(parts.listen_tls(listener, certificate.served(), &router)?);
            parts.tasks.spawn(certificate.keep_looking(parts.stop.clone()));
        }
        if let Some((listener, router)) = leads_on {
            parts.leads_on = Some(parts.listen(listener, &router)?);
        }
        Ok((app, parts))
    }

    /// Ends the server: no new requests, those under way finish, then jobs, sockets and the database.
    pub async fn stop(self) {
        self.stop.cancel();
        for listener in &self.listeners {
            listener.graceful_shutdown(Some(STOP_WITHIN));
        }
        self.tasks.close();
        self.tasks.wait().await;
        self.app.db.close().await;
        self.postgres.stop().await;
    }

    /// Where the database comes from, for people.
    pub fn database(&self) -> &str {
        self.postgres.origin()
    }
}

/// Where is listened, before anything is started.
struct Listeners {
    http: std::net::TcpListener,
    https: Option<std::net::TcpListener>,
    leads_on: Option<(std::net::TcpListener, Router)>,
}

#[derive(Default)]
struct Parts {
    http: Option<SocketAddr>,
    https: Option<SocketAddr>,
    leads_on: Option<SocketAddr>,
    listeners: Vec<Handle<SocketAddr>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Parts {
    fn listen(&mut self, listener: std::net::TcpListener, router: &Router) -> anyhow::Result<SocketAddr> {
        let address = listener.local_addr()?;
        let handle = Handle::new();
        let mut server = axum_server::from_tcp(listener)?.handle(handle.clone());
        server
            .http_builder()
            .http1()
            .timer(hyper_util::rt::TokioTimer::new())
            .header_read_timeout(HEAD_WITHIN);
        let service = router
            .clone()
            .layer(Extension(Transport::Plain))
            .into_make_service_with_connect_info::<SocketAddr>();
        self.tasks.spawn(async move { report_end(server.serve(service).await) });
        self.listeners.push(handle);
        Ok(address)
    }

    fn listen_tls(
        &mut self,
        listener: std::net::TcpListener,
        certificate: axum_server::tls_rustls::RustlsConfig,
        router: &Router,
    ) -> anyhow::Result<SocketAddr> {
        let address = listener.local_addr()?;
        let handle = Handle::new();
        let mut server = axum_server::from_tcp_rustls(listener, certificate)?.handle(handle.clone());
        server
            .http_builder()
            .http1()
            .timer(hyper_util::rt::TokioTimer::new())
            .header_read_timeout(HEAD_WITHIN);
        let service = router
            .clone()
            .layer(Extension(Transport::Tls))
            .into_make_service_with_connect_info::<SocketAddr>();
        self.tasks.spawn(async move { report_end(server.serve(service).await) });
        self.listeners.push(handle);
        Ok(address)
    }

    fn into_server(self, app: App, postgres: Postgres) -> Server {
        let http = self.http.expect("the plain listener always listens");
        Server {
            app,
            http,
            https: self.https,
            leads_on: self.leads_on,
            postgres,
            listeners: self.listeners,
            tasks: self.tasks,
            stop: self.stop,
        }
    }
}

fn report_end(ended: std::io::Result<()>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a listener ended");
    }
}

fn bind(address: SocketAddr) -> anyhow::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            anyhow::anyhow!("{address} is in use: stop what listens there, or set another address (http.address, https.address, https.redirect)")
        }
        _ => anyhow::anyhow!("cannot listen on {address}: {error}"),
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// The names that our own certificate is for.
fn names(config: &Config) -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let host = config
        .public_url()
        .split("://")
        .nth(1)
        .map(|rest| rest.split(['/', ':']).next().unwrap_or(rest).to_owned());
    names.extend(
        host.filter(|h| !names.contains(h) && h.parse::<IpAddr>().map_or(true, |ip| !ip.is_unspecified())),
    );
    names
}

/// Runs the server until it is told to stop, then stops it in order. Told while it starts, it does not come up.
///
/// # Errors
/// As [`Server::start`].
pub async fn run_until_told(config: Config, announce: impl FnOnce(&Server)) -> anyhow::Result<()> {
    let mut stop = StopSignals::listen()?;
    let server = tokio::select! {
        server = Server::start(config) => server?,
        () = stop.told() => return Ok(()),
    };
    announce(&server);
    stop.told().await;
    tracing::info!("stopping");
    Box::pin(server.stop()).await;
    Ok(())
}
