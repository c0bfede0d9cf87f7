//! Where the recogniser's library and model are, and what to say where they are not.

use std::path::{Path, PathBuf};

use crate::capability::Condition;

/// The release whose functions are called; others have other ones under the same names.
const LIBRARY: &str = "libpocketsphinx.so.3";

/// Where Debian's package puts the model.
const MODEL: &str = "/usr/share/pocketsphinx/model/en-us";

/// What a model's directory must hold.
const MODEL_FILES: [&str; 3] = ["en-us/mdef", "cmudict-en-us.dict", "en-us.lm.bin"];

/// What to do where something is missing.
pub(super) const FIX: &str = "Install the Debian packages libpocketsphinx3 and pocketsphinx-en-us, or set \
    voice.pocketsphinx_library and voice.pocketsphinx_model.";

/// The statistical model of the language in a model's directory.
pub(super) fn language_model(model: &Path) -> PathBuf {
    model.join(MODEL_FILES[2])
}

/// The library and model to use. Nothing is loaded: whether they work, only the recogniser's process finds out.
pub(super) fn find(library: Option<&Path>, model: Option<&Path>) -> Result<(PathBuf, PathBuf), Condition> {
    let library = match library {
        Some(set) => {
            present(set).ok_or_else(|| missing_library(&format!("There is no file {}", set.display())))?
        }
        None => usual_libraries()
            .iter()
            .find_map(|usual| present(usual))
            .ok_or_else(|| missing_library(&format!("The library {LIBRARY} is not installed")))?,
    };
    let model = model.unwrap_or(Path::new(MODEL));
    match MODEL_FILES.iter().find(|file| !model.join(file).is_file()) {
        None => Ok((library, model.to_owned())),
        Some(file) => Err(off(&format!(
            "The recogniser's English model is not in {} ({file} is missing)",
            model.display()
        ))),
    }
}

fn present(file: &Path) -> Option<PathBuf> {
    file.is_file().then(|| file.to_owned())
}

fn usual_libraries() -> [PathBuf; 4] {
    let multiarch = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    [multiarch.as_str(), "/usr/local/lib", "/usr/lib64", "/usr/lib"].map(|dir| Path::new(dir).join(LIBRARY))
}

fn missing_library(why: &str) -> Condition {
    off(&format!("{why}, so spoken English is not recognised on this server"))
}

/// Off, for this reason (without full stop).
pub(super) fn off(why: &str) -> Condition {
    Condition::Off { why: format!("{why}."), fix: FIX.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_library_and_a_missing_model_are_told_apart() {
        let why = |library: &str, model: &str| match find(Some(Path::new(library)), Some(Path::new(model))) {
            Err(Condition::Off { why, fix }) => {
                assert!(fix.ends_with('.') && fix.contains("libpocketsphinx3"), "{fix}");
                why
            }
            found => panic!("{found:?}"),
        };
        assert_eq!(
            why("/nowhere/lib.so", "/nowhere"),
            "There is no file /nowhere/lib.so, so spoken English is not recognised on this server."
        );
        assert_eq!(
            why(file!().rsplit_once("crates/voice/").map_or(file!(), |(_, own)| own), "/nowhere"),
            "The recogniser's English model is not in /nowhere (en-us/mdef is missing)."
        );
    }
}
