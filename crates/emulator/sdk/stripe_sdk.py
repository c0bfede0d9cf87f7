"""The official Stripe SDK for Python against the emulator.

Needs STRIPE_URL and STRIPE_KEY in the environment.
"""

import http.server
import io
import json
import os
import threading
import unittest
import urllib.error
import urllib.parse
import urllib.request

import stripe

URL = os.environ["STRIPE_URL"]
KEY = os.environ["STRIPE_KEY"]
WEBHOOK_SECRET = "whsec_of_the_suite"
NO_REDIRECTS = {"enabled": True, "allow_redirects": "never"}


def control(path, body=None, method="POST"):
    """One command to the emulator's control API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}/_control{path}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=20) as response:
        text = response.read()
    return json.loads(text) if text else None


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, *_):
        return None


def press(url, fields):
    """Sends a page's form, and gives the address it leads to."""
    data = urllib.parse.urlencode(fields).encode()
    try:
        urllib.request.build_opener(Stay).open(urllib.request.Request(url, data=data), timeout=20)
    except urllib.error.HTTPError as answer:
        return answer.status, answer.headers.get("Location")
    return 200, None


class Receiver:
    """A webhook endpoint that keeps what it gets."""

    def __init__(self):
        received = self.received = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                received.append((self.headers["Stripe-Signature"], body))
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


