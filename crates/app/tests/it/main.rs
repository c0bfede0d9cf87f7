//! app on a real PostgreSQL.
