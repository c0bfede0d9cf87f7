//! Answering a dispute: giving in, or contesting it with files as evidence.

use platform::db::repeat;
use platform::jobs::Draft;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use types::{PersonId, TenantId};

use super::{Answer, Dispute, DisputeState};
use crate::db::{dispute_files, disputes};
use crate::gateway::{self, Gateway};
use crate::ids::DisputeId;
use crate::jobs::answer_dispute::AnswerDispute;
use crate::{Error, Payments, db};

/// So many files are given at most, of so many bytes each: no gateway takes larger ones.
pub const EVIDENCE_FILES_MAX: usize = 3;
/// The most bytes of one file; pictures are bounded to half of it by whoever makes them.
pub const EVIDENCE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How much evidence a gateway takes for one dispute, over all its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvidenceLimits {
    /// Bytes.
    pub bytes: usize,
    /// Pages; a picture is one.
    pub pages: usize,
}

impl EvidenceLimits {
    /// What a gateway takes that says nothing of it: each file as large as may be, and as many pages as card networks read.
    pub(crate) const SILENT: Self = Self { bytes: EVIDENCE_FILES_MAX * EVIDENCE_BYTES_MAX, pages: 49 };

    fn take(self, files: &[EvidenceFile]) -> bool {
        let bytes: usize = files.iter().map(|file| file.content.len()).sum();
        let pages: usize = files.iter().map(|file| file.pages).sum();
        (1..=EVIDENCE_FILES_MAX).contains(&files.len())
            && files.iter().all(|file| file.content.len() <= EVIDENCE_BYTES_MAX)
            && bytes <= self.bytes
            && pages <= self.pages
    }
}

/// What a file proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum FileKind {
    /// The agreement, the order and what became of it, on one paper.
    Pack,
    /// The invoice.
    Invoice,
    /// A photograph of the vendor's.
    Photo,
}

/// A file that is given as evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceFile {
    /// What it proves.
    pub kind: FileKind,
    /// Its name, of letters, digits, points and hyphens.
    pub name: String,
    /// `application/pdf`, `image/jpeg` or `image/png`.
    pub media_type: &'static str,
    /// How many pages it has; a picture is one.
    pub pages: usize,
    /// The file.
    pub content: Vec<u8>,
}

/// Evidence against a dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What happened, in the words of whoever contests; 1 to 1,000 characters.
    pub statement: String,
    /// At least one file.
    pub files: Vec<EvidenceFile>,
}

impl EvidenceFile {
    /// The SHA-256 of the file, in hexadecimal digits.
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(&self.content))
    }
}

impl Payments {
    /// How much evidence the gateway of a dispute takes.
    ///
    /// # Errors
    /// [`Error::NotFound`]; whatever the database says.
    pub async fn evidence_limits(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        id: DisputeId,
    ) -> Result<EvidenceLimits, Error> {
        let dispute = disputes::find(connection, tenant, id).await?.ok_or(Error::NotFound)?;
        Ok(self.limits_of(&dispute))
    }

    fn limits_of(&self, dispute: &Dispute) -> EvidenceLimits {
        let gateway = self.gateways.find(Some(&dispute.gateway));
        gateway.map_or(EvidenceLimits::SILENT, Gateway::evidence_limits)
    }

    /// Contests a dispute, in the caller's transaction: the gateway is given the evidence by a job. The same answer again has no further
    /// effect.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::DisputeAnswered`] where it does not wait for an answer; [`Error::EvidenceTooLarge`].
    pub async fn contest_dispute(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        id: DisputeId,
        by: PersonId,
        evidence: &Evidence,
    ) -> Result<(), Error> {
        let Some(dispute) = self.to_answer(connection, tenant, id, Answer::Contest).await? else {
            return Ok(());
        };
        if !self.limits_of(&dispute).take(&evidence.files) {
            return Err(Error::EvidenceTooLarge);
        }
        let contested = Dispute {
            state: DisputeState::EvidenceSent,
            answer: Some(Answer::Contest),
            answered_by: Some(by),
            statement: Some(evidence.statement.clone()),
            note: None,
            ..dispute
        };
        dispute_files::replace(connection, tenant, id, &evidence.files, self.clock.now()).await?;
        self.send_answer(connection, &contested).await
    }

    /// Gives in to a dispute, in the caller's transaction: the gateway is told by a job. The same answer again has no further effect.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::DisputeAnswered`] where it does not wait for an answer.
    pub async fn accept_dispute(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        id: DisputeId,
        by: PersonId,
        why: &str,
    ) -> Result<(), Error> {
        let Some(dispute) = self.to_answer(connection, tenant, id, Answer::Accept).await? else {
            return Ok(());
        };
        let accepted = Dispute {
            answer: Some(Answer::Accept),
            answered_by: Some(by),
            statement: Some(why.to_owned()),
            note: None,
            ..dispute
        };
        self.send_answer(connection, &accepted).await
    }

