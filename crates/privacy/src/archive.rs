//! The archive: a table a file, recordings and papers beside, and a list of contents that says what each is and what is not there.

use std::io::{Cursor, Write};

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use platform::personal::{Subject, Table, read};
use serde::Serialize;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::Privacy;

/// Rows of a table that an archive has at most.
const ROWS_MAX: usize = 20_000;
/// Bytes of all rows.
const TEXT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of all files.
const FILES_BYTES_MAX: usize = 48 * 1024 * 1024;

/// The first file: what the others are.
#[derive(Debug, Serialize)]
struct Contents {
    /// What the archive is.
    about: &'static str,
    /// When it was made.
    made_at: String,
    /// Every file with rows.
    tables: Vec<Listed>,
    /// Recordings and papers that did not fit or could not be read.
    files_left_out: usize,
    /// What is kept of the subject and is not here.
    not_here: Vec<Absent>,
}

/// A file with rows.
#[derive(Debug, Serialize)]
struct Listed {
    file: String,
    holds: &'static str,
    rows: usize,
    /// False where there were more rows than an archive has.
    whole: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    columns_left_out: Option<LeftOut>,
}

/// Columns that nobody is handed.
#[derive(Debug, Serialize)]
struct LeftOut {
    columns: &'static [&'static str],
    because: &'static str,
}

/// A table that nobody is handed.
#[derive(Debug, Serialize)]
struct Absent {
    table: &'static str,
    holds: &'static str,
    because: &'static str,
}

const ABOUT: &str = "A copy of what this installation keeps of you. Each file of a folder holds the rows of one table, as JSON: \
                     times are in UTC, amounts (_minor) in paise, quantities (_milli) in thousandths, ids lead from one file to \
                     another. Recordings and papers are files of their own.";

/// An archive, and whether everything fitted.
pub(crate) struct Archive {
    pub bytes: Vec<u8>,
    pub whole: bool,
}

impl Privacy {
    /// Puts together all that is kept of the subject.
    pub(crate) async fn pack(&self, subject: &Subject) -> anyhow::Result<Archive> {
        let mut files: Vec<(String, Bytes)> = Vec::new();
        let mut contents = Contents {
            about: ABOUT,
            made_at: stamp(self.clock.now()),
            tables: Vec::new(),
            files_left_out: 0,
            not_here: Vec::new(),
        };
        let (mut text_bytes, mut file_bytes) = (0, 0);
        for holder in self.holders() {
            for table in holder.tables() {
                if table.secret {
                    contents.not_here.extend(absent(table));
                    continue;
                }
                let mut rows =
                    read(&mut *self.db.acquire().await?, &self.fields, table, subject, ROWS_MAX).await?;
                if rows.lines.is_empty() {
                    continue;
                }
                let fits = rows.lines.iter().take_while(|line| {
                    text_bytes += line.len();
                    text_bytes <= TEXT_BYTES_MAX
                });
                let fits = fits.count();
                let cut = rows.cut || fits < rows.lines.len();
                rows.lines.truncate(fits);
                let file = format!("{}/{}.json", holder.context(), table.name);
                contents.tables.push(listed(table, &file, &rows.lines, cut));
                files.push((file, format!("[\n{}\n]\n", rows.lines.join(",\n")).into()));
            }
            let found = holder.files(subject, FILES_BYTES_MAX - file_bytes).await?;
            file_bytes += found.bytes();
            contents.files_left_out += found.left_out;
            files.extend(found.files);
        }
        let whole = contents.files_left_out == 0 && contents.tables.iter().all(|table| table.whole);
        files.insert(0, ("contents.json".to_owned(), serde_json::to_vec_pretty(&contents)?.into()));
        let bytes = tokio::task::spawn_blocking(move || zipped(files)).await??;
        Ok(Archive { bytes, whole })
    }
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn absent(table: &Table) -> Option<Absent> {
    let because = table.because?;
    let is_of_somebody = table.person.is_some() || table.business.is_some() || table.guest.is_some();
    is_of_somebody.then_some(Absent { table: table.name, holds: table.holds, because })
}

fn listed(table: &Table, file: &str, lines: &[String], cut: bool) -> Listed {
    let left_out = table.because.filter(|_| !table.withheld.is_empty());
    Listed {
        file: file.to_owned(),
        holds: table.holds,
        rows: lines.len(),
        whole: !cut,
        columns_left_out: left_out.map(|because| LeftOut { columns: table.withheld, because }),
    }
}

fn zipped(files: Vec<(String, Bytes)>) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in files {
        archive.start_file(name, options)?;
        archive.write_all(&bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}
