//! `vyapar operator HANDLE`: who runs the installation, and as what.

use std::process::ExitCode;

use clap::Args;
use identity::{Handle, Identity, OperatorRole};
use platform::keys::Keyring;
use platform::postgres::Postgres;
use platform::{Clock, Db, Entropy};

use crate::Config;

#[derive(Debug, Args)]
pub struct Operator {
    /// The mobile number or e-mail address of an account.
    handle: Handle,
    /// What the person may do: support, finance, moderator or admin.
    #[arg(long, default_value = "admin")]
    role: OperatorRole,
    /// Takes the role away again, whatever it was.
    #[arg(long)]
    revoke: bool,
}

pub async fn run(config: &Config, operator: Operator) -> anyhow::Result<ExitCode> {
    let (clock, entropy) = (Clock::system(), Entropy::system());
    let postgres = Postgres::join_or_start(&config.postgres_options(), &entropy).await?;
    let db = Db::connect(postgres.connect_options().clone(), 2).await?;
    let keyring = Keyring::load(&config.keys, &config.data_dir, &entropy)?;
    let identity = Identity::new(db.clone(), clock, entropy, &keyring, config.identity.clone());
    let changed = async {
        let role = Some(operator.role).filter(|_| !operator.revoke);
        identity.set_operator(&mut *db.acquire().await?, &operator.handle, role).await?;
        anyhow::Ok(())
    };
    let changed = changed.await;
    db.close().await;
    postgres.stop().await;
    changed?;
    let may = if operator.revoke { "no longer sees" } else { "now sees" };
    println!("{} {may} the operator's pages at /op/visits", operator.handle.as_str());
    Ok(ExitCode::SUCCESS)
}
