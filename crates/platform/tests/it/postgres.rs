//! The embedded server: each way to get one, and a sentence for each thing in the way.
//!
//! `bundle` needs what `scripts/setup` fetches, `system` a packaged PostgreSQL.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use platform::postgres::{Error, Mode, Options, Postgres, probe};
use platform::{Clock, Db, Entropy, migrate};
use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;

/// A directory that an unprivileged account reaches.
fn data_dir() -> TempDir {
    let dir = tempfile::Builder::new().prefix("vyapar-pg-").tempdir_in("/var/tmp").unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

fn options(mode: Mode, dir: &Path) -> Options {
    Options {
        mode,
        url: None,
        data_dir: dir.to_owned(),
        system_dir: None,
        bundle_dir: None,
        settings: Vec::new(),
    }
}

async fn start(options: &Options) -> Result<Postgres, Error> {
    Postgres::start(options, &Entropy::system()).await
}

async fn migrated(connect: &PgConnectOptions) -> Db {
    let db = Db::connect(connect.clone(), 2).await.unwrap();
    migrate::migrate(&db, &Clock::system(), &Entropy::system()).await.unwrap();
    db
}

/// Starts, migrates, writes, stops, starts again and reads what was written.
async fn keeps_what_was_written(mode: Mode) {
    let dir = data_dir();
    let options = options(mode, dir.path());
    let first = start(&options).await.unwrap();
    let db = migrated(first.connect_options()).await;
    sqlx::raw_sql("create table kept (n int); insert into kept values (7)").execute(db.pool()).await.unwrap();
    db.pool().close().await;
    first.stop().await;
    assert!(!dir.path().join("postgres/data/postmaster.pid").exists(), "the server is gone");

    let second = start(&options).await.unwrap();
    let db = migrated(second.connect_options()).await;
    let kept: i32 = sqlx::query_scalar("select n from kept").fetch_one(db.pool()).await.unwrap();
    assert_eq!(kept, 7);
    db.pool().close().await;
    second.stop().await;
}

#[tokio::test]
async fn the_machines_own_programs_serve() {
    keeps_what_was_written(Mode::System).await;
}

#[tokio::test]
async fn the_fetched_bundle_serves() {
    keeps_what_was_written(Mode::Bundle).await;
}

#[tokio::test]
async fn a_url_serves_and_wins_over_everything_else() {
    let test = testkit::TestDb::create().await;
    let dir = data_dir();
    for mode in [Mode::Auto, Mode::Url] {
        let options = Options { url: Some(test.url().into()), ..options(mode, dir.path()) };
        let postgres = start(&options).await.unwrap();
        assert_eq!(postgres.origin(), "DATABASE_URL");
        migrated(postgres.connect_options()).await.pool().close().await;
    }
    assert!(!dir.path().join("postgres").exists(), "nothing was embedded");
}

#[tokio::test]
async fn a_server_that_outlived_its_vyapar_is_taken_over() {
    let dir = data_dir();
    let options = options(Mode::Auto, dir.path());
    let first = start(&options).await.unwrap();
    let db = migrated(first.connect_options()).await;
    let pid = fs::read_to_string(dir.path().join("postgres/data/postmaster.pid")).unwrap();
    db.pool().close().await;
    // As after `kill -9`: the kernel gives the lock back, nobody stops the server.
    let lock = dir.path().join("vyapar.lock");
    fs::remove_file(&lock).unwrap();
    let second = start(&options).await.unwrap();
    let pid_after = fs::read_to_string(dir.path().join("postgres/data/postmaster.pid")).unwrap();
    assert_eq!(pid.lines().next(), pid_after.lines().next(), "the same process serves on");
    migrated(second.connect_options()).await.pool().close().await;
    second.stop().await;
    drop(first);
}

#[tokio::test]
async fn a_stale_lock_with_a_recycled_process_id_is_cleared() {
    let dir = data_dir();
    let options = options(Mode::Auto, dir.path());
    start(&options).await.unwrap().stop().await;
    // A crash left the lock; its number belongs to this very test by now.
    let data = dir.path().join("postgres/data");
    let stale =
        format!("{}\n{}\n1700000000\n5432\n/nowhere\n\n0 0\nready   \n", std::process::id(), data.display());
    fs::write(data.join("postmaster.pid"), stale).unwrap();
    start(&options).await.unwrap().stop().await;
}

#[tokio::test]
async fn an_initdb_that_was_cut_short_is_done_again() {
    let dir = data_dir();
    let options = options(Mode::Auto, dir.path());
    start(&options).await.unwrap().stop().await;
    fs::remove_file(dir.path().join("postgres/created")).unwrap();
    fs::remove_file(dir.path().join("postgres/data/global/pg_control")).unwrap();
    start(&options).await.unwrap().stop().await;
    let aside = fs::read_dir(dir.path().join("postgres")).unwrap().flatten();
    assert!(
        aside.into_iter().any(|e| e.file_name().to_string_lossy().starts_with("cut-short-")),
        "nothing is deleted"
    );
}

#[tokio::test]
async fn a_second_vyapar_on_the_same_data_is_told_who_has_them() {
    let dir = data_dir();
    let options = options(Mode::Auto, dir.path());
    let first = start(&options).await.unwrap();
    let error = start(&options).await.unwrap_err().to_string();
    assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
    // A command-line tool joins instead.
    let joined = Postgres::join_or_start(&options, &Entropy::system()).await.unwrap();
    migrated(joined.connect_options()).await.pool().close().await;
    joined.stop().await;
    migrated(first.connect_options()).await.pool().close().await;
    first.stop().await;
}

#[tokio::test]
async fn data_of_another_version_name_the_version_they_need() {
    let dir = data_dir();
    let options = options(Mode::Auto, dir.path());
    start(&options).await.unwrap().stop().await;
    let version = dir.path().join("postgres/data/PG_VERSION");
    fs::write(&version, "9\n").unwrap();
    let error = start(&options).await.unwrap_err().to_string();
    assert!(error.contains("made by PostgreSQL 9") && error.contains("install PostgreSQL 9"), "{error}");
    assert!(probe(&options).is_err());
}

#[tokio::test]
async fn no_programs_anywhere_says_how_to_get_some() {
    let dir = data_dir();
    let nowhere = Some(dir.path().join("nowhere"));
    let options =
        Options { system_dir: nowhere.clone(), bundle_dir: nowhere, ..options(Mode::Auto, dir.path()) };
    let error = start(&options).await.unwrap_err().to_string();
    assert!(error.contains("apt-get install postgresql") && error.contains("DATABASE_URL"), "{error}");
}

#[tokio::test]
async fn asking_for_a_url_without_one_says_so() {
    let dir = data_dir();
    assert!(matches!(start(&options(Mode::Url, dir.path())).await, Err(Error::NoUrl)));
}

#[tokio::test]
async fn a_socket_that_somebody_else_holds_is_named() {
    let dir = data_dir();
    let options = options(Mode::Auto, dir.path());
    start(&options).await.unwrap().stop().await;
    let socket = dir.path().join("postgres/socket/.s.PGSQL.5432");
    let lock = dir.path().join("postgres/socket/.s.PGSQL.5432.lock");
    // A directory in the lock's place cannot be cleared away as a stale file.
    fs::create_dir(&lock).unwrap();
    let error = start(&options).await.unwrap_err().to_string();
    assert!(error.contains("socket"), "{error}");
    drop(socket);
}

#[tokio::test]
async fn an_initdb_that_finds_no_space_is_called_a_full_disk() {
    let dir = data_dir();
    let bin = dir.path().join("bin");
    fs::create_dir(&bin).unwrap();
    // A write to a device that is always full, in the place of initdb's.
    for (program, script) in [
        ("initdb", "#!/bin/sh\ncat /dev/zero > /dev/full\n"),
        ("postgres", "#!/bin/sh\necho postgres x 15.1\n"),
    ] {
        fs::write(bin.join(program), script).unwrap();
        fs::set_permissions(bin.join(program), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let options = Options { system_dir: Some(bin), ..options(Mode::System, dir.path()) };
    assert!(matches!(start(&options).await, Err(Error::DiskFull { .. })));
}

/// A small file system of its own, where this machine lets us mount one.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let dir = data_dir();
        let mount = ["-t", "tmpfs", "-o", "size=8m,mode=755", "tmpfs"];
        let mounted = Command::new("mount").args(mount).arg(dir.path()).status().is_ok_and(|s| s.success());
        mounted.then(|| Self(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_really_full_disk_is_called_a_full_disk() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("this machine mounts nothing for us; the test above stands alone");
        return;
    };
    let result = start(&options(Mode::Auto, disk.0.path())).await;
    assert!(matches!(result, Err(Error::DiskFull { .. })), "{result:?}");
}

#[tokio::test]
async fn a_directory_too_deep_for_a_socket_still_works() {
    let dir = data_dir();
    let deep = dir.path().join("d".repeat(60)).join("e".repeat(60));
    fs::create_dir_all(&deep).unwrap();
    let options = options(Mode::Auto, &deep);
    let postgres = start(&options).await.unwrap();
    migrated(postgres.connect_options()).await.pool().close().await;
    postgres.stop().await;
}

#[tokio::test]
async fn a_data_directory_behind_a_link_is_recognised_as_the_same() {
    let dir = data_dir();
    let real = dir.path().join("real");
    fs::create_dir(&real).unwrap();
    let link = dir.path().join("link");
    symlink(&real, &link).unwrap();
    let first = start(&options(Mode::Auto, &real)).await.unwrap();
    assert!(matches!(start(&options(Mode::Auto, &link)).await, Err(Error::InUse { .. })));
    first.stop().await;
}
