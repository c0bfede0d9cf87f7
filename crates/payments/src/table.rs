//! Tables that operators bring as files: CSV, or a ZIP with one CSV in it, as gateways and banks hand them out.
//!
//! **Invariants.** What is unpacked is counted as it comes out and never by what the archive says of itself: a scanner misses what lies
//! deep in a large member. One table, of bounded bytes, out of a bounded number of members with harmless names.

use std::io::{Cursor, Read};

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use zip::ZipArchive;
use zip::read::ZipFile;

use crate::{Error, Payments};

/// The largest table, unpacked.
const TABLE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// So many members an archive has at most, with what some systems put in beside.
const MEMBERS_MAX: usize = 16;
/// How much more may come out than went in: tables of numbers pack ten to one.
const RATIO_MAX: usize = 100;
/// The longest name of a member, in bytes.
const NAME_BYTES_MAX: usize = 200;

/// Why an archive is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveFault {
    /// It cannot be read, or is locked by a password.
    #[error("the archive cannot be read, or is locked")]
    Broken,
    /// Too many members.
    #[error("the archive has more than {MEMBERS_MAX} members")]
    TooManyMembers,
    /// A name that leads elsewhere, or is too long.
    #[error("the archive has a member with a name that cannot be used")]
    Name,
    /// None, or several tables.
    #[error("the archive must hold one file that ends in .csv")]
    NotOneTable,
    /// More comes out than may.
    #[error("more comes out of the archive than is taken")]
    TooLarge,
}

impl Payments {
    /// Lets a file pass that may be kept: the installation's scanner calls it clean, where there is one.
    ///
    /// # Errors
    /// [`Error::Scan`].
    pub async fn scan(&self, file: &[u8]) -> Result<(), Error> {
        Ok(self.scanner.check(file).await?)
    }

    /// The table that somebody brings as `text/csv` or `application/zip`: counted, and scanned as it came and as it is read.
    ///
    /// # Errors
    /// [`Error::FileKind`], [`Error::Archive`], [`Error::Scan`].
    pub async fn table(&self, headers: &HeaderMap, body: Bytes) -> Result<Bytes, Error> {
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "text/csv" => {
                self.scan(&body).await?;
                Ok(body)
            }
            "application/zip" | "application/x-zip-compressed" => {
                let table = unpack(&body).map_err(Error::Archive)?;
                self.scan(&body).await?;
                self.scan(&table).await?;
                Ok(table.into())
            }
            _ => Err(Error::FileKind),
        }
    }
}

/// The one table of an archive.
fn unpack(zip: &[u8]) -> Result<Vec<u8>, ArchiveFault> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|_| ArchiveFault::Broken)?;
    if archive.len() > MEMBERS_MAX {
        return Err(ArchiveFault::TooManyMembers);
    }
    let mut tables = Vec::new();
    for at in 0..archive.len() {
        let member = archive.by_index_raw(at).map_err(|_| ArchiveFault::Broken)?;
        if is_table(&member)? {
            tables.push(at);
        }
    }
    let [table] = tables[..] else { return Err(ArchiveFault::NotOneTable) };
    let member = archive.by_index(table).map_err(|_| ArchiveFault::Broken)?;
    let room = TABLE_BYTES_MAX.min(zip.len().saturating_mul(RATIO_MAX));
    let mut unpacked = Vec::new();
    let limit = u64::try_from(room).unwrap_or(u64::MAX).saturating_add(1);
    member.take(limit).read_to_end(&mut unpacked).map_err(|_| ArchiveFault::Broken)?;
    if unpacked.len() > room { Err(ArchiveFault::TooLarge) } else { Ok(unpacked) }
}

/// Whether a member is a table, rather than a folder or what a system put in for itself.
fn is_table<R: Read>(member: &ZipFile<'_, R>) -> Result<bool, ArchiveFault> {
    if member.encrypted() {
        return Err(ArchiveFault::Broken);
    }
    let name = member.enclosed_name().ok_or(ArchiveFault::Name)?;
    if member.name_raw().len() > NAME_BYTES_MAX {
        return Err(ArchiveFault::Name);
    }
    let for_itself = name.starts_with("__MACOSX");
    let ends = name.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    Ok(ends && !for_itself && !member.is_dir())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    const TABLE: &[u8] = b"utr,credit\n1,2.00\n";

    #[test]
    fn one_table_comes_out_whatever_lies_beside_it() {
        let members =
            [("report/day.CSV", TABLE), ("__MACOSX/report/day.csv", b"x"), ("readme.txt", b"hello")];
        assert_eq!(unpack(&zipped(&members)).unwrap(), TABLE);
    }

    #[test]
    fn three_hundred_megabytes_of_nothing_are_not_unpacked() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("day.csv", SimpleFileOptions::default()).unwrap();
        let nothing = vec![0; 1 << 20];
        (0..300).for_each(|_| writer.write_all(&nothing).unwrap());
        let bomb = writer.finish().unwrap().into_inner();
        assert!(bomb.len() < 400_000, "{} bytes", bomb.len());
        assert_eq!(unpack(&bomb), Err(ArchiveFault::TooLarge));
    }

    #[test]
    fn what_lies_at_the_end_of_thirty_megabytes_is_not_reached() {
        let mut member: Vec<u8> =
            (0..30_u32 << 20).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
        member.extend(TABLE);
        assert_eq!(unpack(&zipped(&[("day.csv", &member)])), Err(ArchiveFault::TooLarge));
    }

    #[test]
    fn an_archive_that_lies_about_its_size_is_counted_all_the_same() {
        let mut bomb = zipped(&[("day.csv", &vec![b'1'; 3 << 20])]);
        let size = (3_u32 << 20).to_le_bytes();
        let found: Vec<usize> = (0..bomb.len() - 4).filter(|at| bomb[*at..at + 4] == size).collect();
        assert!(!found.is_empty(), "the archive says its size");
        for at in found {
            bomb[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
        }
        assert!(matches!(unpack(&bomb), Err(ArchiveFault::TooLarge | ArchiveFault::Broken)));
    }

    #[test]
    fn anything_but_one_table_is_refused() {
        let many: Vec<(String, &[u8])> = (0..17).map(|n| (format!("{n}.txt"), TABLE)).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
        let inner = zipped(&[("day.csv", TABLE)]);
        for (archive, fault) in [
            (b"PK\x03\x04 and nothing else".to_vec(), ArchiveFault::Broken),
            (TABLE.to_vec(), ArchiveFault::Broken),
            (zipped(&[]), ArchiveFault::NotOneTable),
            (zipped(&[("a.csv", TABLE), ("b.csv", TABLE)]), ArchiveFault::NotOneTable),
            (zipped(&[("day.zip", &inner)]), ArchiveFault::NotOneTable),
            (zipped(&[("../day.csv", TABLE)]), ArchiveFault::Name),
            (zipped(&[(&"a".repeat(201), TABLE), ("day.csv", TABLE)]), ArchiveFault::Name),
            (zipped(&many), ArchiveFault::TooManyMembers),
        ] {
            assert_eq!(unpack(&archive), Err(fault));
        }
    }
}
