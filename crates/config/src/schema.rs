//! The keys that exist, read from `config.default.toml` itself: there is no second list that
//! could differ from the documentation.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::key::Key;

/// The reference file.
pub(crate) const DEFAULT_FILE: &str = include_str!("../../../config.default.toml");

/// Sections whose children are named by the operator, and the name that stands for all of them
/// in the reference file.
const NAMED_SECTIONS: [(&str, &str); 3] =
    [("llm.providers", "example"), ("llm.models", "provider/model"), ("auth.oidc", "example")];

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Integer,
    Float,
    Boolean,
    TextList,
}

impl Kind {
    /// In words, for error messages.
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Integer => "a whole number",
            Self::Float => "a number",
            Self::Boolean => "true or false",
            Self::TextList => "a list of texts",
        }
    }

    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(_) => Some(Self::Text),
            Value::Integer(_) => Some(Self::Integer),
            Value::Float(_) => Some(Self::Float),
            Value::Boolean(_) => Some(Self::Boolean),
            Value::Array(_) => Some(Self::TextList),
            Value::Datetime(_) | Value::Table(_) => None,
        }
    }

    /// Whether `value` may stand for this kind; whole numbers are numbers too.
    pub(crate) fn accepts(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Float, Value::Integer(_)) => true,
            (Self::TextList, Value::Array(items)) => items.iter().all(Value::is_str),
            _ => Self::of(value) == Some(self),
        }
    }
}

/// Every key, what it takes, and the defaults.
pub(crate) struct Schema {
    kinds: BTreeMap<Key, Kind>,
    defaults: BTreeMap<Key, Value>,
}

impl Schema {
    /// Reads the reference file. The error is a defect of that file, which a test rules out.
    pub(crate) fn load() -> Result<Self, toml::de::Error> {
        let all = flatten(&uncommented(DEFAULT_FILE).parse::<Table>()?);
        let kinds = all.iter().filter_map(|(key, value)| Some((key.clone(), Kind::of(value)?)));
        let defaults = flatten(&DEFAULT_FILE.parse::<Table>()?);
        Ok(Self {
            kinds: kinds.collect(),
            defaults: defaults.into_iter().filter(|(_, value)| !value.is_table()).collect(),
        })
    }

    pub(crate) fn defaults(&self) -> &BTreeMap<Key, Value> {
        &self.defaults
    }

    /// What `key` takes; `None` when there is no such key.
    pub(crate) fn kind(&self, key: &Key) -> Option<Kind> {
        self.kinds.get(&template(key)).copied()
    }

    /// Whether `key` is a section of the file.
    pub(crate) fn is_section(&self, key: &Key) -> bool {
        let key = template(key);
        self.kinds.keys().any(|known| key.contains(known))
    }

    /// The known key most like `key`, if any is alike.
    pub(crate) fn nearest(&self, key: &Key) -> Option<Key> {
        let wanted = template(key);
        let text = wanted.to_string();
        let (distance, best) = self
            .kinds
            .keys()
            .map(|known| (distance(&wanted, &text, known), known))
            .min_by_key(|(distance, _)| *distance)?;
        let tolerated = (text.chars().count() / 3).max(2);
        (distance <= tolerated).then(|| with_name_of(best, key))
    }
}

/// Edits from the text to `known`. A lone word is also compared with last parts, so that `port`
/// finds `server.port`.
fn distance(wanted: &Key, text: &str, known: &Key) -> usize {
    let whole = strsim::damerau_levenshtein(text, &known.to_string());
    match (wanted.parts(), known.parts().last()) {
        ([word], Some(last)) => whole.min(strsim::damerau_levenshtein(word, last)),
        _ => whole,
    }
}

/// The key with the operator's own name replaced by the one in the reference file.
fn template(key: &Key) -> Key {
    for (section, example) in NAMED_SECTIONS {
        let section = Key::dotted(section);
        if section.contains(key) {
            let mut parts = key.parts().to_vec();
            example.clone_into(&mut parts[section.parts().len()]);
            return Key::from_parts(parts);
        }
    }
    key.clone()
}

/// `known` with the name that `given` has at that place.
fn with_name_of(known: &Key, given: &Key) -> Key {
    for (section, _) in NAMED_SECTIONS {
        let section = Key::dotted(section);
        let at = section.parts().len();
        if section.contains(known) && section.contains(given) {
            let mut parts = known.parts().to_vec();
            parts[at].clone_from(&given.parts()[at]);
            return Key::from_parts(parts);
        }
    }
    known.clone()
}

/// All leaves of a table by their keys. An empty table is a leaf: an unknown section must not
/// go unseen because nothing is in it.
pub(crate) fn flatten(table: &Table) -> BTreeMap<Key, Value> {
    let mut leaves = BTreeMap::new();
    let mut open: Vec<(Key, &Table)> = vec![(Key::default(), table)];
    while let Some((prefix, table)) = open.pop() {
        for (name, value) in table {
            match value {
                Value::Table(inner) if !inner.is_empty() => open.push((prefix.child(name), inner)),
                _ => {
                    leaves.insert(prefix.child(name), value.clone());
                }
            }
        }
    }
    leaves
}

/// The reference file with the keys that have no default made live: lines that start with `#`
/// and no space.
fn uncommented(file: &str) -> String {
    let live = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with(' ') => rest.to_owned(),
        _ => line.to_owned(),
    };
    file.lines().map(live).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_reference_file_is_documented_by_the_line_above() {
        let mut above = "";
        for line in DEFAULT_FILE.lines() {
            let live = line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line);
            let is_key = live.split_once(" = ").is_some_and(|(name, _)| !name.contains(' '));
            if is_key {
                assert!(above.starts_with("# "), "no comment above: {line}");
                assert!(above.len() > 10, "an empty comment above: {line}");
            }
            above = line;
        }
    }

    #[test]
    fn keys_without_default_are_known_and_have_none() {
        let schema = Schema::load().unwrap();
        for key in ["redis.url", "auth.session_secret", "llm.providers.groq.api_key"] {
            let key = Key::dotted(key);
            assert_eq!(schema.kind(&key), Some(Kind::Text), "{key}");
            assert!(!schema.defaults().contains_key(&key), "{key}");
        }
        assert_eq!(schema.kind(&Key::dotted("llm.temperature")), Some(Kind::Float));
        assert_eq!(schema.kind(&Key::dotted("server.prot")), None);
    }

    #[test]
    fn the_nearest_key_keeps_the_name_that_was_given() {
        let schema = Schema::load().unwrap();
        let nearest = |key: &str| schema.nearest(&Key::dotted(key)).map(|key| key.to_string());
        assert_eq!(nearest("server.prot").as_deref(), Some("server.port"));
        assert_eq!(nearest("port").as_deref(), Some("server.port"));
        assert_eq!(nearest("sever.host").as_deref(), Some("server.host"));
        assert_eq!(
            nearest("llm.providers.groq.api_kye").as_deref(),
            Some("llm.providers.groq.api_key")
        );
        assert_eq!(nearest("something.else.entirely"), None);
    }
}
