//! Jobs run at least once, whatever happens to their workers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use platform::jobs::{Draft, Failure, Handlers, Job, Jobs, Priority, Schedule, Worker};
use serde::{Deserialize, Serialize};
use testkit::TestDb;
use types::TenantId;

#[derive(Serialize, Deserialize)]
struct Greet {
    name: String,
}

impl Job for Greet {
    const KIND: &'static str = "greet";
    const ATTEMPTS_MAX: i16 = 3;
}

#[derive(Serialize, Deserialize)]
struct Shout;

impl Job for Shout {
    const KIND: &'static str = "shout";
    const PRIORITY: Priority = Priority::Interactive;
}

struct Bench {
    test: TestDb,
    jobs: Jobs,
}

impl Bench {
    async fn new() -> Self {
        let test = TestDb::create().await;
        let jobs = Jobs::new(test.db.clone(), test.clock.clone(), test.entropy.clone());
        Self { test, jobs }
    }

    fn tenant(&self) -> TenantId {
        self.test.entropy.id(self.test.clock.now())
    }

    async fn enqueue(&self, draft: Draft) {
        self.jobs.enqueue(&mut self.test.db.acquire().await.unwrap(), draft).await.unwrap();
    }

    async fn states(&self) -> Vec<(String, i64)> {
        let tally = self.jobs.tally(&mut self.test.db.acquire().await.unwrap()).await.unwrap();
        tally.into_iter().map(|t| (t.state, t.count)).collect()
    }

    fn worker(&self, handlers: Handlers) -> Worker {
        Worker::new(self.jobs.clone(), handlers, 4)
    }
}

fn greeting(name: &str) -> Greet {
    Greet { name: name.to_owned() }
}

/// Handlers that write down whom they greeted.
fn recording() -> (Handlers, Arc<Mutex<Vec<String>>>) {
    let greeted = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&greeted);
    let handlers = Handlers::default().on(move |job: Greet| {
        let seen = Arc::clone(&seen);
        async move {
            seen.lock().unwrap().push(job.name);
            Ok(())
        }
    });
    (handlers, greeted)
}

/// A handler that always fails, and how often it was called.
fn failing(failure: impl Fn() -> Failure + Send + Sync + 'static) -> (Handlers, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let failure = Arc::new(failure);
    let handlers = Handlers::default().on(move |_: Greet| {
        let (counted, failure) = (Arc::clone(&counted), Arc::clone(&failure));
        async move {
            counted.fetch_add(1, Ordering::SeqCst);
            Err(failure())
        }
    });
    (handlers, calls)
}

#[tokio::test]
async fn a_job_that_succeeded_is_gone() {
    let bench = Bench::new().await;
    let (handlers, greeted) = recording();
    bench.enqueue(Draft::new(bench.tenant(), &greeting("Asha"))).await;
    assert_eq!(bench.worker(handlers).run_due().await.unwrap(), 1);
    assert_eq!(*greeted.lock().unwrap(), ["Asha"]);
    assert_eq!(bench.states().await, []);
}

