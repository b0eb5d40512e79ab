//! Refuses NaN and infinities, which `serde_json` would write as null: no number reads that again.

#[cfg(test)]
mod tests;

use std::fmt::Display;

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// Why a number is refused.
const NO_FORM: &str = "NaN and infinities have no JSON form";

/// Around a reference to a value: the value, to be written only if its numbers are finite. Around a
/// serializer, or a part of one: passes everything on but what is to be refused.
pub(crate) struct Finite<T>(pub(crate) T);

impl<T: Serialize + ?Sized> Serialize for Finite<&T> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(Finite(serializer))
    }
}

/// What is a value by itself.
macro_rules! plain {
    ($($name:ident($($arg:ident: $type:ty),*);)+) => {$(
        #[inline]
        fn $name(self $(, $arg: $type)*) -> Result<S::Ok, S::Error> {
            self.0.$name($($arg),*)
        }
    )+};
}

/// What may not be finite.
macro_rules! floats {
    ($($name:ident($type:ty);)+) => {$(
        #[inline]
        fn $name(self, value: $type) -> Result<S::Ok, S::Error> {
            if value.is_finite() { self.0.$name(value) } else { Err(S::Error::custom(NO_FORM)) }
        }
    )+};
}

/// What holds one value.
macro_rules! around {
    ($($name:ident($($arg:ident: $type:ty),*);)+) => {$(
        #[inline]
        fn $name<T: Serialize + ?Sized>(
            self,
            $($arg: $type,)*
            value: &T,
        ) -> Result<S::Ok, S::Error> {
            self.0.$name($($arg,)* &Finite(value))
        }
    )+};
}

/// What holds several values.
macro_rules! begins {
    ($($name:ident($($arg:ident: $type:ty),+) -> $kind:ident;)+) => {$(
        type $kind = Finite<S::$kind>;

        #[inline]
        fn $name(self, $($arg: $type),+) -> Result<Self::$kind, S::Error> {
            self.0.$name($($arg),+).map(Finite)
        }
    )+};
}

impl<S: Serializer> Serializer for Finite<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    floats! {
        serialize_f32(f32);
        serialize_f64(f64);
    }

    plain! {
        serialize_bool(value: bool);
        serialize_i8(value: i8);
        serialize_i16(value: i16);
        serialize_i32(value: i32);
        serialize_i64(value: i64);
        serialize_i128(value: i128);
        serialize_u8(value: u8);
        serialize_u16(value: u16);
        serialize_u32(value: u32);
        serialize_u64(value: u64);
        serialize_u128(value: u128);
        serialize_char(value: char);
        serialize_str(value: &str);
        serialize_bytes(value: &[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(name: &'static str);
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str);
    }

    around! {
        serialize_some();
        serialize_newtype_struct(name: &'static str);
        serialize_newtype_variant(name: &'static str, index: u32, variant: &'static str);
    }

    // The names of structs go on: by them `serde_json` knows its own, such as `RawValue`.
    begins! {
        serialize_seq(len: Option<usize>) -> SerializeSeq;
        serialize_tuple(len: usize) -> SerializeTuple;
        serialize_tuple_struct(name: &'static str, len: usize) -> SerializeTupleStruct;
        serialize_tuple_variant(
            name: &'static str, index: u32, variant: &'static str, len: usize
        ) -> SerializeTupleVariant;
        serialize_map(len: Option<usize>) -> SerializeMap;
        serialize_struct(name: &'static str, len: usize) -> SerializeStruct;
        serialize_struct_variant(
            name: &'static str, index: u32, variant: &'static str, len: usize
        ) -> SerializeStructVariant;
    }

    #[inline]
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.0.collect_str(value)
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

/// The values that something holds, with their keys where it is a struct.
macro_rules! parts {
    ($($kind:ident::$part:ident($($key:ident)?);)+) => {$(
        impl<C: $kind> $kind for Finite<C> {
            type Ok = C::Ok;
            type Error = C::Error;

            #[inline]
            fn $part<T: Serialize + ?Sized>(
                &mut self,
                $($key: &'static str,)?
                value: &T,
            ) -> Result<(), C::Error> {
                self.0.$part($($key,)? &Finite(value))
            }

            $(
                #[inline]
                fn skip_field(&mut self, $key: &'static str) -> Result<(), C::Error> {
                    self.0.skip_field($key)
                }
            )?

            #[inline]
            fn end(self) -> Result<C::Ok, C::Error> {
                self.0.end()
            }
        }
    )+};
}

parts! {
    SerializeSeq::serialize_element();
    SerializeTuple::serialize_element();
    SerializeTupleStruct::serialize_field();
    SerializeTupleVariant::serialize_field();
    SerializeStruct::serialize_field(key);
    SerializeStructVariant::serialize_field(key);
}

impl<C: SerializeMap> SerializeMap for Finite<C> {
    type Ok = C::Ok;
    type Error = C::Error;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), C::Error> {
        self.0.serialize_key(&Finite(key))
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
        self.0.serialize_value(&Finite(value))
    }

    #[inline]
    fn serialize_entry<K: Serialize + ?Sized, V: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<(), C::Error> {
        self.0.serialize_entry(&Finite(key), &Finite(value))
    }

    #[inline]
    fn end(self) -> Result<C::Ok, C::Error> {
        self.0.end()
    }
}
