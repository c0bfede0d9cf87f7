//! BHASHINI, the Indian government's language platform: recognition, translation and speech.
//!
//! There are two ways in. With a user id and an ULCA key, the configuration call (ULCA) names services, address and
//! inference key for the compute call (Dhruva); with an inference key alone the compute call is made straight, with
//! services known by heart. Base addresses are settings, and the only difference between the vendor and its emulator.
//!
//! Deliberately absent: chains of tasks in one call (numbers are checked between them), sound by address, streaming.

mod config;
mod directory;
mod engine;
mod error;
mod standing;
mod wire;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use platform::{Clock, http};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use types::{Language, ProviderKeyId};

pub use config::{Config, Gender, ServiceIds};

use crate::capability::Condition;
use crate::pool::Pool;
use crate::providers::Calls;
use crate::residency::{Region, Residency, listed};
use directory::Directory;
use error::Failure;
use standing::Standing;
use wire::{Service, Task};

/// The name in results and on bills.
const NAME: &str = "bhashini";
/// What people know it by.
pub(crate) const CALLED: &str = "BHASHINI";

/// What is said where somebody wants to know whether a key works.
const TRIED: (&str, Language, Language) = ("hello", Language::English, Language::Hindi);

/// The longest answers that are read: the list of all services, words, and a minute of sound in base64.
const CONFIGURATION_BYTES_MAX: usize = 4 * 1024 * 1024;
const WORDS_BYTES_MAX: usize = 256 * 1024;
const SOUND_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The vendor.
#[derive(Debug)]
pub(crate) struct Bhashini {
    config: Config,
    way: Way,
    http: Client,
    clock: Clock,
    pool: Pool,
    standing: Standing,
    directory: RwLock<Option<Arc<Directory>>>,
    /// One configuration call at a time.
    asking: tokio::sync::Mutex<()>,
    id: ProviderKeyId,
    residency: Residency,
    calls: Arc<Calls>,
}

/// What all instances of it stand on.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    /// The time.
    pub clock: Clock,
    /// Threads.
    pub pool: Pool,
    /// Where words may go.
    pub residency: Residency,
    /// Where calls are counted.
    pub calls: Arc<Calls>,
}

/// Where a key is looked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Desk {
    /// In the settings.
    Settings,
    /// On the operator's page.
    Page,
}

impl Desk {
    const fn check_keys(self) -> &'static str {
        match self {
            Self::Settings => "Check the keys in the settings under voice.bhashini.",
            Self::Page => "End this key at /op/providers and add the one that works.",
        }
    }
}

/// How services and key are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By the configuration call.
    Asked,
    /// By heart.
    Known,
    /// Not at all: the settings are incomplete; the sentence says how.
    Closed(&'static str),
}

impl Bhashini {
    /// The vendor under these settings; `None` where they hold no key at all.
    pub fn of(config: &Config, id: ProviderKeyId, desk: Desk, ground: &Ground) -> Option<Self> {
        let Ground { clock, pool, residency, calls } = ground.clone();
        let mut known = None;
        let way = match (config.credentials(), config.compute_key()) {
            ((None, None), None) => return None,
            ((Some(_), Some(_)), _) => Way::Asked,
            (_, Some(key)) => match Directory::by_heart(config, key, clock.now()) {
                Some(directory) => {
                    known = Some(Arc::new(directory));
                    Way::Known
                }
                None => Way::Closed("The compute address or the inference key of BHASHINI cannot be used."),
            },
            ((Some(_), None), None) => Way::Closed("BHASHINI has a user id in the settings, but no key."),
            ((None, Some(_)), None) => Way::Closed("BHASHINI has a key in the settings, but no user id."),
        };
        Some(Self {
            way,
            http: http::client(config.timeout()),
            standing: Standing::new(clock.clone(), desk),
            directory: RwLock::new(known),
            asking: tokio::sync::Mutex::default(),
            config: config.clone(),
            clock,
            pool,
            id,
            residency,
            calls,
        })
    }

    /// Which key it is called by; none of the kept ones where it is that of the settings.
    pub const fn id(&self) -> ProviderKeyId {
        self.id
    }

    /// In which countries it works; empty where nobody knows.
    pub fn works_in(&self) -> Vec<Region> {
        self.config.works_in()
    }

    /// Whether words may go there at all.
    pub fn is_inside(&self) -> bool {
        self.residency.allows(&self.works_in())
    }

