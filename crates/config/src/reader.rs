//! Reads single settings into Rust types. A value that does not fit is noted as a problem and
//! reading goes on, so that all problems show at once.

use std::ops::RangeInclusive;
use std::time::Duration;

use secrecy::SecretString;
use toml::Value;

use crate::error::Problem;
use crate::key::Key;
use crate::settings::Settings;

/// Reads keys below one section (the root unless [`Reader::named`] made it).
pub(crate) struct Reader<'a> {
    settings: &'a Settings<'a>,
    problems: &'a mut Vec<Problem>,
    notices: &'a mut Vec<String>,
    section: Key,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        settings: &'a Settings<'a>,
        problems: &'a mut Vec<Problem>,
        notices: &'a mut Vec<String>,
    ) -> Self {
        Self { settings, problems, notices, section: Key::default() }
    }

    /// A reader of the section that the operator named `name` within `section`.
    pub(crate) fn named<'b>(&'b mut self, section: &str, name: &str) -> Reader<'b> {
        let section = self.section.join(section).child(name);
        Reader { settings: self.settings, problems: self.problems, notices: self.notices, section }
    }

    /// The names that the operator gave within `section`.
    pub(crate) fn names(&self, section: &str) -> Vec<String> {
        self.settings.names(&self.section.join(section))
    }

    /// Tells the operator something that is not wrong.
    pub(crate) fn notice(&mut self, text: String) {
        self.notices.push(text);
    }

    /// Notes that a needed key is absent.
    pub(crate) fn missing(&mut self, key: &str, reason: &str) {
        let key = self.section.join(key).to_string();
        self.problems.push(Problem::Missing { key, reason: reason.to_owned() });
    }

    /// Notes that the value of `key` is not what it must be.
    pub(crate) fn refuse(&mut self, key: &str, expected: &str) {
        let key = self.section.join(key);
        let problem = match self.settings.get(&key) {
            Some((value, origin)) => self.settings.invalid(&key, value, expected, origin.clone()),
            None => Problem::Missing { key: key.to_string(), reason: expected.to_owned() },
        };
        self.problems.push(problem);
    }

    /// Whether nobody set `key`.
    pub(crate) fn is_default(&self, key: &str) -> bool {
        let key = self.section.join(key);
        self.settings.get(&key).map(|(value, _)| value)
            == self.settings.schema().defaults().get(&key)
    }

    pub(crate) fn optional_text(&mut self, key: &str) -> Option<String> {
        self.value(key)?.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A text that must not be empty.
    pub(crate) fn text(&mut self, key: &str) -> String {
        self.optional_text(key).unwrap_or_else(|| {
            self.refuse(key, "a text that is not empty");
            String::new()
        })
    }

    pub(crate) fn secret(&mut self, key: &str) -> Option<SecretString> {
        self.optional_text(key).map(SecretString::from)
    }

    pub(crate) fn optional_boolean(&mut self, key: &str) -> Option<bool> {
        self.value(key)?.as_bool()
    }

    pub(crate) fn boolean(&mut self, key: &str) -> bool {
        self.optional_boolean(key).unwrap_or_default()
    }

    pub(crate) fn list(&mut self, key: &str) -> Vec<String> {
        let items = self.value(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    pub(crate) fn optional_integer<T: TryFrom<i64>>(
        &mut self,
        key: &str,
        range: RangeInclusive<i64>,
    ) -> Option<T> {
        let given = self.value(key)?.as_integer()?;
        let value = range.contains(&given).then(|| T::try_from(given).ok()).flatten();
        if value.is_none() {
            self.refuse(key, &format!("a whole number from {} to {}", range.start(), range.end()));
        }
        value
    }

    /// A whole number within `range`, which must lie within `T`.
    pub(crate) fn integer<T: TryFrom<i64> + Default>(
        &mut self,
        key: &str,
        range: RangeInclusive<i64>,
    ) -> T {
        self.optional_integer(key, range).unwrap_or_default()
    }

    pub(crate) fn seconds(&mut self, key: &str, range: RangeInclusive<i64>) -> Duration {
        Duration::from_secs(self.integer(key, range))
    }

    pub(crate) fn milliseconds(&mut self, key: &str, range: RangeInclusive<i64>) -> Duration {
        Duration::from_millis(self.integer(key, range))
    }

    pub(crate) fn float(&mut self, key: &str, range: RangeInclusive<f32>) -> Option<f32> {
        let value = self.value(key)?;
        #[expect(clippy::cast_possible_truncation, reason = "settings need no double precision")]
        #[expect(clippy::cast_precision_loss, reason = "checked against a small range next")]
        let given = value.as_float().or_else(|| value.as_integer().map(|n| n as f64))? as f32;
        let fits = range.contains(&given);
        if !fits {
            self.refuse(key, &format!("a number from {} to {}", range.start(), range.end()));
        }
        fits.then_some(given)
    }

    /// One of `words`, whatever its letter case. `fallback` stands in when it is none of them.
    pub(crate) fn choice<T: Copy>(&mut self, key: &str, words: &[(&str, T)], fallback: T) -> T {
        let given = self.text(key);
        match words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&given)) {
            Some((_, value)) => *value,
            None => {
                let words: Vec<String> =
                    words.iter().map(|(word, _)| format!("{word:?}")).collect();
                self.refuse(key, &format!("one of {}", words.join(", ")));
                fallback
            }
        }
    }

    /// A text that `parse` understands.
    pub(crate) fn parsed<T>(
        &mut self,
        key: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.optional_text(key)?;
        let value = parse(&text);
        if value.is_none() {
            self.refuse(key, expected);
        }
        value
    }

    /// A list of texts that `parse` understands.
    pub(crate) fn parsed_list<T>(
        &mut self,
        key: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let texts = self.list(key);
        let values: Vec<T> = texts.iter().filter_map(|text| parse(text)).collect();
        if values.len() != texts.len() {
            self.refuse(key, &format!("each to be {expected}"));
        }
        values
    }

    fn value(&self, key: &str) -> Option<&'a Value> {
        self.settings.get(&self.section.join(key)).map(|(value, _)| value)
    }
}
