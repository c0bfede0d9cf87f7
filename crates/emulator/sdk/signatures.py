"""The official Python SDKs of Stripe and Razorpay as judges of signatures.

Reads {"judge": [{vendor, secret, body, header, now_s}], "make": [{secret, body, at_s}]} and writes {"verdicts": [...], "made": [...]}:
whether each SDK takes a webhook for signed, and the headers that Stripe's makes.
"""

import json
import sys
from unittest import mock

import razorpay
import stripe


def takes(vector):
    body, header, secret = vector["body"], vector["header"], vector["secret"]
    try:
        if vector["vendor"] == "razorpay":
            client = razorpay.Client(auth=("key", "secret"))
            return bool(client.utility.verify_webhook_signature(body, header, secret))
        if vector["vendor"] == "razorpay-checkout":
            client = razorpay.Client(auth=("key", secret))
            order, payment = body.split("|")
            parts = {"razorpay_order_id": order, "razorpay_payment_id": payment, "razorpay_signature": header}
            return bool(client.utility.verify_payment_signature(parts))
        with mock.patch("time.time", return_value=float(vector["now_s"])):
            return bool(stripe.WebhookSignature.verify_header(body, header, secret, tolerance=300))
    except (stripe.SignatureVerificationError, razorpay.errors.SignatureVerificationError):
        return False


def made(wanted):
    at_s, body = wanted["at_s"], wanted["body"]
    signature = stripe.WebhookSignature._compute_signature(f"{at_s}.{body}", wanted["secret"])
    return f"t={at_s},{stripe.WebhookSignature.EXPECTED_SCHEME}={signature}"


asked = json.load(sys.stdin)
json.dump({"verdicts": [takes(vector) for vector in asked["judge"]], "made": [made(one) for one in asked["make"]]}, sys.stdout)
