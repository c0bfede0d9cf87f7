//! sync on a real PostgreSQL.
