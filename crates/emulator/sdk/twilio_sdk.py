"""The official Twilio SDK for Python against the emulator.

Needs TWILIO_URL and TWILIO_SENDER (JSON) in the environment.
"""

import datetime
import json
import os
import unittest
import urllib.request

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

URL = os.environ["TWILIO_URL"]
SENDER = json.loads(os.environ["TWILIO_SENDER"])
TO = "+919876543210"


def control(path, body=None, method="POST"):
    """One command to the emulator's control API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}/_control{path}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=20) as response:
        text = response.read()
    return json.loads(text) if text else None


def client(user=None, secret=None, account=None):
    made = Client(user or SENDER["account_sid"], secret or SENDER["auth_token"], account)
    made.api.base_url = URL
    return made


class Messages(unittest.TestCase):
    def setUp(self):
        control("/reset")
        self.messages = client().messages

    def say(self, body="482913", **more):
        return self.messages.create(**{"to": TO, "from_": SENDER["from"], "body": body, **more})

    def refused(self, code, status=400, **params):
        with self.assertRaises(TwilioRestException) as refusal:
            self.messages.create(**params)
        self.assertEqual((refusal.exception.code, refusal.exception.status), (code, status))
        return refusal.exception

    def test_an_sms_is_queued_sent_and_delivered(self):
        made = self.say("482913 உங்கள் குறியீடு", validity_period=600)
        self.assertEqual((made.status, made.to, made.from_, made.direction), ("queued", TO, SENDER["from"], "outbound-api"))
        self.assertRegex(made.sid, "^SM[0-9a-f]{32}$")
        self.assertIsInstance(made.date_created, datetime.datetime)
        self.assertEqual((made.num_segments, made.num_media, made.price, made.error_code), ("1", "0", None, None))
        control("/clock", {"advance_ms": 1_500})
        self.assertEqual(self.messages(made.sid).fetch().status, "sent")
        control("/clock", {"advance_ms": 2_000})
        there = self.messages(made.sid).fetch()
        self.assertEqual((there.status, there.body), ("delivered", "482913 உங்கள் குறியீடு"))
        self.assertGreater(there.date_sent, there.date_created - datetime.timedelta(seconds=1))

    def test_the_shelf_shows_what_was_written(self):
        self.say("one & 100% #1 +")
        self.say("two")
        sent = control("/sent", method="GET")
        self.assertEqual([(one["to"], one["body"]) for one in sent], [(TO, "one & 100% #1 +"), (TO, "two")])

    def test_a_service_accepts_first_and_names_no_number(self):
        made = self.messages.create(to=TO, messaging_service_sid=SENDER["messaging_service_sid"], body="a")
        self.assertEqual((made.status, made.from_, made.num_segments), ("accepted", None, "0"))

    def test_a_key_calls_for_its_account(self):
        made = client(SENDER["key_sid"], SENDER["key_secret"], SENDER["account_sid"]).messages.create(
            to=TO, from_=SENDER["from"], body="a"
        )
        self.assertEqual(made.account_sid, SENDER["account_sid"])

    def test_whatsapp_takes_a_template_and_fails_words_later(self):
        to, sender = f"whatsapp:{TO}", f"whatsapp:{SENDER['whatsapp_from']}"
        made = self.messages.create(
            to=to, from_=sender, content_sid=SENDER["templates"]["en"], content_variables=json.dumps({"1": "482913"})
        )
        self.assertEqual((made.to, made.body), (to, "482913 is your verification code."))
        words = self.messages.create(to=to, from_=sender, body="hello")
        self.assertEqual((words.status, words.error_code), ("queued", None))
        control("/clock", {"advance_ms": 4_000})
        self.assertEqual(self.messages(made.sid).fetch().status, "delivered")
        failed = self.messages(words.sid).fetch()
        self.assertEqual((failed.status, failed.error_code), ("undelivered", 63016))

    def test_what_is_missing_is_named(self):
        self.refused(21604, from_=SENDER["from"], body="a", to="")
        self.refused(21603, to=TO, body="a")
        self.refused(21602, to=TO, from_=SENDER["from"])
        self.refused(21617, to=TO, from_=SENDER["from"], body="a" * 1601)

    def test_the_documents_numbers_are_refused_as_they_say(self):
        for number, code in [("1", 21211), ("2", 21612), ("3", 21408), ("4", 21610), ("9", 21614)]:
            refusal = self.refused(code, to=f"+1500555000{number}", from_=SENDER["from"], body="a")
            self.assertIn("Unable to create record", refusal.msg)
        self.refused(21606, to=TO, from_="+15005550007", body="a")
        self.refused(21211, to="98765", from_=SENDER["from"], body="a")

    def test_channels_senders_and_templates_fit_each_other(self):
        self.refused(21910, to=f"whatsapp:{TO}", from_=SENDER["from"], body="a")
        self.refused(63007, to=f"whatsapp:{TO}", from_="whatsapp:+14155550100", body="a")
        self.refused(21655, to=TO, from_=SENDER["from"], content_sid="HX" + "f" * 32)

    def test_messages_are_listed_page_by_page_and_by_receiver(self):
        for number in range(7):
            self.say(str(number), to=TO if number % 2 else "+919876543211")
        listed = self.messages.list(page_size=3)
        self.assertEqual([one.body for one in listed], ["6", "5", "4", "3", "2", "1", "0"])
        self.assertEqual([one.body for one in self.messages.list(to=TO)], ["5", "3", "1"])
        self.assertEqual(len(self.messages.list(limit=2)), 2)

    def test_a_message_is_blanked_and_deleted(self):
        made = self.say()
        self.assertEqual(self.messages(made.sid).update(body="").body, "")
        self.assertTrue(self.messages(made.sid).delete())
        with self.assertRaises(TwilioRestException) as gone:
            self.messages(made.sid).fetch()
        self.assertEqual((gone.exception.code, gone.exception.status), (20404, 404))

    def test_strangers_are_kept_out(self):
        with self.assertRaises(TwilioRestException) as refusal:
            client(secret="wrong").messages.create(to=TO, from_=SENDER["from"], body="a")
        self.assertEqual((refusal.exception.code, refusal.exception.status), (20003, 401))
        with self.assertRaises(TwilioRestException) as refusal:
            foreign = client(SENDER["key_sid"], SENDER["key_secret"], "AC" + "1" * 32)
            foreign.messages.create(to=TO, from_=SENDER["from"], body="a")
        self.assertEqual((refusal.exception.code, refusal.exception.status), (20404, 404))

    def test_faults_strike_and_pass(self):
        control("/faults", {"kind": "status", "status": 429, "times": 1})
        self.refused(20429, 429, to=TO, from_=SENDER["from"], body="a")
        self.assertEqual(self.say().status, "queued")


if __name__ == "__main__":
    unittest.main()