    /// Whether it can work now, for people.
    pub fn condition_now(&self) -> Condition {
        if !self.is_inside() {
            let works_in = self.works_in();
            let place = if works_in.is_empty() {
                "a region that nobody stated".to_owned()
            } else {
                listed(&works_in)
            };
            return Condition::Off {
                why: format!(
                    "BHASHINI works in {place}, and words may go to {}: it is not asked.",
                    self.residency.described()
                ),
                fix: "State voice.bhashini.regions where the address is one of your own, or change residency.regions."
                    .to_owned(),
            };
        }
        match self.way {
            Way::Closed(why) => Condition::Off {
                why: why.to_owned(),
                fix: "Complete the settings under voice.bhashini.".to_owned(),
            },
            Way::Asked | Way::Known => self.standing.condition(),
        }
    }

    /// Whether it may be asked now.
    fn may_ask(&self) -> Result<(), Failure> {
        match self.way {
            _ if !self.is_inside() => {
                Err(Failure::Away("BHASHINI works outside of the allowed regions.".to_owned()))
            }
            Way::Closed(why) => Err(Failure::Away(why.to_owned())),
            Way::Asked | Way::Known => self.standing.check(),
        }
    }

    fn known(&self) -> Option<Arc<Directory>> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether there is a service; until the configuration call was made, every language of the platform is taken to
    /// have one.
    fn has(&self, service: Service) -> bool {
        self.config.service_ids.of(service.task, service.source).is_some()
            || self.known().is_none_or(|directory| directory.service(service).is_some())
    }

    /// The id of a service, where it is known before the call.
    fn service_id(&self, service: Service) -> Option<String> {
        let named = self.config.service_ids.of(service.task, service.source).map(str::to_owned);
        named.or_else(|| self.known()?.service(service).map(str::to_owned))
    }

    /// The directory: the one at hand while it is fresh, else a new one.
    async fn directory(&self) -> Result<Arc<Directory>, Failure> {
        let fresh =
            |directory: &Arc<Directory>| self.way == Way::Known || directory.is_fresh(self.clock.now());
        if let Some(directory) = self.known().filter(fresh) {
            return Ok(directory);
        }
        let _turn = self.asking.lock().await;
        if let Some(directory) = self.known().filter(fresh) {
            return Ok(directory);
        }
        let directory = Arc::new(self.configure().await?);
        self.remember(Some(Arc::clone(&directory)));
        Ok(directory)
    }

    fn remember(&self, directory: Option<Arc<Directory>>) {
        *self.directory.write().unwrap_or_else(PoisonError::into_inner) = directory;
    }

    /// The configuration call.
    async fn configure(&self) -> Result<Directory, Failure> {
        let (Some(user), Some(key)) = self.config.credentials() else {
            return Err(Failure::Away("BHASHINI has no key in the settings.".to_owned()));
        };
        let request =
            self.http.post(&self.config.config_url).header("userID", user).header("ulcaApiKey", key);
        let request = request.json(&wire::configuration_request(&self.config.pipeline_id));
        let response = request.send().await.map_err(|error| self.no_answer(&error.into()))?;
        let status = response.status();
        // ULCA answers a wrong key with 400, as it does everything else that is wrong with the settings.
        if status == StatusCode::BAD_REQUEST {
            return Err(self.standing.refused(&self.complaint(response).await));
        }
        let answer =
            self.answer(response, CONFIGURATION_BYTES_MAX).await.map_err(|refused| match refused {
                Refused::Key(complaint) => self.standing.refused(&complaint),
                Refused::Otherwise(failure) => failure,
            })?;
        let read = wire::read_configuration(&answer);
        // What is known of its own addresses is not known of one that it only names.
        let goes_elsewhere = read.as_ref().is_some_and(|listed| !config::is_own(&listed.url));
        if self.residency.is_bound() && self.config.regions.is_none() && goes_elsewhere {
            return Err(self
                .standing
                .refused("the configuration call named an address whose region nobody stated"));
        }
        read.and_then(|listed| Directory::listed(listed, &self.config, self.clock.now()))
            .ok_or_else(|| self.standing.refused("the configuration call named no services"))
    }

