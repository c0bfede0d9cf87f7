//! Reads form-encoded, nested parameters as the vendor does: one by one, each with its own complaint, and refuses what
//! is left over.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::error::{Error, Result};

const PAIRS_MAX: usize = 1_000;
const DEPTH_MAX: usize = 8;
const TEXT_CHARS_MAX: usize = 5_000;

/// The parameters of one request, or of a group in it, taken out one by one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Params {
    /// The group's own name, for complaints: `line_items[0][price_data]`.
    group: String,
    fields: Fields,
}

type Fields = BTreeMap<String, Node>;

/// What a request says of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Given {
    Absent,
    /// An empty text asks to unset it.
    Cleared,
    Text(String),
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Text(String),
    Group(Fields),
}

impl Params {
    /// Reads a query or a body: `a=1&b[c]=2&d[]=3&e[0][f]=4`.
    pub(crate) fn parse(encoded: &str) -> Result<Self> {
        let mut params = Self::default();
        for (count, pair) in encoded.split('&').filter(|pair| !pair.is_empty()).enumerate() {
            if count >= PAIRS_MAX {
                return Err(Error::refused("The request has too many parameters."));
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            let segments: Vec<&str> =
                name.split('[').map(|part| part.strip_suffix(']').unwrap_or(part)).collect();
            if segments.len() > DEPTH_MAX || value.chars().count() > TEXT_CHARS_MAX {
                return Err(Error::refused("The request has parameters that are too long or too deep."));
            }
            insert(&mut params.fields, &segments, value)?;
        }
        Ok(params)
    }

    fn path(&self, name: &str) -> String {
        if self.group.is_empty() { name.to_owned() } else { format!("{}[{name}]", self.group) }
    }

    /// The text of a parameter.
    pub(crate) fn given(&mut self, name: &str) -> Result<Given> {
        match self.fields.remove(name) {
            None => Ok(Given::Absent),
            Some(Node::Text(text)) if text.is_empty() => Ok(Given::Cleared),
            Some(Node::Text(text)) => Ok(Given::Text(text)),
            Some(Node::Group(_)) => Err(Error::invalid(self.path(name), "Invalid string")),
        }
    }

    /// The text of a parameter that cannot be unset.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>> {
        match self.given(name)? {
            Given::Absent => Ok(None),
            Given::Cleared => Err(Error::empty(&self.path(name))),
            Given::Text(text) => Ok(Some(text)),
        }
    }

    /// Sets `target` where the parameter was given, also to nothing.
    pub(crate) fn set(&mut self, name: &str, target: &mut Option<String>) -> Result<()> {
        match self.given(name)? {
            Given::Absent => {}
            Given::Cleared => *target = None,
            Given::Text(text) => *target = Some(text),
        }
        Ok(())
    }

    /// The text of a parameter that must be there.
    pub(crate) fn required(&mut self, name: &str) -> Result<String> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    /// The complaint about a parameter of this group that must be there.
    pub(crate) fn missing(&self, name: &str) -> Error {
        Error::missing(&self.path(name))
    }

    pub(crate) fn integer(&mut self, name: &str) -> Result<Option<i64>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let number = text.parse().map_err(|_| Error::not_an_integer(&self.path(name), &text))?;
        Ok(Some(number))
    }

    pub(crate) fn flag(&mut self, name: &str) -> Result<Option<bool>> {
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(Error::invalid(self.path(name), format!("Invalid boolean: {}", cut(other)))),
        }
    }

    /// One of `choices`.
    pub(crate) fn choice(&mut self, name: &str, choices: &[&'static str]) -> Result<Option<&'static str>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let found = choices.iter().find(|choice| **choice == text).copied();
        found.map(Some).ok_or_else(|| {
            let listed = spoken(choices);
            Error::invalid(self.path(name), format!("Invalid {name}: must be {listed}"))
        })
    }

    /// `name[]=…` or `name[0]=…`.
    pub(crate) fn list(&mut self, name: &str) -> Result<Vec<String>> {
        match self.fields.remove(name) {
            None => Ok(Vec::new()),
            // An empty text is the empty list.
            Some(Node::Text(text)) if text.is_empty() => Ok(Vec::new()),
            Some(Node::Group(fields)) => in_order(fields)
                .into_iter()
                .map(|(_, node)| match node {
                    Node::Text(text) => Ok(text),
                    Node::Group(_) => Err(Error::invalid(self.path(name), "Invalid array")),
                })
                .collect(),
            Some(Node::Text(_)) => Err(Error::invalid(self.path(name), "Invalid array")),
        }
    }

    /// A group's own parameters.
    pub(crate) fn group(&mut self, name: &str) -> Result<Option<Self>> {
        match self.fields.remove(name) {
            None => Ok(None),
            Some(Node::Group(fields)) => Ok(Some(Self { group: self.path(name), fields })),
            Some(Node::Text(_)) => Err(Error::invalid(self.path(name), "Invalid object")),
        }
    }

    /// The groups of `name[0][…]`, `name[1][…]`.
    pub(crate) fn groups(&mut self, name: &str) -> Result<Vec<Self>> {
        let Some(group) = self.group(name)? else { return Ok(Vec::new()) };
        let own = group.group.clone();
        in_order(group.fields)
            .into_iter()
            .map(|(key, node)| match node {
                Node::Group(fields) => Ok(Self { group: format!("{own}[{key}]"), fields }),
                Node::Text(_) => Err(Error::invalid(format!("{own}[{key}]"), "Invalid object")),
            })
            .collect()
    }

    /// A group kept as it was sent; `Some(Null)` where an empty text asks to unset it.
    pub(crate) fn object(&mut self, name: &str) -> Result<Option<Value>> {
        match self.fields.remove(name) {
            None => Ok(None),
            Some(Node::Text(text)) if text.is_empty() => Ok(Some(Value::Null)),
            Some(Node::Group(fields)) => Ok(Some(as_json(fields))),
            Some(Node::Text(_)) => Err(Error::invalid(self.path(name), "Invalid object")),
        }
    }

    /// The texts of a group by name; an empty one asks to unset that name.
    pub(crate) fn texts(self) -> Result<Vec<(String, String)>> {
        let group = self.group;
        let fields = self.fields.into_iter();
        fields
            .map(|(name, node)| match node {
                Node::Text(text) => Ok((name, text)),
                Node::Group(_) => Err(Error::invalid(format!("{group}[{name}]"), "Invalid string")),
            })
            .collect()
    }

    /// Whether the parameter is there and empty.
    pub(crate) fn is_cleared(&self, name: &str) -> bool {
        matches!(self.fields.get(name), Some(Node::Text(text)) if text.is_empty())
    }

    /// Takes a parameter out unread.
    pub(crate) fn discard(&mut self, name: &str) {
        self.fields.remove(name);
    }

    /// Refuses whatever was not asked for.
    pub(crate) fn finish(self) -> Result<()> {
        let names: Vec<String> = self.fields.keys().take(5).map(|name| cut(&self.path(name))).collect();
        if names.is_empty() { Ok(()) } else { Err(Error::unknown_params(&names)) }
    }
}

