//! billing on a real PostgreSQL.
