//! billing on a real PostgreSQL.

mod access;
mod desk;
mod issuing;
mod profiles;
