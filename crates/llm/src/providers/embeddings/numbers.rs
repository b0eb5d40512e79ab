//! The numbers of a vector, as a list or as base64.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

use crate::LlmError;

/// The most numbers of a vector.
const MAX_NUMBERS: usize = 65_536;

/// A vector in either form.
#[derive(Debug, PartialEq)]
pub(super) struct Numbers(pub Vec<f32>);

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumbersVisitor)
    }
}

struct NumbersVisitor;

impl<'de> Visitor<'de> for NumbersVisitor {
    type Value = Numbers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers, or such in base64")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Numbers, E> {
        let bytes = STANDARD.decode(text).map_err(|_| E::custom("this is not base64"))?;
        let (numbers, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() || numbers.len() > MAX_NUMBERS {
            return Err(E::custom("these bytes are no vector"));
        }
        Ok(Numbers(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Numbers, A::Error> {
        let mut numbers = Vec::new();
        while let Some(number) = list.next_element::<f32>()? {
            if numbers.len() == MAX_NUMBERS {
                return Err(A::Error::custom("the vector is too long"));
            }
            numbers.push(number);
        }
        Ok(Numbers(numbers))
    }
}

/// Brings a vector to length 1. Refuses what has no direction: nothing, zeros, and what is no
/// number.
pub(super) fn normalise(vector: &mut [f32]) -> Result<(), LlmError> {
    // In double precision, so that large numbers do not overflow.
    let squares: f64 = vector.iter().map(|number| f64::from(*number).powi(2)).sum();
    let length = squares.sqrt();
    if !length.is_finite() || length == 0.0 {
        return Err(LlmError::protocol("a vector without a direction"));
    }
    for number in vector {
        #[expect(clippy::cast_possible_truncation, reason = "between -1 and 1")]
        let scaled = (f64::from(*number) / length) as f32;
        *number = scaled;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_forms_say_the_same(numbers in prop::collection::vec(-1e6_f32..1e6, 0..50)) {
            let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
            let list = serde_json::to_string(&numbers).expect("numbers");
            let packed = format!("{:?}", STANDARD.encode(bytes));
            let read = |text: &str| serde_json::from_str::<Numbers>(text).expect("a vector");
            prop_assert_eq!(&read(&list).0, &numbers);
            prop_assert_eq!(&read(&packed).0, &numbers);
        }

        #[test]
        fn lengths_become_one_or_are_refused(mut numbers in prop::collection::vec(any::<f32>(), 0..9)) {
            let sound = numbers.iter().all(|n| n.is_finite()) && numbers.iter().any(|n| *n != 0.0);
            prop_assert_eq!(normalise(&mut numbers).is_ok(), sound);
            if sound {
                let length: f32 = numbers.iter().map(|n| n * n).sum();
                prop_assert!((length - 1.0).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn what_is_no_vector_is_refused() {
        for text in ["7", "\"!\"", "\"AAAA\"", "[null]", "[1, \"2\"]", "{}", "[NaN]"] {
            assert!(serde_json::from_str::<Numbers>(text).is_err(), "{text}");
        }
        let long = format!("[{}0]", "0,".repeat(MAX_NUMBERS));
        assert!(serde_json::from_str::<Numbers>(&long).is_err());
    }
}
