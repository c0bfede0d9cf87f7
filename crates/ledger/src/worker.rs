//! Forms batches of what waits, and has several of them carried at once.
//!
//! **Invariant**: what is under way at once shares no account and no key, and of two postings that share one, the one that came first goes
//! first. A posting that could touch any account goes alone, after all that came before it.

use std::collections::{HashSet, VecDeque};

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use platform::Db;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::Ledger;
use crate::batcher::{BatcherOptions, Call};
use crate::carrier::{Answer, Carried, Carrier, Learnt};
use crate::known::{Claim, Known};

/// What a [`crate::Batcher`] needs somebody to run.
pub(crate) struct Worker {
    ledger: Ledger,
    options: BatcherOptions,
    known: Known,
    waiting: VecDeque<Call>,
    /// Who is free to carry a batch.
    idle: Vec<Carrier>,
    under_way: FuturesUnordered<BoxFuture<'static, Ended>>,
    /// What is under way claims this, or everything; so many postings it is.
    busy: Claimed,
    carried: usize,
    /// So many callers were answered and may well come again: until then what waits belongs into one batch with what they will ask for.
    expected: usize,
    until: Instant,
}

#[derive(Debug, Default)]
struct Claimed {
    these: HashSet<Claim>,
    everything: bool,
}

/// What goes together.
#[derive(Debug, Default)]
struct Batch {
    calls: Vec<Call>,
    claimed: Claimed,
    /// Whether all its accounts are remembered.
    known: bool,
}

/// A batch that was carried.
struct Ended {
    carried: Carried,
    claimed: Claimed,
    answers: Vec<Answer>,
}

impl Worker {
    pub(crate) fn new(ledger: Ledger, db: Db, options: BatcherOptions) -> Self {
        let idle = std::iter::repeat_n((ledger.clone(), db), options.batches_max);
        let idle = idle.map(|(ledger, db)| Carrier::new(ledger, db)).collect();
        Self {
            ledger,
            options,
            known: Known::default(),
            waiting: VecDeque::new(),
            idle,
            under_way: FuturesUnordered::new(),
            busy: Claimed::default(),
            carried: 0,
            expected: 0,
            until: Instant::now(),
        }
    }

    pub(crate) async fn run(mut self, mut calls: mpsc::Receiver<Call>) {
        let (mut open, mut came) = (true, Vec::new());
        while open || !self.waiting.is_empty() || !self.under_way.is_empty() {
            self.start();
            let room = (2 * self.options.postings_max).saturating_sub(self.waiting.len());
            tokio::select! {
                Some(ended) = self.under_way.next() => self.end(ended),
                count = calls.recv_many(&mut came, room), if open && room > 0 => {
                    open = count > 0;
                    self.expected = if open { self.expected.saturating_sub(count) } else { 0 };
                    self.waiting.extend(came.drain(..));
                }
                () = sleep_until(self.until), if self.expected > 0 => self.expected = 0,
            }
        }
    }

    /// Starts what may start.
    fn start(&mut self) {
        while self.expected == 0 || self.waiting.len() >= self.options.postings_max {
            let Some(carrier) = self.idle.pop() else { return };
            let batch = self.take();
            if batch.calls.is_empty() {
                self.idle.push(carrier);
                return;
            }
            self.send(carrier, batch);
        }
    }

    fn send(&mut self, carrier: Carrier, Batch { calls, claimed, known }: Batch) {
        self.carried += calls.len();
        self.busy.these.extend(&claimed.these);
        self.busy.everything |= claimed.everything;
        let (postings, answers): (Vec<_>, Vec<_>) =
            calls.into_iter().map(|Call { posting, answer }| (posting, answer)).unzip();
        let plan = if known { self.ledger.plan(&self.known, &postings) } else { None };
        self.under_way.push(Box::pin(async move {
            Ended { carried: carrier.carry(postings, plan).await, claimed, answers }
        }));
    }

    /// Takes a fair share of what waits, and with it whatever else would only wait for the same accounts.
    fn take(&mut self) -> Batch {
        let share = (self.waiting.len() + self.carried).div_ceil(self.options.batches_max);
        let (mut batch, mut passed_over) = (Batch::default(), Claimed::default());
        let mut left = VecDeque::with_capacity(self.waiting.len());
        for call in self.waiting.drain(..) {
            let claims = self.known.claims(&call.posting);
            let known = claims.as_ref().is_some_and(|claims| self.known.has_all(claims));
            let alike = batch.calls.is_empty() || batch.known == known;
            let fits = batch.calls.len() < share || batch.claimed.meets(claims.as_deref());
            let free = ![&self.busy, &passed_over].iter().any(|claimed| claimed.meets(claims.as_deref()));
            if free && fits && alike && batch.calls.len() < self.options.postings_max {
                batch.known = known;
                batch.claimed.add(claims);
                batch.calls.push(call);
            } else {
                passed_over.add(claims);
                left.push_back(call);
            }
        }
        self.waiting = left;
        batch
    }

    /// Takes in what a batch came to, and answers its callers.
    fn end(&mut self, Ended { carried, claimed, answers }: Ended) {
        self.busy.these.retain(|claim| !claimed.these.contains(claim));
        self.busy.everything &= !claimed.everything;
        self.carried -= answers.len();
        for learnt in carried.learnt {
            match learnt {
                Learnt::Written(outcome) => self.known.advance(outcome),
                Learnt::Locked(outcome) => self.known.correct(outcome),
                Learnt::Nothing => self.known = Known::default(),
            }
        }
        self.expected += answers.len();
        self.until = Instant::now() + self.options.linger;
        self.idle.push(carried.carrier);
        for (answer, result) in answers.into_iter().zip(carried.results) {
            // Whoever no longer waits has no use for the answer.
            let _ = answer.send(result);
        }
    }
}

impl Claimed {
    /// Whether something in it is claimed by a posting too; no claims are a claim on everything.
    fn meets(&self, claims: Option<&[Claim]>) -> bool {
        let something = self.everything || !self.these.is_empty();
        match claims {
            Some(claims) => self.everything || claims.iter().any(|claim| self.these.contains(claim)),
            None => something,
        }
    }

    fn add(&mut self, claims: Option<Vec<Claim>>) {
        match claims {
            Some(claims) => self.these.extend(claims),
            None => self.everything = true,
        }
    }
}
