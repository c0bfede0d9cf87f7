// The official Razorpay SDK for Node against the emulator.
// Needs RAZORPAY_URL, RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET in the environment.
import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";

import Razorpay from "razorpay";
import utils from "razorpay/dist/utils/razorpay-utils.js";

const { RAZORPAY_URL: url, RAZORPAY_KEY_ID: keyId, RAZORPAY_KEY_SECRET: keySecret } = process.env;
const webhookSecret = "webhook secret of the suite";

function client(secret = keySecret) {
  const razorpay = new Razorpay({ key_id: keyId, key_secret: secret });
  razorpay.api.rq.defaults.baseURL = url;
  return razorpay;
}

async function control(path, body, method = "POST") {
  const answer = await fetch(`${url}/_control${path}`, { method, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${text}`);
  return text && JSON.parse(text);
}

const razorpay = client();
const order = (fields = {}) => razorpay.orders.create({ amount: 75000, currency: "INR", ...fields });

async function paid(fields) {
  const created = await order(fields);
  return { order: created, ...(await control("/pay", { order_id: created.id })) };
}

const refused = (statusCode, code) => (error) => {
  assert.equal(error.statusCode, statusCode);
  assert.equal(error.error.code, code);
  for (const field of ["description", "source", "step", "reason", "metadata"]) assert.ok(field in error.error, field);
  return true;
};

test("an order is created, fetched and listed by receipt", async () => {
  const created = await order({ receipt: "node-1", notes: { stall: "A-7" } });
  assert.deepEqual(await razorpay.orders.fetch(created.id), created);
  const listed = await razorpay.orders.all({ receipt: "node-1" });
  assert.deepEqual(listed.items, [created]);
  const edited = await razorpay.orders.edit(created.id, { notes: { stall: "B-1" } });
  assert.deepEqual(edited.notes, { stall: "B-1" });
});

test("a paid order has its captured payment", async () => {
  const { order: created, payment } = await paid();
  assert.equal((await razorpay.orders.fetch(created.id)).status, "paid");
  const payments = await razorpay.orders.fetchPayments(created.id);
  assert.deepEqual(payments.items.map((item) => [item.id, item.status]), [[payment.id, "captured"]]);
  const [expanded] = (await razorpay.orders.all({ "expand[]": "payments", count: 1 })).items;
  assert.deepEqual(expanded.payments.items, payments.items);
});

test("an authorised payment is captured once", async () => {
  const { payment } = await paid({ payment: { capture: "manual" } });
  assert.equal(payment.status, "authorized");
  await assert.rejects(razorpay.payments.capture(payment.id, 100, "INR"), refused(400, "BAD_REQUEST_ERROR"));
  assert.equal((await razorpay.payments.capture(payment.id, 75000, "INR")).status, "captured");
  await assert.rejects(razorpay.payments.capture(payment.id, 75000, "INR"), refused(400, "BAD_REQUEST_ERROR"));
});

test("a payment is refunded, once by key", async () => {
  const { payment } = await paid();
  const keyed = client();
  keyed.api.rq.defaults.headers["X-Refund-Idempotency"] = "node-refund-key-1";
  const first = await keyed.payments.refund(payment.id, { amount: 30000 });
  assert.deepEqual(await keyed.payments.refund(payment.id, { amount: 30000 }), first);
  await assert.rejects(keyed.payments.refund(payment.id, { amount: 1000 }), refused(400, "BAD_REQUEST_ERROR"));
  assert.equal((await razorpay.payments.fetch(payment.id)).amount_refunded, 30000);
  const rest = await razorpay.payments.refund(payment.id);
  assert.deepEqual((await razorpay.payments.fetchMultipleRefund(payment.id)).items, [rest, first]);
  assert.deepEqual(await razorpay.payments.fetchRefund(payment.id, first.id), first);
  assert.deepEqual(await razorpay.refunds.fetch(first.id), first);
  assert.ok((await razorpay.refunds.all({ count: 100 })).items.some((item) => item.id === rest.id));
});

test("a QR code is created, paid, listed and closed", async () => {
  const qr = await razorpay.qrCode.create({
    type: "upi_qr",
    usage: "multiple_use",
    fixed_amount: true,
    payment_amount: 30000,
    notes: { stall: "A-7" },
  });
  assert.deepEqual(await razorpay.qrCode.fetch(qr.id), qr);
  assert.deepEqual((await razorpay.qrCode.all({ count: 1 })).items, [qr]);
  const { payment } = await control("/pay", { qr_id: qr.id });
  assert.deepEqual((await razorpay.qrCode.fetchAllPayments(qr.id)).items, [payment]);
  const closed = await razorpay.qrCode.close(qr.id);
  assert.deepEqual([closed.status, closed.close_reason, closed.payments_count_received], ["closed", "on_demand", 1]);
});

test("the checkout's signature verifies and a tampered one does not", async () => {
  const { callback } = await paid();
  const parts = { order_id: callback.razorpay_order_id, payment_id: callback.razorpay_payment_id };
  const signature = callback.razorpay_signature;
  assert.equal(utils.validatePaymentVerification(parts, signature, keySecret), true);
  assert.equal(utils.validatePaymentVerification(parts, signature, "another secret"), false);
  assert.equal(utils.validatePaymentVerification({ ...parts, payment_id: "pay_x" }, signature, keySecret), false);
});

test("a webhook's signature verifies and a tampered one does not", async (context) => {
  const received = [];
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  const webhooks = `/merchants/${keyId}/webhooks`;
  const endpoint = { url: `http://127.0.0.1:${server.address().port}/`, secret: webhookSecret };
  await control(webhooks, [endpoint], "PUT");
  await paid();
  await control("/settle");
  await control(webhooks, [], "PUT");
  assert.equal(received.length, 3);
  for (const { headers, body } of received) {
    const signature = headers["x-razorpay-signature"];
    assert.ok(headers["x-razorpay-event-id"]);
    assert.equal(Razorpay.validateWebhookSignature(body, signature, webhookSecret), true);
    assert.equal(Razorpay.validateWebhookSignature(`${body} `, signature, webhookSecret), false);
  }
});

test("a settlement report holds payments less fees", async () => {
  const { payment } = await paid();
  const { now_ms: now } = await control("/clock", { advance_ms: 2 * 86_400_000 });
  const today = new Date(now + 19_800_000);
  const [year, month, day] = [today.getUTCFullYear(), today.getUTCMonth() + 1, today.getUTCDate()];
  const report = await razorpay.settlements.reports({ year, month, day, count: 1000 });
  const line = report.items.find((item) => item.entity_id === payment.id);
  assert.deepEqual([line.type, line.credit, line.fee, line.tax, line.settled], ["payment", 73230, 1770, 270, true]);
});

test("a mandate is registered by a payment, charged after notice and deleted", async () => {
  const customer = await razorpay.customers.create({ name: "Meena Kumari", contact: "+919876543210", fail_existing: 0 });
  const token = { max_amount: 500000, expire_at: 4102444800, frequency: "as_presented" };
  const asking = await order({ customer_id: customer.id, method: "upi", token });
  const played = await control("/pay", { order_id: asking.id, method: "upi", recurring: true });
  const [kept] = (await razorpay.customers.fetchTokens(customer.id)).items;
  assert.deepEqual([kept.id, kept.method, kept.recurring_details.status], [played.payment.token_id, "upi", "confirmed"]);
  assert.deepEqual(await razorpay.customers.fetchToken(customer.id, kept.id), kept);
  const charge = async (amount) =>
    razorpay.payments.createRecurringPayment({
      email: "meena@example.com",
      contact: "+919876543210",
      amount,
      currency: "INR",
      order_id: (await order({ amount })).id,
      customer_id: customer.id,
      token: kept.id,
      recurring: 1,
    });
  const charged = await charge(29900);
  const parts = { order_id: charged.razorpay_order_id, payment_id: charged.razorpay_payment_id };
  assert.equal(utils.validatePaymentVerification(parts, charged.razorpay_signature, keySecret), true);
  assert.equal((await razorpay.payments.fetch(parts.payment_id)).status, "created");
  await control("/clock", { advance_ms: 25 * 3_600_000 });
  assert.equal((await razorpay.payments.fetch(parts.payment_id)).status, "captured");
  await assert.rejects(charge(500001), refused(400, "BAD_REQUEST_ERROR"));
  assert.deepEqual(await razorpay.customers.deleteToken(customer.id, kept.id), { deleted: true });
  await assert.rejects(charge(29900), refused(400, "BAD_REQUEST_ERROR"));
});

test("errors carry the vendor's status and fields", async () => {
  await assert.rejects(order({ amount: 99 }), (error) => {
    refused(400, "BAD_REQUEST_ERROR")(error);
    assert.equal(error.error.field, "amount");
    return true;
  });
  await assert.rejects(razorpay.orders.fetch("order_00000000000000"), refused(400, "BAD_REQUEST_ERROR"));
  await assert.rejects(client("not the secret").orders.all(), refused(401, "BAD_REQUEST_ERROR"));
  for (const [status, code] of [[502, "GATEWAY_ERROR"], [500, "SERVER_ERROR"], [429, "BAD_REQUEST_ERROR"]]) {
    await control("/faults", { kind: "status", status });
    await assert.rejects(order(), refused(status, code));
  }
});
