//! Lists in pages: keyset pagination, newest first.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How many items a page has at most.
pub const LIMIT_MAX: i64 = 100;

/// Which page of a list is asked for.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next` of the page before; nothing for the first page.
    pub before: Option<Uuid>,
    /// Items a page, 1–100; 50 where nothing is said.
    pub limit: Option<i64>,
}

/// A page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items, newest first.
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Uuid>,
}

impl PageQuery {
    /// The id before which the page begins: every UUIDv7 sorts below the maximum.
    pub fn before(self) -> Uuid {
        self.before.unwrap_or(Uuid::max())
    }

    /// Items a page.
    pub fn limit(self) -> i64 {
        self.limit.unwrap_or(50).clamp(1, LIMIT_MAX)
    }

    /// How many rows to ask the database for: one more than the page, to know whether there is another.
    pub fn rows(self) -> i64 {
        self.limit() + 1
    }

    /// Makes a page of what the database gave for [`PageQuery::rows`].
    pub fn page<T>(self, mut items: Vec<T>, id: impl Fn(&T) -> Uuid) -> Page<T> {
        let limit = usize::try_from(self.limit()).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(id) } else { None };
        Page { items, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extra_row_becomes_the_address_of_the_next_page() {
        let query = PageQuery { before: None, limit: Some(2) };
        let ids: Vec<Uuid> = (1u128..=3).map(Uuid::from_u128).collect();
        let page = query.page(ids.clone(), |id| *id);
        assert_eq!(page.items, ids[..2]);
        assert_eq!(page.next, Some(ids[1]));
        assert_eq!(query.page(ids[..2].to_vec(), |id| *id).next, None);
    }

    #[test]
    fn a_limit_out_of_range_is_brought_into_it() {
        assert_eq!(PageQuery { before: None, limit: Some(-5) }.limit(), 1);
        assert_eq!(PageQuery { before: None, limit: Some(i64::MAX) }.limit(), LIMIT_MAX);
    }
}
