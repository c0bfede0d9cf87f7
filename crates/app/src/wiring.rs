//! Makes each context once and says which news becomes which job.

use std::ops::Deref;
use std::sync::Arc;

use billing::{Billing, Credits, Plans};
use catalog::Catalog;
use identity::Identity;
use ledger::Ledger;
use mail::Mailer;
use negotiation::Negotiation;
use orders::Orders;
use payments::Payments;
use platform::blob::BlobStore;
use platform::fields::Fields;
use platform::jobs::{Handlers, Jobs, Worker};
use platform::kept::Keeper;
use platform::keys::{KeyId, Keyring};
use platform::outbox::{Outbox, Relay, Routes};
use platform::personal::{self, Holder, PlatformTables};
use platform::scan::Scanner;
use platform::seal::{SealedAgain, Sealer};
use platform::switches::Switches;
use platform::{Clock, Db, Entropy};
use privacy::Privacy;
use sync::Sync;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use voice::Voice;

use crate::Config;

/// What every context is made from.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The database, migrated.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Ids and secrets.
    pub entropy: Entropy,
}

/// The contexts, made and connected. Cheap to clone: every call does so several times.
#[derive(Clone)]
pub struct App(Arc<Contexts>);

/// What the product is made of.
pub struct Contexts {
    /// The configuration it was made from.
    pub config: Arc<Config>,
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Background jobs.
    pub jobs: Jobs,
    /// People and guests.
    pub identity: Identity,
    /// Live sync.
    pub sync: Sync,
    /// The books.
    pub ledger: Ledger,
    /// Stalls, products, stock.
    pub catalog: Catalog,
    /// Money asked for and paid.
    pub payments: Payments,
    /// Documents.
    pub billing: Billing,
    /// Prepaid credit.
    pub credits: Credits,
    /// Plans and subscriptions.
    pub plans: Plans,
    /// Orders.
    pub orders: Orders,
    /// Sound, recognition, speech, translation.
    pub voice: Voice,
    /// Visits and bargaining.
    pub negotiation: Negotiation,
    /// Copies of people's data, and their erasure.
    pub privacy: Privacy,
    /// What is switched off.
    pub switches: Switches,
    outbox: Outbox,
    keyring: Keyring,
    fields: Fields,
}

impl App {
    /// Makes the contexts. Files and keys are kept in `data_dir`.
    ///
    /// # Errors
    /// A data directory or key that cannot be used.
    pub fn new(config: Config, ground: Ground) -> anyhow::Result<Self> {
        let app = Self::made(config, ground)?;
        app.privacy.ask(app.holders());
        Ok(app)
    }

    fn made(config: Config, ground: Ground) -> anyhow::Result<Self> {
        let Ground { db, clock, entropy } = ground.clone();
        let keyring = Keyring::load(&config.keys, &config.data_dir, &entropy)?;
        let blobs = BlobStore::local(&config.data_dir.join("blobs"))?;
        let jobs = Jobs::new(db.clone(), clock.clone(), entropy.clone());
        let outbox = Outbox::new(clock.clone(), entropy.clone());
        let base = || (db.clone(), clock.clone(), entropy.clone());

        let identity = identity_on(&ground, &keyring, &config, &jobs)?;
        let (a, b, c) = base();
        let sync = Sync::new(a, b, c, &keyring, jobs.clone(), identity.clone(), config.sync.clone());
        let ledger = Ledger::new(clock.clone(), entropy.clone());
        let on = Money::on(&keyring, (jobs.clone(), outbox.clone(), sync.clone(), ledger.clone()), &entropy);
        let payments = on.payments(&ground, identity.clone(), &config);
        let switches = Switches::new(db.clone());
        let credits = on.credits(&ground, identity.clone(), payments.clone(), (&config, &switches));
        let voice = voice_on(&ground, &keyring, &config, (blobs.clone(), credits.clone(), identity.clone()));
        let (a, b, c) = base();
        let billing = Billing::new(a, b, c, sync.clone(), config.billing.clone());
        let plans = Plans::new(credits.clone(), &billing, config.billing.platform.clone());
        let (a, b, c) = base();
        let catalog = Catalog::new(a, b, c, &keyring, sync.clone(), stall(&config));
        let catalog = catalog.allowing(Arc::new(plans.clone()));
        let (a, b, c) = base();
        let below = orders::Parts {
            sync: sync.clone(),
            catalog: catalog.clone(),
            payments: payments.clone(),
            billing: billing.clone(),
            fields: on.fields.clone(),
        };
        let orders = Orders::new(a, b, c, jobs.clone(), below);
        let below = negotiation::Parts {
            jobs: jobs.clone(),
            sync: sync.clone(),
            catalog: catalog.clone(),
            orders: orders.clone(),
            identity: identity.clone(),
            voice: voice.clone(),
            blobs: blobs.clone(),
        };
        let negotiation = negotiation_on(ground.clone(), &keyring, below, (&config, &switches));
        sync.relay_through(Arc::new(negotiation.clone()));
        let fields = on.fields.clone();
        Ok(Self(Arc::new(Contexts {
            privacy: privacy_on(ground, &keyring, (jobs.clone(), identity.clone(), blobs))
                .configured(config.privacy.clone()),
            config: Arc::new(config),
            db,
            clock,
            jobs,
            identity,
            sync,
            ledger,
            catalog,
            payments,
            billing,
            credits,
            plans,
            orders,
            voice,
            negotiation,
            switches,
            outbox,
            keyring,
            fields,
        })))
    }

