//! payments on a real PostgreSQL.