    /// Asks for a word, to know whether it works; how long that took, or what was wrong. What was before is forgotten.
    pub async fn probe(&self) -> Result<Duration, String> {
        self.standing.forget();
        let (text, from, to) = TRIED;
        let (wanted, began) = (service(Task::Translation, from, Some(to)), Instant::now());
        let answer = self.compute(wanted, WORDS_BYTES_MAX, |id| wire::translation_request(wanted, id, text));
        answer.await.map(|_| began.elapsed()).map_err(|failure| failure.to_string())
    }

    /// One compute call, counted.
    async fn compute(
        &self,
        service: Service,
        bytes_max: usize,
        request: impl Fn(&str) -> Value + Sync,
    ) -> Result<Value, Failure> {
        self.may_ask()?;
        let began = Instant::now();
        let answer = self.ask(service, bytes_max, request).await;
        if !matches!(answer, Err(Failure::NoService)) {
            let failure = answer.as_ref().err().map(ToString::to_string);
            self.calls.note(self.id, self.clock.now(), began.elapsed(), failure);
        }
        answer
    }

    /// A key that was handed out and is refused is asked for again, once.
    async fn ask(
        &self,
        service: Service,
        bytes_max: usize,
        request: impl Fn(&str) -> Value + Sync,
    ) -> Result<Value, Failure> {
        for may_ask_again in [self.way == Way::Asked, false] {
            let directory = self.directory().await?;
            let named = self.config.service_ids.of(service.task, service.source);
            let id = named.or_else(|| directory.service(service)).ok_or(Failure::NoService)?;
            let call = self.http.post(directory.url.clone()).header(&directory.header, &directory.key);
            let sent = call.json(&request(id)).send().await;
            let response = sent.map_err(|error| self.no_answer(&error.into()))?;
            match self.answer(response, bytes_max).await {
                Ok(answer) => return Ok(answer),
                Err(Refused::Key(_)) if may_ask_again => self.remember(None),
                Err(Refused::Key(complaint)) => return Err(self.standing.refused(&complaint)),
                Err(Refused::Otherwise(failure)) => return Err(failure),
            }
        }
        Err(Failure::NoService)
    }

    /// Reads an answer and keeps the vendor's standing.
    async fn answer(&self, response: Response, bytes_max: usize) -> Result<Value, Refused> {
        let status = response.status();
        match status.as_u16() {
            200..=299 => {}
            401 | 403 => return Err(Refused::Key(self.complaint(response).await)),
            429 => {
                let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
                return Err(Refused::Otherwise(self.standing.too_many(retry_after)));
            }
            502..=504 => {
                let how = format!("BHASHINI is away ({}).", status.as_u16());
                return Err(Refused::Otherwise(self.standing.unanswered(&how)));
            }
            // The model's own trouble with this text or recording says nothing of the next one.
            _ => {
                let complaint = self.complaint(response).await;
                let failed = format!("BHASHINI failed ({}): {complaint}", status.as_u16());
                return Err(Refused::Otherwise(Failure::Away(failed)));
            }
        }
        let body = http::read_body(response, bytes_max).await;
        let body = body.map_err(|error| Refused::Otherwise(self.no_answer(&error)))?;
        let answer = serde_json::from_slice(&body);
        let unread = |_| self.standing.unanswered("BHASHINI answered with something that is no JSON.");
        let answer = answer.map_err(unread).map_err(Refused::Otherwise)?;
        self.standing.answered();
        Ok(answer)
    }

    /// What the vendor says is wrong; a key that it repeats is taken out.
    async fn complaint(&self, response: Response) -> String {
        let body = http::read_body(response, WORDS_BYTES_MAX).await.unwrap_or_default();
        let handed_out = self.known().and_then(|known| known.key.to_str().ok().map(str::to_owned));
        wire::read_complaint(&body, self.config.secrets().chain(handed_out.as_deref()))
    }

    fn no_answer(&self, error: &http::Error) -> Failure {
        match error {
            http::Error::TooLarge { .. } => Failure::Away("BHASHINI answered with too much.".to_owned()),
            http::Error::TimedOut => self.standing.unanswered("BHASHINI did not answer in time."),
            http::Error::Unreachable(_) => self.standing.unanswered("BHASHINI could not be reached."),
        }
    }
}

/// How a call was refused.
enum Refused {
    /// The key is not taken; the vendor's sentence.
    Key(String),
    /// Anything else.
    Otherwise(Failure),
}

const fn service(task: Task, source: Language, target: Option<Language>) -> Service {
    Service { task, source, target }
}
