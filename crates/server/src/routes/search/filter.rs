//! A filter on documents as callers write it.

use serde_json::{Map, Value};
use vpaura_domain::DocumentId;
use vpaura_engine::{DocumentMatch, MetadataCondition, MetadataTest, MetadataValue};

use crate::problem::Problem;

/// The key that names documents instead of what is noted on them.
const DOCUMENTS: &str = "$documents";
const MAX_KEYS: usize = 16;
const MAX_VALUES: usize = 100;
const MAX_TEXT_BYTES: usize = 1_000;

/// What the filter asks for.
pub(super) fn read(filter: Map<String, Value>) -> Result<DocumentMatch, Problem> {
    if filter.len() > MAX_KEYS {
        return Err(Problem::validation("filter", &format!("must have at most {MAX_KEYS} keys")));
    }
    let mut wanted = DocumentMatch::default();
    for (key, given) in filter {
        let wrong = |reason: &str| Problem::validation(&format!("filter.{key}"), reason);
        if key == DOCUMENTS {
            wanted.document_ids = Some(documents(&given).ok_or_else(|| {
                wrong(&format!("must be {{\"in\": [ids]}} with at most {MAX_VALUES} documents"))
            })?);
            continue;
        }
        let test = test(given).map_err(wrong)?;
        wanted.metadata.push(MetadataCondition { key, test });
    }
    Ok(wanted)
}

fn documents(given: &Value) -> Option<Vec<DocumentId>> {
    let ids = match given {
        Value::Object(object) if object.len() == 1 => object.get("in")?.as_array()?,
        _ => return None,
    };
    let ids: Option<Vec<DocumentId>> = ids.iter().map(|id| id.as_str()?.parse().ok()).collect();
    ids.filter(|ids| ids.len() <= MAX_VALUES)
}

fn test(given: Value) -> Result<MetadataTest, &'static str> {
    let Value::Object(mut object) = given else {
        return Ok(MetadataTest::OneOf(vec![value(given)?]));
    };
    if let Some(among) = object.remove("in") {
        return match among {
            Value::Array(values) if object.is_empty() && values.len() <= MAX_VALUES => {
                Ok(MetadataTest::OneOf(values.into_iter().map(value).collect::<Result<_, _>>()?))
            }
            _ => Err("\"in\" takes a list of at most 100 values, and nothing beside it"),
        };
    }
    let mut bound = |name| object.remove(name).map(value).transpose();
    let (from, to) = (bound("gte")?, bound("lte")?);
    if !object.is_empty() || (from.is_none() && to.is_none()) {
        return Err("must be a value, {\"in\": [values]}, or {\"gte\": value, \"lte\": value}");
    }
    Ok(MetadataTest::Between { from, to })
}

fn value(given: Value) -> Result<MetadataValue, &'static str> {
    match given {
        Value::Bool(value) => Ok(MetadataValue::Bool(value)),
        Value::String(text) if text.len() <= MAX_TEXT_BYTES => Ok(MetadataValue::Text(text)),
        Value::String(_) => Err("has a text of more than 1000 bytes"),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Ok(MetadataValue::Integer(whole)),
            (None, Some(number)) => Ok(MetadataValue::Float(number)),
            (None, None) => Err("has a number that is too large"),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err("must compare with texts, numbers, true or false")
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read_json(filter: Value) -> Result<DocumentMatch, Problem> {
        match filter {
            Value::Object(filter) => read(filter),
            other => panic!("{other} is no filter"),
        }
    }

    #[test]
    fn each_form_is_understood() {
        let id = "00000000-0000-7000-8000-000000000001";
        let filter = json!({
            "$documents": { "in": [id] },
            "kind": "faq",
            "tags": { "in": ["a", 1, true, 1.5] },
            "year": { "gte": 2024 },
        });
        let wanted = read_json(filter).expect("good");
        assert_eq!(wanted.document_ids, Some(vec![id.parse().expect("an id")]));
        let tests: Vec<_> = wanted.metadata.iter().map(|it| (it.key.as_str(), &it.test)).collect();
        let text = |text: &str| MetadataValue::Text(text.to_owned());
        let tags = vec![
            text("a"),
            MetadataValue::Integer(1),
            MetadataValue::Bool(true),
            MetadataValue::Float(1.5),
        ];
        let year = MetadataTest::Between { from: Some(MetadataValue::Integer(2024)), to: None };
        let expected = [
            ("kind", &MetadataTest::OneOf(vec![text("faq")])),
            ("tags", &MetadataTest::OneOf(tags)),
            ("year", &year),
        ];
        assert_eq!(tests, expected);
        assert_eq!(read_json(json!({})).expect("good"), DocumentMatch::default());
    }

    #[test]
    fn what_is_no_filter_is_refused_by_its_key() {
        for wrong in [
            json!({ "a": null }),
            json!({ "a": [1] }),
            json!({ "a": {} }),
            json!({ "a": { "in": "b" } }),
            json!({ "a": { "in": [[]] } }),
            json!({ "a": { "in": [], "gte": 1 } }),
            json!({ "a": { "gt": 1 } }),
            json!({ "a": { "gte": { "x": 1 } } }),
            json!({ "$documents": ["x"] }),
            json!({ "$documents": { "in": ["x"] } }),
            json!({ "a": "b".repeat(1_001) }),
        ] {
            let refused = read_json(wrong.clone());
            assert!(refused.is_err(), "{wrong}");
        }
        let many: Map<String, Value> = (0..17).map(|n| (n.to_string(), json!(n))).collect();
        assert!(read(many).is_err());
    }

    proptest! {
        #[test]
        fn any_values_are_read_or_refused(keys in prop::collection::vec("\\PC{0,5}", 0..20)) {
            let filter: Map<String, Value> =
                keys.iter().map(|key| (key.clone(), json!({ "in": keys }))).collect();
            let fits = filter.len() <= MAX_KEYS && !filter.contains_key(DOCUMENTS);
            prop_assert_eq!(read(filter).is_ok(), fits);
        }
    }
}
