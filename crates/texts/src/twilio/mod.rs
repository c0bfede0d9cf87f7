//! Twilio: the Messages resource of its REST API (version 2010-04-01).
//!
//! Codes by WhatsApp go in a content template, news and codes by SMS in words. A message that is no longer worth delivering is dropped by
//! the vendor (`ValidityPeriod`).
//!
//! Deliberately absent: status callbacks, media, scheduling.

mod error;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use secrecy::ExposeSecret;
use serde_json::json;
use url::form_urlencoded::Serializer;

use crate::config::{Account, FALLBACK, is_service};
use crate::{Carrier, Content, NotSent, Text};

/// The longest a whole call may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// No answer that is looked at is larger.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// The bounds of the time within which the vendor delivers, in seconds.
const VALID_S: (u64, u64) = (1, 36_000);

/// The carrier under one account.
#[derive(Debug)]
pub(crate) struct Twilio {
    client: Client,
    account: Account,
}

/// The parameters of a call, as a form has them.
type Form = Vec<(&'static str, String)>;

impl Twilio {
    pub(crate) fn new(account: Account) -> Self {
        Self { client: platform::http::client(TIMEOUT), account }
    }

    fn form(&self, text: &Text<'_>) -> Result<Form, NotSent> {
        let valid_s = text.within.as_secs().clamp(VALID_S.0, VALID_S.1);
        let mut form: Form = vec![("ValidityPeriod", valid_s.to_string())];
        match text.content {
            Content::Words(words) => {
                let sender = if is_service(&self.account.from) { "MessagingServiceSid" } else { "From" };
                form.extend([
                    ("To", text.to.to_owned()),
                    (sender, self.account.from.clone()),
                    ("Body", words.to_owned()),
                ]);
            }
            Content::WhatsAppCode { code, language } => {
                let (from, templates) = self.account.whatsapp.as_ref().ok_or(NotSent::NotSetUp)?;
                let template = templates.get(language).or_else(|| templates.get(FALLBACK));
                form.extend([
                    ("To", format!("whatsapp:{}", text.to)),
                    ("From", format!("whatsapp:{from}")),
                    ("ContentSid", template.ok_or(NotSent::NotSetUp)?.clone()),
                    ("ContentVariables", json!({ "1": code }).to_string()),
                ]);
            }
        }
        Ok(form)
    }
}

fn encoded(form: &Form) -> String {
    Serializer::new(String::new()).extend_pairs(form).finish()
}

#[async_trait]
impl Carrier for Twilio {
    async fn send(&self, text: Text<'_>) -> Result<(), NotSent> {
        let account = &self.account;
        let url = format!("{}/2010-04-01/Accounts/{}/Messages.json", account.base_url, account.sid);
        let request = self
            .client
            .post(url)
            .basic_auth(&account.user, Some(account.secret.expose_secret()))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(encoded(&self.form(&text)?));
        let answer = request.send().await.map_err(|error| error::unreachable(&error.into()))?;
        let status = answer.status();
        let body = platform::http::read_body(answer, ANSWER_BYTES_MAX).await;
        let body = body.map_err(|error| error::unreachable(&error))?;
        if !status.is_success() {
            return Err(error::refused(status, &body));
        }
        wire::Message::read(&body)?.taken()
    }

    fn has_whatsapp(&self) -> bool {
        self.account.whatsapp.is_some()
    }

    fn reaches(&self, number: &str) -> bool {
        self.account.countries.iter().any(|country| number.starts_with(country.as_str()))
    }

    fn hourly_max(&self) -> u32 {
        self.account.hourly_max
    }
}
