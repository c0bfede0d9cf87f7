//! What is to happen at a later time of the emulator's clock.

use std::collections::BTreeMap;

/// The most tasks kept; past it the furthest is forgotten.
const TASKS_MAX: usize = 200_000;

/// Tasks by time; those of the same time in the order they were entered.
#[derive(Debug)]
pub(crate) struct Agenda<T> {
    tasks: BTreeMap<(i64, u64), (usize, T)>,
    entered: u64,
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self { tasks: BTreeMap::new(), entered: 0 }
    }
}

impl<T> Agenda<T> {
    /// Enters a task of the account with this number.
    pub(crate) fn enter(&mut self, due_ms: i64, account: usize, task: T) {
        self.tasks.insert((due_ms, self.entered), (account, task));
        self.entered += 1;
        if self.tasks.len() > TASKS_MAX {
            self.tasks.pop_last();
        }
    }

    /// Takes out the next task that is due, with its time.
    pub(crate) fn take_due(&mut self, now_ms: i64) -> Option<(i64, usize, T)> {
        let entry = self.tasks.first_entry().filter(|entry| entry.key().0 <= now_ms)?;
        let due_ms = entry.key().0;
        let (account, task) = entry.remove();
        Some((due_ms, account, task))
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
        agenda.enter(20, 0, "task 1");
        agenda.enter(10, 0, "task 2");
        agenda.enter(20, 1, "task 3");
        let order: Vec<_> = std::iter::from_fn(|| agenda.take_due(20)).map(|(_, _, task)| task).collect();
        assert_eq!(order, ["task 2", "task 1", "task 3"]);
        assert_eq!(agenda.next_ms(), None);
    }

    #[test]
    fn a_full_agenda_forgets_what_is_furthest_off() {
        let mut agenda = Agenda::default();
        let last = i64::try_from(TASKS_MAX).unwrap();
        for due_ms in (0..=last).rev() {
            agenda.enter(due_ms, 0, "task 0");
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
        agenda.enter(11, 0, "task 1");
        assert_eq!(agenda.take_due(10), None);
        assert_eq!(agenda.next_ms(), Some(11));
    }
}
