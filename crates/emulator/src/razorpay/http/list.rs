//! Lists: `from`, `to`, `count`, `skip` and the filters of each list.

use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde_json::{Value, json};

use crate::razorpay::error::{Error, Result};

const COUNT_DEFAULT: usize = 10;
const COUNT_MAX: usize = 100;

/// A list's parameters, taken out one by one.
#[derive(Debug)]
pub(crate) struct Listing {
    rest: Vec<(String, String)>,
}

impl<S: Send + Sync> FromRequestParts<S> for Listing {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Query(rest) = Query::from_request_parts(parts, state)
            .await
            .map_err(|_| Error::refused("The query is not well formed"))?;
        Ok(Self { rest })
    }
}

/// Which part of a list is wanted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    from_s: i64,
    to_s: i64,
    count: usize,
    skip: usize,
}

impl Listing {
    /// The value of a parameter; the last where it is given twice. An empty one counts as absent.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let mut found = None;
        self.rest.retain_mut(|(key, value)| {
            let matches = key == name;
            if matches {
                found = Some(std::mem::take(value));
            }
            !matches
        });
        found.filter(|value| !value.is_empty())
    }

    /// Whether `expand[]` names this. The Node client writes `expand[expand[]]`, which the vendor reads alike.
    pub(crate) fn expands(&mut self, what: &str) -> bool {
        let before = self.rest.len();
        let names = |(key, value): &(String, String)| {
            (key == "expand" || key.starts_with("expand[")) && value == what
        };
        self.rest.retain(|pair| !names(pair));
        self.rest.len() < before
    }

    pub(crate) fn number<T: std::str::FromStr>(&mut self, name: &'static str) -> Result<Option<T>> {
        self.take(name)
            .map(|text| {
                text.parse().map_err(|_| Error::invalid(name, format!("The {name} must be an integer.")))
            })
            .transpose()
    }

    /// Reads the page and refuses what is left over.
    pub(crate) fn page(self) -> Result<Page> {
        self.page_up_to(COUNT_MAX)
    }

    /// The same of a list whose pages are longer.
    pub(crate) fn page_up_to(mut self, count_max: usize) -> Result<Page> {
        let page = Page {
            from_s: self.number("from")?.unwrap_or(i64::MIN),
            to_s: self.number("to")?.unwrap_or(i64::MAX),
            count: self.number("count")?.unwrap_or(COUNT_DEFAULT),
            skip: self.number("skip")?.unwrap_or(0),
        };
        if page.count == 0 {
            return Err(Error::invalid("count", "The count must be at least 1."));
        }
        if page.count > count_max {
            let complaint = format!("The count may not be greater than {count_max}.");
            return Err(Error::invalid("count", complaint));
        }
        match self.rest.first() {
            None => Ok(page),
            Some((name, _)) => {
                let name: String = name.chars().take(40).collect();
                Err(Error::refused(format!("{name} is/are not required and should not be sent")))
            }
        }
    }
}

impl Page {
    /// The collection of those items on this page, from newest to oldest.
    pub(crate) fn of<T>(
        &self,
        newest_first: impl Iterator<Item = T>,
        created_s: impl Fn(&T) -> i64,
        show: impl Fn(T) -> Value,
    ) -> Json<Value> {
        let items: Vec<Value> = newest_first
            .filter(|item| (self.from_s..=self.to_s).contains(&created_s(item)))
            .skip(self.skip)
            .take(self.count)
            .map(show)
            .collect();
        collection(&items)
    }
}

/// The vendor's shape of a list.
pub(crate) fn collection(items: &[Value]) -> Json<Value> {
    Json(json!({ "entity": "collection", "count": items.len(), "items": items }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(pairs: &[(&str, &str)]) -> Listing {
        Listing { rest: pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect() }
    }

    #[test]
    fn counts_are_from_one_to_a_hundred() {
        assert!(listing(&[("count", "100")]).page().is_ok());
        for bad in ["0", "101", "-1", "ten", "99999999999999999999"] {
            assert!(listing(&[("count", bad)]).page().is_err(), "{bad}");
        }
    }

    #[test]
    fn unknown_parameters_are_refused_and_known_ones_are_not() {
        let mut given = listing(&[("expand[]", "payments"), ("receipt", "r-1"), ("skip", "2")]);
        assert!(given.expands("payments"));
        assert_eq!(given.take("receipt").as_deref(), Some("r-1"));
        assert_eq!(given.page().unwrap().skip, 2);
        assert!(listing(&[("limit", "5")]).page().is_err());
    }
}
