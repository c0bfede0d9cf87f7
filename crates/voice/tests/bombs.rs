//! Files made to hurt: each gets its own error or decodes within the limits, and memory stays bounded throughout.
#![expect(clippy::cast_possible_truncation, reason = "test files are small")]

use std::alloc::System;
use std::borrow::Cow;

use cap::Cap;
use ogg::{PacketWriteEndInfo, PacketWriter};
use voice::audio::{CleanError, DecodeError, Limits, clean, decode};

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// More than the longest allowed recording needs, far less than any of these files promises.
const MEMORY_MAX: usize = 120 * 1024 * 1024;

fn wav(rate_hz: u32, channels: u16, data: &[u8], promised: u32) -> Vec<u8> {
    let block = channels * 2;
    let mut file = b"RIFF".to_vec();
    file.extend(promised.saturating_add(36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend(channels.to_le_bytes());
    file.extend(rate_hz.to_le_bytes());
    file.extend((rate_hz * u32::from(block)).to_le_bytes());
    file.extend(block.to_le_bytes());
    file.extend(b"\x10\0data");
    file.extend(promised.to_le_bytes());
    file.extend(data);
    file
}

fn honest_wav(rate_hz: u32, channels: u16, data: &[u8]) -> Vec<u8> {
    wav(rate_hz, channels, data, data.len() as u32)
}

/// An hour of Opus in a few hundred kilobytes: packets of one byte, each 60 ms of nothing.
fn an_hour_of_opus() -> Vec<u8> {
    let mut writer = PacketWriter::new(Vec::new());
    let head = b"OpusHead\x01\x01\0\0\x80\xBB\0\0\0\0\0".to_vec();
    let tags = b"OpusTags\x01\0\0\0v\0\0\0\0".to_vec();
    writer.write_packet(Cow::Owned(head), 1, PacketWriteEndInfo::EndPage, 0).expect("memory");
    writer.write_packet(Cow::Owned(tags), 1, PacketWriteEndInfo::EndPage, 0).expect("memory");
    for packet in 1..=60_000_u64 {
        let place = match packet {
            60_000 => PacketWriteEndInfo::EndStream,
            page if page % 200 == 0 => PacketWriteEndInfo::EndPage,
            _ => PacketWriteEndInfo::NormalPacket,
        };
        writer.write_packet(Cow::Owned(vec![0x58]), 1, place, packet * 2_880).expect("memory");
    }
    writer.into_inner()
}

/// An MP4 whose sample table claims four billion samples.
fn mp4_of_four_billion_samples() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/formats/safari.m4a");
    let mut file = std::fs::read(path).expect("a committed fixture");
    let at = file.windows(4).position(|w| w == b"stsz").expect("a table of sample sizes");
    file[at + 12..at + 16].copy_from_slice(&u32::MAX.to_be_bytes());
    file
}

fn refused(name: &str, file: &[u8], error: DecodeError) {
    assert_eq!(decode(file, &Limits::default()), Err(error), "{name}");
}

#[test]
fn each_bad_file_has_its_own_answer_and_memory_stays_bounded() {
    MEMORY.set_limit(MEMORY_MAX).expect("nothing large is allocated yet");
    let second = vec![0x11_u8; 32_000];

    refused("empty", b"", DecodeError::Empty);
    refused("renamed zip", b"PK\x03\x04\x14\0\0\0\x08\0", DecodeError::NotAudio);
    refused("eleven megabytes", &vec![0; 11 << 20], DecodeError::TooManyBytes { max: 10 << 20 });
    refused("one hour", &an_hour_of_opus(), DecodeError::TooLong { max_s: 120 });
    refused(
        "nine channels",
        &honest_wav(48_000, 9, &second[..18_000]),
        DecodeError::TooManyChannels { found: 9 },
    );
    refused("192 kHz", &honest_wav(192_000, 1, &second), DecodeError::Rate { hz: 192_000 });
    refused("a rate of 1 Hz", &honest_wav(1, 1, &second), DecodeError::Rate { hz: 1 });
    refused("a header and no sound", &honest_wav(16_000, 1, b""), DecodeError::NoSamples);

    let many = decode(&honest_wav(96_000, 8, &vec![0x11; 96_000 * 16]), &Limits::default());
    assert_eq!(
        many.map(|r| r.samples.len().div_ceil(100)),
        Ok(160),
        "one second of 96 kHz in eight channels"
    );
    let promised = decode(&wav(16_000, 1, &second, u32::MAX), &Limits::default());
    assert_eq!(promised.map(|r| r.samples.len()), Ok(16_000), "a header that promises 4 GB");
    let table = decode(&mp4_of_four_billion_samples(), &Limits::default());
    assert!(table.is_err(), "a table of four billion samples");

    let tight = Limits { unpacked_bytes_max: 1 << 20, ..Limits::default() };
    let loud = honest_wav(48_000, 8, &vec![0x11; 600_000]);
    assert_eq!(decode(&loud, &tight), Err(DecodeError::UnpackedTooLarge { max: 1 << 20 }));

    let silent = decode(&honest_wav(16_000, 1, &vec![0; 64_000]), &Limits::default()).unwrap();
    assert_eq!(clean(silent.samples).map(|c| c.quality), Err(CleanError::Silent));

    assert!(MEMORY.max_allocated() < MEMORY_MAX, "{} bytes at the peak", MEMORY.max_allocated());
}
