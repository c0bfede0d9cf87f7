//! Answering a dispute of an order: what it says, the evidence as it would be sent, giving in, contesting.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use billing::Printed;
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason};
use payments::{DisputeId, DisputeView, Evidence, EvidenceFile, FileKind};
use platform::db::repeat;
use platform::text;
use serde::Deserialize;
use types::{PersonId, TenantId};
use utoipa::ToSchema;

use crate::evidence::EvidencePack;
use crate::{Error, Orders};

/// The longest statement, in characters: what the gateway takes.
const STATEMENT_CHARS_MAX: usize = 1_000;
/// The largest picture, as the gateway has it.
const PHOTO_BYTES_MAX: usize = 2 * 1024 * 1024;
/// The most pixels of a picture: what whoever opens it unpacks is four bytes each.
const PHOTO_PIXELS_MAX: usize = 50_000_000;

/// So many messages of each line stand on the sheet, the last before the deal; fewer where it would have too many pages. The JSON has all.
const MESSAGES: [usize; 4] = [60, 20, 6, 0];
/// Pages that the invoice and a photograph take as a rule.
const PAGES_BESIDE: usize = 2;

/// A dispute is contested.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(crate) struct NewContest {
    /// What happened, in one's own words: 1 to 1,000 characters.
    pub statement: String,
    /// A photograph in JPEG or PNG, at most 2 MiB, in Base64.
    #[serde(default)]
    #[schema(nullable = false)]
    pub photo: Option<String>,
}

/// Whoever answers, and for whom.
#[derive(Debug, Clone, Copy)]
struct Answerer {
    tenant: TenantId,
    person: PersonId,
}

impl Orders {
    /// A dispute, for the vendor whose it is and for the operator.
    ///
    /// # Errors
    /// [`Error::NotFound`]; whatever the database says.
    pub(crate) async fn dispute(&self, caller: &Caller, id: DisputeId) -> Result<DisputeView, Error> {
        let Answerer { tenant, .. } = self.answerer(caller, id).await?;
        Ok(self.payments.dispute_of(&mut *self.db.acquire().await?, tenant, id).await?)
    }

    /// The evidence as JSON.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for a dispute of a top-up: nothing was sold.
    pub(crate) async fn evidence(&self, caller: &Caller, id: DisputeId) -> Result<EvidencePack, Error> {
        let Answerer { tenant, .. } = self.answerer(caller, id).await?;
        let mut connection = self.db.acquire().await?;
        let dispute = self.payments.dispute_of(&mut connection, tenant, id).await?;
        Ok(self.facts_of(&mut connection, tenant, &dispute).await?.pack())
    }

    /// The evidence as the sheet that would be sent, but for the statement.
    ///
    /// # Errors
    /// As [`Orders::evidence`]; whatever the press says.
    pub(crate) async fn evidence_sheet(&self, caller: &Caller, id: DisputeId) -> Result<Vec<u8>, Error> {
        let answerer = self.answerer(caller, id).await?;
        Ok(self.sheet_of(answerer, id, (None, PAGES_BESIDE)).await?.bytes)
    }

    /// The sheet, as long as the gateway takes it beside so many pages.
    async fn sheet_of(
        &self,
        Answerer { tenant, person }: Answerer,
        id: DisputeId,
        (statement, beside): (Option<&str>, usize),
    ) -> Result<Printed, Error> {
        let mut connection = self.db.acquire().await?;
        let dispute = self.payments.dispute_of(&mut connection, tenant, id).await?;
        let facts = self.facts_of(&mut connection, tenant, &dispute).await?;
        let room = self.payments.evidence_limits(&mut connection, tenant, id).await?.pages;
        // Printing takes longer than reading: the connection is somebody else's meanwhile.
        drop(connection);
        let mut shortest = None;
        for messages in MESSAGES {
            let paper = facts.sheet(&dispute, statement, messages);
            let printed = self.billing.print_evidence(person.uuid(), paper).await?;
            let fits = printed.pages + beside <= room;
            shortest = Some(printed);
            if fits {
                break;
            }
        }
        shortest.ok_or(Error::NotFound)
    }

