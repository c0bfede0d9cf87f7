//! Lists: `limit`, `starting_after`, `ending_before` and `created`, newest first.

use serde_json::{Value, json};

use super::error::{Error, Result};
use super::params::Params;
use crate::shelf::Kept;

const LIMIT_DEFAULT: i64 = 10;
const LIMIT_MAX: i64 = 100;

/// Which part of a list is wanted.
#[derive(Debug)]
pub(crate) struct Page {
    limit: usize,
    starting_after: Option<String>,
    ending_before: Option<String>,
    created: Range,
}

/// Seconds since 1970, both ends included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    from: i64,
    to: i64,
}

impl Range {
    pub(crate) fn take(params: &mut Params, name: &str) -> Result<Self> {
        let mut range = Self { from: i64::MIN, to: i64::MAX };
        // `created=…` is one second, `created[gte]=…` a bound.
        let Ok(Some(mut bounds)) = params.clone().group(name) else {
            if let Some(second) = params.integer(name)? {
                range = Self { from: second, to: second };
            }
            return Ok(range);
        };
        params.discard(name);
        for (name, shift) in [("gte", 0), ("gt", 1)] {
            if let Some(second) = bounds.integer(name)? {
                range.from = range.from.max(second.saturating_add(shift));
            }
        }
        for (name, shift) in [("lte", 0), ("lt", -1)] {
            if let Some(second) = bounds.integer(name)? {
                range.to = range.to.min(second.saturating_add(shift));
            }
        }
        bounds.finish()?;
        Ok(range)
    }

    pub(crate) fn holds(self, second: i64) -> bool {
        (self.from..=self.to).contains(&second)
    }
}

/// What a list needs to know of its members.
pub(crate) trait Listed: Kept {
    /// The vendor's word for them, `payment_intent` for example.
    const KIND: &'static str;
    /// Seconds since 1970.
    fn created(&self) -> i64;
}

impl Page {
    pub(crate) fn take(params: &mut Params) -> Result<Self> {
        let limit = params.integer("limit")?.unwrap_or(LIMIT_DEFAULT);
        let bound =
            |sentence: &'static str| Error::invalid("limit", sentence).code("parameter_invalid_integer");
        if limit < 1 {
            return Err(bound("This value must be greater than or equal to 1."));
        }
        if limit > LIMIT_MAX {
            return Err(bound("This value must be less than or equal to 100."));
        }
        Ok(Self {
            limit: usize::try_from(limit).unwrap_or(1),
            starting_after: params.text("starting_after")?,
            ending_before: params.text("ending_before")?,
            created: Range::take(params, "created")?,
        })
    }

    /// The page of those members, shown; `url` is where the list is.
    pub(crate) fn of<'a, T: Listed + 'a>(
        &self,
        newest_first: impl Iterator<Item = &'a T>,
        url: &str,
        show: impl Fn(&T) -> Value,
    ) -> Result<Value> {
        let within = |member: &&T| self.created.holds(member.created());
        let members: Vec<&T> = newest_first.filter(within).collect();
        let at = |cursor: &Option<String>, name: &str| match cursor {
            None => Ok(None),
            Some(id) => members
                .iter()
                .position(|member| member.id() == id)
                .map(Some)
                .ok_or_else(|| Error::no_such_param(T::KIND, id, name)),
        };
        let (after, before) =
            (at(&self.starting_after, "starting_after")?, at(&self.ending_before, "ending_before")?);
        let (wanted, has_more) = match (after, before) {
            // The members just newer than the cursor, still newest first.
            (_, Some(end)) => {
                let start = end.saturating_sub(self.limit);
                (&members[start..end], start > 0)
            }
            (after, None) => {
                let start = after.map_or(0, |at| at + 1);
                let end = members.len().min(start + self.limit);
                (&members[start..end], end < members.len())
            }
        };
        let shown: Vec<Value> = wanted.iter().map(|member| show(member)).collect();
        Ok(list(&shown, has_more, url))
    }
}

/// The vendor's shape of a list.
pub(crate) fn list(data: &[Value], has_more: bool, url: &str) -> Value {
    json!({ "object": "list", "data": data, "has_more": has_more, "url": url })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Member(String, i64);

    impl Kept for Member {
        fn id(&self) -> &str {
            &self.0
        }
    }

    impl Listed for Member {
        const KIND: &'static str = "member";

        fn created(&self) -> i64 {
            self.1
        }
    }

    fn page(query: &str) -> (Vec<String>, bool) {
        let members: Vec<Member> = (1..=5).rev().map(|at| Member(format!("m{at}"), at)).collect();
        let mut params = Params::parse(query).unwrap();
        let page = Page::take(&mut params).unwrap();
        params.finish().unwrap();
        let shown = page.of(members.iter(), "/v1/members", |member| member.0.clone().into()).unwrap();
        let ids = shown["data"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned());
        (ids.collect(), shown["has_more"].as_bool().unwrap())
    }

    #[test]
    fn a_cursor_leads_on_and_back() {
        assert_eq!(page("limit=2"), (vec!["m5".to_owned(), "m4".to_owned()], true));
        assert_eq!(page("limit=2&starting_after=m2"), (vec!["m1".to_owned()], false));
        assert_eq!(page("limit=2&ending_before=m2"), (vec!["m4".to_owned(), "m3".to_owned()], true));
    }

    #[test]
    fn a_span_of_time_is_kept() {
        assert_eq!(page("created[gt]=2&created[lte]=4").0, ["m4", "m3"]);
        assert_eq!(page("created=3").0, ["m3"]);
    }

    #[test]
    fn limits_are_from_one_to_a_hundred() {
        for bad in ["limit=0", "limit=101", "limit=ten"] {
            assert!(Page::take(&mut Params::parse(bad).unwrap()).is_err(), "{bad}");
        }
    }
}
