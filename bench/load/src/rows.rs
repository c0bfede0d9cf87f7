//! What it costs that PostgreSQL keeps the rows of businesses apart, too: one read, alone and in a transaction, on the login's own
//! connections and on those that see one business's rows.

use std::time::{Duration, Instant};

use anyhow::ensure;
use platform::postgres::Postgres;
use platform::tenancy::{Fence, on_behalf_of};
use platform::{Clock, Db, Entropy, migrate};
use types::TenantId;
use uuid::Uuid;

use crate::server::{data_dir, database};
use crate::tally::Tally;

const ROUNDS: usize = 50;
/// Reads of a round, of each kind.
const READS: u32 = 100;
const BUSINESS: TenantId = TenantId::from_uuid(Uuid::from_u128(1));

/// What was measured, without the fence and behind it.
#[derive(Default)]
struct Measured {
    read: [Tally; 2],
    transaction: [Tally; 2],
}

/// Runs it and prints what it measured.
pub async fn run() -> anyhow::Result<()> {
    let data = data_dir()?;
    let entropy = Entropy::system();
    let postgres = Postgres::start(&database(data.path()), &entropy).await?;
    let measured = measure(&postgres, &entropy).await;
    postgres.stop().await;
    let Measured { read, transaction } = measured?;
    println!("median (least) of {ROUNDS} rounds by turns, µs");
    for (what, [plain, fenced]) in [("a read", read), ("a transaction with one read", transaction)] {
        println!("{what:<28} {:>12}, behind the fence {:>12}", told(&plain), told(&fenced));
    }
    Ok(())
}

async fn measure(postgres: &Postgres, entropy: &Entropy) -> anyhow::Result<Measured> {
    let db = Db::connect(postgres.connect_options().clone(), 4).await?;
    migrate::migrate(&db, &Clock::system(), entropy).await?;
    ensure!(db.fence().await? == Fence::Up, "this PostgreSQL does not keep rows apart");
    let insert = sqlx::query("insert into visit_counters (tenant_id, buyers) values ($1, 1)");
    insert.bind(BUSINESS.uuid()).execute(db.pool()).await?;
    let mut measured = Measured::default();
    // By turns and in short rounds, because others are at work on the machine; the first warms both.
    for round in 0..=ROUNDS {
        let plain = times_of_reads(&db).await?;
        let fenced = on_behalf_of(BUSINESS, times_of_reads(&db)).await?;
        if round == 0 {
            continue;
        }
        for (at, [read, transaction]) in [plain, fenced].into_iter().enumerate() {
            measured.read[at].note(read);
            measured.transaction[at].note(transaction);
        }
    }
    db.close().await;
    Ok(measured)
}

/// Reads one row so often as a handler does, and gives the time that one took: outside of a transaction and in one.
async fn times_of_reads(db: &Db) -> Result<[Duration; 2], sqlx::Error> {
    const SQL: &str = "select buyers from visit_counters where tenant_id = $1";
    let read = || sqlx::query_scalar::<sqlx::Postgres, i32>(SQL).bind(BUSINESS.uuid());
    let began = Instant::now();
    for _ in 0..READS {
        let mut connection = db.acquire().await?;
        read().fetch_one(&mut *connection).await?;
    }
    let alone = began.elapsed();
    let began = Instant::now();
    for _ in 0..READS {
        let mut transaction = db.begin().await?;
        read().fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
    }
    Ok([alone, began.elapsed()].map(|time| time / READS))
}

/// The median, and the least.
fn told(times: &Tally) -> String {
    format!("{} ({})", times.percentile(50).as_micros(), times.percentile(0).as_micros())
}
