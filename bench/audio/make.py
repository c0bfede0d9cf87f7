"""Makes the recordings: 60 s of synthetic speech, clean (30 dB) and with pink noise (5 dB)."""
import pathlib
import subprocess
import sys

import librosa
import numpy as np
import soundfile

RATE = 16_000
TEXT = (
    "Good morning. I would like five kilos of tomatoes. What is the price today? Forty rupees is too much for me. "
    "I can give you thirty rupees a kilo, because I buy here every week. The onions look fresh as well. "
)


def pink(samples: int, rng: np.random.Generator) -> np.ndarray:
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.size), 1))
    noise = np.fft.irfft(spectrum, samples)
    return noise / np.sqrt(np.mean(noise**2))


def main() -> None:
    out = pathlib.Path(sys.argv[1])
    spoken = out / "spoken.wav"
    subprocess.run(["espeak-ng", "-w", str(spoken), TEXT * 8], check=True)
    speech, _ = librosa.load(spoken, sr=RATE, mono=True)
    speech = np.resize(speech, 60 * RATE) * 0.3
    level = np.sqrt(np.mean(speech**2))
    rng = np.random.default_rng(7)
    for name, snr_db in (("clean", 30.0), ("noisy", 5.0)):
        noisy = speech + pink(speech.size, rng) * level / 10 ** (snr_db / 20)
        soundfile.write(out / f"{name}.wav", noisy / max(1.0, np.abs(noisy).max()), RATE, subtype="PCM_16")


main()
