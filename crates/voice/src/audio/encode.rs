//! Samples in, Ogg Opus out: the one form in which speech leaves the server.

use std::borrow::Cow;

use ogg::{PacketWriteEndInfo, PacketWriter};
use opus::{Application, Bitrate, Channels, Encoder, Signal};

use super::RATE_HZ;

/// The media type of what [`encode`] returns.
pub const CONTENT_TYPE: &str = "audio/ogg; codecs=opus";

/// 20 ms, in samples at [`RATE_HZ`].
const FRAME: usize = 320;

/// Opus counts time at 48 kHz whatever goes in.
const GRANULES_PER_SAMPLE: usize = 3;

/// Frames on one page: a second, so that a player may seek and a torn file loses little.
const FRAMES_PER_PAGE: usize = 50;

/// No packet of 20 ms at these rates comes near it.
const PACKET_BYTES_MAX: usize = 1_500;

/// How speech is encoded, and what the file says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding<'a> {
    /// Bits a second; speech is clear from 16,000 on.
    pub bits_per_second: i32,
    /// Whether a machine spoke it. Written into the file's tags.
    pub synthetic: bool,
    /// Language code for the tags.
    pub language: &'a str,
    /// What spoke or recorded it, for the tags.
    pub source: &'a str,
}

/// The encoder refused: a rate or a memory limit.
#[derive(Debug, thiserror::Error)]
#[error("speech could not be encoded")]
pub struct EncodeError(#[from] opus::Error);

/// Encodes mono samples of [`RATE_HZ`].
///
/// The end granule names the exact number of samples, so that a player cuts the padding of the last frame.
///
/// # Errors
/// [`EncodeError`].
pub fn encode(samples: &[f32], encoding: &Encoding<'_>) -> Result<Vec<u8>, EncodeError> {
    let mut encoder = Encoder::new(RATE_HZ, Channels::Mono, Application::Voip)?;
    encoder.set_bitrate(Bitrate::Bits(encoding.bits_per_second))?;
    encoder.set_signal(Signal::Voice)?;
    let look_ahead = usize::try_from(encoder.get_lookahead()?).unwrap_or(0);

    let serial = serial_of(samples);
    let mut pages = Pages { writer: PacketWriter::new(Vec::new()), serial };
    pages.write(head(look_ahead * GRANULES_PER_SAMPLE), PacketWriteEndInfo::EndPage, 0);
    pages.write(tags(encoding), PacketWriteEndInfo::EndPage, 0);

    // The last samples leave the encoder only when the look-ahead has followed them.
    let mut padded = samples.to_vec();
    padded.resize((samples.len() + look_ahead).next_multiple_of(FRAME).max(FRAME), 0.0);
    let frames = padded.len() / FRAME;
    let end = (samples.len() + look_ahead) * GRANULES_PER_SAMPLE;
    for (index, frame) in padded.chunks_exact(FRAME).enumerate() {
        let packet = encoder.encode_vec_float(frame, PACKET_BYTES_MAX)?;
        let granule = ((index + 1) * FRAME * GRANULES_PER_SAMPLE).min(end);
        let place = match index + 1 {
            last if last == frames => PacketWriteEndInfo::EndStream,
            full if full % FRAMES_PER_PAGE == 0 => PacketWriteEndInfo::EndPage,
            _ => PacketWriteEndInfo::NormalPacket,
        };
        pages.write(packet, place, granule as u64);
    }
    Ok(pages.writer.into_inner())
}

/// Milliseconds that an Ogg Opus file plays, from its first and last page; `None` where those are not whole.
pub fn ogg_duration_ms(ogg: &[u8]) -> Option<u32> {
    const PAGE: &[u8] = b"OggS";
    let head = ogg.windows(8).position(|w| w == b"OpusHead")?;
    let pre_skip = u64::from(u16::from_le_bytes(ogg.get(head + 10..head + 12)?.try_into().ok()?));
    let last = ogg.windows(PAGE.len()).rposition(|w| w == PAGE)?;
    let is_end = ogg.get(last + 5)? & 0x04 != 0;
    let granules = u64::from_le_bytes(ogg.get(last + 6..last + 14)?.try_into().ok()?);
    let ms = granules.checked_sub(pre_skip)? / 48;
    is_end.then_some(u32::try_from(ms).ok()?)
}

struct Pages {
    writer: PacketWriter<'static, Vec<u8>>,
    serial: u32,
}

impl Pages {
    fn write(&mut self, packet: Vec<u8>, place: PacketWriteEndInfo, granule: u64) {
        self.writer
            .write_packet(Cow::Owned(packet), self.serial, place, granule)
            .expect("writing into memory does not fail");
    }
}

/// A stream's serial number need only differ between streams in one file: the same sound gives the same bytes.
fn serial_of(samples: &[f32]) -> u32 {
    samples.iter().fold(0x811C_9DC5, |hash, s| (hash ^ s.to_bits()).wrapping_mul(0x0100_0193))
}

/// RFC 7845, 5.1.
fn head(pre_skip: usize) -> Vec<u8> {
    let mut head = b"OpusHead\x01\x01".to_vec();
    head.extend(u16::try_from(pre_skip).unwrap_or(u16::MAX).to_le_bytes());
    head.extend(RATE_HZ.to_le_bytes());
    head.extend([0, 0, 0]);
    head
}

/// RFC 7845, 5.2.
fn tags(encoding: &Encoding<'_>) -> Vec<u8> {
    let mut comments = vec![format!("LANGUAGE={}", encoding.language), format!("SOURCE={}", encoding.source)];
    if encoding.synthetic {
        comments.push("SYNTHETIC=1".to_owned());
        comments.push("COMMENT=Synthetic speech: spoken by a machine, not by a person.".to_owned());
    }
    let mut tags = b"OpusTags".to_vec();
    push_text(&mut tags, opus::version());
    tags.extend(u32::try_from(comments.len()).unwrap_or(0).to_le_bytes());
    for comment in &comments {
        push_text(&mut tags, comment);
    }
    tags
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(u32::try_from(text.len()).unwrap_or(0).to_le_bytes());
    bytes.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use ogg::PacketReader;

    use super::super::{Limits, decode};
    use super::*;

    const SPEECH: Encoding<'_> =
        Encoding { bits_per_second: 24_000, synthetic: true, language: "ta", source: "local" };

    fn tone(samples: usize) -> Vec<f32> {
        (0..samples).map(|i| 0.3 * (std::f32::consts::TAU * 150.0 * i as f32 / 16_000.0).sin()).collect()
    }

    #[test]
    fn what_is_encoded_decodes_to_the_same_length_and_place() {
        for length in [1, 319, 320, 321, 16_000, 50_123] {
            let clip = tone(length);
            let heard = decode(&encode(&clip, &SPEECH).unwrap(), &Limits::default()).unwrap().samples;
            assert!(heard.len().abs_diff(length) <= 1, "{length} became {}", heard.len());
            if length > 8_000 {
                let error_at = |shift: usize| {
                    (4_000..6_000).map(|i| (heard[i + shift - 32] - clip[i]).abs()).sum::<f32>()
                };
                let shift = (0..64).min_by(|a, b| error_at(*a).total_cmp(&error_at(*b))).unwrap();
                assert!(shift.abs_diff(32) <= 16, "more than a millisecond away: {shift} - 32 samples");
            }
        }
    }

    #[test]
    fn the_last_page_names_the_exact_number_of_samples() {
        let bytes = encode(&tone(16_123), &SPEECH).unwrap();
        let mut reader = PacketReader::new(std::io::Cursor::new(bytes));
        let (mut last, mut pre_skip) = (0, 0);
        while let Some(packet) = reader.read_packet().unwrap() {
            if packet.data.starts_with(b"OpusHead") {
                pre_skip = u64::from(u16::from_le_bytes([packet.data[10], packet.data[11]]));
            }
            last = packet.absgp_page();
        }
        assert!(pre_skip > 0);
        assert_eq!(last - pre_skip, 16_123 * 3);
    }

    #[test]
    fn a_file_tells_how_long_it_plays_and_a_torn_one_does_not() {
        let bytes = encode(&tone(40_000), &SPEECH).unwrap();
        assert_eq!(ogg_duration_ms(&bytes), Some(2_500));
        assert_eq!(ogg_duration_ms(&bytes[..bytes.len() / 2]), None);
        assert_eq!(ogg_duration_ms(b""), None);
    }

    #[test]
    fn synthetic_speech_says_so_in_its_tags_and_a_recording_does_not() {
        let says_so = |synthetic| {
            let bytes = encode(&tone(640), &Encoding { synthetic, ..SPEECH }).unwrap();
            bytes.windows(11).any(|w| w == b"SYNTHETIC=1")
        };
        assert!(says_so(true));
        assert!(!says_so(false));
    }

    #[test]
    fn the_same_sound_gives_the_same_bytes() {
        assert_eq!(encode(&tone(4_000), &SPEECH).unwrap(), encode(&tone(4_000), &SPEECH).unwrap());
    }
}
