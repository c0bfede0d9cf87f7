//! Every container and codec of phones and browsers, and every bad file, against the decoder.
#![expect(clippy::cast_precision_loss, reason = "samples are counted in thousands")]

use std::path::PathBuf;

use voice::audio::{DecodeError, Limits, RATE_HZ, decode};

fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Loudness over time in steps of 50 ms: what a listener would follow.
fn envelope(samples: &[f32]) -> Vec<f32> {
    samples.chunks(800).map(|c| (c.iter().map(|s| s * s).sum::<f32>() / c.len() as f32).sqrt()).collect()
}

fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let length = a.len().min(b.len());
    let mean = |v: &[f32]| v[..length].iter().sum::<f32>() / length as f32;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let dot =
        |x: &[f32], mx: f32, y: &[f32], my: f32| (0..length).map(|i| (x[i] - mx) * (y[i] - my)).sum::<f32>();
    dot(a, mean_a, b, mean_b) / (dot(a, mean_a, a, mean_a) * dot(b, mean_b, b, mean_b)).sqrt()
}

#[test]
fn every_format_of_phones_and_browsers_decodes_to_the_same_sentence() {
    let reference = decode(&fixture("plain.wav"), &Limits::default()).unwrap();
    let names = [
        "chrome.webm",
        "live-without-duration.webm",
        "firefox.ogg",
        "opus.mp4",
        "safari.m4a",
        "safari-fragmented.mp4",
        "plain.aac",
        "tagged.mp3",
        "untagged.mp3",
        "recorder.flac",
        "vorbis.ogg",
        "telephone-mulaw.wav",
        "telephone-alaw.wav",
    ];
    for name in names {
        let recording = decode(&fixture(name), &Limits::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let seconds = |samples: usize| samples as f32 / RATE_HZ as f32;
        let longer = seconds(recording.samples.len()) - seconds(reference.samples.len());
        assert!(longer.abs() < 0.15, "{name} is {longer} s longer than what was spoken");
        // Codecs without a note of their delay come up to 100 ms late.
        let heard = envelope(&recording.samples);
        let likeness = (0..3).map(|late| correlation(&heard[late..], &envelope(&reference.samples)));
        let likeness = likeness.fold(f32::MIN, f32::max);
        assert!(likeness > 0.85, "{name} sounds different: {likeness}");
    }
}

#[test]
fn the_rate_of_the_recording_is_told() {
    let rate = |name| decode(&fixture(name), &Limits::default()).unwrap().source_rate_hz;
    assert_eq!(rate("telephone-mulaw.wav"), 8_000);
    assert_eq!(rate("safari.m4a"), 44_100);
    assert_eq!(rate("float.wav"), 48_000);
}

#[test]
fn a_recording_cut_short_gives_what_was_heard() {
    for name in ["cut-short.ogg", "cut-short-live.webm", "cut-short-finalised.webm"] {
        let recording = decode(&fixture(name), &Limits::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(recording.samples.len() > 8_000, "{name}: {} samples", recording.samples.len());
    }
}

#[test]
fn what_is_longer_than_allowed_is_refused_while_decoding() {
    let limits = Limits { duration_s_max: 1, ..Limits::default() };
    for name in ["chrome.webm", "live-without-duration.webm", "safari.m4a", "tagged.mp3", "recorder.flac"] {
        assert_eq!(decode(&fixture(name), &limits), Err(DecodeError::TooLong { max_s: 1 }), "{name}");
    }
}

#[test]
fn every_prefix_of_every_file_is_answered_without_a_panic() {
    for name in
        ["chrome.webm", "firefox.ogg", "safari.m4a", "safari-fragmented.mp4", "tagged.mp3", "recorder.flac"]
    {
        let whole = fixture(name);
        for length in (1..whole.len()).step_by(whole.len() / 40) {
            let answer = decode(&whole[..length], &Limits::default());
            assert!(
                answer.is_ok() || answer.is_err_and(|e| e != DecodeError::Empty),
                "{name} cut at {length}"
            );
        }
    }
}

#[test]
fn high_efficiency_aac_is_refused_by_name() {
    let mut file = fixture("safari.m4a");
    // The AudioSpecificConfig behind its descriptor tag: from AAC-LC at 44.1 kHz mono to object type 5, which says
    // that spectral band replication follows at 44.1 kHz, over the same AAC-LC.
    let plain = [0x12, 0x08, 0x56, 0xE5, 0x00];
    let at = file.windows(plain.len()).position(|w| w == plain).expect("the configuration of AAC-LC");
    file[at..at + plain.len()].copy_from_slice(&[0x2A, 0x0A, 0x08, 0x00, 0x00]);
    assert_eq!(
        decode(&file, &Limits::default()),
        Err(DecodeError::Unsupported("HE-AAC or multi-channel AAC"))
    );
}
