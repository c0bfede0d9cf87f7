//! The languages people bargain in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of the product, by its ISO 639-1 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text"))]
#[expect(missing_docs, reason = "the names say it")]
pub enum Language {
    #[serde(rename = "en")]
    #[cfg_attr(feature = "sqlx", sqlx(rename = "en"))]
    English,
    #[serde(rename = "hi")]
    #[cfg_attr(feature = "sqlx", sqlx(rename = "hi"))]
    Hindi,
    #[serde(rename = "bn")]
    #[cfg_attr(feature = "sqlx", sqlx(rename = "bn"))]
    Bengali,
    #[serde(rename = "ta")]
    #[cfg_attr(feature = "sqlx", sqlx(rename = "ta"))]
    Tamil,
    #[serde(rename = "te")]
    #[cfg_attr(feature = "sqlx", sqlx(rename = "te"))]
    Telugu,
    #[serde(rename = "mr")]
    #[cfg_attr(feature = "sqlx", sqlx(rename = "mr"))]
    Marathi,
    #[serde(rename = "gu")]
    #[cfg_attr(feature = "sqlx", sqlx(rename = "gu"))]
    Gujarati,
    #[serde(rename = "kn")]
    #[cfg_attr(feature = "sqlx", sqlx(rename = "kn"))]
    Kannada,
    #[serde(rename = "ml")]
    #[cfg_attr(feature = "sqlx", sqlx(rename = "ml"))]
    Malayalam,
    #[serde(rename = "pa")]
    #[cfg_attr(feature = "sqlx", sqlx(rename = "pa"))]
    Punjabi,
    #[serde(rename = "or")]
    #[cfg_attr(feature = "sqlx", sqlx(rename = "or"))]
    Odia,
    #[serde(rename = "as")]
    #[cfg_attr(feature = "sqlx", sqlx(rename = "as"))]
    Assamese,
    #[serde(rename = "ur")]
    #[cfg_attr(feature = "sqlx", sqlx(rename = "ur"))]
    Urdu,
}

/// The script a language is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Script {
    Latin,
    Devanagari,
    Bengali,
    Tamil,
    Telugu,
    Gujarati,
    Kannada,
    Malayalam,
    Gurmukhi,
    Odia,
    Arabic,
}

/// Which way a line runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Direction {
    LeftToRight,
    RightToLeft,
}

/// A code that names no language of the product.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a language code of this product")]
pub struct UnknownLanguage(pub String);

impl Language {
    /// Every language, in the order screens list them.
    pub const ALL: [Self; 13] = [
        Self::English,
        Self::Hindi,
        Self::Bengali,
        Self::Tamil,
        Self::Telugu,
        Self::Marathi,
        Self::Gujarati,
        Self::Kannada,
        Self::Malayalam,
        Self::Punjabi,
        Self::Odia,
        Self::Assamese,
        Self::Urdu,
    ];

    /// The ISO 639-1 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Hindi => "hi",
            Self::Bengali => "bn",
            Self::Tamil => "ta",
            Self::Telugu => "te",
            Self::Marathi => "mr",
            Self::Gujarati => "gu",
            Self::Kannada => "kn",
            Self::Malayalam => "ml",
            Self::Punjabi => "pa",
            Self::Odia => "or",
            Self::Assamese => "as",
            Self::Urdu => "ur",
        }
    }

    /// The name in English.
    pub const fn english_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Hindi => "Hindi",
            Self::Bengali => "Bengali",
            Self::Tamil => "Tamil",
            Self::Telugu => "Telugu",
            Self::Marathi => "Marathi",
            Self::Gujarati => "Gujarati",
            Self::Kannada => "Kannada",
            Self::Malayalam => "Malayalam",
            Self::Punjabi => "Punjabi",
            Self::Odia => "Odia",
            Self::Assamese => "Assamese",
            Self::Urdu => "Urdu",
        }
    }

    /// The name its speakers write.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Hindi => "हिन्दी",
            Self::Bengali => "বাংলা",
            Self::Tamil => "தமிழ்",
            Self::Telugu => "తెలుగు",
            Self::Marathi => "मराठी",
            Self::Gujarati => "ગુજરાતી",
            Self::Kannada => "ಕನ್ನಡ",
            Self::Malayalam => "മലയാളം",
            Self::Punjabi => "ਪੰਜਾਬੀ",
            Self::Odia => "ଓଡ଼ିଆ",
            Self::Assamese => "অসমীয়া",
            Self::Urdu => "اردو",
        }
    }

    /// The script its catalogue is written in.
    pub const fn script(self) -> Script {
        match self {
            Self::English => Script::Latin,
            Self::Hindi | Self::Marathi => Script::Devanagari,
            Self::Bengali | Self::Assamese => Script::Bengali,
            Self::Tamil => Script::Tamil,
            Self::Telugu => Script::Telugu,
            Self::Gujarati => Script::Gujarati,
            Self::Kannada => Script::Kannada,
            Self::Malayalam => Script::Malayalam,
            Self::Punjabi => Script::Gurmukhi,
            Self::Odia => Script::Odia,
            Self::Urdu => Script::Arabic,
        }
    }

    /// Which way it runs.
    pub const fn direction(self) -> Direction {
        match self.script() {
            Script::Arabic => Direction::RightToLeft,
            _ => Direction::LeftToRight,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|l| l.code() == text).ok_or_else(|| UnknownLanguage(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_in_text_and_json() {
        for language in Language::ALL {
            assert_eq!(language.code().parse(), Ok(language));
            assert_eq!(serde_json::to_string(&language).unwrap(), format!("\"{language}\""));
        }
    }

    #[test]
    fn urdu_alone_runs_right_to_left() {
        let right_to_left: Vec<_> =
            Language::ALL.into_iter().filter(|l| l.direction() == Direction::RightToLeft).collect();
        assert_eq!(right_to_left, [Language::Urdu]);
    }
}
