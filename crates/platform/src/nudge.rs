//! Wakes a polling loop when a commit is about to land.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// How many quick looks follow a nudge: after 2, 4, 8 … 512 ms.
const LOOKS: u32 = 9;

/// Tells a loop that polls the database that rows are about to appear.
///
/// The writer nudges *inside* its transaction, before anybody can see the rows; so the reader does not look once but
/// a few times at growing distance. A nudge that nothing follows costs nine small queries. Nothing depends on it:
/// the loop also polls at its own idle pace, which is how it hears of other nodes.
#[derive(Debug, Clone, Default)]
pub struct Nudge {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    notify: Notify,
    look: AtomicU32,
}

impl Default for Shared {
    fn default() -> Self {
        Self { notify: Notify::new(), look: AtomicU32::new(LOOKS) }
    }
}

impl Nudge {
    /// Says that rows are about to be committed.
    pub fn soon(&self) {
        self.shared.look.store(0, Ordering::SeqCst);
        self.shared.notify.notify_one();
    }

    /// Waits until it is worth looking: a nudge, the next quick look after one, or `idle`.
    pub async fn wait(&self, idle: Duration) {
        let look = self.shared.look.fetch_add(1, Ordering::SeqCst);
        let quick = Duration::from_millis(2 << look.min(LOOKS));
        if look < LOOKS && quick < idle {
            tokio::select! {
                () = tokio::time::sleep(quick) => {}
                () = self.shared.notify.notified() => tokio::time::sleep(Duration::from_millis(1)).await,
            }
            return;
        }
        self.shared.look.store(LOOKS, Ordering::SeqCst);
        tokio::select! {
            () = tokio::time::sleep(idle) => {}
            () = self.shared.notify.notified() => {}
        }
    }
}
