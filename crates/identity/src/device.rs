//! What somebody calls with, as far as the browser says: shown to the account's owner, believed by nobody.

use std::fmt;

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;

/// A browser and a system, by the names that people know them by. Empty where the browser says nothing that we know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Device {
    browser: Option<&'static str>,
    system: Option<&'static str>,
}

/// What stands in the header, and the browser's name. Those that pretend to be others come before these.
const BROWSERS: [(&str, &str); 12] = [
    ("SamsungBrowser/", "Samsung Internet"),
    ("UCBrowser/", "UC Browser"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

/// What stands in the header, and the system's name.
const SYSTEMS: [(&str, &str); 8] = [
    ("KAIOS", "KaiOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows NT", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

impl Device {
    /// What the header says.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let said = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let known = |table: &[(&str, &'static str)]| {
            table.iter().find(|(part, _)| said.contains(part)).map(|it| it.1)
        };
        Self { browser: known(&BROWSERS), system: known(&SYSTEMS) }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<&str> = self.browser.into_iter().chain(self.system).collect();
        f.write_str(&parts.join(" · "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(said: &str) -> String {
        Device::read(&HeaderMap::from_iter([(USER_AGENT, said.parse().unwrap())])).to_string()
    }

    #[test]
    fn what_people_call_their_browsers_is_read_from_what_these_say() {
        let android = "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko)";
        assert_eq!(read(&format!("{android} Chrome/126.0 Mobile Safari/537.36")), "Chrome · Android");
        assert_eq!(
            read(&format!("{android} SamsungBrowser/25.0 Chrome/121.0")),
            "Samsung Internet · Android"
        );
        assert_eq!(
            read("Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5"),
            "Firefox · KaiOS"
        );
        assert_eq!(
            read("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1"),
            "Safari · iPhone"
        );
        assert_eq!(read("something of one's own"), "");
    }
}
