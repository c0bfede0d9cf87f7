"""The official Razorpay SDK for Python against the emulator.

Needs RAZORPAY_URL, RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET in the environment.
"""

import http.server
import io
import json
import os
import threading
import unittest
import urllib.request
from datetime import datetime, timedelta, timezone

import razorpay
from razorpay.errors import BadRequestError, GatewayError, ServerError, SignatureVerificationError

URL = os.environ["RAZORPAY_URL"]
KEY_ID = os.environ["RAZORPAY_KEY_ID"]
KEY_SECRET = os.environ["RAZORPAY_KEY_SECRET"]
WEBHOOK_SECRET = "webhook secret of the suite"


def control(path, body=None, method="POST"):
    """One command to the emulator's control API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}/_control{path}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=20) as response:
        text = response.read()
    return json.loads(text) if text else None


class Receiver:
    """A webhook endpoint that keeps what it gets."""

    def __init__(self):
        received = self.received = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                received.append((self.headers, body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class RazorpaySuite(unittest.TestCase):
    def setUp(self):
        self.client = razorpay.Client(auth=(KEY_ID, KEY_SECRET), base_url=URL)
        control("/faults", method="DELETE")

    def order(self, **fields):
        return self.client.order.create({"amount": 75000, "currency": "INR", **fields})

    def paid(self, **fields):
        """An order that is paid, and its payment."""
        order = self.order(**fields)
        played = control("/pay", {"order_id": order["id"]})
        return order, played["payment"], played["callback"]

    def qr(self, **fields):
        wanted = {"type": "upi_qr", "usage": "single_use", "fixed_amount": True, "payment_amount": 75000}
        return self.client.qrcode.create({**wanted, **fields})

    def test_an_order_is_created_and_fetched(self):
        order = self.order(receipt="py-1", notes={"stall": "A-7"})
        self.assertEqual(
            {key: order[key] for key in ("entity", "amount", "amount_paid", "amount_due", "status", "attempts")},
            {"entity": "order", "amount": 75000, "amount_paid": 0, "amount_due": 75000, "status": "created", "attempts": 0},
        )
        self.assertEqual(self.client.order.fetch(order["id"]), order)

    def test_orders_are_listed_by_receipt(self):
        first, second = self.order(receipt="py-list"), self.order(receipt="py-list")
        self.order(receipt="py-other")
        found = self.client.order.all({"receipt": "py-list"})
        self.assertEqual(found["entity"], "collection")
        self.assertEqual([item["id"] for item in found["items"]], [second["id"], first["id"]])
        self.assertEqual(self.client.order.all({"receipt": "py-list", "count": 1})["count"], 1)

    def test_an_orders_notes_are_edited(self):
        order = self.order()
        self.assertEqual(order["notes"], [])
        self.assertEqual(self.client.order.edit(order["id"], {"notes": {"seen": "yes"}})["notes"], {"seen": "yes"})

    def test_a_paid_order_has_its_captured_payment(self):
        order, payment, _ = self.paid()
        self.assertEqual(self.client.order.fetch(order["id"])["status"], "paid")
        payments = self.client.order.payments(order["id"])
        self.assertEqual([(item["id"], item["status"]) for item in payments["items"]], [(payment["id"], "captured")])
        self.assertEqual((payment["fee"], payment["tax"]), (1770, 270))
        self.assertIn(payment["id"], [item["id"] for item in self.client.payment.all({"count": 100})["items"]])

    def test_an_authorised_payment_is_captured_once(self):
        _, payment, _ = self.paid(payment_capture=False)
        self.assertEqual(self.client.payment.fetch(payment["id"])["status"], "authorized")
        with self.assertRaisesRegex(BadRequestError, "equal to the amount authorized"):
            self.client.payment.capture(payment["id"], 74999, {"currency": "INR"})
        captured = self.client.payment.capture(payment["id"], 75000, {"currency": "INR"})
        self.assertEqual((captured["status"], captured["captured"]), ("captured", True))
        with self.assertRaisesRegex(BadRequestError, "already been captured"):
            self.client.payment.capture(payment["id"], 75000, {"currency": "INR"})

    def test_a_payment_is_refunded_in_parts_and_never_more_than_it_was(self):
        _, payment, _ = self.paid()
        part = self.client.payment.refund(payment["id"], {"amount": 25000, "notes": {"why": "bruised"}})
        self.assertEqual((part["entity"], part["status"], part["amount"]), ("refund", "processed", 25000))
        self.assertEqual(self.client.refund.fetch(part["id"]), part)
        self.assertEqual(self.client.payment.fetch(payment["id"])["refund_status"], "partial")
        with self.assertRaisesRegex(BadRequestError, "greater than"):
            self.client.payment.refund(payment["id"], {"amount": 50001})
        rest = self.client.refund.create({"payment_id": payment["id"]})
        self.assertEqual(rest["amount"], 50000)
        refunded = self.client.payment.fetch(payment["id"])
        self.assertEqual((refunded["status"], refunded["amount_refunded"]), ("refunded", 75000))
        listed = self.client.payment.fetch_multiple_refund(payment["id"])
        self.assertEqual([item["id"] for item in listed["items"]], [rest["id"], part["id"]])
        self.assertEqual(self.client.payment.fetch_refund_id(payment["id"], part["id"]), part)
        with self.assertRaisesRegex(BadRequestError, "fully refunded already"):
            self.client.payment.refund(payment["id"], {})

    def test_a_dispute_is_contested_with_a_document_or_accepted(self):
        def disputed():
            _, payment, _ = self.paid()
            mishap = {"kind": "disputed", "payment_id": payment["id"]}
            return payment, control(f"/merchants/{KEY_ID}/mishaps", mishap)["id"]

        payment, contested = disputed()
        dispute = self.client.dispute.fetch(contested)
        self.assertEqual((dispute["status"], dispute["phase"], dispute["amount"]), ("open", "chargeback", payment["amount"]))
        document = self.client.document.create({"file": io.BytesIO(b"%PDF-1.7 evidence"), "purpose": "dispute_evidence"})
        self.assertEqual((document["entity"], document["purpose"]), ("document", "dispute_evidence"))
        self.assertEqual(self.client.document.fetch(document["id"]), document)
        evidence = {"summary": "handed over", "billing_proof": [document["id"]], "action": "submit"}
        answered = self.client.dispute.contest(contested, evidence)
        self.assertEqual((answered["status"], answered["evidence"]["summary"]), ("under_review", "handed over"))
        _, given_in = disputed()
        self.assertEqual(self.client.dispute.accept(given_in)["status"], "lost")
        listed = self.client.dispute.all({"count": 2})
        self.assertEqual([item["id"] for item in listed["items"]], [given_in, contested])

    def test_a_refund_with_a_key_happens_once(self):
        _, payment, _ = self.paid()
        headers = lambda key: {"headers": {"X-Refund-Idempotency": key}}
        first = self.client.payment.refund(payment["id"], {"amount": 30000}, **headers("refund-key-0001"))
        again = self.client.payment.refund(payment["id"], {"amount": 30000}, **headers("refund-key-0001"))
        self.assertEqual(again, first)
        self.assertEqual(self.client.payment.fetch(payment["id"])["amount_refunded"], 30000)
        with self.assertRaisesRegex(BadRequestError, "Different request with the same idempotency key"):
            self.client.payment.refund(payment["id"], {"amount": 30001}, **headers("refund-key-0001"))
        with self.assertRaisesRegex(BadRequestError, "at least 10"):
            self.client.payment.refund(payment["id"], {"amount": 30000}, **headers("short"))

    def test_a_refund_whose_answer_was_lost_is_found_again_by_its_key(self):
        _, payment, _ = self.paid()
        control("/faults", {"path": "/v1/payments/*/refund", "kind": "status", "status": 504, "when": "after"})
        key = {"headers": {"X-Refund-Idempotency": "lost-answer-1"}}
        with self.assertRaises(GatewayError):
            self.client.payment.refund(payment["id"], {"amount": 10000}, **key)
        key = {"headers": {"X-Refund-Idempotency": "lost-answer-1"}}
        found = self.client.payment.refund(payment["id"], {"amount": 10000}, **key)
        self.assertEqual(self.client.payment.fetch_multiple_refund(payment["id"])["items"], [found])

    def test_a_qr_code_is_created_fetched_and_listed(self):
        qr = self.qr(name="Stall A-7", description="5 kg tomatoes", notes={"order": "17"})
        self.assertEqual((qr["entity"], qr["status"], qr["type"]), ("qr_code", "active", "upi_qr"))
        self.assertTrue(qr["image_content"].startswith("upi://pay?pa="))
        self.assertIn("&am=750.00&", qr["image_content"])
        with urllib.request.urlopen(qr["image_url"], timeout=20) as picture:
            self.assertEqual(picture.headers["Content-Type"], "image/svg+xml")
        self.assertEqual(self.client.qrcode.fetch(qr["id"]), qr)
        self.assertEqual(self.client.qrcode.all({"count": 1})["items"], [qr])

    def test_a_single_use_qr_code_takes_one_payment_and_closes(self):
        qr = self.qr()
        payment = control("/pay", {"qr_id": qr["id"]})["payment"]
        closed = self.client.qrcode.fetch(qr["id"])
        self.assertEqual(
            (closed["status"], closed["close_reason"], closed["payments_amount_received"]), ("closed", "paid", 75000)
        )
        self.assertEqual(self.client.qrcode.fetch_all_payments(qr["id"])["items"], [payment])
        self.assertEqual((payment["status"], payment["order_id"]), ("captured", None))
        by_payment = self.client.qrcode.all({"payment_id": payment["id"]})
        self.assertEqual([item["id"] for item in by_payment["items"]], [qr["id"]])

    def test_a_qr_code_is_closed_by_hand_once(self):
        qr = self.qr(usage="multiple_use")
        self.assertEqual(self.client.qrcode.close(qr["id"])["close_reason"], "on_demand")
        with self.assertRaises(BadRequestError):
            self.client.qrcode.close(qr["id"])

    def test_the_checkouts_signature_verifies_and_a_tampered_one_does_not(self):
        _, _, callback = self.paid()
        self.assertTrue(self.client.utility.verify_payment_signature(callback))
        for field in callback:
            with self.assertRaises(SignatureVerificationError):
                other = "y" if callback[field].endswith("x") else "x"
                self.client.utility.verify_payment_signature({**callback, field: callback[field][:-1] + other})

    def test_a_webhooks_signature_verifies_and_a_tampered_one_does_not(self):
        receiver = Receiver()
        self.addCleanup(receiver.close)
        webhooks = f"/merchants/{KEY_ID}/webhooks"
        control(webhooks, [{"url": receiver.url, "secret": WEBHOOK_SECRET}], method="PUT")
        self.addCleanup(control, webhooks, [], "PUT")
        _, payment, _ = self.paid()
        control("/settle")
        events = sorted(json.loads(body)["event"] for _, body in receiver.received)
        self.assertEqual(events, ["order.paid", "payment.authorized", "payment.captured"])
        for headers, body in receiver.received:
            signature = headers["X-Razorpay-Signature"]
            self.assertTrue(headers["x-razorpay-event-id"])
            self.assertEqual(json.loads(body)["payload"]["payment"]["entity"]["id"], payment["id"])
            self.assertTrue(self.client.utility.verify_webhook_signature(body, signature, WEBHOOK_SECRET))
            for wrong in ((body + " ", WEBHOOK_SECRET), (body, "another secret")):
                with self.assertRaises(SignatureVerificationError):
                    self.client.utility.verify_webhook_signature(wrong[0], signature, wrong[1])

    def test_a_payout_is_made_once_a_key_and_told_of(self):
        receiver = Receiver()
        self.addCleanup(receiver.close)
        webhooks = f"/merchants/{KEY_ID}/webhooks"
        events = ["payout.initiated", "payout.processed"]
        control(webhooks, [{"url": receiver.url, "secret": WEBHOOK_SECRET, "events": events}], method="PUT")
        self.addCleanup(control, webhooks, [], "PUT")
        contact = self.client.post("/v1/contacts", {"name": "Meena Kumari", "type": "vendor"})
        bank = {"name": "Meena Kumari", "ifsc": "HDFC0000053", "account_number": "765432109876"}
        wanted = {"contact_id": contact["id"], "account_type": "bank_account", "bank_account": bank}
        account = self.client.fund_account.create(wanted)
        self.assertEqual(self.client.fund_account.create(wanted), account)
        self.assertEqual(self.client.fund_account.all({"contact_id": contact["id"]})["items"], [account])
        body = {
            "account_number": "7878780080316316", "fund_account_id": account["id"], "amount": 10000, "currency": "INR",
            "mode": "IMPS", "purpose": "payout", "queue_if_low_balance": True, "reference_id": "py-payout-1",
        }
        with self.assertRaisesRegex(BadRequestError, "Idempotency key is missing"):
            self.client.post("/v1/payouts", body)
        key = {"headers": {"X-Payout-Idempotency": "py-payout-0001"}}
        payout = self.client.post("/v1/payouts", body, **key)
        self.assertEqual((payout["entity"], payout["status"], payout["utr"]), ("payout", "processing", None))
        self.assertEqual(self.client.post("/v1/payouts", body, **key)["id"], payout["id"])
        control("/clock", {"advance_ms": 5000})
        done = self.client.get(f"/v1/payouts/{payout['id']}", {})
        self.assertEqual((done["status"], done["status_details"]["reason"]), ("processed", "payout_processed"))
        self.assertTrue(done["utr"])
        control("/settle")
        self.assertEqual(sorted(json.loads(told)["event"] for _, told in receiver.received), events)
        for headers, told in receiver.received:
            signature = headers["X-Razorpay-Signature"]
            self.assertTrue(self.client.utility.verify_webhook_signature(told, signature, WEBHOOK_SECRET))

    def mandate(self, method):
        """A customer with a mandate of ₹5,000, registered by a payment."""
        customer = self.client.customer.create({"name": "Meena Kumari", "contact": "+919876543210", "fail_existing": "0"})
        token = {"max_amount": 500000, "expire_at": 4102444800, "frequency": "as_presented"}
        order = self.order(customer_id=customer["id"], token=token, method=method)
        played = control("/pay", {"order_id": order["id"], "method": method, "recurring": True})["payment"]
        return customer, self.client.token.fetch(customer["id"], played["token_id"])

    def charged(self, customer, token, amount):
        order = self.client.order.create({"amount": amount, "currency": "INR", "payment_capture": True})
        charge = {
            "email": "meena@example.com", "contact": "+919876543210", "amount": amount, "currency": "INR",
            "order_id": order["id"], "customer_id": customer["id"], "token": token["id"], "recurring": "1",
        }
        return self.client.payment.createRecurring(charge)

    def test_a_mandate_is_registered_charged_after_notice_and_deleted(self):
        for method in ("upi", "card"):
            customer, token = self.mandate(method)
            self.assertEqual(self.client.customer.fetch(customer["id"]), customer)
            self.assertEqual((token["entity"], token["method"], token["recurring"]), ("token", method, True))
            self.assertEqual(token["recurring_details"], {"status": "confirmed", "failure_reason": None})
            self.assertIn(token, self.client.token.all(customer["id"])["items"])
            charged = self.charged(customer, token, 29900)
            self.assertTrue(self.client.utility.verify_payment_signature(charged))
            payment = self.client.payment.fetch(charged["razorpay_payment_id"])
            self.assertEqual((payment["status"], payment["token_id"]), ("created", token["id"]))
            control("/clock", {"advance_ms": 25 * 3600 * 1000})
            self.assertEqual(self.client.payment.fetch(payment["id"])["status"], "captured")
            with self.assertRaisesRegex(BadRequestError, "maximum amount"):
                self.charged(customer, token, 500001)
            self.assertTrue(self.client.token.delete(customer["id"], token["id"])["deleted"])
            with self.assertRaisesRegex(BadRequestError, "does not exist"):
                self.charged(customer, token, 29900)

    def test_a_mandate_that_its_payer_turns_is_told_of(self):
        receiver = Receiver()
        self.addCleanup(receiver.close)
        webhooks = f"/merchants/{KEY_ID}/webhooks"
        events = ["token.confirmed", "token.paused", "token.cancelled", "payment.failed"]
        control(webhooks, [{"url": receiver.url, "secret": WEBHOOK_SECRET, "events": events}], method="PUT")
        self.addCleanup(control, webhooks, [], "PUT")
        customer, token = self.mandate("upi")
        turn = lambda status: control(
            f"/merchants/{KEY_ID}/mishaps", {"kind": "mandate_turned", "token_id": token["id"], "status": status}
        )
        turn("paused")
        with self.assertRaisesRegex(BadRequestError, "not confirmed"):
            self.charged(customer, token, 29900)
        turn("confirmed")
        charged = self.charged(customer, token, 29900)
        turn("cancelled")
        self.assertEqual(self.client.payment.fetch(charged["razorpay_payment_id"])["status"], "failed")
        control("/settle")
        told = sorted(json.loads(body)["event"] for _, body in receiver.received)
        self.assertEqual(told, ["payment.failed", "token.cancelled", "token.confirmed", "token.confirmed", "token.paused"])
        for headers, body in receiver.received:
            self.assertTrue(self.client.utility.verify_webhook_signature(body, headers["X-Razorpay-Signature"], WEBHOOK_SECRET))

    def settled_today(self):
        """The settlement report of the day in India that the emulator's clock is in."""
        now_ms = control("/clock", method="GET")["now_ms"]
        today = datetime.fromtimestamp(now_ms / 1000, timezone(timedelta(hours=5, minutes=30)))
        return self.client.settlement.report(
            {"year": today.year, "month": today.month, "day": today.day, "count": 100}
        )

    def test_a_settlement_report_holds_payments_less_fees_and_refunds(self):
        _, payment, _ = self.paid(receipt="py-settled")
        part = self.client.payment.refund(payment["id"], {"amount": 25000})
        control("/clock", {"advance_ms": 2 * 86400 * 1000})
        report = self.settled_today()
        self.assertEqual(report["entity"], "collection")
        lines = {line["entity_id"]: line for line in report["items"]}
        credit, debit = lines[payment["id"]], lines[part["id"]]
        self.assertEqual(
            {key: credit[key] for key in ("type", "debit", "credit", "amount", "currency", "fee", "tax", "settled", "method")},
            {"type": "payment", "debit": 0, "credit": 73230, "amount": 75000, "currency": "INR", "fee": 1770, "tax": 270,
             "settled": True, "method": "upi"},
        )
        self.assertEqual((credit["order_id"], credit["order_receipt"]), (payment["order_id"], "py-settled"))
        self.assertEqual((debit["type"], debit["debit"], debit["payment_id"]), ("refund", 25000, payment["id"]))
        self.assertEqual(credit["settlement_id"], debit["settlement_id"])
        self.assertTrue(credit["settlement_utr"])
        with self.assertRaisesRegex(BadRequestError, "month field is required"):
            self.client.settlement.report({"year": 2026})

    def test_each_kind_of_error_raises_its_class(self):
        for wrong in ({"amount": 99}, {"currency": "USD"}, {"receipt": "r" * 41}, {"colour": "red"}):
            with self.assertRaises(BadRequestError):
                self.order(**wrong)
        with self.assertRaisesRegex(BadRequestError, "does not exist"):
            self.client.order.fetch("order_00000000000000")
        for status, kind in ((502, GatewayError), (500, ServerError), (503, ServerError), (429, BadRequestError)):
            control("/faults", {"kind": "status", "status": status})
            with self.assertRaises(kind):
                self.order()
        for auth in ((KEY_ID, "not the secret"), ("rzp_test_nobody", KEY_SECRET)):
            with self.assertRaisesRegex(BadRequestError, "provided is invalid"):
                razorpay.Client(auth=auth, base_url=URL).order.all()


if __name__ == "__main__":
    unittest.main()
