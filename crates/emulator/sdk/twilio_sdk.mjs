// The official Twilio SDK for Node against the emulator.
// Needs TWILIO_URL and TWILIO_SENDER (JSON) in the environment.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import twilio from "twilio";

const url = process.env.TWILIO_URL;
const sender = JSON.parse(process.env.TWILIO_SENDER);
const to = "+919876543210";

function client(user = sender.account_sid, secret = sender.auth_token, more = {}) {
  const made = twilio(user, secret, more);
  made.api.baseUrl = url;
  return made;
}

async function control(path, body, method = "POST") {
  const answer = await fetch(`${url}/_control${path}`, { method, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${text}`);
  return text && JSON.parse(text);
}

const { messages } = client();
const say = (body = "482913", more = {}) => messages.create({ to, from: sender.from, body, ...more });
const refused = (code, status = 400) => (error) => {
  assert.deepEqual([error.code, error.status], [code, status]);
  assert.equal(error.moreInfo, `https://www.twilio.com/docs/errors/${code}`);
  return true;
};

beforeEach(() => control("/reset"));

test("an SMS is queued, and delivered in time", async () => {
  const made = await say("482913 उनका कोड", { validityPeriod: 600 });
  assert.deepEqual([made.status, made.to, made.from], ["queued", to, sender.from]);
  assert.match(made.sid, /^SM[0-9a-f]{32}$/);
  assert.ok(made.dateCreated instanceof Date);
  assert.ok(Number.isNaN(made.errorCode) || made.errorCode === null);
  await control("/clock", { advance_ms: 4_000 });
  assert.equal((await messages(made.sid).fetch()).status, "delivered");
  assert.deepEqual((await control("/sent", undefined, "GET")).map((one) => one.validity_s), [600]);
});

test("WhatsApp takes a template", async () => {
  const made = await messages.create({
    to: `whatsapp:${to}`,
    from: `whatsapp:${sender.whatsapp_from}`,
    contentSid: sender.templates.ta,
    contentVariables: JSON.stringify({ 1: "482913" }),
  });
  assert.equal(made.body, "482913 உங்கள் சரிபார்ப்புக் குறியீடு.");
  const words = { to: `whatsapp:${to}`, from: `whatsapp:${sender.whatsapp_from}`, contentSid: `HX${"f".repeat(32)}` };
  await assert.rejects(messages.create(words), refused(21655));
  const mistaken = { ...words, contentSid: sender.templates.en, contentVariables: "482913" };
  await assert.rejects(messages.create(mistaken), refused(21656));
});

test("refusals are numbered as in the documents", async () => {
  await assert.rejects(say("a", { to: "+15005550001" }), refused(21211));
  await assert.rejects(say("a", { to: "+15005550009" }), refused(21614));
  await assert.rejects(say("a", { from: "+15005550007" }), refused(21606));
  await assert.rejects(say(""), refused(21602));
  await assert.rejects(client(undefined, "wrong").messages.create({ to, from: sender.from, body: "a" }), refused(20003, 401));
});

test("a key calls for its account, through a service", async () => {
  const key = client(sender.key_sid, sender.key_secret, { accountSid: sender.account_sid });
  const made = await key.messages.create({ to, messagingServiceSid: sender.messaging_service_sid, body: "a" });
  assert.deepEqual([made.status, made.messagingServiceSid], ["accepted", sender.messaging_service_sid]);
});

test("messages are listed, blanked and deleted", async () => {
  for (const body of ["0", "1", "2", "3", "4"]) await say(body);
  const listed = await messages.list({ pageSize: 2 });
  assert.deepEqual(listed.map(({ body }) => body), ["4", "3", "2", "1", "0"]);
  assert.equal((await messages(listed[0].sid).update({ body: "" })).body, "");
  assert.equal(await messages(listed[0].sid).remove(), true);
  await assert.rejects(messages(listed[0].sid).fetch(), refused(20404, 404));
});

test("faults strike and pass", async () => {
  await control("/faults", { kind: "status", status: 503 });
  await assert.rejects(say(), refused(20503, 503));
  assert.equal((await say()).status, "queued");
});
