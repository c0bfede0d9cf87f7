//! Events become jobs after, and only after, the transaction that made them true.

use platform::jobs::{Draft, Handlers, Job, Jobs, Worker};
use platform::outbox::{Event, Outbox, Relay, Routes};
use serde::{Deserialize, Serialize};
use testkit::TestDb;
use types::{OrderId, TenantId};

#[derive(Serialize, Deserialize)]
struct OrderPaid {
    order: OrderId,
}

impl Event for OrderPaid {
    const KIND: &'static str = "order-paid";
}

#[derive(Serialize, Deserialize)]
struct IssueDocument {
    order: OrderId,
}

impl Job for IssueDocument {
    const KIND: &'static str = "issue-document";
}

struct Bench {
    test: TestDb,
    outbox: Outbox,
    relay: Relay,
    worker: Worker,
    issued: tokio::sync::mpsc::UnboundedReceiver<OrderId>,
}

async fn bench() -> Bench {
    let test = TestDb::create().await;
    let jobs = Jobs::new(test.db.clone(), test.clock.clone(), test.entropy.clone());
    let outbox = Outbox::new(test.clock.clone(), test.entropy.clone());
    let routes = Routes::default()
        .on(|tenant, paid: OrderPaid| vec![Draft::new(tenant, &IssueDocument { order: paid.order })]);
    let relay = Relay::new(test.db.clone(), jobs.clone(), outbox.clone(), routes);
    let (sender, issued) = tokio::sync::mpsc::unbounded_channel();
    let handlers = Handlers::default().on(move |job: IssueDocument| {
        let sent = sender.send(job.order);
        async move { Ok(sent?) }
    });
    Bench { worker: Worker::new(jobs, handlers, 2), test, outbox, relay, issued }
}

#[tokio::test]
async fn an_event_becomes_its_jobs_once() {
    let mut bench = bench().await;
    let now = bench.test.clock.now();
    let (tenant, order): (TenantId, OrderId) = (bench.test.entropy.id(now), bench.test.entropy.id(now));
    let mut transaction = bench.test.db.begin().await.unwrap();
    bench.outbox.publish(&mut transaction, tenant, &OrderPaid { order }).await.unwrap();
    assert_eq!(bench.relay.relay_batch().await.unwrap(), 0, "nothing is committed yet");
    transaction.commit().await.unwrap();
    assert_eq!(bench.relay.relay_batch().await.unwrap(), 1);
    assert_eq!(bench.relay.relay_batch().await.unwrap(), 0);
    assert_eq!(bench.worker.run_due().await.unwrap(), 1);
    assert_eq!(bench.issued.recv().await, Some(order));
}

#[tokio::test]
async fn an_event_nobody_listens_to_is_let_go() {
    #[derive(Serialize, Deserialize)]
    struct Unheard;
    impl Event for Unheard {
        const KIND: &'static str = "unheard";
    }
    let bench = bench().await;
    let tenant: TenantId = bench.test.entropy.id(bench.test.clock.now());
    bench.outbox.publish(&mut bench.test.db.acquire().await.unwrap(), tenant, &Unheard).await.unwrap();
    assert_eq!(bench.relay.relay_batch().await.unwrap(), 1);
    assert_eq!(bench.worker.run_due().await.unwrap(), 0);
}
