//! Bargaining over HTTP, on a real database and the real contexts below.

mod binding;
mod doors;
mod input;
mod lists;
mod market;
mod news;
mod races;
mod retries;
mod story;
mod voices;