    /// Seals what a release before this one left in the clear, before anybody is served: rows are found by what is sealed alone.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn seal_open(&self) -> Result<(), sqlx::Error> {
        let mut sealed = 0;
        for holder in self.privacy.holders() {
            sealed += personal::seal_open(&self.db, &self.fields, holder.tables()).await?;
        }
        if sealed > 0 {
            tracing::info!(sealed, "what tells who somebody is was sealed");
        }
        Ok(())
    }

    /// Seals names, numbers and addresses with the newest key, where they are not. Called again after it was broken off, it goes on.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn seal_fields_again(&self) -> Result<SealedAgain, sqlx::Error> {
        let mut done = SealedAgain::default();
        for holder in self.privacy.holders() {
            done += personal::seal_again(&self.db, &self.fields, holder.tables()).await?;
        }
        Ok(done)
    }

    /// With which keys names, numbers and addresses are sealed, and how many with each.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn fields_sealed_with(&self) -> Result<Vec<(Option<KeyId>, i64)>, sqlx::Error> {
        let mut counted = Vec::new();
        let mut connection = self.db.acquire().await?;
        for holder in self.privacy.holders() {
            counted.extend(personal::sealed_with(&mut connection, holder.tables()).await?);
        }
        Ok(counted)
    }

    /// The contexts that keep something of people, in the order in which they let it go.
    fn holders(&self) -> Vec<Arc<dyn Holder>> {
        vec![
            Arc::new(self.negotiation.clone()),
            Arc::new(self.orders.clone()),
            Arc::new(self.billing.clone()),
            Arc::new(self.credits.clone()),
            Arc::new(self.payments.clone()),
            Arc::new(self.catalog.clone()),
            Arc::new(self.sync.clone()),
            Arc::new(self.voice.clone()),
            Arc::new(self.ledger.clone()),
            Arc::new(PlatformTables),
            Arc::new(self.privacy.clone()),
            Arc::new(self.identity.clone()),
        ]
    }

    /// Every context's jobs.
    pub fn handlers(&self) -> Handlers {
        let contexts = [
            self.identity.handlers(),
            self.sync.handlers(),
            self.voice.handlers(),
            self.catalog.handlers(),
            self.payments.handlers(),
            self.credits.handlers(),
            self.credits.storage_handlers(self.keepers()),
            self.plans.handlers(),
            self.orders.handlers(),
            self.negotiation.handlers(),
            self.privacy.handlers(),
        ];
        contexts.into_iter().fold(Handlers::default(), Handlers::and)
    }

    /// Who keeps files for businesses.
    fn keepers(&self) -> [Arc<dyn Keeper>; 2] {
        [Arc::new(self.negotiation.clone()), Arc::new(self.payments.clone())]
    }

    /// Which event becomes which jobs.
    pub fn routes_of_news() -> Routes {
        Routes::default()
            .on(|tenant, paid: payments::IntentPaid| {
                let announced = negotiation::paid_draft(tenant, paid.order, paid.amount);
                vec![orders::settle_draft(&paid), announced]
            })
            .on(|_, paid: payments::TopUpPaid| vec![billing::top_up_draft(&paid)])
            .on(|_, failed: payments::TopUpFailed| vec![billing::top_up_failed_draft(&failed)])
            .on(|_, made: payments::TopUpRefunded| vec![billing::top_up_refunded_draft(&made)])
            .on(|_, refused: payments::TopUpRefundRefused| {
                vec![billing::top_up_refund_refused_draft(&refused)]
            })
            .on(|_, back: payments::TopUpTakenBack| vec![billing::top_up_taken_back_draft(&back)])
            .on(|_, refunded: payments::PaymentRefunded| vec![orders::refunded_draft(&refunded)])
    }

    /// A worker for the jobs.
    pub fn worker(&self) -> Worker {
        Worker::new(self.jobs.clone(), self.handlers(), self.config.worker.concurrency)
    }

    /// What turns events into jobs.
    pub fn relay(&self) -> Relay {
        Relay::new(self.db.clone(), self.jobs.clone(), self.outbox.clone(), Self::routes_of_news())
    }

    /// Starts everything that runs beside the requests, until `stop` is cancelled.
    pub fn start_background(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        tasks.spawn(self.worker().run(stop.clone()));
        tasks.spawn(self.relay().run(stop.clone()));
        tasks.spawn(self.sync.clone().run(stop.clone()));
        tasks.spawn(self.keyring.clone().keep_asking(stop.clone()));
        tasks.spawn(self.voice.clone().keep_looking(stop.clone()));
        tasks.spawn(self.switches.clone().keep_looking(stop.clone()));
    }
}

