//! What whoever asks what is on is told of the certificate.

use chrono::{DateTime, Utc};
use platform::Clock;

use super::Authority;
use crate::Config;
use crate::report::Part;

/// The listener's certificate, where an authority is asked for it.
pub(crate) fn part(config: &Config, clock: Clock) -> Option<Part> {
    config.https.acme.as_ref()?;
    let part = |on: bool, vital: bool, sentence: String, fix: String| Part {
        name: "tls".to_owned(),
        on,
        vital,
        sentence,
        fix,
    };
    let now = clock.now();
    Some(match Authority::of(config, clock) {
        // With settings that cannot be used the server does not start.
        Err(error) => part(false, true, format!("No authority can be asked: {error:#}."), String::new()),
        Ok(None) => return None,
        Ok(Some(authority)) => {
            let (on, sentence) = authority.told(now);
            part(on, false, sentence, authority.fix())
        }
    })
}

impl Authority {
    fn told(&self, now: DateTime<Utc>) -> (bool, String) {
        let (name, directory) = (&self.asked.name, &self.asked.directory);
        let life = self.folder.life().filter(|life| life.is_for(name));
        let counts = life.as_ref().is_some_and(|life| life.until > now);
        let mut sentence = match &life {
            Some(life) if counts => format!(
                "TLS by a certificate of {directory} for {name} until {}, renewed from {} on.",
                day(life.until),
                day(life.renew_at())
            ),
            Some(life) => {
                format!("The certificate for {name} ended at {}: browsers warn of it.", day(life.until))
            }
            None => format!(
                "{directory} gave no certificate for {name} yet: the server's own serves, of which browsers warn."
            ),
        };
        if let Some(trouble) = self.trouble() {
            let (at, again) = (day(trouble.at), day(trouble.again_at));
            sentence = format!("{sentence} The last try, at {at}: {}. The next is at {again}.", trouble.why);
        }
        (counts, sentence)
    }

    fn fix(&self) -> String {
        format!(
            "let http://{}/ (port 80) lead to https.redirect of a running server; to have it tried at once, remove {}",
            self.asked.name,
            self.folder.trouble_file().display()
        )
    }
}

/// Such as `2026-11-27 08:15 UTC`.
fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
