//! Which audio file this is, by its first bytes alone.

use super::decode::DecodeError;

/// The audio containers that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// `RIFF … WAVE`.
    Wav,
    /// Ogg: Opus, Vorbis or FLAC.
    Ogg,
    /// Matroska or WebM.
    WebM,
    /// MP4, M4A, `QuickTime`, 3GP.
    Mp4,
    /// Raw FLAC.
    Flac,
    /// MPEG layer III, with or without an ID3 tag.
    Mp3,
    /// AAC in ADTS frames.
    Aac,
}

impl Container {
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Ogg => "ogg",
            Self::WebM => "webm",
            Self::Mp4 => "m4a",
            Self::Flac => "flac",
            Self::Mp3 => "mp3",
            Self::Aac => "aac",
        }
    }

    /// The name people know it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wav => "WAV",
            Self::Ogg => "Ogg",
            Self::WebM => "WebM",
            Self::Mp4 => "MP4",
            Self::Flac => "FLAC",
            Self::Mp3 => "MP3",
            Self::Aac => "AAC",
        }
    }

    /// What to call an unknown codec inside it.
    pub(crate) const fn unknown_codec(self) -> &'static str {
        match self {
            Self::Wav => "this kind of WAV",
            Self::Ogg => "this kind of Ogg",
            Self::WebM => "this kind of WebM",
            Self::Mp4 => "this kind of MP4",
            Self::Flac => "this kind of FLAC",
            Self::Mp3 => "this kind of MPEG",
            Self::Aac => "this kind of AAC",
        }
    }
}

/// How far into an MP4 the name of an AMR track is looked for.
const MP4_HEAD_BYTES: usize = 64 * 1024;

/// Names the container by its magic bytes; the name and type a sender gives are not asked.
///
/// # Errors
/// [`DecodeError::NotAudio`] and, for audio that is known but not read, [`DecodeError::Unsupported`].
pub fn recognise_container(bytes: &[u8]) -> Result<Container, DecodeError> {
    match bytes {
        [b'R', b'I', b'F', b'F' | b'X', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Ok(Container::Wav),
        [b'O', b'g', b'g', b'S', ..] => Ok(Container::Ogg),
        [0x1A, 0x45, 0xDF, 0xA3, ..] => Ok(Container::WebM),
        [b'f', b'L', b'a', b'C', ..] => Ok(Container::Flac),
        [b'#', b'!', b'A', b'M', b'R', ..] => Err(DecodeError::Unsupported("AMR")),
        [b'c', b'a', b'f', b'f', ..] => Err(DecodeError::Unsupported("CAF")),
        [b'I', b'D', b'3', 2..=4, ..] => Ok(behind_tag(bytes)),
        [_, _, _, _, box_type @ ..] if starts_mp4(box_type) => recognise_mp4(bytes),
        [0xFF, second, ..] if is_adts(*second) => Ok(Container::Aac),
        [0xFF, second, third, ..] if is_layer_three(*second, *third) => Ok(Container::Mp3),
        _ => Err(DecodeError::NotAudio),
    }
}

fn starts_mp4(box_type: &[u8]) -> bool {
    const FIRST_BOXES: [&[u8; 4]; 7] = [b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide"];
    FIRST_BOXES.iter().any(|name| box_type.starts_with(*name))
}

fn recognise_mp4(bytes: &[u8]) -> Result<Container, DecodeError> {
    let head = &bytes[..bytes.len().min(MP4_HEAD_BYTES)];
    let names_amr = head.windows(4).any(|name| name == b"samr" || name == b"sawb");
    if names_amr { Err(DecodeError::Unsupported("AMR")) } else { Ok(Container::Mp4) }
}

/// An ID3 tag stands before MP3 or, rarely, before AAC: its length says where to look.
fn behind_tag(bytes: &[u8]) -> Container {
    let length = bytes
        .get(6..10)
        .map_or(0, |size| size.iter().fold(0_usize, |sum, byte| (sum << 7) | usize::from(byte & 0x7F)));
    match bytes.get(10 + length..) {
        Some([0xFF, second, ..]) if is_adts(*second) => Container::Aac,
        _ => Container::Mp3,
    }
}

/// Sync of twelve bits, layer field zero.
const fn is_adts(second: u8) -> bool {
    second & 0xF6 == 0xF0
}

/// Sync of eleven bits, a known version, layer III, and neither a forbidden bit rate nor a forbidden sample rate.
const fn is_layer_three(second: u8, third: u8) -> bool {
    second & 0xE0 == 0xE0
        && second & 0x18 != 0x08
        && second & 0x06 == 0x02
        && third & 0xF0 != 0xF0
        && third & 0x0C != 0x0C
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renamed_archive_picture_or_text_is_not_audio() {
        for bytes in
            [&b"PK\x03\x04\x14\x00\x00\x00"[..], b"\x89PNG\r\n\x1a\n", b"hello, world", b"\x7fELF", b"\xFF"]
        {
            assert_eq!(recognise_container(bytes), Err(DecodeError::NotAudio), "{bytes:?}");
        }
    }

    #[test]
    fn amr_is_refused_by_name_alone_or_inside_3gp() {
        let unsupported = Err(DecodeError::Unsupported("AMR"));
        assert_eq!(recognise_container(b"#!AMR\n\x3c"), unsupported);
        assert_eq!(recognise_container(b"\0\0\0\x18ftyp3gp4\0\0\0\0....stsd....samr...."), unsupported);
    }

    #[test]
    fn what_stands_behind_an_id3_tag_decides() {
        let tag = |rest: &[u8]| [b"ID3\x04\x00\x00\x00\x00\x00\x02ab".as_slice(), rest].concat();
        assert_eq!(recognise_container(&tag(&[0xFF, 0xF1, 0x50])), Ok(Container::Aac));
        assert_eq!(recognise_container(&tag(&[0xFF, 0xFB, 0x90])), Ok(Container::Mp3));
    }
}
