//! Compressed or plain audio in, mono samples at 16 kHz out.
//!
//! Nothing a header says is believed: duration, size, rate and channels are counted on the samples that really come
//! out, and decoding stops at the first limit crossed. Memory is bounded by [`Limits`], whatever the input.
//!
//! Deliberately absent: HE-AAC and AMR, for which there is no decoder here; both are refused by name.

use std::io::{Cursor, ErrorKind};
use std::sync::OnceLock;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;
use symphonia_adapter_libopus::OpusDecoder;

use super::container::{Container, recognise_container};
use super::resample::resample;
use super::{RATE_HZ, Recording};

/// What a recording may be at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes as received.
    pub bytes_max: usize,
    /// Seconds of sound.
    pub duration_s_max: u32,
    /// Samples a second, lowest and highest.
    pub rate_hz: (u32, u32),
    /// Channels.
    pub channels_max: usize,
    /// Bytes of all unpacked samples of all channels, as 32-bit floats.
    pub unpacked_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_max: 10 * 1024 * 1024,
            duration_s_max: 120,
            rate_hz: (8_000, 96_000),
            channels_max: 8,
            unpacked_bytes_max: 128 * 1024 * 1024,
        }
    }
}

/// Why a recording was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// No bytes.
    #[error("the recording is empty")]
    Empty,
    /// More bytes than [`Limits::bytes_max`].
    #[error("the recording is larger than {max} bytes")]
    TooManyBytes {
        /// The limit.
        max: usize,
    },
    /// The first bytes are those of no audio file (a renamed archive, a text, a picture).
    #[error("the file is not audio")]
    NotAudio,
    /// Audio, in a form that no decoder here reads.
    #[error("{0} audio cannot be read; record as Opus, AAC, MP3, FLAC or WAV")]
    Unsupported(&'static str),
    /// More sound than [`Limits::duration_s_max`].
    #[error("the recording is longer than {max_s} seconds")]
    TooLong {
        /// The limit.
        max_s: u32,
    },
    /// A sample rate outside [`Limits::rate_hz`].
    #[error("a sample rate of {hz} Hz is outside what can be read")]
    Rate {
        /// The rate found.
        hz: u32,
    },
    /// More than [`Limits::channels_max`].
    #[error("the recording has {found} channels, more than can be read")]
    TooManyChannels {
        /// The count found.
        found: usize,
    },
    /// Unpacks to more than [`Limits::unpacked_bytes_max`].
    #[error("the recording unpacks to more than {max} bytes")]
    UnpackedTooLarge {
        /// The limit.
        max: u64,
    },
    /// An audio file whose contents cannot be decoded.
    #[error("the recording is damaged")]
    Damaged,
    /// A sound file without one sample of sound.
    #[error("the recording has no sound in it")]
    NoSamples,
}

/// Packets that fail to decode, or yield nothing, before a file is called damaged: a few are usual at the start and
/// the end of a stream, a flood of them only costs time.
const USELESS_PACKETS_MAX: u32 = 2_000;

/// Decodes a whole recording.
///
/// A file cut short gives what was heard up to the cut. Channels are averaged.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Recording, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    if bytes.len() > limits.bytes_max {
        return Err(DecodeError::TooManyBytes { max: limits.bytes_max });
    }
    let container = recognise_container(bytes)?;
    let mut reader = open(bytes, container)?;
    let track = reader.default_track(TrackType::Audio).ok_or(DecodeError::Damaged)?;
    let track_id = track.id;
    let mut decoder = decoder_for(track.codec_params.as_ref(), container)?;

    let mut sound = Sound::new(limits);
    let mut useless = 0;
    while let Some(packet) = next_packet(reader.as_mut()) {
        let took = packet.track_id == track_id && sound.take(decoder.as_mut(), &packet)?;
        useless += u32::from(!took);
        if useless > USELESS_PACKETS_MAX {
            return Err(DecodeError::Damaged);
        }
    }
    if sound.mono.is_empty() {
        return Err(if useless == 0 { DecodeError::NoSamples } else { DecodeError::Damaged });
    }
    sound.finish(container)
}

fn open(bytes: &[u8], container: Container) -> Result<Box<dyn FormatReader + '_>, DecodeError> {
    let bytes = Cursor::new(bytes);
    // A finished WebM points at its index near the end. Where the end is missing, following the pointer fails although
    // all sound before it is there, so a WebM is read as a stream that cannot jump.
    let source: Box<dyn MediaSource> = match container {
        Container::WebM => Box::new(ReadOnlySource::new(bytes)),
        _ => Box::new(bytes),
    };
    let stream = MediaSourceStream::new(source, MediaSourceStreamOptions::default());
    let mut hint = Hint::new();
    hint.with_extension(container.extension());
    symphonia::default::get_probe()
        .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|e| unreadable(&e, container))
}

