//! Reads a request body as the vendor does: field by field, each with its own complaint, and refuses what is left over.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Value};

use super::error::{Error, Result};

/// The least amount of an order or a refund, in paise.
pub(crate) const AMOUNT_PAISE_MIN: i64 = 100;
const NOTES_MAX: usize = 15;
const TEXTS_MAX: usize = 50;
const NOTE_CHARS_MAX: usize = 256;

/// The parameters of one request, taken out one by one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a JSON object. An empty body has no parameters: the official clients send one to close a QR code.
    pub(crate) fn parse(body: &[u8]) -> Result<Self> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(Value::Array(list)) if list.is_empty() => Ok(Self(Map::new())),
            _ => Err(Error::refused("The request body is not a valid JSON object")),
        }
    }

    fn take(&mut self, field: &str) -> Option<Value> {
        self.0.remove(field).filter(|value| !value.is_null())
    }

    /// A whole number, also where it is written as a string or as `0`/`1` for a flag.
    pub(crate) fn integer(&mut self, field: &'static str) -> Result<Option<i64>> {
        let Some(value) = self.take(field) else { return Ok(None) };
        let number = match &value {
            Value::Number(number) => number.as_i64(),
            Value::String(digits) => digits.parse().ok(),
            _ => None,
        };
        number
            .map(Some)
            .ok_or_else(|| Error::invalid(field, format!("The {} must be an integer.", words(field))))
    }

    /// An amount in paise of at least `min`.
    pub(crate) fn amount(&mut self, field: &'static str, max: i64) -> Result<Option<i64>> {
        match self.integer(field)? {
            Some(paise) if paise < AMOUNT_PAISE_MIN => {
                Err(Error::invalid(field, format!("The {} must be at least INR 1.00", words(field))))
            }
            Some(paise) if paise > max => {
                Err(Error::invalid(field, "Amount exceeds maximum amount allowed."))
            }
            given => Ok(given),
        }
    }

    pub(crate) fn flag(&mut self, field: &'static str) -> Result<Option<bool>> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(Value::Number(number)) if number.as_i64() == Some(0) => Ok(Some(false)),
            Some(Value::Number(number)) if number.as_i64() == Some(1) => Ok(Some(true)),
            Some(Value::String(digit)) if digit == "0" || digit == "1" => Ok(Some(digit == "1")),
            Some(_) => {
                Err(Error::invalid(field, format!("The {} field must be true or false.", words(field))))
            }
        }
    }

    /// Text of at most `chars_max` characters.
    pub(crate) fn text(&mut self, field: &'static str, chars_max: usize) -> Result<Option<String>> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::String(text)) if text.chars().count() > chars_max => {
                Err(Error::invalid(field, format!("{field}: the length must be no more than {chars_max}.")))
            }
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Error::invalid(field, format!("The {} must be a string.", words(field)))),
        }
    }

    /// One of `choices`.
    pub(crate) fn choice(
        &mut self,
        field: &'static str,
        choices: &[&'static str],
    ) -> Result<Option<&'static str>> {
        let Some(text) = self.text(field, NOTE_CHARS_MAX)? else { return Ok(None) };
        choices
            .iter()
            .find(|choice| **choice == text)
            .map(|choice| Some(*choice))
            .ok_or_else(|| Error::invalid(field, format!("The selected {} is invalid.", words(field))))
    }

    pub(crate) fn currency(&mut self) -> Result<&'static str> {
        match self.text("currency", NOTE_CHARS_MAX)?.as_deref() {
            None => Err(missing("currency")),
            Some("INR") => Ok("INR"),
            Some(_) => Err(Error::invalid("currency", "Currency is not supported")),
        }
    }

    pub(crate) fn notes(&mut self) -> Result<Notes> {
        match self.take("notes") {
            None => Ok(Notes::default()),
            Some(Value::Array(list)) if list.is_empty() => Ok(Notes::default()),
            Some(Value::Object(map)) => Notes::checked(map),
            Some(_) => Err(Error::invalid("notes", "The notes must be an array.")),
        }
    }

    /// A nested object's own parameters.
    pub(crate) fn nested(&mut self, field: &'static str) -> Result<Option<Self>> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(Self(map))),
            Some(_) => Err(Error::invalid(field, format!("The {} must be an array.", words(field)))),
        }
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, field: &'static str) -> Result<Option<Vec<String>>> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Array(list)) if list.len() <= TEXTS_MAX && list.iter().all(Value::is_string) => {
                Ok(Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect()))
            }
            Some(_) => Err(Error::invalid(field, format!("The {} must be an array.", words(field)))),
        }
    }

    /// A list of objects, each with its own parameters.
    pub(crate) fn objects(&mut self, field: &'static str, max: usize) -> Result<Option<Vec<Self>>> {
        let wrong = || Error::invalid(field, format!("The {} must be an array.", words(field)));
        let Some(value) = self.take(field) else { return Ok(None) };
        let Value::Array(list) = value else { return Err(wrong()) };
        let object = |item: Value| match item {
            Value::Object(map) => Ok(Self(map)),
            _ => Err(wrong()),
        };
        if list.len() > max {
            Err(wrong())
        } else {
            list.into_iter().map(object).collect::<Result<_>>().map(Some)
        }
    }

    /// Refuses whatever was not asked for.
    pub(crate) fn finish(self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = self.0.keys().take(5).map(|name| name.chars().take(40).collect()).collect();
        Err(Error::refused(format!("{} is/are not required and should not be sent", names.join(", "))))
    }
}

