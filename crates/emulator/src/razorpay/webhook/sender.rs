//! Carries deliveries to their endpoints.

use futures::future::join_all;
use tokio::task::JoinSet;

use super::post_room::{Attempt, Next, Outgoing};
use crate::razorpay::Razorpay;
use crate::razorpay::agenda::Task;

/// Sends what comes due, for as long as it is polled.
pub(crate) async fn send_due(razorpay: Razorpay, client: reqwest::Client) {
    let mut under_way = JoinSet::new();
    loop {
        let (outgoing, next_ms, generation) = razorpay.quietly(|world| {
            let outgoing = world.bench.post_room.take_outgoing();
            (outgoing, world.bench.agenda.next_ms(), world.generation)
        });
        razorpay.report_progress();
        for request in outgoing {
            under_way.spawn(carry(razorpay.clone(), client.clone(), request, generation));
        }
        tokio::select! {
            () = razorpay.woken() => {}
            () = razorpay.clock().wait_until(next_ms.unwrap_or(i64::MAX)) => {}
            Some(_) = under_way.join_next() => {}
        }
    }
}

async fn carry(razorpay: Razorpay, client: reqwest::Client, request: Outgoing, generation: u64) {
    let at_ms = razorpay.clock().now_ms();
    let copies = (0..request.copies).map(|_| post(&client, &request, at_ms));
    let attempts = join_all(copies).await;
    razorpay.quietly(|world| {
        if world.generation != generation {
            return;
        }
        let now_ms = world.now_ms();
        let merchant = request.merchant;
        match world.bench.post_room.finish(&request, attempts, now_ms) {
            Next::Nothing => {}
            Next::Retry { due_ms } => {
                world.bench.agenda.enter(due_ms, merchant, Task::Deliver(request.delivery));
            }
            Next::SwitchOff => {
                let endpoints = world.merchants[merchant].endpoints.iter_mut();
                endpoints
                    .filter(|endpoint| endpoint.url == request.url)
                    .for_each(|endpoint| endpoint.active = false);
            }
        }
    });
}

async fn post(client: &reqwest::Client, request: &Outgoing, at_ms: i64) -> Attempt {
    let sent = client
        .post(&request.url)
        .header("Content-Type", "application/json")
        .header("X-Razorpay-Signature", &request.signature)
        .header("x-razorpay-event-id", &request.event_id)
        .body(request.body.clone())
        .send()
        .await;
    match sent {
        Ok(answer) => Attempt { at_ms, status: Some(answer.status().as_u16()), error: None },
        Err(error) if error.is_timeout() => {
            Attempt { at_ms, status: None, error: Some("no answer in time".to_owned()) }
        }
        Err(error) => Attempt { at_ms, status: None, error: Some(error.without_url().to_string()) },
    }
}
