//! A message: what is refused at once, what it looks like, and how it goes on.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::{Value, json};

use super::error::Error;
use super::sender::Sender;
use crate::shelf::Kept;

/// The longest message, in characters.
const CHARS_MAX: usize = 1_600;
/// After how long a message leaves, and after how long it is there.
const SENT_AFTER_MS: i64 = 1_000;
const DELIVERED_AFTER_MS: i64 = 3_000;
/// How long a message is tried where nothing else is said, in seconds.
const VALID_S: u64 = 36_000;
/// Words to somebody who did not write first.
const OUTSIDE_WINDOW: (u32, &str) = (
    63_016,
    "Failed to send freeform message because you are outside the allowed window. If you are using WhatsApp, please use a Message Template.",
);

/// What a form says.
pub(super) type Form = BTreeMap<String, String>;

/// A message as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub sid: String,
    pub account: String,
    pub to: String,
    pub from: Option<String>,
    pub service: Option<String>,
    pub body: String,
    pub validity_s: u64,
    pub made_ms: i64,
    /// Whether it is words by WhatsApp, which fail.
    pub freeform: bool,
}

impl Kept for Message {
    fn id(&self) -> &str {
        &self.sid
    }
}

impl Message {
    /// The message that a form asks for.
    pub(super) fn asked(form: &Form, sender: &Sender, sid: String, now_ms: i64) -> Result<Self, Error> {
        let field = |name: &str| form.get(name).map(String::as_str).filter(|text| !text.is_empty());
        let to = field("To").ok_or_else(|| Error::refused(21_604, "A 'To' phone number is required."))?;
        check_to(to)?;
        let (from, service) = (field("From"), field("MessagingServiceSid"));
        check_from(from, service, to, sender)?;
        let (body, templated) = body(form, sender)?;
        let validity_s = field("ValidityPeriod").and_then(|text| text.parse().ok()).unwrap_or(VALID_S);
        let own = |text: Option<&str>| text.map(str::to_owned);
        Ok(Self {
            sid,
            account: sender.account_sid.clone(),
            to: to.to_owned(),
            from: own(from),
            service: own(service),
            body,
            validity_s,
            made_ms: now_ms,
            freeform: is_whatsapp(to) && !templated,
        })
    }

    /// How it stands, and what went wrong.
    fn status(&self, now_ms: i64) -> (&'static str, Option<(u32, &'static str)>) {
        let age_ms = now_ms - self.made_ms;
        let has_left = age_ms >= SENT_AFTER_MS;
        match (has_left, self.service.is_some()) {
            (false, true) => ("accepted", None),
            (false, false) => ("queued", None),
            _ if self.freeform => ("undelivered", Some(OUTSIDE_WINDOW)),
            _ if age_ms < DELIVERED_AFTER_MS => ("sent", None),
            _ => ("delivered", None),
        }
    }

    /// As the API shows it.
    pub(super) fn shown(&self, now_ms: i64) -> Value {
        let (status, failed) = self.status(now_ms);
        let uri = format!("/2010-04-01/Accounts/{}/Messages/{}", self.account, self.sid);
        let made = rfc2822(self.made_ms);
        let sent =
            (status != "queued" && status != "accepted").then(|| rfc2822(self.made_ms + SENT_AFTER_MS));
        json!({
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": made,
            "date_sent": sent,
            "date_updated": sent.as_ref().unwrap_or(&made),
            "direction": "outbound-api",
            "error_code": failed.map(|(code, _)| code),
            "error_message": failed.map(|(_, message)| message),
            "from": self.from,
            "messaging_service_sid": self.service,
            "num_media": "0",
            "num_segments": if self.service.is_some() { 0 } else { segments(&self.body) }.to_string(),
            "price": null,
            "price_unit": "USD",
            "sid": self.sid,
            "status": status,
            "subresource_uris": { "media": format!("{uri}/Media.json") },
            "to": self.to,
            "uri": format!("{uri}.json"),
        })
    }
}

fn rfc2822(at_ms: i64) -> String {
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default().to_rfc2822()
}

