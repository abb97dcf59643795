//! Whole floats as integers: JSON has one kind of number, so a `1.0` of another SDK is the `1` that a `u64` reads.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// Reads a `T` in which every integer may be written as a whole float, as deep as `T` reads without buffering.
pub(crate) struct WholeNumbers<T>(PhantomData<T>);

impl<T> WholeNumbers<T> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for WholeNumbers<T> {
    type Value = T;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::deserialize(Lenient(deserializer))
    }
}

/// A deserializer, visitor, seed or access whose integers may come as floats.
struct Lenient<T>(T);

/// A visitor that asked for an integer.
struct Integer<V>(V);

macro_rules! forward {
    ($($method:ident $(($($name:ident: $type:ty),+))?)*) => { $(
        #[inline]
        fn $method<V: Visitor<'de>>(self, $($($name: $type,)+)? visitor: V) -> Result<V::Value, Self::Error> {
            self.0.$method($($($name,)+)? Lenient(visitor))
        }
    )* };
}

macro_rules! integers {
    ($($method:ident)*) => { $(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            self.0.$method(Integer(visitor))
        }
    )* };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Lenient<D> {
    type Error = D::Error;

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }
    forward! {
        deserialize_any deserialize_bool deserialize_i128 deserialize_u128 deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf
        deserialize_option deserialize_unit deserialize_seq deserialize_map deserialize_identifier
        deserialize_ignored_any
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! visits {
    ($($method:ident: $type:ty),*) => { $(
        #[inline]
        fn $method<E: serde::de::Error>(self, value: $type) -> Result<Self::Value, E> {
            self.0.$method(value)
        }
    )* };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Integer<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    visits! { visit_u64: u64, visit_i64: i64, visit_bool: bool, visit_str: &str }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<V::Value, E> {
        match whole(value) {
            Some(Whole::Positive(value)) => self.0.visit_u64(value),
            Some(Whole::Negative(value)) => self.0.visit_i64(value),
            None => self.0.visit_f64(value),
        }
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(access)
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(access)
    }
}

#[derive(Debug, PartialEq)]
enum Whole {
    Positive(u64),
    Negative(i64),
}

/// The integer that a float is, if it is one that 64 bits hold.
fn whole(value: f64) -> Option<Whole> {
    // Powers of two, so exact: the bounds themselves are the first that do not fit.
    const POSITIVE_END: f64 = 18_446_744_073_709_551_616.0;
    const NEGATIVE_START: f64 = -9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and within bounds")]
    match value {
        _ if value.fract() != 0.0 => None,
        0.0..POSITIVE_END => Some(Whole::Positive(value as u64)),
        NEGATIVE_START..0.0 => Some(Whole::Negative(value as i64)),
        _ => None,
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Lenient<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    visits! {
        visit_bool: bool, visit_u64: u64, visit_i64: i64, visit_u128: u128, visit_i128: i128, visit_f64: f64,
        visit_char: char, visit_str: &str, visit_borrowed_str: &'de str, visit_string: String, visit_bytes: &[u8],
        visit_borrowed_bytes: &'de [u8], visit_byte_buf: Vec<u8>
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Lenient(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Lenient(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Lenient(access))
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Lenient(access))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(Lenient(access))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Lenient<S> {
    type Value = S::Value;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Lenient(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Lenient<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Lenient(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Lenient<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Lenient(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Lenient<A> {
    type Error = A::Error;
    type Variant = Lenient<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        self.0.variant_seed(seed).map(|(value, variant)| (value, Lenient(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Lenient<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Lenient(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, Lenient(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Lenient(visitor))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    fn read<T: DeserializeOwned>(json: &str) -> Result<T, String> {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        WholeNumbers::<T>::new()
            .deserialize(&mut deserializer)
            .map_err(|error| super::super::describe(&error))
    }

    #[test]
    fn a_whole_float_is_read_as_an_integer() {
        assert_eq!(read::<u64>("1.0"), Ok(1));
        assert_eq!(read::<Option<u32>>("4e9"), Ok(Some(4_000_000_000)));
        assert_eq!(read::<Option<u32>>("null"), Ok(None));
        assert_eq!(read::<i64>("-3.0"), Ok(-3));
        assert_eq!(read::<i64>("-9223372036854775808.0"), Ok(i64::MIN));
        assert_eq!(read::<u8>("-0.0"), Ok(0));
        assert_eq!(read::<u64>("18446744073709549568.0"), Ok(18_446_744_073_709_549_568));
        assert_eq!(read::<u64>("7"), Ok(7));
    }

    #[test]
    fn what_is_not_whole_or_out_of_range_is_refused() {
        assert_eq!(read::<u64>("1.5"), Err("expected u64, got floating point `1.5`".into()));
        assert_eq!(read::<u64>("-1.0"), Err("expected u64, got integer `-1`".into()));
        assert_eq!(read::<u8>("256.0"), Err("expected u8, got integer `256`".into()));
        assert_eq!(
            read::<i64>("9223372036854775808.0"),
            Err("expected i64, got integer `9223372036854775808`".into())
        );
        assert_eq!(
            read::<u64>("18446744073709551616.0"),
            Err("expected u64, got floating point `1.8446744073709552e+19`".into())
        );
        assert_eq!(read::<u64>("\"1.0\""), Err("expected u64, got a string".into()));
        assert_eq!(read::<i32>("null"), Err("expected i32, got null".into()));
        assert_eq!(read::<i32>("[]"), Err("expected i32, got a list".into()));
        assert_eq!(read::<i32>("{}"), Err("expected i32, got an object".into()));
        assert_eq!(read::<i32>("true"), Err("expected i32, got boolean `true`".into()));
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Meta {
        minutes: u32,
        ratio: f64,
        raw: Value,
        kind: Kind,
        #[serde(default)]
        marks: BTreeMap<u8, Vec<Minutes>>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Minutes(i16);

    #[derive(Debug, PartialEq, Deserialize)]
    enum Kind {
        Plain,
        Level(u8),
        Pair(u8, i8),
        Named { level: u8 },
    }

    #[test]
    fn integers_within_a_value_are_read_so_and_the_rest_stays_as_it_is() {
        let meta =
            r#"{"minutes": 5.0, "ratio": 2, "raw": 3.0, "kind": {"Level": 9.0}, "marks": {"1": [4.0, 5]}}"#;
        let expected = Meta {
            minutes: 5,
            ratio: 2.0,
            raw: json!(3.0),
            kind: Kind::Level(9),
            marks: BTreeMap::from([(1, vec![Minutes(4), Minutes(5)])]),
        };
        assert_eq!(read::<Meta>(meta), Ok(expected));
        assert_eq!(read::<Kind>(r#""Plain""#), Ok(Kind::Plain));
        assert_eq!(read::<Kind>(r#"{"Pair": [1.0, -1.0]}"#), Ok(Kind::Pair(1, -1)));
        assert_eq!(read::<Kind>(r#"{"Named": {"level": 2.0}}"#), Ok(Kind::Named { level: 2 }));
        assert_eq!(read::<Vec<String>>(r#"["a\n", "b"]"#), Ok(vec!["a\n".into(), "b".into()]));
        assert_eq!(read::<f64>("1"), Ok(1.0));
        assert_eq!(read::<Value>(r#"{"a": [1, 1.0, null, "x"]}"#), Ok(json!({ "a": [1, 1.0, null, "x"] })));
    }
}
