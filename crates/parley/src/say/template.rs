//! Sentences with places to fill: "[{item}, ]{price} a {unit}". A part in brackets is said only where all its places
//! can be filled.

use smallvec::SmallVec;

/// A sentence with places.
#[derive(Debug)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(&'static str),
    Place(&'static str),
    /// Said only where every place inside is filled.
    Option(Vec<Part>),
}

/// What fills the places.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    filled: SmallVec<[(&'static str, String); 4]>,
}

impl Slots {
    pub fn with(mut self, name: &'static str, value: impl Into<Option<String>>) -> Self {
        if let Some(value) = value.into() {
            self.filled.push((name, value));
        }
        self
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.filled.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
    }
}

impl Template {
    pub fn parse(text: &'static str) -> Self {
        Self { parts: parse(text) }
    }

    /// Whether every place outside brackets can be filled, and every slot has a place.
    pub fn fits(&self, slots: &Slots) -> bool {
        let required = self.parts.iter().all(|part| match part {
            Part::Place(name) => slots.get(name).is_some(),
            _ => true,
        });
        required && slots.filled.iter().all(|(name, _)| mentions(&self.parts, name))
    }

    pub fn fill(&self, slots: &Slots) -> String {
        let mut out = String::new();
        fill(&self.parts, slots, &mut out);
        out
    }
}

fn parse(text: &'static str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '[']) {
        let (before, from) = rest.split_at(at);
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        let close = if from.starts_with('{') { '}' } else { ']' };
        let (inside, after) = from[1..]
            .split_once(close)
            .unwrap_or_else(|| panic!("{text:?} opens a place and does not close it"));
        parts.push(if close == '}' { Part::Place(inside) } else { Part::Option(parse(inside)) });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

fn mentions(parts: &[Part], name: &str) -> bool {
    parts.iter().any(|part| match part {
        Part::Text(_) => false,
        Part::Place(place) => *place == name,
        Part::Option(inner) => mentions(inner, name),
    })
}

fn fill(parts: &[Part], slots: &Slots, out: &mut String) {
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Place(name) => out.push_str(slots.get(name).unwrap_or_default()),
            Part::Option(inner) => {
                let is_filled =
                    inner.iter().all(|p| !matches!(p, Part::Place(name) if slots.get(name).is_none()));
                if is_filled {
                    fill(inner, slots, out);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optional_parts_are_said_only_when_filled() {
        let template = Template::parse("[{item}, ]{price} a {unit}[, {amount}]");
        let slots = || Slots::default().with("price", "₹60".to_owned()).with("unit", "kilo".to_owned());
        assert_eq!(template.fill(&slots()), "₹60 a kilo");
        let named = slots().with("item", "tomato".to_owned());
        assert_eq!(template.fill(&named), "tomato, ₹60 a kilo");
        assert!(template.fits(&named));
        assert!(!template.fits(&Slots::default().with("unit", "kilo".to_owned())));
        assert!(!template.fits(&slots().with("total", "₹1".to_owned())));
    }
}
