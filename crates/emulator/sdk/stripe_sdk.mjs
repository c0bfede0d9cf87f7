// The official Stripe SDK for Node against the emulator.
// Needs STRIPE_URL and STRIPE_KEY in the environment.
import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";

import Stripe from "stripe";

import { Answers } from "./stripe_types.mjs";

const { STRIPE_URL: url, STRIPE_KEY: key } = process.env;
const webhookSecret = "whsec_of_the_suite";
const noRedirects = { enabled: true, allow_redirects: "never" };
const answers = new Answers();

function client(secret = key, more = {}) {
  const { hostname: host, port } = new URL(url);
  return new Stripe(secret, { host, port, protocol: "http", maxNetworkRetries: 0, telemetry: false, ...more });
}

async function control(path, body, method = "POST") {
  const answer = await fetch(`${url}/_control${path}`, { method, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${text}`);
  return text && JSON.parse(text);
}

const press = (page, fields) =>
  fetch(page, { method: "POST", redirect: "manual", body: new URLSearchParams(fields) });

const stripe = client();

async function pay(card = "pm_card_visa", more = {}) {
  const params = { amount: 75000, currency: "inr", automatic_payment_methods: noRedirects, ...more };
  const intent = await stripe.paymentIntents.create({ ...params, payment_method: card, confirm: true });
  return answers.keep("PaymentIntent", intent);
}

async function checkout(more = {}) {
  const price_data = { currency: "inr", unit_amount: 15000, product_data: { name: "Tomatoes, 1 kg" } };
  const session = await stripe.checkout.sessions.create({
    mode: "payment",
    line_items: [{ price_data, quantity: 5 }],
    success_url: "https://shop.example/paid?session={CHECKOUT_SESSION_ID}",
    ...more,
  });
  return answers.keep("Checkout.Session", session);
}

const refused = (type, statusCode, code) => (error) => {
  assert.deepEqual([error.type, error.statusCode, error.code], [type, statusCode, code]);
  assert.match(error.requestId, /^req_/);
  return true;
};

test("a customer is created, changed, listed and deleted", async () => {
  const address = { line1: "12 Market Road", city: "Pune", country: "IN" };
  const created = await stripe.customers.create({ email: "asha@example.com", address, metadata: { stall: "A-7" } });
  answers.keep("Customer", created);
  const changed = await stripe.customers.update(created.id, { name: "Asha", metadata: { stall: null, row: "3" } });
  assert.deepEqual([changed.name, changed.metadata], ["Asha", { row: "3" }]);
  const attached = await stripe.paymentMethods.attach("pm_card_visa", { customer: created.id });
  answers.keep("PaymentMethod", attached);
  const methods = await stripe.customers.listPaymentMethods(created.id);
  assert.deepEqual(methods.data.map((method) => method.id), [attached.id]);
  assert.equal((await stripe.customers.del(created.id)).deleted, true);
});

test("a card is kept without paying, by a call and at a page", async () => {
  const customer = await stripe.customers.create({ name: "Asha" });
  const kept = await stripe.setupIntents.create({ customer: customer.id, payment_method: "pm_card_visa", confirm: true });
  answers.keep("SetupIntent", kept);
  assert.deepEqual([kept.status, kept.usage], ["succeeded", "off_session"]);
  const session = await stripe.checkout.sessions.create({
    mode: "setup",
    currency: "inr",
    customer: customer.id,
    success_url: "https://shop.example/kept",
    setup_intent_data: { metadata: { stall: "A-7" } },
  });
  answers.keep("Checkout.Session", session);
  assert.deepEqual([session.amount_total, session.payment_status], [null, "no_payment_required"]);
  assert.equal((await press(session.url, { card: "pm_card_visa_chargeDeclined" })).status, 402);
  const failed = await stripe.setupIntents.retrieve(session.setup_intent);
  answers.keep("SetupIntent", failed);
  assert.deepEqual([failed.status, failed.last_setup_error.code], ["requires_payment_method", "card_declined"]);
  const done = await press(session.url, { card: "pm_card_mastercard" });
  assert.deepEqual([done.status, done.headers.get("location")], [303, "https://shop.example/kept"]);
  const { setup_intent: intent } = await stripe.checkout.sessions.retrieve(session.id, { expand: ["setup_intent"] });
  assert.deepEqual([intent.status, intent.metadata], ["succeeded", { stall: "A-7" }]);
  const methods = await stripe.customers.listPaymentMethods(customer.id);
  assert.deepEqual(methods.data.map((method) => method.card.brand).sort(), ["mastercard", "visa"]);
  const later = { amount: 5000, currency: "inr", customer: customer.id, payment_method: kept.payment_method };
  const paid = await stripe.paymentIntents.create({ ...later, off_session: true, confirm: true });
  assert.equal(paid.status, "succeeded");
  await assert.rejects(stripe.setupIntents.cancel(kept.id), refused("StripeInvalidRequestError", 400, "setup_intent_unexpected_state"));
});

test("a payment is made, and its charge and fee can be seen", async () => {
  const intent = await pay("pm_card_visa", { metadata: { order: "17" } });
  assert.deepEqual([intent.status, intent.amount_received], ["succeeded", 75000]);
  await control("/clock", { advance_ms: 1000 });
  const expand = ["latest_charge.balance_transaction"];
  const { latest_charge: charge } = await stripe.paymentIntents.retrieve(intent.id, { expand });
  const booked = charge.balance_transaction;
  assert.deepEqual([booked.amount, booked.fee, booked.net], [75000, 2205, 72795]);
  answers.keep("Charge", await stripe.charges.retrieve(charge.id));
  answers.keep("BalanceTransaction", await stripe.balanceTransactions.retrieve(booked.id));
  answers.keep("Balance", await stripe.balance.retrieve());
});

test("a payment is confirmed later with a method that was made of a token", async () => {
  const method = await stripe.paymentMethods.create({ type: "card", card: { token: "tok_visa" } });
  const intent = await stripe.paymentIntents.create({ amount: 5000, currency: "usd", payment_method_types: ["card"] });
  const paid = await stripe.paymentIntents.confirm(intent.id, { payment_method: method.id });
  assert.equal(paid.status, "succeeded");
  await assert.rejects(
    stripe.paymentIntents.cancel(intent.id),
    refused("StripeInvalidRequestError", 400, "payment_intent_unexpected_state"),
  );
});

test("a decline is a card error with the bank's reason", async () => {
  await assert.rejects(pay("pm_card_visa_chargeDeclinedInsufficientFunds"), (error) => {
    refused("StripeCardError", 402, "card_declined")(error);
    assert.equal(error.decline_code, "insufficient_funds");
    answers.keep("PaymentIntent", error.payment_intent);
    return true;
  });
  const [failed] = (await stripe.charges.list({ limit: 1 })).data;
  assert.deepEqual([failed.status, failed.paid], ["failed", false]);
  answers.keep("Charge", failed);
});

test("a bank's challenge is approved or refused on its page", async () => {
  for (const [action, redirected, status] of [
    ["approve", "succeeded", "succeeded"],
    ["refuse", "failed", "requires_payment_method"],
  ]) {
    const intent = await pay("pm_card_threeDSecure2Required", { return_url: "https://shop.example/back" });
    assert.deepEqual([intent.status, intent.next_action.type], ["requires_action", "redirect_to_url"]);
    const answer = await press(intent.next_action.redirect_to_url.url, { action });
    const told = new URL(answer.headers.get("location")).searchParams;
    assert.deepEqual([answer.status, told.get("redirect_status")], [303, redirected]);
    const after = answers.keep("PaymentIntent", await stripe.paymentIntents.retrieve(intent.id));
    assert.equal(after.status, status);
  }
});

test("an authorised amount is captured in part", async () => {
  const held = await pay("pm_card_visa", { capture_method: "manual" });
  assert.equal(held.status, "requires_capture");
  const captured = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 50000 });
  assert.deepEqual([captured.status, captured.amount_received], ["succeeded", 50000]);
});

test("a payment is refunded in parts and no further", async () => {
  const intent = await pay();
  const part = await stripe.refunds.create({ payment_intent: intent.id, amount: 30000 });
  answers.keep("Refund", part);
  const rest = await stripe.refunds.create({ payment_intent: intent.id });
  assert.equal(rest.amount, 45000);
  const listed = [];
  for await (const refund of stripe.refunds.list({ payment_intent: intent.id, limit: 1 })) listed.push(refund.id);
  assert.deepEqual(listed, [rest.id, part.id]);
  await assert.rejects(
    stripe.refunds.create({ payment_intent: intent.id }),
    refused("StripeInvalidRequestError", 400, "charge_already_refunded"),
  );
});

test("a dispute is answered with evidence", async () => {
  const intent = await pay("pm_card_createDisputeProductNotReceived");
  const [dispute] = (await stripe.disputes.list({ charge: intent.latest_charge })).data;
  answers.keep("Dispute", dispute);
  const evidence = { shipping_tracking_number: "IN-17", uncategorized_text: "losing_evidence" };
  const answered = await stripe.disputes.update(dispute.id, { evidence });
  assert.equal(answered.status, "under_review");
  await control("/clock", { advance_ms: 60_000 });
  assert.equal((await stripe.disputes.retrieve(dispute.id)).status, "lost");
});

test("a dispute is answered with a file", async () => {
  const file = { data: Buffer.from("%PDF-1.7 what was agreed"), name: "agreement.pdf", type: "application/pdf" };
  const kept = answers.keep("File", await stripe.files.create({ purpose: "dispute_evidence", file }));
  assert.deepEqual([kept.type, kept.filename, kept.size], ["pdf", "agreement.pdf", 24]);
  assert.equal((await stripe.files.retrieve(kept.id)).id, kept.id);
  const intent = await pay("pm_card_createDispute");
  const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data;
  const answered = await stripe.disputes.update(dispute.id, { evidence: { receipt: kept.id }, submit: true });
  assert.equal(answered.evidence.receipt, kept.id);
  await assert.rejects(
    stripe.disputes.update(dispute.id, { evidence: { customer_signature: "file_of_nobody" } }),
    (error) => error.type === "StripeInvalidRequestError",
  );
});

test("a checkout is paid, declined and expired", async () => {
  const session = await checkout({ customer_creation: "always" });
  const answer = await press(session.url, { card: "pm_card_visa", email: "asha@example.com" });
  assert.equal(answer.headers.get("location"), `https://shop.example/paid?session=${session.id}`);
  const paid = await stripe.checkout.sessions.retrieve(session.id, { expand: ["customer"] });
  assert.deepEqual([paid.status, paid.payment_status], ["complete", "paid"]);
  assert.equal(paid.customer.email, "asha@example.com");
  answers.keep("Checkout.Session", await stripe.checkout.sessions.retrieve(session.id));
  answers.keep("LineItem", (await stripe.checkout.sessions.listLineItems(session.id)).data[0]);
  const other = await checkout();
  const tried = await control("/pay", { session: other.id, card: "pm_card_visa_chargeDeclined" });
  assert.deepEqual([tried.session.status, tried.declined], ["open", "Your card was declined."]);
  assert.equal((await stripe.checkout.sessions.expire(other.id)).status, "expired");
});

test("a request with a key happens once, and other parameters are refused", async () => {
  const params = { amount: 5000, currency: "inr", payment_method_types: ["card"] };
  const once = { idempotencyKey: "node-once-1" };
  const first = await stripe.paymentIntents.create(params, once);
  const again = await stripe.paymentIntents.create(params, once);
  assert.equal(again.id, first.id);
  assert.equal(again.lastResponse.headers["idempotent-replayed"], "true");
  await assert.rejects(
    stripe.paymentIntents.create({ ...params, amount: 1 + params.amount }, once),
    refused("StripeIdempotencyError", 400, undefined),
  );
});

test("a refund whose answer was lost happens once, by the SDK's own retry or by the caller's key", async () => {
  const intent = await pay();
  const refund = { payment_intent: intent.id, amount: 10000 };
  await control("/faults", { path: "/v1/refunds", when: "after", kind: "status", status: 503 });
  // The SDK leaves the answer unread that it does not take, and its time-out keeps the suite waiting.
  const found = await client(key, { maxNetworkRetries: 2, timeout: 3000 }).refunds.create(refund);
  await control("/faults", { path: "/v1/refunds", when: "after", kind: "truncated" });
  const once = { idempotencyKey: "node-cut-1" };
  await assert.rejects(stripe.refunds.create(refund, once), { type: "StripeConnectionError" });
  const other = await stripe.refunds.create(refund, once);
  const listed = (await stripe.refunds.list({ payment_intent: intent.id })).data;
  assert.deepEqual(listed.map((kept) => kept.id), [other.id, found.id]);
});

test("a webhook's signature verifies and a tampered one does not", async (context) => {
  const received = [];
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ signature: request.headers["stripe-signature"], body: Buffer.concat(chunks).toString() });
    response.end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  const webhooks = `/accounts/${key}/webhooks`;
  const endpoint = { url: `http://127.0.0.1:${server.address().port}/`, secret: webhookSecret };
  await control(webhooks, [endpoint], "PUT");
  await pay();
  await control("/settle");
  await control(webhooks, [], "PUT");
  // They come in any order, and whichever payment's fee becomes known meanwhile is told of too.
  const kinds = received.map(({ body }) => JSON.parse(body).type).filter((kind) => kind !== "charge.updated");
  assert.deepEqual(kinds.sort(), ["charge.succeeded", "payment_intent.created", "payment_intent.succeeded"]);
  for (const { signature, body } of received) {
    // The suite moves the emulator's clock, so how old the signature is by this machine's says nothing.
    const event = stripe.webhooks.constructEvent(body, signature, webhookSecret, 1e9);
    answers.keep("Event", event);
    assert.throws(() => stripe.webhooks.constructEvent(`${body} `, signature, webhookSecret, 1e9));
    assert.throws(() => stripe.webhooks.constructEvent(body, signature, "another secret", 1e9));
    assert.equal((await stripe.events.retrieve(event.id)).type, event.type);
  }
});

