//! A bounded store of one kind of entity, found by id and listed newest first.

use std::collections::{BTreeMap, HashMap};

/// The most entities of one kind an account keeps; past it the oldest is forgotten.
pub(crate) const SHELF_MAX: usize = 20_000;

/// What a shelf needs to know of what it keeps.
pub(crate) trait Kept {
    /// The key, unique on its shelf.
    fn id(&self) -> &str;
}

#[derive(Debug)]
pub(crate) struct Shelf<T> {
    by_age: BTreeMap<u64, T>,
    ages: HashMap<String, u64>,
    next: u64,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { by_age: BTreeMap::new(), ages: HashMap::new(), next: 0 }
    }
}

impl<T: Kept> Shelf<T> {
    /// Keeps `item`, replacing one of the same id.
    pub(crate) fn put(&mut self, item: T) {
        if let Some(age) = self.ages.get(item.id()) {
            self.by_age.insert(*age, item);
            return;
        }
        if self.by_age.len() >= SHELF_MAX
            && let Some((_, oldest)) = self.by_age.pop_first()
        {
            self.ages.remove(oldest.id());
        }
        self.ages.insert(item.id().to_owned(), self.next);
        self.by_age.insert(self.next, item);
        self.next += 1;
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.by_age.get(self.ages.get(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.by_age.get_mut(self.ages.get(id)?)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<T> {
        self.by_age.remove(&self.ages.remove(id)?)
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.by_age.values().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Kept for String {
        fn id(&self) -> &str {
            self
        }
    }

    #[test]
    fn a_full_shelf_forgets_the_oldest() {
        let mut shelf = Shelf::default();
        for number in 0..=SHELF_MAX {
            shelf.put(number.to_string());
        }
        assert!(shelf.get("0").is_none());
        assert!(shelf.get("1").is_some());
        assert_eq!(shelf.newest_first().next(), Some(&SHELF_MAX.to_string()));
        assert_eq!(shelf.newest_first().count(), SHELF_MAX);
    }
}
