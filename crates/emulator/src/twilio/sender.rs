//! An account: who calls, who messages are from, and which templates are approved.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An account at Twilio.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The account.
    pub account_sid: String,
    /// Its secret.
    pub auth_token: String,
    /// A key of the account.
    pub key_sid: String,
    /// The key's secret.
    pub key_secret: String,
    /// The number that SMS are from.
    pub from: String,
    /// A messaging service with that number.
    pub messaging_service_sid: String,
    /// The number that WhatsApp messages are from.
    pub whatsapp_from: String,
    /// By language, the content templates; each takes a code as its variable `1`.
    pub templates: BTreeMap<String, String>,
}

impl Sender {
    /// The account every emulator knows. The secrets guard nothing.
    pub fn demo() -> Self {
        let sid = |kind: &str, digit: &str| format!("{kind}{}", digit.repeat(32));
        Self {
            account_sid: sid("AC", "0"),
            auth_token: "emulator-auth-token".to_owned(),
            key_sid: sid("SK", "0"),
            key_secret: "emulator-key-secret".to_owned(),
            from: "+15005550006".to_owned(),
            messaging_service_sid: sid("MG", "0"),
            whatsapp_from: "+14155238886".to_owned(),
            templates: [("en", "1"), ("hi", "2"), ("ta", "3")]
                .map(|(language, digit)| (language.to_owned(), sid("HX", digit)))
                .into(),
        }
    }

    /// What a template says.
    pub(super) fn template(&self, sid: &str) -> Option<&'static str> {
        let (language, _) = self.templates.iter().find(|(_, known)| *known == sid)?;
        Some(match language.as_str() {
            "hi" => "{{1}} आपका सत्यापन कोड है।",
            "ta" => "{{1}} உங்கள் சரிபார்ப்புக் குறியீடு.",
            _ => "{{1}} is your verification code.",
        })
    }
}
