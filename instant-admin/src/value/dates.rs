//! Which Rust types are values of dates.

use std::time::SystemTime;

use serde_json::Value;

use super::{DateFor, ValueError, serialized};
use crate::date::Date;
use crate::sealed::Sealed;

#[cfg(feature = "chrono")]
#[diagnostic::do_not_recommend]
impl<A, N, Tz: chrono::TimeZone> DateFor<A, N> for chrono::DateTime<Tz> {
    const __SEALED: Sealed = Sealed;

    fn into_value(self) -> Result<Value, ValueError> {
        serialized(Date::from(self))
    }
}

#[cfg(feature = "chrono")]
#[diagnostic::do_not_recommend]
impl<A, N, Tz: chrono::TimeZone> DateFor<A, N> for &chrono::DateTime<Tz> {
    const __SEALED: Sealed = Sealed;

    fn into_value(self) -> Result<Value, ValueError> {
        serialized(Date::from(self.clone()))
    }
}

macro_rules! date_value {
    ($($(#[$meta:meta])* $type:ty => |$value:ident| $json:expr),* $(,)?) => {$(
        $(#[$meta])*
        #[diagnostic::do_not_recommend]
        impl<A, N> DateFor<A, N> for $type {
            const __SEALED: Sealed = Sealed;

            fn into_value(self) -> Result<Value, ValueError> {
                let $value = self;
                $json
            }
        }
    )*};
}

// Strings and numbers are sent as they are given, once they are known to be dates.
date_value! {
    Date => |date| serialized(date),
    &Date => |date| serialized(date),
    &String => |text| DateFor::<A, N>::into_value(text.as_str()),
    &&str => |text| DateFor::<A, N>::into_value(*text),
    SystemTime => |time| serialized(Date::from(time)),
    &SystemTime => |time| serialized(Date::from(*time)),
    #[cfg(feature = "jiff")]
    jiff::Timestamp => |time| serialized(Date::from(time)),
    #[cfg(feature = "jiff")]
    &jiff::Timestamp => |time| serialized(Date::from(*time)),
    #[cfg(feature = "jiff")]
    jiff::Zoned => |time| serialized(Date::from(time)),
    #[cfg(feature = "jiff")]
    &jiff::Zoned => |time| serialized(Date::from(time.timestamp())),
    &str => |text| match text.parse::<Date>() {
        Ok(_) => Ok(text.into()),
        Err(error) => Err(ValueError::new(error.to_string())),
    },
    String => |text| DateFor::<A, N>::into_value(text.as_str()),
    i64 => |millis| Ok(millis.into()),
    &i64 => |millis| Ok((*millis).into()),
    #[cfg(feature = "time")]
    time::OffsetDateTime => |time| serialized(Date::from(time)),
    #[cfg(feature = "time")]
    &time::OffsetDateTime => |time| serialized(Date::from(*time)),
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_sent_as_it_is_once_it_is_known_to_be_a_date() {
        assert!(DateFor::<()>::into_value("soon").is_err());
        assert_eq!(DateFor::<()>::into_value("2025-01-01"), Ok(json!("2025-01-01")));
    }
}
