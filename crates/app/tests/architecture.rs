//! Holds `ARCHITECTURE.md` and `deny.toml` against what Cargo says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

static ROOT: LazyLock<&Path> =
    LazyLock::new(|| Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the workspace"));

static METADATA: LazyLock<Value> = LazyLock::new(|| {
    let cargo = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--offline",
            "--locked",
            "--filter-platform",
            "x86_64-unknown-linux-gnu",
        ])
        .current_dir(*ROOT)
        .output()
        .expect("cargo runs");
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    serde_json::from_slice(&cargo.stdout).expect("cargo writes JSON")
});

fn packages() -> &'static [Value] {
    METADATA["packages"].as_array().expect("packages")
}

fn is_ours(package: &Value) -> bool {
    package["source"].is_null()
}

/// The table of floors: crate → what it may use.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(ROOT.join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let rows = text.lines().skip_while(|l| !l.starts_with("| crate | may use |")).skip(2);
    let cells =
        rows.take_while(|l| l.starts_with('|')).map(|l| l.split('|').map(str::trim).collect::<Vec<_>>());
    cells.map(|c| (c[1].to_owned(), c[2].split_whitespace().map(str::to_owned).collect())).collect()
}

/// What the crates really use, tests aside.
fn used() -> BTreeMap<String, BTreeSet<String>> {
    let ours: BTreeSet<&str> =
        packages().iter().filter(|p| is_ours(p)).filter_map(|p| p["name"].as_str()).collect();
    let edges = |package: &Value| {
        let all = package["dependencies"].as_array().expect("dependencies").iter();
        let normal = all.filter(|d| d["kind"] != "dev").filter_map(|d| d["name"].as_str());
        normal.filter(|name| ours.contains(name)).map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let mine = packages().iter().filter(|p| is_ours(p));
    mine.map(|p| (p["name"].as_str().expect("a name").to_owned(), edges(p))).collect()
}

#[test]
fn crates_use_what_the_architecture_lists_and_nothing_else() {
    let (allowed, used) = (allowed(), used());
    assert_eq!(
        allowed.keys().collect::<Vec<_>>(),
        used.keys().collect::<Vec<_>>(),
        "ARCHITECTURE.md lists every crate"
    );
    for (name, edges) in &used {
        let forbidden: Vec<_> = edges.difference(&allowed[name]).collect();
        assert!(forbidden.is_empty(), "{name} uses {forbidden:?}, which ARCHITECTURE.md does not list");
        let stale: Vec<_> = allowed[name].difference(edges).collect();
        assert!(stale.is_empty(), "ARCHITECTURE.md lists {stale:?} for {name}, which it does not use");
    }
}

/// The strings of a list in `deny.toml`.
fn denied(after: &str, member: Option<&str>) -> Vec<String> {
    let text = std::fs::read_to_string(ROOT.join("deny.toml")).expect("deny.toml");
    let list =
        text.split(after).nth(1).and_then(|rest| rest.split("\n]").next()).expect("the list").to_owned();
    let quoted = |line: &str| line.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    match member {
        Some(member) => list
            .lines()
            .filter_map(|l| l.split(member).nth(1))
            .filter_map(|l| quoted(l).into_iter().next())
            .collect(),
        None => list.lines().flat_map(quoted).collect(),
    }
}

#[test]
fn every_dependency_comes_from_the_registry_under_a_licence_we_take() {
    let taken = denied("allow = [", None);
    for package in packages().iter().filter(|p| !is_ours(p)) {
        let name = package["name"].as_str().expect("a name");
        assert!(
            package["source"].as_str().is_some_and(|s| s.starts_with("registry+")),
            "{name} is not from the registry"
        );
        let licence = package["license"].as_str().unwrap_or_default().replace('/', " OR ");
        let fits = |part: &str| {
            part.split(" AND ").all(|l| taken.contains(&l.trim().trim_matches(['(', ')']).to_owned()))
        };
        assert!(licence.split(" OR ").any(fits), "{name} has the licence {licence:?}");
    }
}

#[test]
fn what_is_banned_is_not_built() {
    let banned = denied("deny = [", Some("crate = "));
    assert!(!banned.is_empty(), "deny.toml bans something");
    for package in packages() {
        let name = package["name"].as_str().expect("a name").to_owned();
        assert!(!banned.contains(&name), "{name} is banned in deny.toml");
    }
}

/// The names that types have in the OpenAPI document, where a file gives them, with the file.
fn schemas_of(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).expect("a source file");
    let mut names = Vec::new();
    let mut described: Option<Option<String>> = None;
    for line in text.lines().map(str::trim) {
        if let Some((_, rest)) = line.split_once("ToSchema for ").filter(|_| line.starts_with("impl")) {
            names.push(rest.chars().take_while(|c| c.is_alphanumeric()).collect());
        } else if line.starts_with("#[derive(") {
            described = line.contains("ToSchema").then_some(None);
        } else if let Some((_, rest)) =
            line.strip_prefix("#[schema(").and_then(|rest| rest.split_once("as = "))
        {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
            described = described.map(|_| Some(name));
        } else if let Some((_, rest)) = line.split_once("struct ").or_else(|| line.split_once("enum "))
            && line.starts_with("pub")
        {
            let own = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
            names.extend(described.take().map(|named| named.unwrap_or(own)));
        }
    }
    names
}

#[test]
fn no_two_types_have_one_name_in_the_document() {
    let mut folders = vec![ROOT.join("crates")];
    let mut seen = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
        {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                for name in schemas_of(&entry) {
                    if let Some(other) = seen.insert(name.clone(), entry.clone()) {
                        panic!("{name} is a type of {} and of {}", other.display(), entry.display());
                    }
                }
            }
        }
    }
    assert!(seen.len() > 200, "only {} types were found", seen.len());
}

/// The places in a row of a table of `docs/security.md` that are named with tests: the file, and what is said to be in it.
fn named(row: &str) -> Vec<(String, Vec<String>)> {
    let tests = row.trim_end_matches(['|', ' ']).rsplit(" | ").next().unwrap_or_default();
    let parts: Vec<&str> = tests.split('`').collect();
    let is_source = |part: &str| Path::new(part).extension().is_some_and(|kind| kind == "rs" || kind == "ts");
    let is_file = |part: &str| part.contains('/') && is_source(part);
    let words = |text: &str| {
        let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
        words.filter(|word| word.contains('_')).map(str::to_owned).collect()
    };
    let named = parts.iter().zip(parts.iter().skip(1)).filter(|(file, _)| is_file(file));
    named.map(|(file, text)| ((*file).to_owned(), words(text))).collect()
}

#[test]
fn the_map_of_checks_names_tests_that_are_there() {
    let text = std::fs::read_to_string(ROOT.join("docs/security.md")).expect("docs/security.md");
    let rows = text.lines().skip_while(|line| *line != "## Checks and their tests");
    let mut seen = 0;
    for (file, tests) in rows.filter(|line| line.starts_with("| ")).flat_map(named) {
        let apart = file.starts_with("web/") || file.starts_with("e2e/");
        let path = if apart { ROOT.join(&file) } else { ROOT.join("crates").join(&file) };
        let source = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("there is no {file}"));
        assert!(apart || !tests.is_empty(), "{file} is named without a test in it");
        for test in tests {
            assert!(source.contains(&format!("fn {test}(")), "{file} has no test {test}");
            seen += 1;
        }
    }
    assert!(seen > 80, "only {seen} tests are named");
}
