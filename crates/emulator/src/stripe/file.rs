//! Files: what a merchant uploads as evidence of a dispute.
//!
//! Deliberately absent: other purposes, links to files, the host of their own that the vendor has for them.

use serde_json::{Value, json};

use super::desk::Desk;
use super::error::{Error, Result};
use crate::shelf::Kept;

/// The largest file, as the vendor has it.
const BYTES_MAX: usize = 5 * 1024 * 1024;
/// The only purpose that is known here.
const PURPOSE: &str = "dispute_evidence";

#[derive(Debug, Clone)]
pub(crate) struct File {
    id: String,
    created: i64,
    name: String,
    kind: &'static str,
    size: usize,
}

impl Kept for File {
    fn id(&self) -> &str {
        &self.id
    }
}

impl File {
    pub(crate) fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "object": "file",
            "created": self.created,
            "expires_at": null,
            "filename": self.name,
            "links": {
                "object": "list",
                "data": [],
                "has_more": false,
                "url": format!("/v1/file_links?file={}", self.id),
            },
            "purpose": PURPOSE,
            "size": self.size,
            "title": null,
            "type": self.kind,
            "url": format!("https://files.stripe.com/v1/files/{}/contents", self.id),
        })
    }
}

/// What a file is by its first bytes.
fn kind_of(content: &[u8]) -> Option<&'static str> {
    match content {
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("pdf"),
        [0xff, 0xd8, 0xff, ..] => Some("jpg"),
        [0x89, b'P', b'N', b'G', ..] => Some("png"),
        _ => None,
    }
}

impl Desk<'_> {
    /// Keeps an uploaded file; its content is looked at and dropped.
    pub(crate) fn keep_file(
        &mut self,
        purpose: Option<&str>,
        file: Option<(String, Vec<u8>)>,
    ) -> Result<Value> {
        let purpose = purpose.ok_or_else(|| Error::missing("purpose"))?;
        let (name, content) = file.ok_or_else(|| Error::missing("file"))?;
        if purpose != PURPOSE {
            return Err(Error::invalid("purpose", "Invalid purpose: must be dispute_evidence"));
        }
        let kind = kind_of(&content);
        let kind =
            kind.ok_or_else(|| Error::invalid("file", "Invalid file type: must be one of pdf, jpg, png"))?;
        if content.len() > BYTES_MAX {
            return Err(Error::invalid("file", "The file is larger than 5 MB."));
        }
        let name = name.chars().take(128).collect();
        let file = File { id: self.id("file_"), created: self.now_s, name, kind, size: content.len() };
        let shown = file.shown();
        self.account.files.put(file);
        Ok(shown)
    }

    pub(crate) fn file(&self, id: &str) -> Result<&File> {
        self.account.files.get(id).ok_or_else(|| Error::no_such("file upload", id, "file"))
    }
}
