//! Documents: files that a merchant uploads as evidence.

use serde::Serialize;

use super::desk::Desk;
use super::error::{Error, Result};
use super::order::well_formed;
use crate::shelf::Kept;

/// The largest picture and PDF, as the vendor has it.
const PICTURE_BYTES_MAX: usize = 2 * 1024 * 1024;
const PDF_BYTES_MAX: usize = 4 * 1024 * 1024;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Document {
    pub(crate) id: String,
    pub(crate) entity: &'static str,
    pub(crate) purpose: &'static str,
    pub(crate) name: String,
    pub(crate) mime_type: &'static str,
    pub(crate) size: usize,
    pub(crate) created_at: i64,
    #[serde(skip)]
    pub(crate) content: Vec<u8>,
}

impl Kept for Document {
    fn id(&self) -> &str {
        &self.id
    }
}

/// What a file is by its first bytes, and how large it may be.
fn kind_of(content: &[u8]) -> Option<(&'static str, usize)> {
    match content {
        [b'%', b'P', b'D', b'F', b'-', ..] => Some(("application/pdf", PDF_BYTES_MAX)),
        [0xff, 0xd8, 0xff, ..] => Some(("image/jpeg", PICTURE_BYTES_MAX)),
        [0x89, b'P', b'N', b'G', ..] => Some(("image/png", PICTURE_BYTES_MAX)),
        _ => None,
    }
}

impl Desk<'_> {
    /// Keeps an uploaded file.
    pub(crate) fn keep_document(&mut self, name: &str, content: Vec<u8>) -> Result<Document> {
        let (mime_type, bytes_max) = kind_of(&content)
            .ok_or_else(|| Error::invalid("file", "The file must be a file of type: jpg, jpeg, png, pdf."))?;
        if content.len() > bytes_max {
            return Err(Error::invalid("file", "The file size exceeds the maximum allowed size."));
        }
        let document = Document {
            id: self.id("doc_"),
            entity: "document",
            purpose: "dispute_evidence",
            name: name.chars().take(128).collect(),
            mime_type,
            size: content.len(),
            created_at: self.now_s,
            content,
        };
        self.merchant.documents.put(document.clone());
        Ok(document)
    }

    pub(crate) fn document(&self, id: &str) -> Result<&Document> {
        well_formed(id, "doc_")?;
        self.merchant.documents.get(id).ok_or_else(Error::unknown_id)
    }
}
