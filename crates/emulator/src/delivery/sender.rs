//! Carries deliveries to their endpoints.

use std::future::Future;

use futures::future::join_all;
use tokio::task::JoinSet;

use super::post_room::{Attempt, Outgoing};
use crate::clock::Clock;

/// What is to go out now, when something comes due next (milliseconds since 1970), and how many resets there were.
pub(crate) type Taken = (Vec<Outgoing>, Option<i64>, u64);

/// A vendor whose deliveries are carried.
pub(crate) trait Carrier: Clone + Send + Sync + 'static {
    /// The vendor's time.
    fn clock(&self) -> &Clock;
    /// Does what has come due, and takes what is to go out.
    fn take_outgoing(&self) -> Taken;
    /// Records the attempts of a request taken at that count of resets.
    fn finish(&self, sent: &Outgoing, attempts: Vec<Attempt>, generation: u64);
    /// Tells who waits for deliveries that there may be fewer.
    fn report_progress(&self);
    /// Completes once something may have come due.
    fn woken(&self) -> impl Future<Output = ()> + Send;
}

/// Sends what comes due, for as long as it is polled.
pub(crate) async fn send_due<C: Carrier>(vendor: C, client: reqwest::Client) {
    let mut under_way = JoinSet::new();
    loop {
        let (outgoing, next_ms, generation) = vendor.take_outgoing();
        vendor.report_progress();
        for request in outgoing {
            under_way.spawn(carry(vendor.clone(), client.clone(), request, generation));
        }
        tokio::select! {
            () = vendor.woken() => {}
            () = vendor.clock().wait_until(next_ms.unwrap_or(i64::MAX)) => {}
            Some(_) = under_way.join_next() => {}
        }
    }
}

async fn carry<C: Carrier>(vendor: C, client: reqwest::Client, request: Outgoing, generation: u64) {
    let at_ms = vendor.clock().now_ms();
    let copies = (0..request.copies).map(|_| post(&client, &request, at_ms));
    let attempts = join_all(copies).await;
    vendor.finish(&request, attempts, generation);
}

async fn post(client: &reqwest::Client, request: &Outgoing, at_ms: i64) -> Attempt {
    let mut sending = client.post(&request.url).header("Content-Type", "application/json");
    for (name, value) in &request.headers {
        sending = sending.header(*name, value);
    }
    match sending.body(request.body.clone()).send().await {
        Ok(answer) => Attempt { at_ms, status: Some(answer.status().as_u16()), error: None },
        Err(error) if error.is_timeout() => {
            Attempt { at_ms, status: None, error: Some("no answer in time".to_owned()) }
        }
        Err(error) => Attempt { at_ms, status: None, error: Some(error.without_url().to_string()) },
    }
}