class StripeSuite(unittest.TestCase):
    def setUp(self):
        self.client = stripe.StripeClient(KEY, base_addresses={"api": URL}, max_network_retries=0)
        self.v1 = self.client.v1
        control("/faults", method="DELETE")

    def intent(self, card="pm_card_visa", **more):
        params = {"amount": 75000, "currency": "inr", "automatic_payment_methods": NO_REDIRECTS, **more}
        return self.v1.payment_intents.create({**params, "payment_method": card, "confirm": True})

    def session(self, **more):
        line = {
            "price_data": {"currency": "inr", "unit_amount": 15000, "product_data": {"name": "Tomatoes, 1 kg"}},
            "quantity": 5,
        }
        success = "https://shop.example/paid?session={CHECKOUT_SESSION_ID}"
        params = {"mode": "payment", "line_items": [line], "success_url": success, **more}
        return self.v1.checkout.sessions.create(params)

    def test_a_customer_is_created_changed_listed_and_deleted(self):
        created = self.v1.customers.create({"email": "asha@example.com", "metadata": {"stall": "A-7"}})
        self.assertEqual(self.v1.customers.retrieve(created.id).email, "asha@example.com")
        changed = self.v1.customers.update(created.id, {"name": "Asha", "metadata": {"stall": "", "row": "3"}})
        self.assertEqual((changed.name, changed.metadata.to_dict()), ("Asha", {"row": "3"}))
        listed = self.v1.customers.list({"email": "asha@example.com", "limit": 1})
        self.assertEqual([customer.id for customer in listed.data], [created.id])
        self.assertTrue(self.v1.customers.delete(created.id).deleted)
        with self.assertRaisesRegex(stripe.InvalidRequestError, "No such customer"):
            self.v1.customers.retrieve(created.id)

    def test_a_payment_is_made_and_its_charge_and_fee_can_be_seen(self):
        intent = self.intent(description="Order 17", metadata={"order": "17"})
        self.assertEqual((intent.status, intent.amount_received), ("succeeded", 75000))
        control("/clock", {"advance_ms": 1000})
        expand = {"expand": ["latest_charge.balance_transaction"]}
        charge = self.v1.payment_intents.retrieve(intent.id, expand).latest_charge
        self.assertEqual((charge.status, charge.paid, charge.payment_intent), ("succeeded", True, intent.id))
        booked = charge.balance_transaction
        self.assertEqual((booked.amount, booked.fee, booked.net), (75000, 2205, 72795))
        self.assertEqual(self.v1.charges.retrieve(charge.id).metadata.to_dict(), {"order": "17"})

    def test_a_payment_is_confirmed_later(self):
        params = {"amount": 5000, "currency": "usd", "payment_method_types": ["card"]}
        intent = self.v1.payment_intents.create(params)
        self.assertEqual(intent.status, "requires_payment_method")
        self.v1.payment_intents.update(intent.id, {"amount": 6000})
        paid = self.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_mastercard"})
        self.assertEqual((paid.status, paid.amount_received), ("succeeded", 6000))
        with self.assertRaisesRegex(stripe.InvalidRequestError, "already succeeded"):
            self.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})

    def test_a_decline_raises_a_card_error_with_the_banks_reason(self):
        with self.assertRaises(stripe.CardError) as caught:
            self.intent("pm_card_visa_chargeDeclinedInsufficientFunds")
        error = caught.exception
        self.assertEqual((error.http_status, error.code), (402, "card_declined"))
        self.assertEqual(error.error.decline_code, "insufficient_funds")
        self.assertEqual(error.user_message, "Your card has insufficient funds.")
        intent = self.v1.payment_intents.retrieve(error.error.payment_intent.id)
        self.assertEqual(intent.status, "requires_payment_method")
        self.assertEqual(intent.last_payment_error.charge, error.error.charge)
        self.assertEqual(self.v1.charges.retrieve(error.error.charge).status, "failed")

    def test_a_banks_challenge_is_approved_or_refused_on_its_page(self):
        for action, redirect_status, status in (
            ("approve", "succeeded", "succeeded"),
            ("refuse", "failed", "requires_payment_method"),
        ):
            intent = self.intent("pm_card_authenticationRequired", return_url="https://shop.example/back")
            self.assertEqual((intent.status, intent.next_action.type), ("requires_action", "redirect_to_url"))
            code, url = press(intent.next_action.redirect_to_url.url, {"action": action})
            told = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(url).query))
            self.assertEqual((code, told["redirect_status"]), (303, redirect_status))
            self.assertEqual(told["payment_intent"], intent.id)
            self.assertEqual(self.v1.payment_intents.retrieve(intent.id).status, status)

    def test_an_authorised_amount_is_captured_or_let_go(self):
        held = self.intent(capture_method="manual")
        self.assertEqual((held.status, held.amount_capturable), ("requires_capture", 75000))
        captured = self.v1.payment_intents.capture(held.id, {"amount_to_capture": 50000})
        self.assertEqual((captured.status, captured.amount_received), ("succeeded", 50000))
        other = self.intent(capture_method="manual")
        gone = self.v1.payment_intents.cancel(other.id, {"cancellation_reason": "abandoned"})
        self.assertEqual((gone.status, gone.cancellation_reason), ("canceled", "abandoned"))

    def test_a_payment_is_refunded_in_parts_and_no_further(self):
        intent = self.intent()
        part = self.v1.refunds.create({"payment_intent": intent.id, "amount": 30000, "reason": "duplicate"})
        self.assertEqual((part.status, part.amount), ("succeeded", 30000))
        with self.assertRaisesRegex(stripe.InvalidRequestError, "greater than unrefunded amount"):
            self.v1.refunds.create({"payment_intent": intent.id, "amount": 45001})
        rest = self.v1.refunds.create({"charge": intent.latest_charge})
        self.assertEqual(rest.amount, 45000)
        listed = self.v1.refunds.list({"payment_intent": intent.id})
        self.assertEqual([refund.id for refund in listed.auto_paging_iter()], [rest.id, part.id])
        with self.assertRaises(stripe.InvalidRequestError) as caught:
            self.v1.refunds.create({"payment_intent": intent.id})
        self.assertEqual(caught.exception.code, "charge_already_refunded")

    def test_a_dispute_is_answered_with_evidence_and_won(self):
        intent = self.intent("pm_card_createDispute")
        dispute = self.v1.disputes.list({"payment_intent": intent.id}).data[0]
        self.assertEqual((dispute.status, dispute.reason), ("needs_response", "fraudulent"))
        evidence = {"uncategorized_text": "winning_evidence"}
        answered = self.v1.disputes.update(dispute.id, {"evidence": evidence})
        self.assertEqual((answered.status, answered.evidence_details.submission_count), ("under_review", 1))
        control("/clock", {"advance_ms": 60000})
        won = self.v1.disputes.retrieve(dispute.id)
        self.assertEqual((won.status, sum(booked.net for booked in won.balance_transactions)), ("won", -1500))

    def test_a_dispute_is_answered_with_a_file(self):
        client = stripe.StripeClient(KEY, base_addresses={"api": URL, "files": URL})
        content = io.BytesIO(b"%PDF-1.7 what was agreed")
        content.name = "agreement.pdf"
        kept = client.v1.files.create({"purpose": "dispute_evidence", "file": content})
        self.assertEqual((kept.object, kept.type, kept.filename, kept.size), ("file", "pdf", "agreement.pdf", 24))
        self.assertEqual(self.v1.files.retrieve(kept.id).purpose, "dispute_evidence")
        intent = self.intent("pm_card_createDispute")
        dispute = self.v1.disputes.list({"payment_intent": intent.id}).data[0]
        with self.assertRaisesRegex(stripe.InvalidRequestError, "No such file upload"):
            self.v1.disputes.update(dispute.id, {"evidence": {"receipt": "file_of_nobody"}})
        answered = self.v1.disputes.update(dispute.id, {"evidence": {"receipt": kept.id}})
        self.assertEqual((answered.status, answered.evidence.receipt), ("under_review", kept.id))
        with self.assertRaises(stripe.InvalidRequestError):
            client.v1.files.create({"purpose": "dispute_evidence", "file": io.BytesIO(b"<svg>")})

    def test_a_dispute_is_given_in_to(self):
        charge = self.intent().latest_charge
        opened = control("/disputes", {"charge": charge, "reason": "product_not_received"})
        self.assertEqual(self.v1.disputes.close(opened["id"]).status, "lost")
        with self.assertRaises(stripe.InvalidRequestError) as caught:
            self.v1.refunds.create({"charge": charge})
        self.assertEqual(caught.exception.code, "charge_disputed")

    def test_a_checkout_is_paid_on_its_page(self):
        session = self.session(client_reference_id="order-17", payment_intent_data={"description": "Order 17"})
        self.assertEqual((session.status, session.amount_total), ("open", 75000))
        self.assertEqual(press(session.url, {"card": "pm_card_visa_chargeDeclined"}), (402, None))
        code, url = press(session.url, {"card": "pm_card_visa", "email": "asha@example.com"})
        self.assertEqual((code, url), (303, f"https://shop.example/paid?session={session.id}"))
        paid = self.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent", "line_items"]})
        self.assertEqual((paid.status, paid.payment_status, paid.url), ("complete", "paid", None))
        self.assertEqual(paid.payment_intent.description, "Order 17")
        self.assertEqual(paid.customer_details.email, "asha@example.com")
        self.assertEqual(paid.line_items.data[0].quantity, 5)

    def test_a_card_is_kept_at_a_page_without_paying(self):
        customer = self.v1.customers.create({"name": "Asha"})
        session = self.v1.checkout.sessions.create(
            {"mode": "setup", "currency": "inr", "customer": customer.id, "success_url": "https://shop.example/kept"}
        )
        self.assertEqual((session.payment_status, session.amount_total), ("no_payment_required", None))
        self.assertEqual(press(session.url, {"card": "pm_card_visa_chargeDeclined"}), (402, None))
        self.assertEqual(press(session.url, {"card": "pm_card_visa"}), (303, "https://shop.example/kept"))
        intent = self.v1.setup_intents.retrieve(session.setup_intent)
        self.assertEqual((intent.status, intent.customer), ("succeeded", customer.id))
        kept = self.v1.payment_methods.retrieve(intent.payment_method)
        self.assertEqual((kept.customer, kept.card.last4), (customer.id, "4242"))
        listed = self.v1.setup_intents.list({"customer": customer.id})
        self.assertEqual([found.id for found in listed.data], [intent.id])

    def test_a_checkout_is_expired_once(self):
        session = self.session()
        self.assertEqual(self.v1.checkout.sessions.expire(session.id).status, "expired")
        with self.assertRaisesRegex(stripe.InvalidRequestError, "has a status of `expired`"):
            self.v1.checkout.sessions.expire(session.id)
        listed = self.v1.checkout.sessions.list({"status": "expired", "limit": 1})
        self.assertEqual(listed.data[0].id, session.id)

    def test_a_request_with_a_key_happens_once(self):
        params = {"amount": 5000, "currency": "inr", "payment_method_types": ["card"]}
        first = self.v1.payment_intents.create(params, {"idempotency_key": "once-1"})
        again = self.v1.payment_intents.create(params, {"idempotency_key": "once-1"})
        self.assertEqual(again.id, first.id)
        self.assertEqual(again.last_response.headers["idempotent-replayed"], "true")
        with self.assertRaisesRegex(stripe.IdempotencyError, "same parameters"):
            self.v1.payment_intents.create({**params, "amount": 5001}, {"idempotency_key": "once-1"})
        with self.assertRaisesRegex(stripe.IdempotencyError, "same endpoint"):
            self.v1.customers.create({}, {"idempotency_key": "once-1"})

    def test_a_decline_is_answered_again_under_its_key(self):
        errors = []
        for _ in range(2):
            with self.assertRaises(stripe.CardError) as caught:
                params = {"amount": 5000, "currency": "inr", "payment_method_types": ["card"], "confirm": True}
                method = {"payment_method": "pm_card_visa_chargeDeclined"}
                self.v1.payment_intents.create({**params, **method}, {"idempotency_key": "declined-1"})
            errors.append(caught.exception.error.payment_intent.id)
        self.assertEqual(errors[0], errors[1])

    def test_a_payment_whose_answer_was_lost_is_found_by_the_sdks_own_retry(self):
        control("/faults", {"path": "/v1/refunds", "kind": "status", "status": 503, "when": "after"})
        intent = self.intent()
        client = stripe.StripeClient(KEY, base_addresses={"api": URL}, max_network_retries=2)
        refund = client.v1.refunds.create({"payment_intent": intent.id})
        self.assertEqual([kept.id for kept in self.v1.refunds.list({"charge": refund.charge}).data], [refund.id])

    def test_a_webhooks_signature_verifies_and_a_tampered_one_does_not(self):
        receiver = Receiver()
        self.addCleanup(receiver.close)
        webhooks = f"/accounts/{KEY}/webhooks"
        control(webhooks, [{"url": receiver.url, "secret": WEBHOOK_SECRET}], method="PUT")
        self.addCleanup(control, webhooks, [], "PUT")
        intent = self.intent()
        control("/settle")
        kinds = []
        for signature, body in receiver.received:
            # The suite moves the emulator's clock, so how old the signature is by this machine's says nothing.
            event = self.client.construct_event(body, signature, WEBHOOK_SECRET, tolerance=10**9)
            kinds.append(event.type)
            for wrong in ((body + " ", WEBHOOK_SECRET), (body, "another secret")):
                with self.assertRaises(stripe.SignatureVerificationError):
                    self.client.construct_event(wrong[0], signature, wrong[1], tolerance=10**9)
        # They come in any order, and whichever payment's fee becomes known meanwhile is told of too.
        kinds = sorted(kind for kind in kinds if kind != "charge.updated")
        self.assertEqual(kinds, ["charge.succeeded", "payment_intent.created", "payment_intent.succeeded"])
        listed = self.v1.events.list({"types": ["payment_intent.succeeded"], "limit": 1}).data[0]
        self.assertEqual(listed.data.object.id, intent.id)
        self.assertEqual(self.v1.events.retrieve(listed.id).pending_webhooks, 0)

    def test_the_balance_is_paid_out(self):
        key = "sk_test_of_python_payouts"
        control("/accounts", {"secret_key": key, "name": "Payouts"})
        v1 = stripe.StripeClient(key, base_addresses={"api": URL}).v1
        params = {"amount": 75000, "currency": "inr", "payment_method_types": ["card"], "confirm": True}
        v1.payment_intents.create({**params, "payment_method": "pm_card_bypassPending"})
        control("/clock", {"advance_ms": 1000})
        self.assertEqual([entry.amount for entry in v1.balance.retrieve().available], [72795])
        payout = v1.payouts.create({"amount": 50000, "currency": "inr"})
        self.assertEqual(payout.status, "pending")
        control("/clock", {"advance_ms": 2 * 86_400_000})
        self.assertEqual(v1.payouts.retrieve(payout.id).status, "paid")
        arrived = payout.arrival_date
        listed = v1.payouts.list({"arrival_date": {"gte": arrived, "lt": arrived + 1}, "status": "paid"})
        self.assertEqual([one.id for one in listed.data], [payout.id])
        self.assertEqual(v1.payouts.list({"arrival_date": {"gt": arrived}}).data, [])
        booked = v1.balance_transactions.list({"payout": payout.id}).data
        self.assertEqual([(entry.type, entry.amount) for entry in booked], [("payout", -50000)])

    def test_a_subscription_is_paid_and_ends_with_its_period(self):
        customer = self.v1.customers.create({"email": "asha@example.com"})
        method = self.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
        params = {"currency": "inr", "unit_amount": 29900, "recurring": {"interval": "month"}}
        price = self.v1.prices.create({**params, "product_data": {"name": "Stall, a month"}})
        items = [{"price": price.id}]
        params = {"customer": customer.id, "items": items, "default_payment_method": method.id}
        made = self.v1.subscriptions.create({**params, "expand": ["latest_invoice.payments"]})
        self.assertEqual((made.status, made.latest_invoice.amount_paid), ("active", 29900))
        self.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
        control("/clock", {"advance_ms": 31 * 86_400_000})
        self.assertEqual(self.v1.subscriptions.retrieve(made.id).status, "canceled")

    def test_each_kind_of_error_raises_its_class(self):
        with self.assertRaisesRegex(stripe.InvalidRequestError, "Missing required param: amount") as caught:
            self.v1.payment_intents.create({"currency": "inr"})
        self.assertEqual((caught.exception.param, caught.exception.code), ("amount", "parameter_missing"))
        with self.assertRaisesRegex(stripe.InvalidRequestError, "Received unknown parameter: colour"):
            self.v1.customers.create({"colour": "red"})
        wrong = stripe.StripeClient("sk_test_nobody", base_addresses={"api": URL})
        with self.assertRaisesRegex(stripe.AuthenticationError, "Invalid API Key provided"):
            wrong.v1.customers.list()
        for status, kind in ((429, stripe.RateLimitError), (500, stripe.APIError), (503, stripe.APIError)):
            control("/faults", {"kind": "status", "status": status})
            with self.assertRaises(kind):
                self.v1.customers.create({})


if __name__ == "__main__":
    unittest.main()
