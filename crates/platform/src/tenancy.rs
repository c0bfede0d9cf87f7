//! The rows of a business, kept apart by the database, too.
//!
//! Every query says whose rows it wants. Should one forget to, PostgreSQL stands behind it: what a member of a business asks for runs on
//! connections of the role [`ROLE`], which by the policies of the tables sees and changes the rows of the business alone that the
//! connection was handed out for. The policies are in the migrations; the role belongs to the server and not to the database, so that
//! [`prepare`] makes it at each start where it is missing and the login may.
//!
//! **Invariants.** A connection has one role for as long as it lives, so that plans stay good and no role is ever taken back. It is told
//! whose rows it sees at the moment when it is handed out, in place of the question whether it still answers: a call costs no more round
//! trips than without. A connection that was told nothing sees no row.
//!
//! **Deliberately absent**: a fence around jobs, operators, buyers with a pass and the books' own writer: they work on rows of many, or
//! know theirs by a pass. Against whoever can run statements of their own it is no fence: who has the connection may tell it another name.

use std::sync::OnceLock;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};
use tokio::sync::OnceCell;
use types::TenantId;

/// The role of connections that see one business's rows. It cannot sign in.
pub const ROLE: &str = "vyapar_tenant";

tokio::task_local! {
    /// For whose sake this task works; nothing: for the installation's.
    static BUSINESS: Option<TenantId>;
}

/// Does `work` for the sake of a business: every connection that it asks for sees that business's rows alone. What it spawns is the
/// installation's again.
pub async fn on_behalf_of<F: Future>(business: TenantId, work: F) -> F::Output {
    BUSINESS.scope(Some(business), Box::pin(work)).await
}

/// Does a part of such work that is about rows of others, too. Each use says why.
pub async fn beyond<F: Future>(work: F) -> F::Output {
    BUSINESS.scope(None, Box::pin(work)).await
}

/// For whose sake this task works.
pub(crate) fn business() -> Option<TenantId> {
    BUSINESS.try_with(|business| *business).ok().flatten()
}

/// The same work, as somebody spawns it, for whose sake this task works.
pub(crate) fn as_here<F: Future>(work: F) -> impl Future<Output = F::Output> {
    BUSINESS.scope(business(), work)
}

/// Whether a database keeps the rows of businesses apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fence {
    /// It does.
    Up,
    /// The server has no role for it yet: the next start makes it.
    NotYet,
    /// The server has no role for it, and the login may make none.
    NoRole,
    /// The role is there, and the login may not take it.
    NotGiven,
    /// The role lacks rights on tables, which whoever owns these gives.
    NoRights,
    /// The role is one that no policy binds.
    SeesAll,
}

impl Fence {
    /// What there is, or what is missing, in one sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Up => {
                "What members of a business do sees the rows of that business alone, by PostgreSQL's own policies, too."
            }
            Self::NotYet => {
                "The role by which PostgreSQL stands behind the rule that a business sees its own rows alone is made at the next start."
            }
            Self::NoRole => {
                "PostgreSQL does not stand behind the rule that a business sees its own rows alone: it has no role vyapar_tenant, and \
                 this login may make none."
            }
            Self::NotGiven => {
                "PostgreSQL does not stand behind the rule that a business sees its own rows alone: this login may not act as the role \
                 vyapar_tenant."
            }
            Self::NoRights => {
                "PostgreSQL does not stand behind the rule that a business sees its own rows alone: the role vyapar_tenant may not use \
                 every table."
            }
            Self::SeesAll => {
                "PostgreSQL does not stand behind the rule that a business sees its own rows alone: no policy binds the role \
                 vyapar_tenant."
            }
        }
    }

    /// How to put it up; empty where it is.
    pub const fn fix(self) -> &'static str {
        match self {
            Self::Up | Self::NotYet => "",
            Self::NoRole => {
                "as an administrator of the server: `create role vyapar_tenant nologin`, then `grant vyapar_tenant to` this login, and \
                 start again"
            }
            Self::NotGiven => {
                "as an administrator of the server: `grant vyapar_tenant to` this login, and start again"
            }
            Self::NoRights => "run `vyapar migrate` as the owner of the tables",
            Self::SeesAll => {
                "as an administrator of the server: `alter role vyapar_tenant nosuperuser nobypassrls`, and start again"
            }
        }
    }
}

/// The connections that see one business's rows.
#[derive(Debug)]
pub(crate) struct Fenced {
    options: PgConnectOptions,
    /// How many, and how long is waited for one.
    kept: PgPoolOptions,
    pool: OnceLock<PgPool>,
    state: OnceCell<Fence>,
}

impl Fenced {
    /// Beside the pool of this login. Nothing is opened before it is asked for.
    pub(crate) const fn beside(options: PgConnectOptions, kept: PgPoolOptions) -> Self {
        Self { options, kept, pool: OnceLock::new(), state: OnceCell::const_new() }
    }

