//! A buyer without an account: what was said in the visits of their phone, erased at once.

use chrono::{DateTime, Utc};
use identity::audit::{Act, Area, Deed, keep};
use identity::{Caller, SetCookie};
use platform::db::repeat;
use platform::jobs::Draft;
use platform::personal::Subject;
use sqlx::PgConnection;

use crate::export::Whose;
use crate::jobs::erase_visits::EraseVisits;
use crate::{Error, Privacy};

impl Privacy {
    /// Has the visits of the caller's phone erased, and makes the phone forget its passes.
    ///
    /// # Errors
    /// [`Error::Obstructed`] while an order is open or money is on its way back.
    pub(crate) async fn erase_visits_of(&self, caller: &Caller) -> Result<SetCookie, Error> {
        let subject = Whose::phone(caller)?.visits().unwrap_or_default();
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let obstacles = self.obstacles(&mut transaction, &subject).await?;
            if !obstacles.is_empty() {
                return Err(Error::Obstructed(obstacles));
            }
            let job = EraseVisits { subject: subject.clone() };
            self.jobs.enqueue(&mut transaction, Draft::of_nobody(&job)).await?;
            Ok::<_, Error>(transaction.commit().await?)
        })
        .await?;
        Ok(self.identity.forget_phone(caller))
    }

    /// Erases visits. The stall keeps its orders and papers, and learns that a buyer's words went.
    pub(crate) async fn erase_visits(&self, subject: &Subject) -> anyhow::Result<()> {
        self.sweep(subject).await?;
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        note_visits(&mut transaction, subject, now).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Keeps with each stall that a visit's words went.
pub(crate) async fn note_visits(
    connection: &mut PgConnection,
    subject: &Subject,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    for (stall, visit, _) in &subject.visits {
        let act = Act::by_nobody(Area::PersonalData, Deed::Ended, now).in_business(*stall);
        keep(connection, act.about(visit.uuid())).await?;
    }
    Ok(())
}
