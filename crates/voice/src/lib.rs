//! Audio in, recognition, translation, speech out.
pub mod audio;
