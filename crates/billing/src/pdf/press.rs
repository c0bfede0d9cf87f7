//! The press: prints papers on threads of its own, a few at a time, with fonts that are read once.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Semaphore;
use types::Language;
use typst::foundations::{Dict, IntoValue, Smart};
use typst_as_lib::{TypstEngine, TypstTemplateMainFile};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use super::evidence::{EvidencePaper, Sheet};
use super::fonts::{Config, Found, Loaded};
use super::paper::Paper;
use crate::request::PaymentRequest;
use crate::{Document, Snapshot};

/// The page, as typst sets it.
const TEMPLATE: &str = include_str!("../../templates/document.typ");
/// The page of what is sent to a payer's bank.
const EVIDENCE: &str = include_str!("../../templates/evidence.typ");
/// Papers printed at once: each takes a core and some 30 MB while it lasts.
const AT_ONCE: usize = 2;
/// How long a paper waits for its turn.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// A paper that was printed.
#[derive(Debug, Clone)]
pub struct Printed {
    /// The PDF.
    pub bytes: Vec<u8>,
    /// How many pages it has.
    pub pages: usize,
}

/// Why a document could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// The machine has no font.
    #[error("no font was found: install the package fonts-noto-core")]
    NoFont,
    /// Too many are printing.
    #[error("too many documents are being printed")]
    Busy,
    /// The template refused the paper: a mistake of ours.
    #[error("the template failed: {0}")]
    Template(String),
    /// The printing thread ended early.
    #[error("the printer failed")]
    Crashed(#[from] tokio::task::JoinError),
}

/// Prints documents. Cheap to clone; clones share fonts and turns.
#[derive(Debug, Clone)]
pub(crate) struct Press(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    turns: Semaphore,
    /// Made by the first paper; not kept where there was no font.
    plate: Mutex<Option<Arc<Plate>>>,
}

/// The template with its fonts.
struct Plate {
    engine: TypstEngine<TypstTemplateMainFile>,
    evidence: TypstEngine<TypstTemplateMainFile>,
    fonts: Loaded,
}

impl Press {
    pub fn new(config: Config) -> Self {
        Self(Arc::new(Inner { config, turns: Semaphore::new(AT_ONCE), plate: Mutex::new(None) }))
    }

    /// The document as PDF, in a language and English.
    pub async fn print(
        &self,
        document: Document,
        snapshot: Snapshot,
        language: Language,
    ) -> Result<Printed, PdfError> {
        self.in_turn(move |plate| {
            Plate::print(&plate.engine, &Paper::new(&document, &snapshot, language, &plate.fonts))
        })
        .await
    }

    /// A paper for a payer's bank as PDF.
    pub async fn print_evidence(&self, paper: EvidencePaper) -> Result<Printed, PdfError> {
        self.in_turn(move |plate| Plate::print(&plate.evidence, &Sheet::new(&paper, &plate.fonts))).await
    }

    /// A payment request as PDF, in a language and English; `document` is what would be issued now.
    pub async fn print_request(
        &self,
        request: PaymentRequest,
        (document, snapshot): (Document, Snapshot),
        language: Language,
    ) -> Result<Printed, PdfError> {
        self.in_turn(move |plate| {
            let paper = Paper::of_request(&request, (&document, &snapshot), language, &plate.fonts);
            Plate::print(&plate.engine, &paper)
        })
        .await
    }

    async fn in_turn(
        &self,
        print: impl FnOnce(&Plate) -> Result<Printed, PdfError> + Send + 'static,
    ) -> Result<Printed, PdfError> {
        let turn = tokio::time::timeout(WAIT_MAX, self.0.turns.acquire()).await;
        let _turn = turn.map_err(|_| PdfError::Busy)?.map_err(|_| PdfError::Busy)?;
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || print(&*inner.plate()?)).await?
    }
}

impl Inner {
    fn plate(&self) -> Result<Arc<Plate>, PdfError> {
        let mut plate = self.plate.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plate) = &*plate {
            return Ok(Arc::clone(plate));
        }
        let fonts = Found::in_folders(&self.config).load();
        if !fonts.has(types::Script::Latin) {
            return Err(PdfError::NoFont);
        }
        let engine =
            |template| TypstEngine::builder().main_file(template).fonts(fonts.fonts.iter().cloned()).build();
        let (engine, evidence) = (engine(TEMPLATE), engine(EVIDENCE));
        Ok(Arc::clone(plate.insert(Arc::new(Plate { engine, evidence, fonts }))))
    }
}

impl Plate {
    fn print(
        engine: &TypstEngine<TypstTemplateMainFile>,
        paper: &impl Serialize,
    ) -> Result<Printed, PdfError> {
        let failed = |error: &dyn fmt::Debug| PdfError::Template(format!("{error:?}"));
        let json = serde_json::to_string(paper).map_err(|error| failed(&error))?;
        let mut inputs = Dict::new();
        inputs.insert("paper".into(), json.into_value());
        let compiled = engine.compile_with_input::<_, PagedDocument>(inputs);
        let pages = compiled.output.map_err(|error| failed(&error))?;
        let options =
            PdfOptions { creator: Smart::Custom(Some("VyaparMitra".to_owned())), ..PdfOptions::default() };
        let bytes = typst_pdf::pdf(&pages, &options).map_err(|error| failed(&error))?;
        Ok(Printed { bytes, pages: pages.pages().len() })
    }
}

impl fmt::Debug for Plate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plate").finish_non_exhaustive()
    }
}
