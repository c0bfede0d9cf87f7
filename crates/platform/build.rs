//! The migrations are embedded by a macro that Cargo sees no files of: a new one must lead to a new build.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
