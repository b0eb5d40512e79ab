//! A JSON text as it grows.

use std::io;

use serde::Serialize;

use super::Finite;

/// A JSON text in the making. What outgrows its limit is measured and not kept.
pub(crate) struct Json {
    text: Vec<u8>,
    len: usize,
    limit: usize,
}

impl Json {
    pub(crate) const fn new() -> Self {
        Self::within(usize::MAX)
    }

    /// Kept only up to so many bytes.
    pub(crate) const fn within(limit: usize) -> Self {
        Self { text: Vec::new(), len: 0, limit }
    }

    /// In memory that was used before.
    pub(crate) fn reusing(mut memory: Vec<u8>) -> Self {
        memory.clear();
        Self { text: memory, ..Self::new() }
    }

    /// Adds what is JSON already, or a piece of it.
    pub(crate) fn piece(&mut self, json: &str) {
        self.push(json.as_bytes());
    }

    /// Adds a number.
    pub(crate) fn number(&mut self, number: u32) {
        // Nothing of it fails: memory is what it is written to.
        let _written = self.value(&number);
    }

    /// Adds a value; fails if it has no JSON form.
    pub(crate) fn value(&mut self, value: &(impl Serialize + ?Sized)) -> serde_json::Result<()> {
        serde_json::to_writer(self, &Finite(value))
    }

    /// Adds the members of `object` to an object that has some already, and ends it.
    pub(crate) fn end_with(&mut self, object: &impl Serialize) -> serde_json::Result<()> {
        let begin = self.text.len();
        self.value(object)?;
        match self.text.get_mut(begin..) {
            Some([b'{', b'}']) => {
                self.text.remove(begin);
            }
            Some([open, ..]) => *open = b',',
            _ => {}
        }
        Ok(())
    }

    /// How long the text has become, kept or not.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The text, as far as it was kept: nothing of it once it has outgrown its limit.
    pub(crate) fn text(self) -> serde_json::Result<String> {
        String::from_utf8(self.text).map_err(serde::ser::Error::custom)
    }

    /// A copy of the text, no larger than it must be, and the memory for another.
    pub(crate) fn copied(self) -> serde_json::Result<(String, Vec<u8>)> {
        let text = std::str::from_utf8(&self.text).map_err(serde::ser::Error::custom)?.to_owned();
        Ok((text, self.text))
    }

    fn push(&mut self, bytes: &[u8]) {
        self.len += bytes.len();
        if self.len <= self.limit {
            self.text.extend_from_slice(bytes);
        } else {
            self.text = Vec::new();
        }
    }
}

impl io::Write for Json {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.push(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_added_to_an_object() {
        let ended = |more: serde_json::Value| {
            let mut json = Json::new();
            json.piece("{\"v\":");
            json.value(&1).expect("writes");
            json.end_with(&more).expect("writes");
            json.text().expect("is text")
        };
        assert_eq!(ended(json!({})), r#"{"v":1}"#);
        assert_eq!(ended(json!({"n": ["é"]})), r#"{"v":1,"n":["é"]}"#);
    }

    #[test]
    fn what_outgrows_its_limit_is_measured() {
        for (limit, kept) in [(4, r#""ab""#), (3, ""), (0, "")] {
            let mut json = Json::within(limit);
            json.value("ab").expect("writes");
            assert_eq!(json.len(), 4);
            assert_eq!(json.text().expect("is text"), kept);
        }
    }

    #[test]
    fn memory_is_used_again() {
        let mut json = Json::new();
        json.value("first").expect("writes");
        let (first, memory) = json.copied().expect("is text");
        let mut json = Json::reusing(memory);
        json.value(&2).expect("writes");
        let (second, _) = json.copied().expect("is text");
        assert_eq!((first.as_str(), second.as_str()), ("\"first\"", "2"));
    }
}
