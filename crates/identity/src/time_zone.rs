//! In which zone a person reads times.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgTypeInfo, PgValueRef};
use sqlx::{Decode, Postgres, Type};

/// A zone of the IANA database, such as `Asia/Kolkata`; whoever says nothing reads India's time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TimeZone(Tz);

/// A text that names no zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time zone is a name such as Asia/Kolkata")]
pub struct NoSuchTimeZone;

impl TimeZone {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// A time as it is read there, in figures alone: `2026-11-27 15:00 (Asia/Kolkata)`.
    pub fn told(self, at: DateTime<Utc>) -> String {
        format!("{} ({})", at.with_timezone(&self.0).format("%Y-%m-%d %H:%M"), self.name())
    }
}

impl Default for TimeZone {
    fn default() -> Self {
        Self(Tz::Asia__Kolkata)
    }
}

impl FromStr for TimeZone {
    type Err = NoSuchTimeZone;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| NoSuchTimeZone)
    }
}

impl fmt::Debug for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for TimeZone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for TimeZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Type<Postgres> for TimeZone {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }

    fn compatible(kind: &PgTypeInfo) -> bool {
        <str as Type<Postgres>>::compatible(kind)
    }
}

/// A name that this build does not know was kept by a newer one: its person reads India's time here.
impl<'r> Decode<'r, Postgres> for TimeZone {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(<&str as Decode<Postgres>>::decode(value)?.parse().unwrap_or_default())
    }
}

impl utoipa::PartialSchema for TimeZone {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("A zone of the IANA database."))
            .examples(["Asia/Kolkata"])
            .into()
    }
}

impl utoipa::ToSchema for TimeZone {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_one_of_the_iana_database_also_by_an_older_name() {
        assert_eq!("Asia/Calcutta".parse::<TimeZone>().unwrap().name(), "Asia/Calcutta");
        for wrong in ["", "Kolkata", "IST/India", "+05:30", "Asia/Kolkata\n"] {
            assert_eq!(wrong.parse::<TimeZone>(), Err(NoSuchTimeZone), "{wrong:?}");
        }
    }

    #[test]
    fn a_time_is_told_as_it_is_read_there_in_summer_and_winter() {
        let london: TimeZone = "Europe/London".parse().unwrap();
        let at = |text: &str| text.parse().unwrap();
        assert_eq!(TimeZone::default().told(at("2026-11-26T20:00:00Z")), "2026-11-27 01:30 (Asia/Kolkata)");
        assert_eq!(london.told(at("2026-11-26T20:00:00Z")), "2026-11-26 20:00 (Europe/London)");
        assert_eq!(london.told(at("2026-07-26T20:00:00Z")), "2026-07-26 21:00 (Europe/London)");
    }
}
