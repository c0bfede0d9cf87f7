//! The gold sets: how well bargaining is read, and how acts are said.

#[cfg(test)]
mod gold {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::{Path, PathBuf};

    use parley::eval::{Line, Report, eval};
    use parley::{Act, Style, numbers, say};
    use serde::Deserialize;
    use types::Language;

    /// Share of wrong money slots that is still allowed, in percent.
    const MONEY_WRONG_MAX: f64 = 1.0;
    /// Share of exact lines that a language must reach, in percent; romanised lines are spelt as everybody likes.
    const EXACT_MIN: f64 = 90.0;
    const EXACT_ROMANISED_MIN: f64 = 80.0;

    fn gold(folder: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("gold").join(folder)
    }

    /// The languages whose tables are written: their folder says things.
    fn is_written(code: &str) -> bool {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(code);
        fs::read_to_string(data.join("cues.tsv")).is_ok_and(|cues| cues.lines().count() > 10)
    }

    fn report(folder: &str) -> Report {
        let mut lines: Vec<Line> = Vec::new();
        for entry in fs::read_dir(gold(folder)).unwrap() {
            let path = entry.unwrap().path();
            if is_written(path.file_stem().unwrap().to_str().unwrap()) {
                let text = fs::read_to_string(&path).unwrap();
                lines.extend(
                    text.lines().filter(|l| !l.is_empty()).map(|l| serde_json::from_str::<Line>(l).unwrap()),
                );
            }
        }
        eval(lines)
    }

    fn misses(report: &Report, language: &str) -> String {
        let ids = |m: &&parley::eval::Miss| m.id.starts_with(language);
        let line = |m: &parley::eval::Miss| {
            format!("{} {:?}\n  gold {:?}\n  read {:?}", m.id, m.text, m.gold, m.read)
        };
        report.misses.iter().filter(ids).map(line).collect::<Vec<_>>().join("\n")
    }

    fn assert_thresholds(report: &Report) {
        for (language, score) in &report.languages {
            let exact_min = if language.ends_with("-Latn") { EXACT_ROMANISED_MIN } else { EXACT_MIN };
            let misses = misses(report, language);
            assert!(score.exact_percent() >= exact_min, "{language}: {score:?}\n{misses}");
            assert!(score.money_wrong_percent() <= MONEY_WRONG_MAX, "{language}: {score:?}\n{misses}");
            assert_eq!(score.talk_moved, 0, "{language}: {misses}");
        }
    }

    #[test]
    fn the_gold_set_is_read_within_the_thresholds() {
        let report = report("bargaining");
        assert!(report.languages.len() >= 5, "{:?}", report.languages.keys());
        assert_thresholds(&report);
    }

    #[test]
    fn sentences_written_before_the_parser_saw_them_are_read_as_well() {
        assert_thresholds(&report("heldout"));
    }

    #[derive(Deserialize)]
    struct Rendering {
        id: String,
        act: Act,
        must_contain: BTreeMap<Language, Vec<String>>,
        unit_words: BTreeMap<Language, Vec<String>>,
    }

    /// Whether a text holds one of the beginnings where a word begins, and no digit goes on behind one that ends in one.
    fn holds(text: &str, beginnings: &[String]) -> bool {
        beginnings.iter().any(|beginning| {
            text.match_indices(beginning.as_str()).any(|(at, _)| {
                let is_mark = |c: char| matches!(u32::from(c), 0x0900..=0x0DFF | 0x0300..=0x036F);
                let before = text[..at].chars().next_back();
                let opens =
                    before.is_none_or(|c| !c.is_alphanumeric() && !is_mark(c) && !matches!(c, '.' | ','));
                let mut rest = text[at + beginning.len()..].chars();
                let ends_in_digit = beginning.ends_with(|c: char| c.is_ascii_digit());
                let goes_on = match rest.next() {
                    Some(c) if c.is_ascii_digit() => true,
                    Some('.' | ',') => rest.next().is_some_and(|c| c.is_ascii_digit()),
                    _ => false,
                };
                opens && !(ends_in_digit && goes_on)
            })
        })
    }

    #[test]
    fn every_price_and_unit_is_said_as_people_say_it() {
        let text = fs::read_to_string(gold("rendering/acts.jsonl")).unwrap();
        let mut checked = 0;
        for line in text.lines() {
            let line: Rendering = serde_json::from_str(line).unwrap();
            for (language, prices) in &line.must_contain {
                if !is_written(language.code()) {
                    continue;
                }
                for style in [Style::Screen, Style::Speech] {
                    let said = say(&line.act, *language, style);
                    assert!(
                        holds(&said, prices),
                        "{} {language}: {said:?} holds none of {prices:?}",
                        line.id
                    );
                    let units = line.unit_words.get(language).map(Vec::as_slice).unwrap_or_default();
                    let named = units.is_empty() || holds(&said, units);
                    assert!(named, "{} {language}: {said:?} holds none of {units:?}", line.id);
                    checked += 1;
                }
                // The number is the price, whole: nothing else stands beside it.
                let said = say(&line.act, *language, Style::Speech);
                let price = line.act.price_minor().unwrap();
                let found = numbers::find(&said, *language);
                let total = found.iter().filter_map(|f| f.value.as_hundredths()).any(|minor| minor == price);
                let in_paise = price % 100 != 0;
                assert!(total || in_paise, "{} {language}: {said:?}", line.id);
            }
        }
        assert!(checked >= 120, "{checked} renderings checked");
    }
}
