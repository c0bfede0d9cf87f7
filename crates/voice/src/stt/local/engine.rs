//! The recogniser's C library, found when it is needed and never linked: a server without it starts all the same.
//!
//! This is the one file of the product with `unsafe` in it. It runs in a child process only (see `child.rs`), so that a
//! fault in the library costs one utterance.
//!
//! Invariants: the decoder lives no longer than the library; no pointer leaves this file; the library is never called
//! from two threads, because [`Engine`] is neither `Send` nor `Sync`.
#![expect(
    unsafe_code,
    reason = "libpocketsphinx has a C interface; the process it runs in holds nothing else"
)]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;
use std::ptr::{self, NonNull};

use libloading::Library;

/// Why the recogniser cannot work.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is no such library, or it lacks a function.
    #[error("the speech recognition library cannot be loaded")]
    Library(#[from] libloading::Error),
    /// The library does not take the model.
    #[error("the recogniser cannot use the model in {0}")]
    Model(String),
    /// The library refused a grammar, a word or a search.
    #[error("the recogniser refused {0}")]
    Refused(String),
}

/// What one pass over an utterance heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Lower-case words, one space between them; empty where no path through the grammar fits.
    pub text: String,
    /// Logarithmic score of the best path; comparable between passes over the same samples.
    pub score: i32,
}

type Decoder = c_void;
type Config = c_void;

/// The functions used, as `pocketsphinx.h` and `cmd_ln.h` of release 5prealpha declare them.
struct Functions {
    free_decoder: unsafe extern "C" fn(*mut Decoder) -> c_int,
    free_config: unsafe extern "C" fn(*mut Config) -> c_int,
    free_text: unsafe extern "C" fn(*mut c_void),
    add_word: unsafe extern "C" fn(*mut Decoder, *const c_char, *const c_char, c_int) -> c_int,
    lookup_word: unsafe extern "C" fn(*mut Decoder, *const c_char) -> *mut c_char,
    set_language_model: unsafe extern "C" fn(*mut Decoder, *const c_char, *const c_char) -> c_int,
    set_grammar: unsafe extern "C" fn(*mut Decoder, *const c_char, *const c_char) -> c_int,
    set_search: unsafe extern "C" fn(*mut Decoder, *const c_char) -> c_int,
    start: unsafe extern "C" fn(*mut Decoder) -> c_int,
    process: unsafe extern "C" fn(*mut Decoder, *const i16, usize, c_int, c_int) -> c_int,
    end: unsafe extern "C" fn(*mut Decoder) -> c_int,
    best: unsafe extern "C" fn(*mut Decoder, *mut i32) -> *const c_char,
}

impl Functions {
    fn of(library: &Library) -> Result<Self, libloading::Error> {
        // SAFETY: each type above is that function's declaration in the headers of the release named there; the
        // pointers are kept beside the library and die with it.
        unsafe {
            Ok(Self {
                free_decoder: *library.get(c"ps_free")?,
                free_config: *library.get(c"cmd_ln_free_r")?,
                free_text: *library.get(c"free")?,
                add_word: *library.get(c"ps_add_word")?,
                lookup_word: *library.get(c"ps_lookup_word")?,
                set_language_model: *library.get(c"ps_set_lm_file")?,
                set_grammar: *library.get(c"ps_set_jsgf_string")?,
                set_search: *library.get(c"ps_set_search")?,
                start: *library.get(c"ps_start_utt")?,
                process: *library.get(c"ps_process_raw")?,
                end: *library.get(c"ps_end_utt")?,
                best: *library.get(c"ps_get_hyp")?,
            })
        }
    }
}

/// A decoder with its acoustic model and dictionary.
pub struct Engine {
    decoder: NonNull<Decoder>,
    config: NonNull<Config>,
    functions: Functions,
    /// Unloaded last: fields are dropped in order.
    _library: Library,
}

impl Engine {
    /// Loads the library and the acoustic model and dictionary in `model_dir`; a third of a second, 50 MB.
    ///
    /// # Errors
    /// [`EngineError::Library`], [`EngineError::Model`].
    pub fn load(library: &Path, model_dir: &Path) -> Result<Self, EngineError> {
        let library = open(library)?;
        let functions = Functions::of(&library)?;
        let config = configure(&library, model_dir)?;
        // SAFETY: `ps_init(cmd_ln_t *)` returns a decoder or null and takes its own reference to the configuration.
        let decoder = unsafe {
            let init = library.get::<unsafe extern "C" fn(*mut Config) -> *mut Decoder>(c"ps_init")?;
            init(config.as_ptr())
        };
        let Some(decoder) = NonNull::new(decoder) else {
            // SAFETY: the configuration came from `cmd_ln_parse_r` and is not used again.
            unsafe { (functions.free_config)(config.as_ptr()) };
            return Err(EngineError::Model(model_dir.display().to_string()));
        };
        Ok(Self { decoder, config, functions, _library: library })
    }

    /// Whether the dictionary has a word.
    pub fn knows(&self, word: &str) -> bool {
        let Ok(word) = CString::new(word) else { return false };
        // SAFETY: the decoder lives; the answer is null or a copy that is ours to free.
        unsafe {
            let phones = (self.functions.lookup_word)(self.decoder.as_ptr(), word.as_ptr());
            (self.functions.free_text)(phones.cast());
            !phones.is_null()
        }
    }