test("a payout is made of what is available", async () => {
  const secret_key = "sk_test_of_node_payouts";
  await control("/accounts", { secret_key, name: "Payouts" });
  const other = client(secret_key);
  const params = { amount: 75000, currency: "inr", payment_method_types: ["card"], confirm: true };
  await other.paymentIntents.create({ ...params, payment_method: "pm_card_bypassPending" });
  await control("/clock", { advance_ms: 1000 });
  answers.keep("Payout", await other.payouts.create({ amount: 50000, currency: "inr" }));
  await assert.rejects(
    other.payouts.create({ amount: 22796, currency: "inr" }),
    refused("StripeInvalidRequestError", 400, "balance_insufficient"),
  );
});

test("a subscription is paid month by month", async () => {
  const customer = await stripe.customers.create({ email: "asha@example.com" });
  const { id: method } = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
  const product = answers.keep("Product", await stripe.products.create({ name: "Stall, a month" }));
  const recurring = { interval: "month" };
  const price = await stripe.prices.create({ currency: "inr", unit_amount: 29900, product: product.id, recurring });
  answers.keep("Price", price);
  const items = [{ price: price.id, quantity: 2 }];
  const made = await stripe.subscriptions.create({ customer: customer.id, items, default_payment_method: method });
  answers.keep("Subscription", made);
  assert.equal(made.status, "active");
  await control("/clock", { advance_ms: (31 * 24 + 1) * 3_600_000 });
  const invoices = (await stripe.invoices.list({ subscription: made.id })).data;
  assert.deepEqual(invoices.map((invoice) => [invoice.status, invoice.total]), [["paid", 59800], ["paid", 59800]]);
  answers.keep("Invoice", invoices[0]);
  const expanded = await stripe.invoices.retrieve(invoices[0].id, { expand: ["payments"] });
  answers.keep("InvoicePayment", expanded.payments.data[0]);
  assert.equal((await stripe.subscriptions.cancel(made.id)).status, "canceled");
});

test("each kind of error is its class", async () => {
  await assert.rejects(
    stripe.paymentIntents.create({ currency: "inr" }),
    refused("StripeInvalidRequestError", 400, "parameter_missing"),
  );
  await assert.rejects(
    stripe.paymentIntents.retrieve("pi_nothing"),
    refused("StripeInvalidRequestError", 404, "resource_missing"),
  );
  await assert.rejects(
    client("sk_test_nobody").customers.list(),
    refused("StripeAuthenticationError", 401, undefined),
  );
  for (const [status, type, code] of [
    [429, "StripeRateLimitError", "rate_limit"],
    [500, "StripeAPIError", undefined],
    [503, "StripeAPIError", undefined],
  ]) {
    await control("/faults", { kind: "status", status });
    await assert.rejects(stripe.customers.create({}), refused(type, status, code));
  }
});

test("every answer has the fields and types that the SDK declares", () => {
  assert.ok(answers.count() >= 20);
  assert.deepEqual(answers.complaints(), []);
});