    /// The dispute, locked, where it waits for an answer; none where this very answer was given.
    async fn to_answer(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        id: DisputeId,
        answer: Answer,
    ) -> Result<Option<Dispute>, Error> {
        let found = disputes::find(connection, tenant, id).await?.ok_or(Error::NotFound)?;
        let payment = db::payments::find(connection, tenant, found.payment).await?.ok_or(Error::NotFound)?;
        db::intents::lock_of(connection, tenant, payment.subject).await?;
        let dispute = disputes::lock(connection, tenant, id).await?.ok_or(Error::NotFound)?;
        match dispute.answer {
            Some(given) if given == answer => Ok(None),
            None if dispute.state == DisputeState::Open => Ok(Some(dispute)),
            _ => Err(Error::DisputeAnswered),
        }
    }

    async fn send_answer(&self, connection: &mut PgConnection, dispute: &Dispute) -> Result<(), Error> {
        disputes::update(connection, dispute, self.clock.now()).await?;
        let job = AnswerDispute { tenant: dispute.tenant, dispute: dispute.id };
        self.jobs.enqueue(connection, Draft::new(dispute.tenant, &job)).await?;
        self.tell_of_dispute(connection, dispute).await
    }

    /// Brings an answer to the gateway. Each file that it has taken is remembered, so that none is given twice.
    pub(crate) async fn bring_answer(&self, job: &AnswerDispute) -> Result<(), Error> {
        let found = disputes::find(&mut *self.db.acquire().await?, job.tenant, job.dispute).await?;
        let Some(dispute) = found.filter(|found| !found.state.is_over()) else { return Ok(()) };
        let gateway = self.gateways.of(Some(&dispute.gateway))?;
        let answered = match dispute.answer {
            Some(Answer::Accept) => gateway.accept_dispute(&dispute.at_gateway).await,
            Some(Answer::Contest) if dispute.state == DisputeState::EvidenceSent => {
                self.give_evidence(gateway, &dispute).await
            }
            _ => return Ok(()),
        };
        match answered {
            Ok(seen) => self.take_in_dispute(gateway.name(), &seen).await.map(drop),
            Err(error) if error.is_final() => self.answer_refused(gateway, &dispute, &error).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn give_evidence(
        &self,
        gateway: &dyn Gateway,
        dispute: &Dispute,
    ) -> Result<gateway::Dispute, gateway::Error> {
        let refused = |error: sqlx::Error| {
            tracing::error!(%error, "the evidence of a dispute could not be read");
            gateway::Error::Trouble { status: 0, retry_after: None }
        };
        let mut connection = self.db.acquire().await.map_err(refused)?;
        let files = dispute_files::of(&mut connection, dispute.tenant, dispute.id).await.map_err(refused)?;
        drop(connection);
        let mut given = Vec::new();
        for file in files {
            let document = if let Some(document) = file.at_gateway.clone() {
                document
            } else {
                let document = gateway.upload_evidence(&file.as_upload()).await?;
                let mut connection = self.db.acquire().await.map_err(refused)?;
                dispute_files::set_given(&mut connection, dispute, file.place, &document)
                    .await
                    .map_err(refused)?;
                document
            };
            given.push((file.kind, document));
        }
        let summary = dispute.statement.as_deref().unwrap_or_default();
        let contest = gateway::Contest { dispute: &dispute.at_gateway, summary, files: &given };
        gateway.contest_dispute(&contest).await
    }

    /// The gateway will not: perhaps it was answered there, or it is too late. Else it waits for another answer.
    async fn answer_refused(
        &self,
        gateway: &dyn Gateway,
        dispute: &Dispute,
        error: &gateway::Error,
    ) -> Result<(), Error> {
        self.look_at_dispute(gateway, &dispute.at_gateway).await?;
        let why = gateway::chain(error);
        tracing::error!(dispute = %dispute.id, why, "the gateway refused the answer to a dispute");
        repeat(|| self.open_again(dispute, &why)).await
    }

    async fn open_again(&self, dispute: &Dispute, why: &str) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let locked = disputes::lock(&mut transaction, dispute.tenant, dispute.id).await?;
        let waits = |state| matches!(state, DisputeState::Open | DisputeState::EvidenceSent);
        let Some(refused) = locked.filter(|locked| waits(locked.state)) else { return Ok(()) };
        let note = Some(why.to_owned());
        let open = Dispute { state: DisputeState::Open, answer: None, answered_by: None, note, ..refused };
        disputes::update(&mut transaction, &open, self.clock.now()).await?;
        self.tell_of_dispute(&mut transaction, &open).await?;
        transaction.commit().await?;
        Ok(())
    }
}