    /// Adds a word to the dictionary, for grammars set afterwards.
    ///
    /// # Errors
    /// [`EngineError::Refused`] where a phone is unknown.
    pub fn add_word(&mut self, word: &str, phones: &str) -> Result<(), EngineError> {
        let (text, phones) = (text_for_c(word)?, text_for_c(phones)?);
        // SAFETY: the decoder lives; both texts are copied by the library.
        let added =
            unsafe { (self.functions.add_word)(self.decoder.as_ptr(), text.as_ptr(), phones.as_ptr(), 0) };
        accepted(added, word)
    }

    /// Makes a search that hears anything, with a statistical model of the language.
    ///
    /// # Errors
    /// [`EngineError::Refused`].
    pub fn set_language_model(&mut self, search: &str, path: &Path) -> Result<(), EngineError> {
        let (name, file) = (text_for_c(search)?, text_for_c(&path.to_string_lossy())?);
        // SAFETY: the decoder lives; both texts are copied by the library.
        let set = unsafe {
            (self.functions.set_language_model)(self.decoder.as_ptr(), name.as_ptr(), file.as_ptr())
        };
        accepted(set, search)
    }

    /// Makes (or replaces) a search that hears only what a JSGF grammar allows.
    ///
    /// # Errors
    /// [`EngineError::Refused`] where the grammar is wrong or has a word that the dictionary lacks.
    pub fn set_grammar(&mut self, search: &str, jsgf: &str) -> Result<(), EngineError> {
        let (name, grammar) = (text_for_c(search)?, text_for_c(jsgf)?);
        // SAFETY: the decoder lives; both texts are copied by the library.
        let set =
            unsafe { (self.functions.set_grammar)(self.decoder.as_ptr(), name.as_ptr(), grammar.as_ptr()) };
        accepted(set, search)
    }

    /// Decodes one utterance of 16 kHz samples with a search made before.
    ///
    /// # Errors
    /// [`EngineError::Refused`] for an unknown search or where decoding fails.
    pub fn decode(&mut self, search: &str, samples: &[i16]) -> Result<Heard, EngineError> {
        let name = text_for_c(search)?;
        let (decoder, functions) = (self.decoder.as_ptr(), &self.functions);
        let mut score = 0;
        // SAFETY: the decoder lives; the samples outlive the call that reads them; the text of the best path belongs
        // to the decoder until the next call and is copied here.
        let text = unsafe {
            accepted((functions.set_search)(decoder, name.as_ptr()), search)?;
            accepted((functions.start)(decoder), search)?;
            let processed = (functions.process)(decoder, samples.as_ptr(), samples.len(), 0, 1);
            accepted((functions.end)(decoder), search)?;
            accepted(processed, search)?;
            let text = (functions.best)(decoder, &raw mut score);
            if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
        };
        Ok(Heard { text, score })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // SAFETY: both pointers came from this library, which is still loaded, and are not used again.
        unsafe {
            (self.functions.free_decoder)(self.decoder.as_ptr());
            (self.functions.free_config)(self.config.as_ptr());
        }
    }
}

/// Loads the library alone: whether it is there.
///
/// # Errors
/// [`EngineError::Library`].
pub fn open(library: &Path) -> Result<Library, EngineError> {
    // SAFETY: loading runs the library's initialisers. The path is the operator's own setting, and this process holds
    // no secrets.
    Ok(unsafe { Library::new(library) }?)
}

fn configure(library: &Library, model_dir: &Path) -> Result<NonNull<Config>, EngineError> {
    type Parse = unsafe extern "C" fn(*mut Config, *const c_void, i32, *mut *mut c_char, i32) -> *mut Config;
    let acoustic = model_dir.join("en-us");
    let dictionary = model_dir.join("cmudict-en-us.dict");
    // Silence is trimmed and noise reduced before; the library's own steps for both lose short words between pauses.
    // The probability of a pause is raised for people who dictate digits.
    let arguments = [
        ("-hmm", &*acoustic.to_string_lossy()),
        ("-dict", &*dictionary.to_string_lossy()),
        ("-logfn", "/dev/null"),
        ("-remove_silence", "no"),
        ("-remove_noise", "no"),
        ("-silprob", "0.1"),
    ];
    let texts: Vec<CString> = arguments
        .iter()
        .flat_map(|(name, value)| [*name, *value])
        .map(text_for_c)
        .collect::<Result<_, _>>()?;
    let mut pointers: Vec<*mut c_char> = texts.iter().map(|text| text.as_ptr().cast_mut()).collect();
    let count = i32::try_from(pointers.len()).unwrap_or_default();
    // SAFETY: the declarations are those of the headers; the library copies the arguments and does not write to them;
    // `err_set_logfp(NULL)` switches its log off.
    let config = unsafe {
        let silence = library.get::<unsafe extern "C" fn(*mut c_void)>(c"err_set_logfp")?;
        silence(ptr::null_mut());
        let definitions = library.get::<unsafe extern "C" fn() -> *const c_void>(c"ps_args")?;
        let parse = library.get::<Parse>(c"cmd_ln_parse_r")?;
        parse(ptr::null_mut(), definitions(), count, pointers.as_mut_ptr(), 1)
    };
    NonNull::new(config).ok_or_else(|| EngineError::Model(model_dir.display().to_string()))
}

fn text_for_c(text: &str) -> Result<CString, EngineError> {
    CString::new(text).map_err(|_| EngineError::Refused("a text with a zero byte".to_owned()))
}

fn accepted(code: c_int, what: &str) -> Result<(), EngineError> {
    if code < 0 { Err(EngineError::Refused(what.to_owned())) } else { Ok(()) }
}
