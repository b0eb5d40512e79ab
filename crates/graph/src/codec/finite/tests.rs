//! Refused wherever they are; all else is as without it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::*;

#[derive(Serialize)]
struct Unit;

#[derive(Serialize)]
struct Newtype<T>(T);

#[derive(Serialize)]
struct Pair<T>(u8, T);

#[derive(Serialize)]
struct Fields<T> {
    first: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<u8>,
    second: T,
}

#[derive(Serialize)]
enum Kind<T> {
    Unit,
    Newtype(T),
    Tuple(u8, T),
    Struct { first: u8, second: T },
}

#[derive(Serialize)]
#[serde(tag = "kind")]
enum Tagged<T> {
    Newtype(Fields<T>),
    Struct { second: T },
}

#[derive(Serialize)]
struct Flat<F, T> {
    own: u8,
    #[serde(flatten)]
    flat: F,
    #[serde(flatten)]
    rest: BTreeMap<&'static str, T>,
}

/// A map written by entries.
struct Entry<K, V>(K, V);

impl<K: Serialize, V: Serialize> Serialize for Entry<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(&self.0, &self.1)?;
        map.end()
    }
}

/// A map written by keys and values.
struct Halves<K, V>(K, V);

impl<K: Serialize, V: Serialize> Serialize for Halves<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_key(&self.0)?;
        map.serialize_value(&self.1)?;
        map.end()
    }
}

/// A text that is not there before it is written.
struct Shown(u8);

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("\"{}\"", self.0))
    }
}

fn fields<T>(second: T) -> Fields<T> {
    Fields { first: 1, skipped: None, second }
}

fn flat<F, T>(flat: F) -> Flat<F, T> {
    Flat { own: 0, flat, rest: BTreeMap::new() }
}

fn refused(what: &str, value: &impl Serialize) {
    let text = serde_json::to_string(&Finite(value)).map_err(|error| error.to_string());
    assert_eq!(text, Err(NO_FORM.to_owned()), "{what}");
    let json = serde_json::to_value(Finite(value)).map_err(|error| error.to_string());
    assert_eq!(json, Err(NO_FORM.to_owned()), "{what}");
}

fn unchanged(what: &str, value: &impl Serialize) {
    let plain = serde_json::to_string(value).expect("has a text");
    assert_eq!(serde_json::to_string(&Finite(value)).expect("has a text"), plain, "{what}");
    let plain = serde_json::to_value(value).expect("has a JSON form");
    assert_eq!(serde_json::to_value(Finite(value)).expect("has a JSON form"), plain, "{what}");
}

/// Checks a number in everything that can hold one.
macro_rules! everywhere {
    ($check:ident, $number:expr) => {{
        let x = $number;
        $check("alone", &x);
        $check("some", &Some(x));
        $check("newtype", &Newtype(x));
        $check("seq", &vec![x]);
        $check("tuple", &(1, x));
        $check("tuple struct", &Pair(1, x));
        $check("struct", &fields(x));
        $check("newtype variant", &Kind::Newtype(x));
        $check("tuple variant", &Kind::Tuple(1, x));
        $check("struct variant", &Kind::Struct { first: 1, second: x });
        $check("tagged newtype", &Tagged::Newtype(fields(x)));
        $check("tagged struct", &Tagged::Struct { second: x });
        $check("map", &BTreeMap::from([(1, x)]));
        $check("key of an entry", &Entry(x, 1));
        $check("value of an entry", &Entry(1, x));
        $check("key", &Halves(x, 1));
        $check("value", &Halves(1, x));
        $check("flat struct", &flat::<_, u8>(fields(x)));
        $check("flat newtype variant", &flat::<_, u8>(Kind::Newtype(x)));
        $check("flat tuple variant", &flat::<_, u8>(Kind::Tuple(1, x)));
        $check("flat struct variant", &flat::<_, u8>(Kind::Struct { first: 1, second: x }));
        $check("flat map", &Flat { own: 0, flat: (), rest: BTreeMap::from([("x", x)]) });
        $check("deep", &[Some(BTreeMap::from([("x", Kind::Tuple(1, fields(Newtype(x))))]))]);
    }};
}

#[test]
fn what_is_not_finite_is_refused_wherever_it_is() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        everywhere!(refused, number);
    }
    for number in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        everywhere!(refused, number);
    }
}

#[test]
fn what_is_finite_is_written_as_ever_wherever_it_is() {
    for number in [0.0, -0.0, 0.1, f64::MIN_POSITIVE / 2.0, f64::MAX, f64::MIN, 1e21] {
        everywhere!(unchanged, number);
    }
    for number in [0.0, -0.0, 0.1, f32::MIN_POSITIVE / 2.0, f32::MAX, f32::MIN] {
        everywhere!(unchanged, number);
    }
}

#[test]
fn all_else_is_written_as_ever() {
    unchanged("integers", &(i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::from(i64::MIN)));
    unchanged("unsigned", &(u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::from(u64::MAX)));
    unchanged("texts", &(true, 'é', "a\"\n\u{0}", Bytes::from_static(b"\x00ab"), Shown(7)));
    unchanged("nothing", &((), Unit, None::<u8>, Some(Some("x")), Kind::<u8>::Unit));
    unchanged("empty", &(Vec::<u8>::new(), BTreeMap::<u8, u8>::new(), ""));
    unchanged("address", &Ipv4Addr::LOCALHOST);
    unchanged("skipped", &[Fields { skipped: Some(2), ..fields('x') }, fields('y')]);
    unchanged("keys", &(BTreeMap::from([(-1, 1)]), BTreeMap::from([(u128::MAX, 1)])));
    unchanged("more keys", &(BTreeMap::from([('x', 1)]), Entry(true, 1), Entry(Shown(1), 1)));
    unchanged("named keys", &(Entry(Kind::<u8>::Unit, 1), Entry(Newtype("x"), 1)));
    unchanged("value", &serde_json::json!({"a": [1, -2, 0.5, null, true], "b": {"c": "d"}}));
    let wide = (i128::MIN, u128::MAX);
    let text = serde_json::to_string(&Finite(&wide)).expect("writes");
    assert_eq!(text, serde_json::to_string(&wide).expect("writes"));
}

#[test]
fn what_is_json_already_stays_as_it_is() {
    let json = r#"{"spaced" : [1,  2.50, null]}"#;
    let raw = || RawValue::from_string(json.to_owned()).expect("is JSON");
    assert_eq!(serde_json::to_string(&Finite(&raw())).expect("writes"), json);
    unchanged("alone", &raw());
    unchanged("borrowed", &&*raw());
    unchanged("in all", &(vec![raw()], Some(raw()), fields(raw()), Kind::Tuple(1, raw())));
    unchanged("tagged", &Tagged::Newtype(fields(raw())));
    unchanged("flat", &Flat { own: 0, flat: fields(raw()), rest: [("x", raw())].into() });
    unchanged("made", &to_raw_value(&fields("x")).expect("has a JSON form"));
}

/// What has no JSON form for another reason says so itself.
#[test]
fn other_refusals_are_passed_on() {
    let plain = serde_json::to_string(&Entry((1, 2), 1)).expect_err("no key").to_string();
    let error = serde_json::to_string(&Finite(&Entry((1, 2), 1))).expect_err("no key");
    assert_eq!(error.to_string(), plain);
}