fn decoded(part: &str) -> Result<String> {
    let spaced = part.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_| Error::refused("The request is not valid UTF-8."))
}

fn insert(fields: &mut Fields, segments: &[&str], value: String) -> Result<()> {
    let Some((first, rest)) = segments.split_first() else { return Ok(()) };
    // `name[]` appends.
    let key = if first.is_empty() { fields.len().to_string() } else { (*first).to_owned() };
    if rest.is_empty() {
        fields.insert(key, Node::Text(value));
        return Ok(());
    }
    match fields.entry(key.clone()).or_insert_with(|| Node::Group(Fields::new())) {
        Node::Group(inner) => insert(inner, rest, value),
        Node::Text(_) => Err(Error::invalid(key, "Invalid object")),
    }
}

/// The members of an array by their indices.
fn in_order(fields: Fields) -> Vec<(String, Node)> {
    let mut members: Vec<(String, Node)> = fields.into_iter().collect();
    members.sort_by_key(|(key, _)| key.parse::<usize>().unwrap_or(usize::MAX));
    members
}

fn as_json(fields: Fields) -> Value {
    let is_array = !fields.is_empty() && fields.keys().all(|key| key.parse::<usize>().is_ok());
    let value = |node| match node {
        Node::Text(text) => Value::String(text),
        Node::Group(inner) => as_json(inner),
    };
    if is_array {
        return in_order(fields).into_iter().map(|(_, node)| value(node)).collect();
    }
    Value::Object(fields.into_iter().map(|(key, node)| (key, value(node))).collect::<Map<_, _>>())
}

/// A caller's own words in an answer, kept short.
pub(crate) fn cut(words: &str) -> String {
    words.chars().take(64).collect()
}

/// `one of a, b, or c`.
fn spoken(choices: &[&str]) -> String {
    match choices {
        [only] => (*only).to_owned(),
        [first, second] => format!("one of {first} or {second}"),
        [rest @ .., last] => format!("one of {}, or {last}", rest.join(", ")),
        [] => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_lists_are_read_from_one_line() {
        let mut params = Params::parse(
            "amount=1099&metadata[order+id]=17&types[]=card&types[]=upi&items[1][n]=b&items[0][n]=a",
        )
        .unwrap();
        assert_eq!(params.integer("amount").unwrap(), Some(1_099));
        assert_eq!(params.list("types").unwrap(), ["card", "upi"]);
        let pairs = params.group("metadata").unwrap().unwrap().texts().unwrap();
        assert_eq!(pairs, [("order id".to_owned(), "17".to_owned())]);
        let names: Vec<_> = params
            .groups("items")
            .unwrap()
            .into_iter()
            .map(|mut item| item.text("n").unwrap().unwrap())
            .collect();
        assert_eq!(names, ["a", "b"]);
        assert!(params.finish().is_ok());
    }

    #[test]
    fn complaints_name_the_parameter_with_its_groups() {
        let mut params = Params::parse("a[b][0][c]=x&left=1").unwrap();
        let mut inner = params.group("a").unwrap().unwrap().groups("b").unwrap().remove(0);
        assert_eq!(inner.integer("c").unwrap_err().param(), Some("a[b][0][c]"));
        assert_eq!(params.finish().unwrap_err().to_string(), "Received unknown parameter: left");
    }

    #[test]
    fn an_empty_value_unsets_and_where_that_cannot_be_it_is_refused() {
        let mut params = Params::parse("description=&amount=").unwrap();
        assert_eq!(params.given("description").unwrap(), Given::Cleared);
        assert!(params.text("amount").is_err());
    }

    #[test]
    fn what_is_too_much_is_refused() {
        assert!(Params::parse(&"a=1&".repeat(PAIRS_MAX + 1)).is_err());
        assert!(Params::parse(&format!("a{}=1", "[b]".repeat(DEPTH_MAX))).is_err());
        assert!(Params::parse("a=%FF").is_err());
        assert!(Params::parse("a=1&a[b]=2").is_err());
    }
}
