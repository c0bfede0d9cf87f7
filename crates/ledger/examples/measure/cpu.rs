//! CPU time as the kernel counts it.

use std::collections::BTreeMap;

use platform::Db;

/// Places in `/proc/PID/stat` after the name: the parent, and the first of the times of itself and of its ended children.
const PARENT: usize = 1;
const UTIME: usize = 11;
const MS_A_TICK: u64 = 10;

/// The processes that a measurement keeps busy: this one, and PostgreSQL's.
#[derive(Debug, Clone, Copy)]
pub struct Busy {
    postmaster: u64,
}

impl Busy {
    /// Finds PostgreSQL's first process.
    pub async fn find(db: &Db) -> Self {
        let backend: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(db.pool()).await.unwrap();
        Self { postmaster: fields(u64::try_from(backend).unwrap()).unwrap()[PARENT] }
    }

    /// What they used so far, in milliseconds.
    pub fn ms(self) -> u64 {
        let mut ticks = BTreeMap::new();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u64>().ok()) else {
                continue;
            };
            // A process may be gone before it is read; its parent then has its time.
            let Some(fields) = fields(pid) else { continue };
            if fields[PARENT] == self.postmaster {
                ticks.insert(pid, fields[UTIME] + fields[UTIME + 1]);
            } else if pid == self.postmaster || pid == u64::from(std::process::id()) {
                ticks.insert(pid, fields[UTIME..UTIME + 4].iter().sum());
            }
        }
        ticks.values().sum::<u64>() * MS_A_TICK
    }
}

fn fields(pid: u64) -> Option<Vec<u64>> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<u64> =
        stat.rsplit(')').next()?.split_whitespace().map(|field| field.parse().unwrap_or_default()).collect();
    (fields.len() > UTIME + 4).then_some(fields)
}