    /// Contests a dispute: the sheet, the invoice and a photograph, where there is one, are sent by a job.
    ///
    /// # Errors
    /// [`Error::NotFound`]; a statement or photograph that cannot be sent; [`Error::Payments`] where it does not wait for an answer.
    pub(crate) async fn contest(
        &self,
        caller: &Caller,
        id: DisputeId,
        new: &NewContest,
    ) -> Result<(), Error> {
        let answerer = self.answerer(caller, id).await?;
        let Answerer { tenant, person } = answerer;
        let statement = text::paragraphs(&new.statement, STATEMENT_CHARS_MAX).map_err(Error::Statement)?;
        let photo = new.photo.as_deref().map(photo).transpose()?;
        if let Some(photo) = &photo {
            self.payments.scan(&photo.content).await?;
        }
        let dispute = self.payments.dispute_of(&mut *self.db.acquire().await?, tenant, id).await?;
        let order = dispute.order_id.ok_or(Error::NotFound)?;
        let invoice = self.billing.invoice_of(tenant, order).await?;
        let invoice =
            invoice.map(|invoice| pdf(FileKind::Invoice, "invoice.pdf", (invoice.bytes, invoice.pages)));
        let beside: Vec<EvidenceFile> = invoice.into_iter().chain(photo).collect();
        let pages = beside.iter().map(|file| file.pages).sum();
        let sheet = self.sheet_of(answerer, id, (Some(&statement), pages)).await?;
        let sheet = pdf(FileKind::Pack, "evidence.pdf", (sheet.bytes, sheet.pages));
        let files = [sheet].into_iter().chain(beside).collect();
        let evidence = Evidence { statement, files };
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            self.payments.contest_dispute(&mut transaction, tenant, id, person, &evidence).await?;
            let act = Act::by(person, Area::Disputes, Deed::Refused, self.clock.now()).in_business(tenant);
            audit::keep(&mut transaction, act.about(id.uuid())).await?;
            Ok::<(), Error>(transaction.commit().await?)
        })
        .await
    }

    /// Gives in to a dispute: the buyer keeps the money.
    ///
    /// # Errors
    /// As [`Orders::contest`].
    pub(crate) async fn accept_dispute(
        &self,
        caller: &Caller,
        id: DisputeId,
        why: &OperatorReason,
    ) -> Result<(), Error> {
        let Answerer { tenant, person } = self.answerer(caller, id).await?;
        let why = why.line().map_err(Error::Reason)?;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            self.payments.accept_dispute(&mut transaction, tenant, id, person, &why).await?;
            let act = Act::by(person, Area::Disputes, Deed::Confirmed, self.clock.now()).in_business(tenant);
            audit::keep(&mut transaction, act.about(id.uuid()).because(&why)).await?;
            Ok::<(), Error>(transaction.commit().await?)
        })
        .await
    }

    /// The vendor whose dispute it is, or the operator.
    async fn answerer(&self, caller: &Caller, id: DisputeId) -> Result<Answerer, Error> {
        let mut connection = self.db.acquire().await?;
        let vendor = caller.vendor();
        if let Ok(vendor) = &vendor {
            match self.payments.dispute_of(&mut connection, vendor.tenant, id).await {
                Ok(_) => return Ok(Answerer { tenant: vendor.tenant, person: vendor.person }),
                // It may be another stall's, and the vendor an operator too.
                Err(payments::Error::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        match caller.operator() {
            Ok(person) => {
                let dispute = self.payments.operator_dispute(&mut connection, id).await?;
                let (business, now) = (dispute.tenant_id, self.clock.now());
                audit::looked(&mut connection, person, Area::Disputes, [business], now).await?;
                Ok(Answerer { tenant: dispute.tenant_id, person })
            }
            // Another stall's is not there.
            Err(_) if vendor.is_ok() => Err(Error::NotFound),
            Err(error) => Err(error.into()),
        }
    }
}

fn pdf(kind: FileKind, name: &str, (content, pages): (Vec<u8>, usize)) -> EvidenceFile {
    EvidenceFile { kind, name: name.to_owned(), media_type: "application/pdf", pages, content }
}

/// The photograph, known by its first bytes; as large as it says that it is, which is small enough to be looked at.
fn photo(base64: &str) -> Result<EvidenceFile, Error> {
    let content = BASE64_STANDARD.decode(base64).map_err(|_| Error::NoPhoto)?;
    let (media_type, name) = match &*content {
        [0xff, 0xd8, 0xff, ..] => ("image/jpeg", "photo.jpg"),
        [0x89, b'P', b'N', b'G', ..] => ("image/png", "photo.png"),
        _ => return Err(Error::NoPhoto),
    };
    if content.len() > PHOTO_BYTES_MAX {
        return Err(payments::Error::EvidenceTooLarge.into());
    }
    let size = imagesize::blob_size(&content).map_err(|_| Error::NoPhoto)?;
    match size.width.saturating_mul(size.height) {
        0 => return Err(Error::NoPhoto),
        1..=PHOTO_PIXELS_MAX => {}
        _ => return Err(payments::Error::EvidenceTooLarge.into()),
    }
    Ok(EvidenceFile { kind: FileKind::Photo, name: name.to_owned(), media_type, pages: 1, content })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head of a JPEG of this size.
    fn jpeg(width: u16, height: u16) -> String {
        let mut head = vec![0xff, 0xd8, 0xff, 0xc0, 0, 17, 8];
        head.extend(height.to_be_bytes());
        head.extend(width.to_be_bytes());
        head.extend([3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0xff, 0xd9]);
        BASE64_STANDARD.encode(head)
    }

    /// The head of a PNG of this size.
    fn png(width: u32, height: u32) -> String {
        let mut head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        head.extend(width.to_be_bytes());
        head.extend(height.to_be_bytes());
        head.extend([8, 6, 0, 0, 0]);
        BASE64_STANDARD.encode(head)
    }

    #[test]
    fn a_small_file_that_unpacks_to_a_huge_picture_is_refused() {
        for bomb in [jpeg(65_535, 65_535), png(100_000, 100_000), png(u32::MAX, u32::MAX), png(8_000, 6_251)]
        {
            assert!(matches!(photo(&bomb), Err(Error::Payments(payments::Error::EvidenceTooLarge))));
        }
        assert!(photo(&png(8_000, 6_250)).is_ok());
    }

    #[test]
    fn a_photograph_is_known_by_what_it_is() {
        assert_eq!(photo(&jpeg(640, 480)).unwrap().media_type, "image/jpeg");
        assert_eq!(photo(&png(640, 480)).unwrap().media_type, "image/png");
        let cut_short = BASE64_STANDARD.encode([0xff, 0xd8, 0xff, 0xe0, 1]);
        for wrong in [
            "",
            "!",
            &BASE64_STANDARD.encode("<svg>"),
            &BASE64_STANDARD.encode("%PDF-"),
            &cut_short,
            &png(0, 9),
        ] {
            assert!(matches!(photo(wrong), Err(Error::NoPhoto)), "{wrong}");
        }
        let mut large = vec![0xff, 0xd8, 0xff];
        large.resize(PHOTO_BYTES_MAX + 1, 0);
        assert!(matches!(photo(&BASE64_STANDARD.encode(large)), Err(Error::Payments(_))));
    }
}
