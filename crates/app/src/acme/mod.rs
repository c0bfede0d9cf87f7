//! Certificates from an authority that speaks ACME (RFC 8555): ordered where there is none or the last third of its life has begun, and
//! served without a restart.
//!
//! **Invariants.** One node orders at a time, and all that share the data directory serve what it got and answer the authority's question. What
//! went wrong is kept, so that neither the server nor its restarts ask the authority more than four times in the first hour, and ever less
//! after it. Until there is a certificate, and while a new one is refused, the one before serves on.
//!
//! **Deliberately absent**: names with `*` and the question by DNS, which need a provider's keys; more than one name.

mod files;
mod life;
mod order;
mod settings;
mod told;

pub(crate) use files::is_question;
pub use settings::{Acme, ExternalAccount};
pub(crate) use told::part;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use platform::Clock;
use tokio::time::timeout;

use crate::Config;
use files::{Folder, Trouble};
use settings::Asked;

/// How long one order may take, with the authority's look at this server.
const ORDER_WITHIN: Duration = Duration::from_mins(4);
/// The longest words of an authority that are kept, in characters.
const WORDS_CHARS_MAX: usize = 500;

/// The authority, what it is asked for, and where its answers lie.
#[derive(Debug)]
pub struct Authority {
    asked: Asked,
    folder: Folder,
    clock: Clock,
}

/// Where answers to an authority's question lie, where the server asks one itself.
pub fn challenges(config: &Config) -> Option<PathBuf> {
    config.https.acme.as_ref().map(|_| Folder::of(&config.data_dir).challenges())
}

impl Authority {
    /// The authority of these settings; none where nobody is asked.
    ///
    /// # Errors
    /// Says which setting is missing or does not fit.
    pub fn of(config: &Config, clock: Clock) -> anyhow::Result<Option<Self>> {
        let asked = Asked::read(config)?;
        Ok(asked.map(|asked| Self { asked, folder: Folder::of(&config.data_dir), clock }))
    }

    /// The file with the certificate's chain and its key.
    pub fn certificate(&self) -> &Path {
        self.folder.certificate()
    }

    /// Orders a certificate where one is due, and says how long none is, as far as is known.
    pub async fn tend(&self) -> Duration {
        match self.order_where_due().await {
            Ok(due) => (due - self.clock.now()).to_std().unwrap_or_default(),
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "what an authority answers cannot be kept; the certificate before serves on"
                );
                Duration::MAX
            }
        }
    }

    async fn order_where_due(&self) -> anyhow::Result<DateTime<Utc>> {
        if !self.is_due() {
            return Ok(self.due());
        }
        self.folder.make()?;
        // Whoever has the lock orders for all: the others find what it got.
        let Some(_lock) = self.folder.lock()? else { return Ok(self.clock.now() + files::LOOK_AGAIN) };
        // It may have been done while this one waited.
        if self.is_due() {
            self.try_once().await?;
        }
        Ok(self.due())
    }

    fn due(&self) -> DateTime<Utc> {
        let life = self.folder.life().filter(|life| life.is_for(&self.asked.name));
        let wanted = life.map_or(DateTime::UNIX_EPOCH, |life| life.renew_at());
        self.trouble().map_or(wanted, |trouble| wanted.max(trouble.again_at))
    }

    fn is_due(&self) -> bool {
        self.due() <= self.clock.now()
    }

    /// What went wrong the last times, with these settings.
    fn trouble(&self) -> Option<Trouble> {
        self.folder.trouble().filter(|trouble| trouble.is_about(&self.asked))
    }

    async fn try_once(&self) -> anyhow::Result<()> {
        let (name, before, now) = (&self.asked.name, self.trouble(), self.clock.now());
        let failed = |why: &str, limited| Trouble::after(before.as_ref(), &self.asked, why, limited, now);
        // Counted before it is tried: whoever is killed in the middle, or cannot keep what it got, asks no sooner either.
        self.folder.keep_trouble(&failed("it is under way, or was cut off", false))?;
        tracing::info!(name, directory = self.asked.directory, "a certificate is ordered");
        let ordered = timeout(ORDER_WITHIN, order::certificate(&self.asked, &self.folder)).await;
        let ordered = ordered.context("the authority took too long").and_then(|ordered| ordered);
        match ordered {
            Ok(pem) => {
                let life = self.folder.keep(&pem)?;
                tracing::info!(name, until = %life.until, renewed_from = %life.renew_at(), "a certificate was obtained");
            }
            Err(error) => {
                let why: String = format!("{error:#}").chars().take(WORDS_CHARS_MAX).collect();
                let trouble = failed(&why, order::is_limit(&error));
                self.folder.keep_trouble(&trouble)?;
                tracing::error!(name, why, again_at = %trouble.again_at, "no certificate was obtained; the one before serves on");
            }
        }
        Ok(())
    }
}