    pub(crate) async fn state(&self, login: &PgPool) -> Result<Fence, sqlx::Error> {
        let look = async { look(&mut *login.acquire().await?).await };
        self.state.get_or_try_init(|| look).await.copied()
    }

    pub(crate) fn seen(&self) -> Option<Fence> {
        self.state.get().copied()
    }

    pub(crate) fn pool(&self) -> &PgPool {
        self.pool.get_or_init(|| {
            // The driver tells a new connection after it was made, and one that was there before it is handed out: both in the task that
            // asks. The second takes the place of its own question whether the connection still answers.
            let kept = self.kept.clone().test_before_acquire(false);
            let kept = kept.after_connect(|connection, _| Box::pin(tell(connection)));
            let kept = kept
                .before_acquire(|connection, _| Box::pin(async { tell(connection).await.map(|()| true) }));
            kept.connect_lazy_with(self.options.clone().options([("role", ROLE)]))
        })
    }

    pub(crate) async fn close(&self) {
        if let Some(pool) = self.pool.get() {
            pool.close().await;
        }
    }
}

/// Tells a connection whose rows it sees from now on.
async fn tell(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let business = business().map(|business| business.uuid().to_string()).unwrap_or_default();
    sqlx::query_scalar!("select set_config('vyapar.business', $1, false)", business)
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Looks whether the fence is up, by doing what a connection behind it does.
async fn look(connection: &mut PgConnection) -> Result<Fence, sqlx::Error> {
    let bound = sqlx::query_scalar!(
        r#"select not (rolsuper or rolbypassrls) as "bound!" from pg_roles where rolname = $1"#,
        ROLE,
    );
    match bound.fetch_optional(&mut *connection).await? {
        None if may_make_roles(connection).await? => return Ok(Fence::NotYet),
        None => return Ok(Fence::NoRole),
        Some(false) => return Ok(Fence::SeesAll),
        Some(true) => {}
    }
    if !may_take(connection).await? {
        return Ok(Fence::NotGiven);
    }
    let closed = closed_tables(connection).await?;
    Ok(if closed.is_empty() { Fence::Up } else { Fence::NoRights })
}

async fn may_make_roles(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select rolsuper or rolcreaterole as "may!" from pg_roles where rolname = current_user"#
    )
    .fetch_one(connection)
    .await
}

/// Whether the login may act as the role: tried, because what decides it differs between versions of PostgreSQL.
async fn may_take(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    let taken = sqlx::query("set local role vyapar_tenant").execute(&mut *transaction).await;
    transaction.rollback().await?;
    match taken {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The tables that the role may not yet use; those of the migrations themselves aside.
async fn closed_tables(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select relname::text as "name!"
         from pg_class
         where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
             and relname not in ('_sqlx_migrations', 'leases')
             and not (
                 has_table_privilege($1::text, oid, 'select') and has_table_privilege($1::text, oid, 'insert')
                 and has_table_privilege($1::text, oid, 'update') and has_table_privilege($1::text, oid, 'delete'))
         order by relname"#,
        ROLE,
    )
    .fetch_all(connection)
    .await
}

/// Makes the role where it is missing, and gives it to this login and the tables to it: after the migrations, by whoever has their lease.
/// What the login may not do is left to whoever administers the server; [`look`] says what is missing.
pub(crate) async fn prepare(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    // Roles are the whole server's: other databases of it may be prepared at the same moment.
    sqlx::raw_sql(
        "do $$ begin
           if not exists (select from pg_roles where rolname = 'vyapar_tenant') then
             create role vyapar_tenant nologin;
           end if;
         exception when insufficient_privilege or duplicate_object or unique_violation then null;
         end $$;
         do $$ begin
           if not (select rolsuper from pg_roles where rolname = current_user) then
             execute format('grant vyapar_tenant to %I', current_user);
           end if;
         exception when insufficient_privilege or undefined_object or unique_violation or internal_error then null;
         end $$;",
    )
    .execute(&mut *connection)
    .await?;
    let is_there =
        sqlx::query_scalar!(r#"select exists (select from pg_roles where rolname = $1) as "there!""#, ROLE);
    if !is_there.fetch_one(&mut *connection).await? {
        return Ok(());
    }
    let closed = closed_tables(connection).await?;
    if closed.is_empty() {
        return Ok(());
    }
    sqlx::raw_sql(
        "do $$ declare name text; begin
           execute format('grant usage on schema %I to vyapar_tenant', current_schema());
           for name in
             select relname from pg_class
             where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
               and relname not in ('_sqlx_migrations', 'leases')
           loop
             execute format('grant select, insert, update, delete on %I to vyapar_tenant', name);
           end loop;
         exception when insufficient_privilege then null;
         end $$;",
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}
