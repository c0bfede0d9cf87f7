//! Recordings that cannot be used: each has its own answer.

use axum::body::to_bytes;
use axum::response::IntoResponse;
use bytes::Bytes;
use platform::Problem;
use serde_json::Value;
use voice::audio::{CleanError, DecodeError, Error, wav};

use crate::setting::{Setting, nothing_installed, recording};

/// A WAV file of so many channels and Hz, whose header promises `promised` bytes of sound.
fn wav_file(rate_hz: u32, channels: u16, data: &[u8], promised: u32) -> Bytes {
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
    file.into()
}

async fn answer(recording: impl Into<Bytes>) -> Result<(), Error> {
    let setting = Setting::new(nothing_installed());
    setting.voice.prepare(recording.into()).await.map(|_| ())
}

async fn problem(error: Error) -> (u16, String) {
    let response = Problem::from(error).into_response();
    let status = response.status().as_u16();
    let body: Value = serde_json::from_slice(&to_bytes(response.into_body(), 4_096).await.unwrap()).unwrap();
    (status, body["type"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn every_bad_recording_has_its_own_problem() {
    let hum = wav(&(0..32_000_u16).map(|i| 0.1 * (f32::from(i) * 0.02).sin()).collect::<Vec<_>>());
    let noise: Vec<u8> = (0..32_000_u32).map(|i| u8::try_from(i % 200).unwrap()).collect();
    let hour_of_words = wav_file(16_000, 1, &vec![0x11; 16_000 * 2 * 61], 16_000 * 2 * 3_600);
    let cases: [(&str, Bytes, u16, &str); 9] = [
        ("empty", Bytes::new(), 422, "audio-empty"),
        ("a header and no sound", wav_file(16_000, 1, b"", 0), 422, "audio-empty"),
        ("silent", wav(&vec![0.0; 32_000]).into(), 422, "audio-silent"),
        ("a hum", hum.into(), 422, "no-speech"),
        ("an hour", hour_of_words, 422, "audio-too-long"),
        ("a renamed zip", Bytes::from_static(b"PK\x03\x04\x14\0\0\0\x08\0"), 415, "audio-unreadable"),
        ("192 kHz", wav_file(192_000, 1, &noise, 32_000), 415, "audio-unreadable"),
        ("nine channels", wav_file(48_000, 9, &noise[..31_986], 31_986), 415, "audio-unreadable"),
        ("six megabytes", Bytes::from(vec![0; 6 << 20]), 413, "audio-too-large"),
    ];
    for (name, file, status, slug) in cases {
        let error = answer(file).await.expect_err(name);
        assert_eq!(problem(error).await, (status, format!("/problems/{slug}")), "{name}: {error}");
    }
    assert_eq!(answer(Bytes::new()).await, Err(Error::Decode(DecodeError::Empty)));
    assert_eq!(answer(wav(&vec![0.0; 32_000])).await, Err(Error::Clean(CleanError::Silent)));
}

#[tokio::test]
async fn ninety_six_kilohertz_in_eight_channels_is_read_and_so_is_what_a_header_exaggerates() {
    let loud: Vec<u8> = std::iter::repeat_n([0x11, 0x22], 96_000 * 8).flatten().collect();
    let loud_length = u32::try_from(loud.len()).unwrap();
    for file in [wav_file(96_000, 8, &loud, loud_length), wav_file(16_000, 1, &loud[..64_000], u32::MAX)] {
        // Whether somebody speaks is told only of what was read.
        let answer = answer(file).await;
        assert!(matches!(answer, Ok(()) | Err(Error::Clean(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn a_real_recording_is_prepared() {
    let setting = Setting::new(nothing_installed());
    let prepared = setting.voice.prepare(recording()).await.unwrap();
    assert!(prepared.samples.len() > 16_000 && prepared.duration_ms > 1_000, "{}", prepared.duration_ms);
    assert_eq!(prepared.source_rate_hz, 48_000);
    assert!(prepared.quality.speech_ratio > 0.3);
    assert_eq!(prepared.speech().samples, prepared.samples);
}

#[tokio::test]
async fn many_recordings_at_once_are_all_prepared_or_told_to_wait() {
    let setting = Setting::new(nothing_installed());
    let works = (0..200).map(|_| {
        let voice = setting.voice.clone();
        tokio::spawn(async move { voice.prepare(Bytes::from_static(b"PK\x03\x04")).await })
    });
    let works: Vec<_> = works.collect();
    for work in works {
        let error = work.await.unwrap().unwrap_err();
        assert!(matches!(error, Error::Decode(DecodeError::NotAudio) | Error::Busy { .. }), "{error}");
    }
}