fn decoder_for(
    parameters: Option<&CodecParameters>,
    container: Container,
) -> Result<Box<dyn AudioDecoder>, DecodeError> {
    static CODECS: OnceLock<CodecRegistry> = OnceLock::new();
    let codecs = CODECS.get_or_init(|| {
        let mut registry = CodecRegistry::new();
        symphonia::default::register_enabled_codecs(&mut registry);
        registry.register_audio_decoder::<OpusDecoder>();
        registry
    });
    let Some(CodecParameters::Audio(parameters)) = parameters else {
        return Err(DecodeError::Unsupported(container.unknown_codec()));
    };
    codecs
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(|e| unreadable(&e, container))
}

/// The next packet, or `None` at the end of what can be read: a torn tail is an end, not an error.
fn next_packet(reader: &mut dyn FormatReader) -> Option<Packet> {
    reader.next_packet().ok().flatten()
}

fn unreadable(error: &SymphoniaError, container: Container) -> DecodeError {
    match error {
        SymphoniaError::Unsupported(what) if what.contains("too complex") => {
            DecodeError::Unsupported("HE-AAC or multi-channel AAC")
        }
        SymphoniaError::Unsupported(_) => DecodeError::Unsupported(container.unknown_codec()),
        _ => DecodeError::Damaged,
    }
}

/// The samples so far, and what they were counted against.
struct Sound<'a> {
    limits: &'a Limits,
    rate_hz: Option<u32>,
    mono: Vec<f32>,
    interleaved: Vec<f32>,
    unpacked_bytes: u64,
}

impl<'a> Sound<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self { limits, rate_hz: None, mono: Vec::new(), interleaved: Vec::new(), unpacked_bytes: 0 }
    }

    /// Decodes one packet onto the end. `false` where it held nothing that could be decoded.
    fn take(&mut self, decoder: &mut dyn AudioDecoder, packet: &Packet) -> Result<bool, DecodeError> {
        let buffer = match decoder.decode(packet) {
            Ok(buffer) => buffer,
            Err(SymphoniaError::DecodeError(_)) => return Ok(false),
            Err(SymphoniaError::IoError(e)) if e.kind() == ErrorKind::UnexpectedEof => return Ok(false),
            Err(_) => return Err(DecodeError::Damaged),
        };
        let (rate_hz, channels) = (buffer.spec().rate(), buffer.spec().channels().count());
        if channels > self.limits.channels_max {
            return Err(DecodeError::TooManyChannels { found: channels });
        }
        let (lowest, highest) = self.limits.rate_hz;
        if !(lowest..=highest).contains(&rate_hz) {
            return Err(DecodeError::Rate { hz: rate_hz });
        }
        // A stream that changes its rate half-way is no recording of a phone.
        if *self.rate_hz.get_or_insert(rate_hz) != rate_hz {
            return Err(DecodeError::Damaged);
        }
        buffer.copy_to_vec_interleaved(&mut self.interleaved);
        self.mix_down(channels, rate_hz)
    }

    fn mix_down(&mut self, channels: usize, rate_hz: u32) -> Result<bool, DecodeError> {
        if self.interleaved.is_empty() || channels == 0 {
            return Ok(false);
        }
        self.unpacked_bytes += (self.interleaved.len() * size_of::<f32>()) as u64;
        if self.unpacked_bytes > self.limits.unpacked_bytes_max {
            return Err(DecodeError::UnpackedTooLarge { max: self.limits.unpacked_bytes_max });
        }
        let frames = self.mono.len() + self.interleaved.len() / channels;
        let frames_max = u64::from(rate_hz) * u64::from(self.limits.duration_s_max);
        if frames as u64 > frames_max {
            return Err(DecodeError::TooLong { max_s: self.limits.duration_s_max });
        }
        let share = 1.0 / channels as f32;
        let finite = |sample: f32| if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 };
        self.mono.extend(
            self.interleaved
                .chunks_exact(channels)
                .map(|frame| frame.iter().copied().map(finite).sum::<f32>() * share),
        );
        Ok(true)
    }

    fn finish(self, container: Container) -> Result<Recording, DecodeError> {
        let Some(rate_hz) = self.rate_hz else { return Err(DecodeError::Damaged) };
        drop(self.interleaved);
        let samples = resample(self.mono, rate_hz, RATE_HZ).map_err(|_| DecodeError::Rate { hz: rate_hz })?;
        Ok(Recording { samples, source_rate_hz: rate_hz, container: container.name() })
    }
}
