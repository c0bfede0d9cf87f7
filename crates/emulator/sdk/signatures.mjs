// The official Node SDKs of Stripe and Razorpay as judges of signatures.
// Reads {"judge": [{vendor, secret, body, header, now_s}], "make": [{secret, body, at_s}]} and writes {"verdicts": [...], "made": [...]}:
// whether each SDK takes a webhook for signed, and the headers that Stripe's makes.
import { readFileSync } from "node:fs";

import Razorpay from "razorpay";
import { validatePaymentVerification } from "razorpay/dist/utils/razorpay-utils.js";
import Stripe from "stripe";

const stripe = new Stripe("sk_test_1");

function takes({ vendor, secret, body, header, now_s }) {
  if (vendor === "razorpay") return Razorpay.validateWebhookSignature(body, header, secret);
  if (vendor === "razorpay-checkout") {
    const [order_id, payment_id] = body.split("|");
    return validatePaymentVerification({ order_id, payment_id }, header, secret);
  }
  try {
    return Boolean(stripe.webhooks.signature.verifyHeader(body, header, secret, 300, undefined, now_s * 1000));
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false;
    throw error;
  }
}

const made = ({ secret, body, at_s }) =>
  stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp: at_s });

const asked = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify({ verdicts: asked.judge.map(takes), made: asked.make.map(made) }));
