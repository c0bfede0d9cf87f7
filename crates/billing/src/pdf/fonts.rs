//! The fonts that documents are printed with: Noto, from the machine's own folders.
//!
//! Nothing is downloaded and nothing is built in. Where the font of a script is missing, documents in its languages are printed in
//! English alone; names typed in the script then show boxes. Where no Latin font is found at all, nothing is printed. [`report`]
//! says so before a buyer notices.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use types::{Language, Script};
use typst::foundations::Bytes;
use typst::text::Font;

use crate::plans::Platform;

/// Folders in folders are searched so deep.
const DEPTH_MAX: usize = 8;
/// The largest font of a script we know has 3 MB.
const FONT_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// What brings all of the fonts.
const FIX: &str = "install the package fonts-noto-core (scripts/setup does)";

/// Where fonts are looked for, and what the platform's own documents say of it.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Folders, searched in this order with the folders in them.
    pub fonts: Vec<PathBuf>,
    /// Who sells plans.
    pub platform: Platform,
}

/// How a part of the product is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartState {
    /// Works as meant.
    On,
    /// Works, with less than was meant.
    Limited,
    /// Does not work.
    Off,
}

/// A part of the product, for `vyapar doctor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub name: String,
    /// How it is.
    pub state: PartState,
    /// What that means, in a sentence.
    pub sentence: String,
    /// What to do about it, where something can be done.
    pub fix: Option<String>,
}

/// The font files of one script.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Family {
    regular: PathBuf,
    bold: Option<PathBuf>,
}

/// Which scripts this machine can print.
#[derive(Debug, Clone, Default)]
pub(super) struct Found(BTreeMap<&'static str, Family>);

/// The fonts themselves.
#[derive(Debug, Clone)]
pub(super) struct Loaded {
    /// Every font.
    pub fonts: Vec<Font>,
    /// The family's name for each script that has one.
    families: HashMap<Script, String>,
}

impl Default for Config {
    /// Where Linux keeps fonts.
    fn default() -> Self {
        let fonts = ["/usr/share/fonts", "/usr/local/share/fonts"].map(PathBuf::from);
        Self { fonts: fonts.into(), platform: Platform::default() }
    }
}

/// How the files of a script's fonts are called, the best first.
const fn stems(script: Script) -> &'static [&'static str] {
    match script {
        Script::Latin => &["NotoSans", "DejaVuSans", "LiberationSans", "FreeSans"],
        Script::Devanagari => &["NotoSansDevanagari", "NotoSerifDevanagari"],
        Script::Bengali => &["NotoSansBengali", "NotoSerifBengali"],
        Script::Tamil => &["NotoSansTamil", "NotoSerifTamil"],
        Script::Telugu => &["NotoSansTelugu", "NotoSerifTelugu"],
        Script::Gujarati => &["NotoSansGujarati", "NotoSerifGujarati"],
        Script::Kannada => &["NotoSansKannada", "NotoSerifKannada"],
        Script::Malayalam => &["NotoSansMalayalam", "NotoSerifMalayalam"],
        Script::Gurmukhi => &["NotoSansGurmukhi", "NotoSerifGurmukhi"],
        Script::Odia => &["NotoSansOriya", "NotoSerifOriya"],
        Script::Arabic => &["NotoNastaliqUrdu", "NotoNaskhArabic", "NotoSansArabic"],
    }
}

/// The scripts of the languages, each once.
pub(super) fn scripts() -> Vec<Script> {
    let mut scripts = Vec::new();
    for script in Language::ALL.map(Language::script) {
        if !scripts.contains(&script) {
            scripts.push(script);
        }
    }
    scripts
}