impl Deref for App {
    type Target = Contexts;

    fn deref(&self) -> &Contexts {
        &self.0
    }
}

fn money(config: &Config) -> payments::Config {
    payments::Config {
        public_url: config.public_url(),
        retention: config.retention,
        ..config.payments.clone()
    }
}

fn stall(config: &Config) -> catalog::Config {
    catalog::Config { public_url: config.public_url() }
}

fn negotiation_on(
    ground: Ground,
    keyring: &Keyring,
    below: negotiation::Parts,
    (config, switches): (&Config, &Switches),
) -> Negotiation {
    let Ground { db, clock, entropy } = ground;
    let negotiation = Negotiation::new(db, clock, entropy, keyring, below).keeping(config.retention);
    negotiation.scanned_by(Scanner::new(&config.scanner)).switched_by(switches.clone())
}

/// Voices with the keys of providers that are kept.
fn voice_on(
    ground: &Ground,
    keyring: &Keyring,
    config: &Config,
    (blobs, credits, identity): (BlobStore, Credits, Identity),
) -> Voice {
    let Ground { db, clock, entropy } = ground.clone();
    Voice::new(config.voices(), clock, blobs, Arc::new(credits)).keeping_keys(db, entropy, keyring, identity)
}

/// Identity with whatever carries its letters and messages.
fn identity_on(ground: &Ground, keyring: &Keyring, config: &Config, jobs: &Jobs) -> anyhow::Result<Identity> {
    let Ground { db, clock, entropy } = ground.clone();
    Ok(Identity::new(db, clock, entropy, keyring, identity_config(config))
        .writing(Mailer::new(&config.mail)?, jobs.clone())
        .texting(texts::carrier(&config.sms)?, jobs.clone())
        .scanned_by(Scanner::new(&config.scanner)))
}

fn privacy_on(ground: Ground, keyring: &Keyring, below: (Jobs, Identity, BlobStore)) -> Privacy {
    let Ground { db, clock, entropy } = ground;
    Privacy::new(db, clock, entropy, keyring, below)
}

/// What money stands on.
struct Money {
    jobs: Jobs,
    outbox: Outbox,
    sync: Sync,
    ledger: Ledger,
    sealer: Sealer,
    fields: Fields,
}

impl Money {
    fn on(keyring: &Keyring, below: (Jobs, Outbox, Sync, Ledger), entropy: &Entropy) -> Self {
        let (jobs, outbox, sync, ledger) = below;
        let sealer = Sealer::new(keyring, "payout-accounts", entropy.clone());
        let fields = Fields::new(keyring, entropy.clone());
        Self { jobs, outbox, sync, ledger, sealer, fields }
    }

    fn payments(&self, ground: &Ground, identity: Identity, config: &Config) -> Payments {
        let on = payments::Foundations {
            db: ground.db.clone(),
            clock: ground.clock.clone(),
            entropy: ground.entropy.clone(),
            jobs: self.jobs.clone(),
            outbox: self.outbox.clone(),
            sync: self.sync.clone(),
            ledger: self.ledger.clone(),
            identity,
            sealer: self.sealer.clone(),
            fields: self.fields.clone(),
        };
        Payments::new(on, money(config)).scanned_by(Scanner::new(&config.scanner))
    }

    fn credits(
        &self,
        ground: &Ground,
        identity: Identity,
        payments: Payments,
        (config, switches): (&Config, &Switches),
    ) -> Credits {
        Credits::new(billing::Foundations {
            db: ground.db.clone(),
            clock: ground.clock.clone(),
            entropy: ground.entropy.clone(),
            jobs: self.jobs.clone(),
            sync: self.sync.clone(),
            identity,
            ledger: self.ledger.clone(),
            payments,
        })
        .paid_at(config.billing.platform.upi_id.clone())
        .switched_by(switches.clone())
    }
}

/// The pages that this server hands out may write and open sockets: those of the configured address, and on this machine those of
/// its listeners.
pub(crate) fn identity_config(config: &Config) -> identity::Config {
    let mut identity = identity::Config {
        retention: config.retention,
        public_url: config.public_url(),
        outside: config.voices().outside(),
        ..config.identity.clone()
    };
    let plain = config.http.address.port();
    let mut own =
        vec![config.public_url(), format!("http://127.0.0.1:{plain}"), format!("http://localhost:{plain}")];
    own.extend(config.https.address.map(|https| format!("https://localhost:{}", https.port())));
    own.retain(|origin| !identity.origins.contains(origin));
    identity.origins.extend(own);
    identity
}
