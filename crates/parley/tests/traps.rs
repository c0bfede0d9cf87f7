//! Utterances in which a number is easily taken for the wrong money: each has to be read as its line says, to the slot.

#[cfg(test)]
mod traps {
    use std::fs;
    use std::path::Path;

    use parley::{Context, Reading, Side, Standing, read};
    use serde::Deserialize;
    use serde_json::Value;
    use types::Language;

    /// A line of `gold/traps`.
    #[derive(Deserialize)]
    struct Trap {
        id: String,
        lang: Language,
        role: Side,
        text: String,
        standing: Option<Standing>,
        #[serde(flatten)]
        reading: Reading,
    }

    /// A reading without the names of the goods, which no trap is about.
    fn without_items(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.remove("item");
                fields.values_mut().for_each(without_items);
            }
            Value::Array(values) => values.iter_mut().for_each(without_items),
            _ => {}
        }
    }

    fn bare(reading: &Reading) -> Value {
        let mut value = serde_json::to_value(reading).unwrap();
        without_items(&mut value);
        value
    }

    /// Every trap by the name of its file, a language and script.
    fn traps() -> Vec<(String, Trap)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("gold/traps");
        let mut traps = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            for line in fs::read_to_string(&path).unwrap().lines() {
                traps.push((name.clone(), serde_json::from_str(line).unwrap()));
            }
        }
        traps
    }

    #[test]
    fn no_trap_is_taken_for_other_money() {
        let wrong = |trap: &Trap| {
            let reading = read(&trap.text, trap.lang, &Context::new(trap.role).standing(trap.standing));
            let (expected, read) = (bare(&trap.reading), bare(&reading));
            (expected != read)
                .then(|| format!("{} {:?}\n  expected {expected}\n  read     {read}", trap.id, trap.text))
        };
        let misses: Vec<String> = traps().iter().filter_map(|(_, trap)| wrong(trap)).collect();
        assert!(misses.is_empty(), "{}", misses.join("\n"));
    }

    #[test]
    fn every_language_asks_back_about_two_prices_and_offers_nothing_for_how_many() {
        let names: Vec<(String, String)> = traps().into_iter().map(|(name, trap)| (name, trap.id)).collect();
        for language in Language::ALL
            .map(|l| l.code().to_owned())
            .into_iter()
            .chain(["hi-Latn", "bn-Latn", "ta-Latn", "te-Latn"].map(str::to_owned))
        {
            for kind in ["or", "many"] {
                let id = format!("{language}-{kind}-01");
                assert!(names.iter().any(|(name, i)| *name == language && *i == id), "{id} is missing");
            }
        }
    }
}
