//! Claims beyond the standard ones, as a provider sends them.

use std::fmt;

use openidconnect::AdditionalClaims;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The most groups of one user.
const MAX_GROUPS: usize = 1_000;
/// The most characters of a group's name.
const MAX_GROUP_CHARS: usize = 256;

/// All claims that the standard does not name.
#[derive(Serialize, Deserialize)]
pub(super) struct OtherClaims {
    #[serde(flatten)]
    claims: Map<String, Value>,
}

impl AdditionalClaims for OtherClaims {}

impl fmt::Debug for OtherClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OtherClaims")
    }
}

impl OtherClaims {
    /// The groups in the claim of this name, or nothing when there is no such claim. A claim with a
    /// dot in its name wins over a path. What is no list of names counts as empty.
    pub(super) fn groups(&self, name: &str) -> Option<Vec<String>> {
        let found = self.claims.get(name).or_else(|| {
            let (first, rest) = name.split_once('.')?;
            rest.split('.').try_fold(self.claims.get(first)?, |value, part| value.get(part))
        })?;
        let names: Vec<&str> = match found {
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            Value::String(name) => vec![name],
            _ => Vec::new(),
        };
        let fits = |name: &&str| !name.is_empty() && name.chars().count() <= MAX_GROUP_CHARS;
        Some(names.into_iter().filter(fits).take(MAX_GROUPS).map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(json!({"groups": ["a", "b"]}), "groups", Some(vec!["a", "b"]))]
    #[case(json!({"groups": "a"}), "groups", Some(vec!["a"]))]
    #[case(json!({"groups": []}), "groups", Some(vec![]))]
    #[case(json!({"groups": null}), "groups", Some(vec![]))]
    #[case(json!({"groups": {"admin": true}}), "groups", Some(vec![]))]
    #[case(json!({"groups": ["a", 1, null, ["admin"], ""]}), "groups", Some(vec!["a"]))]
    #[case(json!({"realm_access": {"roles": ["a"]}}), "realm_access.roles", Some(vec!["a"]))]
    #[case(json!({"https://x.example/groups": ["a"]}), "https://x.example/groups", Some(vec!["a"]))]
    #[case(json!({"realm_access": "a"}), "realm_access.roles", None)]
    #[case(json!({"other": ["a"]}), "groups", None)]
    fn groups_are_read(
        #[case] claims: Value,
        #[case] name: &str,
        #[case] expected: Option<Vec<&str>>,
    ) {
        let claims: OtherClaims = serde_json::from_value(claims).expect("an object");
        let expected: Option<Vec<String>> =
            expected.map(|names| names.into_iter().map(str::to_owned).collect());
        assert_eq!(claims.groups(name), expected);
    }

    #[test]
    fn claims_are_not_printed() {
        let claims: OtherClaims = serde_json::from_value(json!({"salary": 1})).expect("an object");
        assert_eq!(format!("{claims:?}"), "OtherClaims");
    }

    #[test]
    fn groups_are_bounded() {
        let many: Vec<String> = (0..2_000).map(|n| n.to_string()).collect();
        let claims = json!({"groups": many, "long": ["x".repeat(257)]});
        let claims: OtherClaims = serde_json::from_value(claims).expect("an object");
        assert_eq!(claims.groups("groups").map(|groups| groups.len()), Some(1_000));
        assert_eq!(claims.groups("long"), Some(Vec::new()));
    }
}
