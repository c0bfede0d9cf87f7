//! What is to happen at a later time of the emulator's clock.

use std::collections::BTreeMap;

/// The most tasks kept; past it the furthest is forgotten.
const TASKS_MAX: usize = 200_000;

/// Something that comes due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
    /// A payment without a bank's answer fails.
    TimeOut(String),
    /// A bank authorises a payment late.
    Authorize(String),
    /// An authorised payment that nobody captured is given back.
    ReturnUncaptured(String),
    /// A pending refund ends.
    FinishRefund {
        /// The refund.
        id: String,
        /// Processed, or failed.
        processed: bool,
    },
    /// A payment or refund is settled.
    Settle(String),
    /// A QR code closes by itself.
    ExpireQr(String),
    /// A webhook delivery is to be attempted.
    Deliver(u64),
}

/// Tasks by time; those of the same time in the order they were entered.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    tasks: BTreeMap<(i64, u64), (usize, Task)>,
    entered: u64,
}

impl Agenda {
    /// Enters a task of the merchant with this number.
    pub(crate) fn enter(&mut self, due_ms: i64, merchant: usize, task: Task) {
        self.tasks.insert((due_ms, self.entered), (merchant, task));
        self.entered += 1;
        if self.tasks.len() > TASKS_MAX {
            self.tasks.pop_last();
        }
    }

    /// Takes out the next task that is due, with its time.
    pub(crate) fn take_due(&mut self, now_ms: i64) -> Option<(i64, usize, Task)> {
        let entry = self.tasks.first_entry().filter(|entry| entry.key().0 <= now_ms)?;
        let due_ms = entry.key().0;
        let (merchant, task) = entry.remove();
        Some((due_ms, merchant, task))
    }

    /// When the next task comes due, in milliseconds since 1970.
    pub(crate) fn next_ms(&self) -> Option<i64> {
        self.tasks.keys().next().map(|(due_ms, _)| *due_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_come_out_by_time_and_then_by_entry() {
        let mut agenda = Agenda::default();
        agenda.enter(20, 0, Task::Deliver(1));
        agenda.enter(10, 0, Task::Deliver(2));
        agenda.enter(20, 1, Task::Deliver(3));
        let order: Vec<_> = std::iter::from_fn(|| agenda.take_due(20)).map(|(_, _, task)| task).collect();
        assert_eq!(order, [Task::Deliver(2), Task::Deliver(1), Task::Deliver(3)]);
        assert_eq!(agenda.next_ms(), None);
    }

    #[test]
    fn a_full_agenda_forgets_what_is_furthest_off() {
        let mut agenda = Agenda::default();
        let last = i64::try_from(TASKS_MAX).unwrap();
        for due_ms in (0..=last).rev() {
            agenda.enter(due_ms, 0, Task::Deliver(0));
        }
        assert_eq!(agenda.next_ms(), Some(0));
        assert_eq!(
            std::iter::from_fn(|| agenda.take_due(last)).last().map(|(due_ms, ..)| due_ms),
            Some(last - 1)
        );
    }

    #[test]
    fn nothing_comes_out_early() {
        let mut agenda = Agenda::default();
        agenda.enter(11, 0, Task::Deliver(1));
        assert_eq!(agenda.take_due(10), None);
        assert_eq!(agenda.next_ms(), Some(11));
    }
}