impl Found {
    /// Looks through the folders. Reads names only.
    pub fn in_folders(config: &Config) -> Self {
        let mut files = HashMap::new();
        for folder in &config.fonts {
            collect(folder, DEPTH_MAX, &mut files);
        }
        let file = |stem: &str, weights: &[&str]| {
            weights.iter().find_map(|weight| files.get(&format!("{stem}{weight}")).cloned())
        };
        let family = |stem: &&'static str| {
            let regular = file(stem, &["-Regular", "", "-VF", "[wght]", "[wdth,wght]"])?;
            Some((*stem, Family { regular, bold: file(stem, &["-Bold"]) }))
        };
        Self(scripts().into_iter().filter_map(|script| stems(script).iter().find_map(family)).collect())
    }

    fn family(&self, script: Script) -> Option<&Family> {
        stems(script).iter().find_map(|stem| self.0.get(stem))
    }

    /// The file of the script's upright letters.
    #[cfg(test)]
    pub fn regular(&self, script: Script) -> Option<PathBuf> {
        self.family(script).map(|family| family.regular.clone())
    }

    /// Whether the machine has a font for the script.
    pub fn has(&self, script: Script) -> bool {
        self.family(script).is_some()
    }

    /// Reads the files. One that cannot be read counts as missing.
    pub fn load(&self) -> Loaded {
        let mut loaded = Loaded { fonts: Vec::new(), families: HashMap::new() };
        for script in scripts() {
            let Some(family) = self.family(script) else { continue };
            let regular = read(&family.regular);
            let Some(name) = regular.first().map(|font| font.info().family.as_str().to_owned()) else {
                continue;
            };
            loaded.families.insert(script, name);
            loaded.fonts.extend(regular);
            loaded.fonts.extend(family.bold.iter().flat_map(|bold| read(bold)));
        }
        loaded
    }
}

impl Loaded {
    /// Whether text of the script can be printed.
    pub fn has(&self, script: Script) -> bool {
        self.families.contains_key(&script)
    }

    /// The families for a text of the script: its own, then Latin for digits and English words, then the rest.
    pub fn families(&self, script: Script) -> Vec<String> {
        let first = [script, Script::Latin];
        let rest = scripts().into_iter().filter(|other| !first.contains(other));
        let mut names: Vec<String> =
            first.into_iter().chain(rest).filter_map(|script| self.families.get(&script).cloned()).collect();
        names.dedup();
        names
    }
}

/// Notes the font files of a folder by their name without its ending; the first of a name stays.
fn collect(folder: &Path, depth: usize, files: &mut HashMap<String, PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("ttf" | "otf") => {
                if let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) {
                    files.entry(stem.to_owned()).or_insert(path.clone());
                }
            }
            _ if depth > 0 && path.is_dir() => collect(&path, depth - 1, files),
            _ => {}
        }
    }
}

fn read(path: &Path) -> Vec<Font> {
    let small = std::fs::metadata(path).is_ok_and(|file| file.len() <= FONT_BYTES_MAX);
    let bytes = if small { std::fs::read(path).ok() } else { None };
    let fonts: Vec<Font> = bytes.map(|bytes| Font::iter(Bytes::new(bytes)).collect()).unwrap_or_default();
    if fonts.is_empty() {
        tracing::warn!(path = %path.display(), "a font file cannot be read");
    }
    fonts
}

/// Which documents can be printed here, for `vyapar doctor`.
pub fn report(config: &Config) -> Vec<Part> {
    let found = Found::in_folders(config);
    let missing: Vec<&str> = Language::ALL
        .into_iter()
        .filter(|language| !found.has(language.script()))
        .map(Language::english_name)
        .collect();
    let (state, sentence) = if !found.has(Script::Latin) {
        (PartState::Off, "documents cannot be printed: no font was found".to_owned())
    } else if missing.is_empty() {
        (PartState::On, "documents are printed in all 13 languages".to_owned())
    } else {
        (
            PartState::Limited,
            format!("documents are printed in English only instead of {}", missing.join(", ")),
        )
    };
    let fix = (state != PartState::On).then(|| FIX.to_owned());
    vec![Part { name: "documents".to_owned(), state, sentence, fix }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_fonts_says_so_and_how_to_get_them() {
        let report = report(&Config { fonts: vec![PathBuf::from("/nonexistent")], ..Config::default() });
        assert_eq!(report[0].state, PartState::Off);
        assert!(report[0].fix.as_deref().is_some_and(|fix| fix.contains("fonts-noto-core")));
    }

    #[test]
    fn this_machine_prints_every_language() {
        assert_eq!(report(&Config::default())[0].state, PartState::On);
        let loaded = Found::in_folders(&Config::default()).load();
        assert!(scripts().into_iter().all(|script| loaded.has(script)));
        assert_eq!(loaded.families(Script::Tamil)[..2], ["Noto Sans Tamil", "Noto Sans"]);
        assert_eq!(loaded.families(Script::Latin)[0], "Noto Sans");
    }
}