#[tokio::test]
async fn a_job_of_a_transaction_that_rolled_back_never_was() {
    let bench = Bench::new().await;
    let (handlers, greeted) = recording();
    let mut transaction = bench.test.db.begin().await.unwrap();
    bench.jobs.enqueue(&mut transaction, Draft::of_nobody(&greeting("Nobody"))).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(bench.worker(handlers).run_due().await.unwrap(), 0);
    assert!(greeted.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_job_waits_for_its_time() {
    let bench = Bench::new().await;
    let (handlers, _) = recording();
    let worker = bench.worker(handlers);
    bench
        .enqueue(Draft::of_nobody(&greeting("Later")).at(bench.test.clock.now() + TimeDelta::hours(1)))
        .await;
    assert_eq!(worker.run_due().await.unwrap(), 0);
    bench.test.clock.advance(TimeDelta::hours(1));
    assert_eq!(worker.run_due().await.unwrap(), 1);
}

#[tokio::test]
async fn a_failing_job_waits_longer_each_time_and_ends_dead() {
    let bench = Bench::new().await;
    let (handlers, calls) = failing(|| Failure::Retry(anyhow::anyhow!("the vendor is away")));
    let worker = bench.worker(handlers);
    bench.enqueue(Draft::of_nobody(&greeting("Asha"))).await;
    assert_eq!(worker.run_due().await.unwrap(), 1);
    assert_eq!(worker.run_due().await.unwrap(), 0, "the second try waits");
    bench.test.clock.advance(TimeDelta::milliseconds(1250));
    assert_eq!(worker.run_due().await.unwrap(), 1);
    bench.test.clock.advance(TimeDelta::milliseconds(1250));
    assert_eq!(worker.run_due().await.unwrap(), 0, "the third waits longer");
    bench.test.clock.advance(TimeDelta::milliseconds(1250));
    assert_eq!(worker.run_due().await.unwrap(), 1);
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    assert_eq!(bench.states().await, [("dead".to_owned(), 1)]);
}

#[tokio::test]
async fn the_operator_sees_a_dead_job_with_its_reason_and_revives_it() {
    let bench = Bench::new().await;
    let (handlers, _) = failing(|| Failure::Dead(anyhow::anyhow!("there is no such voice")));
    bench.enqueue(Draft::of_nobody(&greeting("Asha"))).await;
    bench.worker(handlers).run_due().await.unwrap();
    let mut connection = bench.test.db.acquire().await.unwrap();
    let resting = bench.jobs.resting(&mut connection, 10).await.unwrap();
    assert_eq!(resting[0].last_error.as_deref(), Some("there is no such voice"));
    assert!(bench.jobs.revive(&mut connection, resting[0].id).await.unwrap());
    let (handlers, greeted) = recording();
    bench.worker(handlers).run_due().await.unwrap();
    assert_eq!(*greeted.lock().unwrap(), ["Asha"]);
}

#[tokio::test]
async fn a_panicking_handler_does_not_stop_the_worker() {
    let bench = Bench::new().await;
    let handlers = recording().0.on(|_: Shout| async { panic!("a broken invariant") });
    bench.enqueue(Draft::of_nobody(&Shout)).await;
    bench.enqueue(Draft::of_nobody(&greeting("Asha"))).await;
    assert_eq!(bench.worker(handlers).run_due().await.unwrap(), 2);
    assert_eq!(bench.states().await, [("ready".to_owned(), 1)]);
}

#[tokio::test]
async fn a_job_whose_worker_died_runs_again_when_its_lease_is_over() {
    let bench = Bench::new().await;
    bench.enqueue(Draft::of_nobody(&greeting("Asha"))).await;
    // A worker that claims and is killed: its handler never returns.
    let (claimed_tx, claimed) = tokio::sync::oneshot::channel();
    let claimed_tx = Arc::new(Mutex::new(Some(claimed_tx)));
    let stuck = Handlers::default().on(move |_: Greet| {
        let sender = claimed_tx.lock().unwrap().take();
        async move {
            sender.map(|s| s.send(()));
            std::future::pending().await
        }
    });
    let killed = tokio::spawn({
        let worker = bench.worker(stuck);
        async move { worker.run_due().await }
    });
    claimed.await.unwrap();
    killed.abort();

    let (handlers, greeted) = recording();
    let worker = bench.worker(handlers);
    assert_eq!(worker.run_due().await.unwrap(), 0, "the lease still holds");
    bench.test.clock.advance(TimeDelta::seconds(31));
    assert_eq!(worker.run_due().await.unwrap(), 1);
    assert_eq!(*greeted.lock().unwrap(), ["Asha"]);
}

#[tokio::test]
async fn two_workers_share_the_queue_without_doing_anything_twice() {
    let bench = Bench::new().await;
    for n in 0..200 {
        bench.enqueue(Draft::of_nobody(&greeting(&n.to_string()))).await;
    }
    let (handlers, greeted) = recording();
    let (one, other) = (bench.worker(handlers.clone()), bench.worker(handlers));
    let (a, b) = tokio::join!(one.run_due(), other.run_due());
    assert_eq!(a.unwrap() + b.unwrap(), 200);
    let mut names = greeted.lock().unwrap().clone();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 200);
}

#[tokio::test]
async fn a_tenant_with_many_jobs_does_not_make_the_others_wait() {
    let bench = Bench::new().await;
    let (busy, quiet) = (bench.tenant(), bench.tenant());
    for n in 0..20 {
        bench.enqueue(Draft::new(busy, &greeting(&format!("busy {n}")))).await;
    }
    bench.enqueue(Draft::new(quiet, &greeting("quiet"))).await;
    let (handlers, greeted) = recording();
    bench.worker(handlers).run_due().await.unwrap();
    let position = greeted.lock().unwrap().iter().position(|n| n == "quiet").unwrap();
    assert!(position < 4, "the quiet tenant came {position} jobs late");
}

#[tokio::test]
async fn what_somebody_waits_for_goes_first() {
    let bench = Bench::new().await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let (greets, shouts) = (Arc::clone(&order), Arc::clone(&order));
    let handlers = Handlers::default()
        .on(move |_: Greet| {
            greets.lock().unwrap().push("greet");
            async { Ok(()) }
        })
        .on(move |_: Shout| {
            shouts.lock().unwrap().push("shout");
            async { Ok(()) }
        });
    bench.enqueue(Draft::of_nobody(&greeting("Asha"))).await;
    bench.enqueue(Draft::of_nobody(&Shout)).await;
    Worker::new(bench.jobs.clone(), handlers, 1).run_due().await.unwrap();
    assert_eq!(*order.lock().unwrap(), ["shout", "greet"]);
}

#[tokio::test]
async fn a_second_job_of_a_waiting_key_is_dropped() {
    let bench = Bench::new().await;
    let (handlers, greeted) = recording();
    for name in ["first", "second"] {
        bench.enqueue(Draft::of_nobody(&greeting(name)).once("asha")).await;
    }
    bench.worker(handlers.clone()).run_due().await.unwrap();
    bench.enqueue(Draft::of_nobody(&greeting("third")).once("asha")).await;
    bench.worker(handlers).run_due().await.unwrap();
    assert_eq!(*greeted.lock().unwrap(), ["first", "third"]);
}

#[tokio::test]
async fn a_job_without_credit_rests_until_its_tenant_has_some() {
    let bench = Bench::new().await;
    let tenant = bench.tenant();
    let (handlers, _) = failing(|| Failure::NoCredit);
    bench.enqueue(Draft::new(tenant, &greeting("Asha"))).await;
    bench.worker(handlers).run_due().await.unwrap();
    bench.test.clock.advance(TimeDelta::days(3));
    let (handlers, greeted) = recording();
    let worker = bench.worker(handlers);
    assert_eq!(worker.run_due().await.unwrap(), 0);
    let mut connection = bench.test.db.acquire().await.unwrap();
    assert_eq!(
        bench.jobs.resume(&mut connection, bench.tenant()).await.unwrap(),
        0,
        "somebody else's top-up"
    );
    assert_eq!(bench.jobs.resume(&mut connection, tenant).await.unwrap(), 1);
    assert_eq!(worker.run_due().await.unwrap(), 1);
    assert_eq!(*greeted.lock().unwrap(), ["Asha"]);
}

#[tokio::test]
async fn a_schedule_comes_round_once_among_all_nodes() {
    let bench = Bench::new().await;
    let (handlers, greeted) = recording();
    let handlers = handlers.schedule(Schedule::every(TimeDelta::minutes(10), &greeting("round")));
    let stop = tokio_util::sync::CancellationToken::new();
    let nodes: Vec<_> =
        (0..3).map(|_| tokio::spawn(bench.worker(handlers.clone()).run(stop.clone()))).collect();
    // The schedule is planned when the nodes start; wait for that, then let its time come.
    let planned = async || {
        sqlx::query("select 1 from job_schedules").fetch_optional(bench.test.db.pool()).await.unwrap()
    };
    while planned().await.is_none() {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    for node in nodes {
        node.await.unwrap();
    }
    bench.test.clock.advance(TimeDelta::minutes(10));
    let (one, other) = (bench.worker(handlers.clone()), bench.worker(handlers));
    let (a, b) = tokio::join!(one.run_due(), other.run_due());
    assert_eq!(a.unwrap() + b.unwrap(), 1);
    assert_eq!(*greeted.lock().unwrap(), ["round"]);
}

#[tokio::test]
async fn a_running_worker_hears_of_a_new_job_by_itself() {
    let bench = Bench::new().await;
    let (done_tx, done) = tokio::sync::oneshot::channel();
    let done_tx = Arc::new(Mutex::new(Some(done_tx)));
    let handlers = Handlers::default().on(move |_: Greet| {
        let sender = done_tx.lock().unwrap().take();
        async move {
            sender.map(|s| s.send(()));
            Ok(())
        }
    });
    let stop = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn(bench.worker(handlers).run(stop.clone()));
    bench.enqueue(Draft::of_nobody(&greeting("Asha"))).await;
    done.await.unwrap();
    stop.cancel();
    running.await.unwrap();
    assert_eq!(bench.states().await, []);
}
