//! What this context keeps of people: who added a key.

use platform::personal::{Holder, Table};

use crate::Voice;
use crate::db::personal;

impl Holder for Voice {
    fn context(&self) -> &'static str {
        "voice"
    }

    fn tables(&self) -> &'static [Table] {
        personal::TABLES
    }
}