/// The complaint about a parameter that must be there.
pub(crate) fn missing(field: &'static str) -> Error {
    Error::invalid(field, format!("The {} field is required.", words(field)))
}

fn words(field: &str) -> String {
    field.replace('_', " ")
}

/// A merchant's own key-value pairs. The vendor writes none as `[]`, some as an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Notes(Map<String, Value>);

impl Notes {
    fn checked(map: Map<String, Value>) -> Result<Self> {
        if map.len() > NOTES_MAX {
            return Err(Error::invalid(
                "notes",
                "Number of fields in notes should be less than or equal to 15",
            ));
        }
        for (key, value) in &map {
            if value.is_array() || value.is_object() {
                return Err(Error::invalid("notes", "Notes values themselves should not be an array"));
            }
            let value_chars = value.as_str().map_or(0, |text| text.chars().count());
            if key.chars().count() > NOTE_CHARS_MAX || value_chars > NOTE_CHARS_MAX {
                return Err(Error::invalid("notes", "The notes may not be greater than 256 characters."));
            }
        }
        Ok(Self(map))
    }
}

impl Serialize for Notes {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        if self.0.is_empty() {
            return serializer.serialize_seq(Some(0))?.end();
        }
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Fields {
        Fields::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn amounts_are_whole_paise_from_one_rupee() {
        for (sent, complaint) in [
            (r#"{"amount": 99}"#, "The amount must be at least INR 1.00"),
            (r#"{"amount": -500}"#, "The amount must be at least INR 1.00"),
            (r#"{"amount": 100.5}"#, "The amount must be an integer."),
            (r#"{"amount": "lots"}"#, "The amount must be an integer."),
            (r#"{"amount": 1e300}"#, "The amount must be an integer."),
            (r#"{"amount": 10001}"#, "Amount exceeds maximum amount allowed."),
        ] {
            assert_eq!(fields(sent).amount("amount", 10_000).unwrap_err().to_string(), complaint, "{sent}");
        }
        assert_eq!(fields(r#"{"amount": "100"}"#).amount("amount", 10_000).unwrap(), Some(100));
    }

    #[test]
    fn notes_hold_fifteen_pairs_of_256_characters() {
        let pairs = |count: usize| {
            let map: Map<String, Value> = (0..count).map(|n| (n.to_string(), Value::from("x"))).collect();
            Fields([("notes".to_owned(), Value::Object(map))].into_iter().collect()).notes()
        };
        assert!(pairs(15).is_ok());
        assert!(pairs(16).is_err());
        let long = format!(r#"{{"notes": {{"k": "{}"}}}}"#, "ख".repeat(257));
        assert!(fields(&long).notes().is_err());
        assert!(fields(&long.replace("खख", "ख")).notes().is_ok());
        assert!(fields(r#"{"notes": {"k": ["v"]}}"#).notes().is_err());
    }

    #[test]
    fn what_was_not_asked_for_is_refused_by_name() {
        let mut sent = fields(r#"{"receipt": "r-1", "transfers": []}"#);
        sent.text("receipt", 40).unwrap();
        assert_eq!(
            sent.finish().unwrap_err().to_string(),
            "transfers is/are not required and should not be sent"
        );
    }

    #[test]
    fn a_body_that_is_no_object_is_refused() {
        for body in ["[1]", "7", "{", "\"text\"", "{\"a\":1}{\"b\":2}"] {
            assert!(Fields::parse(body.as_bytes()).is_err(), "{body}");
        }
        assert!(Fields::parse(b" ").is_ok());
    }
}
