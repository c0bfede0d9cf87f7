"""The official BHASHINI SDK for Python against the emulator.

Needs BHASHINI_URL and BHASHINI_KEY in the environment.
"""

import base64
import io
import json
import os
import unittest
import urllib.request
import wave

from bhashini_client import BhashiniClient

URL = os.environ["BHASHINI_URL"]
KEY = os.environ["BHASHINI_KEY"]
FAILED = "API Error"


def control(path, body=None, method="POST"):
    """One command to the emulator's control API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}/_control{path}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=20) as response:
        text = response.read()
    return json.loads(text) if text else None


def client(key=KEY):
    made = BhashiniClient(api_key=key)
    made.handler.base_url = f"{URL}/services/inference/pipeline"
    return made


def sound(content):
    """The frames a second and the seconds of a WAV file in base64."""
    with wave.open(io.BytesIO(base64.b64decode(content, validate=True))) as recording:
        return recording.getframerate(), recording.getnframes() / recording.getframerate()


class BhashiniSuite(unittest.TestCase):
    def setUp(self):
        control("/reset")
        self.client = client()

    def script(self, task, text, output, source=None, target=None):
        control("/script", [{"task": task, "input": text, "source": source, "target": target, "output": output}])

    def test_a_scripted_text_is_translated(self):
        self.script("translation", "Hello world", "नमस्ते दुनिया", "en", "hi")
        self.assertEqual(self.client.nmt("Hello world", "en", "hi"), "नमस्ते दुनिया")

    def test_a_text_without_a_script_is_an_error_and_never_an_echo(self):
        self.assertEqual(self.client.nmt("Hello world", "en", "ta"), FAILED)

    def test_speech_is_a_wav_file_that_grows_with_the_text(self):
        rate, short = sound(self.client.tts("दाम", "hi"))
        _, long = sound(self.client.tts("पाँच किलो टमाटर का दाम क्या है भाई", "hi", gender="female"))
        self.assertEqual(rate, 22050)
        self.assertGreater(long, 2 * short)

    def test_a_scripted_recording_is_heard(self):
        self.script("asr", "https://recordings.example/offer.wav", "five kilos for one fifty")
        self.assertEqual(self.client.asr("https://recordings.example/offer.wav", "en"), "five kilos for one fifty")
        self.assertEqual(self.client.asr("https://recordings.example/unknown.wav", "en"), FAILED)

    def test_a_scripted_name_is_transliterated_with_suggestions(self):
        self.script("transliteration", "namaste", "नमस्ते\nनमसते", "en", "hi")
        self.assertEqual(
            self.client.transliterate("namaste", "en", "hi"), {"text": "नमस्ते", "suggestions": ["नमस्ते", "नमसते"]}
        )

    def test_a_language_is_told(self):
        self.assertEqual(self.client.detect_language("தக்காளி என்ன விலை")["language"], "ta")
        self.script("txt-lang-detection", "kitna hai", "hi")
        self.assertEqual(self.client.detect_language("kitna hai"), {"language": "hi", "score": 1.0})

    def test_what_is_not_emulated_is_an_error(self):
        self.assertEqual(self.client.ner("Market in Pune", "en"), FAILED)
        self.assertEqual(self.client.ocr("https://pictures.example/a.png", "hi"), FAILED)

    def test_a_wrong_key_is_an_error(self):
        self.script("translation", "Hello", "नमस्ते", "en", "hi")
        self.assertEqual(client("not the key").nmt("Hello", "en", "hi"), FAILED)

    def test_faults_are_errors_and_pass(self):
        self.script("translation", "Hello", "नमस्ते", "en", "hi")
        for fault in (
            {"kind": "status", "status": 429, "retry_after_s": 2},
            {"kind": "status", "status": 500},
            {"kind": "malformed"},
        ):
            control("/faults", fault)
            self.assertEqual(self.client.nmt("Hello", "en", "hi"), FAILED, fault)
            self.assertEqual(self.client.nmt("Hello", "en", "hi"), "नमस्ते", fault)

    def test_the_service_ids_of_the_sdk_are_known(self):
        self.script("translation", "Hello", "नमस्ते", "en", "hi")
        self.client.nmt("Hello", "en", "hi")
        self.client.tts("Hello", "en")
        asked = [(heard["task"], heard["service_id"]) for heard in control("/heard", method="GET")]
        self.assertEqual(
            asked,
            [
                ("translation", "ai4bharat/indictrans-v2-all-gpu--t4"),
                ("tts", "ai4bharat/indic-tts-coqui-indo_aryan-gpu--t4"),
            ],
        )


if __name__ == "__main__":
    unittest.main()
