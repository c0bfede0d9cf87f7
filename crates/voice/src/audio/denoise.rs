//! Noise reduction with the recurrent network of `RNNoise`, which hears 48 kHz.

use nnnoiseless::DenoiseState;

use super::RATE_HZ;
use super::resample::resample;

const NETWORK_HZ: u32 = 48_000;

/// The network works on the range of 16-bit integers.
const SCALE: f32 = 32_768.0;

/// Takes steady and slowly changing noise out of mono speech of [`RATE_HZ`].
///
/// It costs a thirtieth of the clip's duration and harms speech that is nearly clean: ask the SNR first.
pub fn reduce_noise(samples: Vec<f32>) -> Vec<f32> {
    let length = samples.len();
    let Ok(mut wide) = resample(samples, RATE_HZ, NETWORK_HZ) else { return Vec::new() };
    let mut network = DenoiseState::new();
    let mut input = [0.0_f32; DenoiseState::FRAME_SIZE];
    let mut output = [0.0_f32; DenoiseState::FRAME_SIZE];
    let mut clean = Vec::with_capacity(wide.len() + 2 * DenoiseState::FRAME_SIZE);
    // The network answers one frame late: one frame of silence behind the end brings the last answer out.
    wide.resize(wide.len().next_multiple_of(DenoiseState::FRAME_SIZE) + DenoiseState::FRAME_SIZE, 0.0);
    for frame in wide.chunks_exact(DenoiseState::FRAME_SIZE) {
        for (to, from) in input.iter_mut().zip(frame) {
            *to = from * SCALE;
        }
        network.process_frame(&mut output, &input);
        clean.extend(output.iter().map(|s| s / SCALE));
    }
    clean.drain(..DenoiseState::FRAME_SIZE);
    let mut narrow = resample(clean, NETWORK_HZ, RATE_HZ).unwrap_or_default();
    narrow.resize(length, 0.0);
    narrow
}
