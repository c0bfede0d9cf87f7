//! Documents as PDF: the snapshot becomes a paper, the paper goes through a typst template, two at a time.

mod evidence;
mod fonts;
mod labels;
mod paper;
mod parties;
mod press;
mod request;
#[cfg(test)]
mod tests;
mod wording;

pub use evidence::{EvidenceCell, EvidencePaper, EvidenceSection};
pub use fonts::{Config, Part, PartState, report};
pub use press::{PdfError, Printed};

pub(crate) use press::Press;