fn is_whatsapp(address: &str) -> bool {
    address.starts_with("whatsapp:")
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The documents' numbers for tests, and what is no number.
fn check_to(to: &str) -> Result<(), Error> {
    let number = to.strip_prefix("whatsapp:").unwrap_or(to);
    let refused = |code, message: String| Err(Error::refused(code, message));
    match number {
        "+15005550002" => refused(
            21_612,
            format!(
                "The 'To' phone number: {to}, is not currently reachable using the 'From' phone number via SMS."
            ),
        ),
        "+15005550003" => refused(
            21_408,
            format!(
                "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {to}."
            ),
        ),
        "+15005550004" => refused(21_610, "Attempt to send to unsubscribed recipient".to_owned()),
        "+15005550009" => refused(21_614, format!("'To' number is not a valid mobile number: {to}")),
        "+15005550001" => refused(21_211, format!("The 'To' number {to} is not a valid phone number.")),
        number if !is_number(number) => {
            refused(21_211, format!("The 'To' number {to} is not a valid phone number."))
        }
        _ => Ok(()),
    }
}

fn check_from(from: Option<&str>, service: Option<&str>, to: &str, sender: &Sender) -> Result<(), Error> {
    match (from, service) {
        (None, None) => Err(Error::refused(21_603, "A 'From' phone number is required.")),
        (None, Some(service)) if service == sender.messaging_service_sid => Ok(()),
        (_, Some(_)) => Err(Error::refused(21_701, "The Messaging Service does not exist.")),
        (Some(from), None) if is_whatsapp(from) != is_whatsapp(to) => {
            Err(Error::refused(21_910, "Invalid From and To pair. From and To should be of the same channel"))
        }
        (Some(from), None) if is_whatsapp(from) => {
            if from.strip_prefix("whatsapp:") == Some(&sender.whatsapp_from) {
                return Ok(());
            }
            Err(Error::refused(63_007, "Twilio could not find a Channel with the specified From address"))
        }
        (Some("+15005550001"), None) => {
            Err(Error::refused(21_212, "The 'From' number +15005550001 is not a valid phone number."))
        }
        (Some("+15005550008"), None) => Err(Error::refused(
            21_611,
            "This 'From' number has exceeded the maximum number of queued messages",
        )),
        (Some(from), None) if from == sender.from => Ok(()),
        (Some(from), None) => Err(Error::refused(
            21_606,
            format!(
                "The 'From' phone number provided ({from}) is not a valid message-capable Twilio phone number for this destination."
            ),
        )),
    }
}

/// What a message says, and whether a template says it.
fn body(form: &Form, sender: &Sender) -> Result<(String, bool), Error> {
    if let Some(sid) = form.get("ContentSid") {
        let template =
            sender.template(sid).ok_or_else(|| Error::refused(21_655, "The ContentSid is Invalid"))?;
        let wrong = || Error::refused(21_656, "The Content Variables parameter is invalid.");
        let given = form.get("ContentVariables").map_or("{}", String::as_str);
        let variables: BTreeMap<String, String> = serde_json::from_str(given).map_err(|_| wrong())?;
        let code = variables.get("1").ok_or_else(wrong)?;
        return Ok((template.replace("{{1}}", code), true));
    }
    let body = form.get("Body").filter(|body| !body.is_empty());
    let body = body.ok_or_else(|| Error::refused(21_602, "Message body is required."))?;
    if body.chars().count() > CHARS_MAX {
        let message = "The concatenated message body exceeds the 1600 character limit.";
        return Err(Error::refused(21_617, message));
    }
    Ok((body.clone(), false))
}

/// In how many pieces it travels: 160 letters of the GSM alphabet or 70 of any, fewer where there are several.
fn segments(body: &str) -> usize {
    let plain =
        body.chars().all(|letter| letter.is_ascii() && !matches!(letter, '`' | '\\' | '^' | '{' | '}'));
    let (length, alone, each) =
        if plain { (body.len(), 160, 153) } else { (body.encode_utf16().count(), 70, 67) };
    if length <= alone { 1 } else { length.div_ceil(each) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_travels_in_as_many_pieces_as_its_letters_need() {
        for (body, pieces) in [
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("க".repeat(70), 1),
            ("க".repeat(71), 2),
            (String::from("a"), 1),
        ] {
            assert_eq!(segments(&body), pieces, "{} letters", body.chars().count());
        }
    }
}
