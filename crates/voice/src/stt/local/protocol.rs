//! What the server and the recogniser's process say to each other over its standard input and output.
//!
//! A message is a length (four bytes, little end first) and that many bytes of JSON. Behind a [`Request::Listen`] follow
//! its samples, two bytes each, little end first. The server speaks first and waits for one answer to each message.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::stt::Expecting;

/// A longer message is none of ours.
pub(super) const MESSAGE_BYTES_MAX: u32 = 64 * 1024;

/// More samples than any recording may have: two minutes.
pub(super) const SAMPLES_MAX: u32 = 120 * crate::audio::RATE_HZ;

/// What the server asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub(super) enum Request {
    /// Load the library and the model. The first message, and only the first.
    Open {
        /// The library's file.
        library: PathBuf,
        /// The model's directory.
        model: PathBuf,
    },
    /// Get ready for talk about these products.
    Learn {
        /// The stall's products.
        names: Vec<String>,
    },
    /// Recognise the samples that follow.
    Listen(Utterance),
}

/// What is known of an utterance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Utterance {
    /// What was asked.
    pub expecting: Expecting,
    /// The stall's products.
    pub names: Vec<String>,
    /// The rate it was recorded at.
    pub source_rate_hz: u32,
    /// How many samples follow.
    pub samples: u32,
}

/// What the process answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub(super) enum Answer {
    /// The model is loaded, the products are learned.
    Ready,
    /// Words.
    Heard(Words),
    /// No words.
    Nothing,
    /// It could not be done; the reason is a fragment without full stop.
    Failed {
        /// Why.
        why: String,
    },
}

/// What was heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Words {
    /// Lower-case words.
    pub text: String,
    /// Other readings, best first.
    pub alternatives: Vec<String>,
    /// How far the passes over the utterance agree, 0.0–1.0.
    pub confidence: f32,
}

/// A message as bytes.
pub(super) fn frame(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(message)?;
    let length = u32::try_from(json.len()).ok().filter(|l| *l <= MESSAGE_BYTES_MAX);
    let length = length.ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
    Ok([&length.to_le_bytes()[..], &json].concat())
}

/// Reads one message; `None` where the other side has closed.
pub(super) fn read<M: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<M>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let mut json = vec![0; checked(u32::from_le_bytes(length), MESSAGE_BYTES_MAX)?];
    input.read_exact(&mut json)?;
    Ok(Some(serde_json::from_slice(&json)?))
}

/// Reads so many samples.
pub(super) fn read_samples(input: &mut impl Read, count: u32) -> io::Result<Vec<i16>> {
    let mut bytes = vec![0; checked(count, SAMPLES_MAX)? * 2];
    input.read_exact(&mut bytes)?;
    Ok(bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect())
}

/// Writes one message.
pub(super) fn write(output: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    output.write_all(&frame(message)?)?;
    output.flush()
}

/// A length that is within what is taken.
pub(super) fn checked(length: u32, max: u32) -> io::Result<usize> {
    let within = (length <= max).then_some(length).and_then(|l| usize::try_from(l).ok());
    within.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a message is longer than any of ours"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_and_its_samples_come_out_as_they_went_in() {
        let asked = Request::Listen(Utterance {
            expecting: Expecting::Price,
            names: vec!["Tomato".to_owned()],
            source_rate_hz: 8_000,
            samples: 3,
        });
        let mut bytes = frame(&asked).unwrap();
        bytes.extend([1_i16, -2, i16::MIN].into_iter().flat_map(i16::to_le_bytes));
        let mut input = &bytes[..];
        assert_eq!(read::<Request>(&mut input).unwrap(), Some(asked));
        assert_eq!(read_samples(&mut input, 3).unwrap(), [1, -2, i16::MIN]);
        assert_eq!(read::<Request>(&mut input).unwrap(), None, "closed");
    }

    #[test]
    fn what_is_too_long_or_torn_is_refused_before_memory_is_taken() {
        assert!(read::<Request>(&mut &u32::MAX.to_le_bytes()[..]).is_err());
        assert!(read::<Request>(&mut &b"\x10\0\0\0{\"ask\""[..]).is_err());
        assert!(read_samples(&mut &[0_u8; 8][..], u32::MAX).is_err());
        assert!(read_samples(&mut &[0_u8; 8][..], 5).is_err());
    }
}
