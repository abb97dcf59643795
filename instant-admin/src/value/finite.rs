//! Finds numbers that JSON does not have. `serde_json` writes NaN and infinity as null, without a word.

use std::fmt::{self, Display};

use serde::ser::{self, Serialize, Serializer};

/// The first number in `value` that is not finite: where, and which.
pub(super) fn find(value: &impl Serialize) -> Option<(String, String)> {
    let refused = serde_path_to_error::serialize(value, Numbers).err()?;
    Some((refused.path().to_string(), refused.into_inner().0)).filter(|(_, number)| !number.is_empty())
}

/// Serialises to nothing, and fails at a number that is not finite.
struct Numbers;

/// A number that is not finite. Empty for an error of the value's own, which is reported by whoever writes it.
#[derive(Debug)]
struct NotFinite(String);

impl Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotFinite {}

impl ser::Error for NotFinite {
    fn custom<T: Display>(_: T) -> Self {
        Self(String::new())
    }
}

type Found = Result<(), NotFinite>;

macro_rules! leaves {
    ($($method:ident($($type:ty),*))*) => { $(
        fn $method(self $(, _: $type)*) -> Found {
            Ok(())
        }
    )* };
}

impl Serializer for Numbers {
    type Ok = ();
    type Error = NotFinite;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    leaves! {
        serialize_bool(bool)
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
        serialize_char(char) serialize_str(&str) serialize_bytes(&[u8])
        serialize_none() serialize_unit() serialize_unit_struct(&'static str)
        serialize_unit_variant(&'static str, u32, &'static str)
    }

    fn serialize_f32(self, number: f32) -> Found {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Found {
        if number.is_finite() { Ok(()) } else { Err(NotFinite(number.to_string())) }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Found {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Found {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Found {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, NotFinite> {
        Ok(self)
    }
}

macro_rules! parts {
    ($($trait:ident: $method:ident($($name:ident: $type:ty),*)),* $(,)?) => { $(
        impl ser::$trait for Numbers {
            type Ok = ();
            type Error = NotFinite;

            fn $method<T: Serialize + ?Sized>(&mut self, $(_: $type,)* value: &T) -> Found {
                value.serialize(Numbers)
            }

            fn end(self) -> Found {
                Ok(())
            }
        }
    )* };
}

parts! {
    SerializeSeq: serialize_element(),
    SerializeTuple: serialize_element(),
    SerializeTupleStruct: serialize_field(),
    SerializeTupleVariant: serialize_field(),
    SerializeStruct: serialize_field(name: &'static str),
    SerializeStructVariant: serialize_field(name: &'static str),
}

impl ser::SerializeMap for Numbers {
    type Ok = ();
    type Error = NotFinite;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Found {
        key.serialize(Numbers)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Found {
        value.serialize(Numbers)
    }

    fn end(self) -> Found {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(serde::Serialize)]
    struct Meta {
        ratio: f64,
        marks: BTreeMap<&'static str, Vec<Option<f32>>>,
        shape: Shape,
    }

    #[derive(serde::Serialize)]
    enum Shape {
        Point,
        Circle { radius: f64 },
        Pair(f64, f64),
        Wrapped(f64),
    }

    fn meta(ratio: f64, mark: f32, shape: Shape) -> Meta {
        Meta { ratio, marks: BTreeMap::from([("a", vec![None, Some(mark)])]), shape }
    }

    #[test]
    fn a_number_that_is_not_finite_is_found_with_its_place() {
        let found = |value: Meta| find(&value);
        let place = |path: &str, number: &str| Some((path.to_owned(), number.to_owned()));
        assert_eq!(found(meta(1.0, 2.0, Shape::Point)), None);
        assert_eq!(found(meta(f64::NAN, 2.0, Shape::Point)), place("ratio", "NaN"));
        assert_eq!(found(meta(1.0, f32::INFINITY, Shape::Point)), place("marks.a[1]", "inf"));
        let circle = Shape::Circle { radius: f64::NEG_INFINITY };
        assert_eq!(found(meta(1.0, 2.0, circle)), place("shape.radius", "-inf"));
        assert!(found(meta(1.0, 2.0, Shape::Pair(1.0, f64::NAN))).is_some());
        assert!(found(meta(1.0, 2.0, Shape::Wrapped(f64::NAN))).is_some());
    }
}
