//! JSON, laid out one value a line, in its own order and with its own numbers; letters that were
//! written as escapes become letters, so that they can be found.

use super::error::Result;
use super::extracted::{Extracted, TextBuilder, TextFormat};

/// Deeper levels are not indented further.
const MAX_INDENT: usize = 16;

/// One JSON value. What is none is kept as it is.
pub(super) fn extract(text: &str, text_bytes: u64) -> Result<Extracted> {
    let mut out = TextBuilder::new(text_bytes);
    if is_balanced(text) {
        lay_out(&mut out, text)?;
        return out.finish(TextFormat::Code("json".to_owned()), None);
    }
    out.push(text)?;
    out.finish(TextFormat::Plain, None)
}

/// One JSON value a line.
pub(super) fn extract_lines(text: &str, text_bytes: u64) -> Result<Extracted> {
    let mut out = TextBuilder::new(text_bytes);
    for line in text.lines() {
        unescape(&mut out, line)?;
        out.push("\n")?;
    }
    out.finish(TextFormat::Code("json".to_owned()), None)
}

/// Whether brackets and quotes close in order, and at least one opens.
fn is_balanced(text: &str) -> bool {
    let mut open = Vec::new();
    let (mut quoted, mut escaped, mut any) = (false, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => {
                any = true;
                open.push(byte);
            }
            b'}' if open.pop() != Some(b'{') => return false,
            b']' if open.pop() != Some(b'[') => return false,
            _ => {}
        }
    }
    any && !quoted && open.is_empty()
}

/// Writes balanced JSON with each value on a line.
fn lay_out(out: &mut TextBuilder, text: &str) -> Result<()> {
    let mut depth = 0_usize;
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            '{' | '[' | '}' | ']' | ',' | ':' => 1,
            _ => rest.find(is_mark).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length);
        let after = after.trim_start();
        match token {
            "{" | "[" if after.starts_with(['}', ']']) => {
                out.push(token)?;
                out.push(&after[..1])?;
                rest = after[1..].trim_start();
                continue;
            }
            "{" | "[" => {
                depth += 1;
                out.push(token)?;
                new_line(out, depth)?;
            }
            "}" | "]" => {
                depth = depth.saturating_sub(1);
                new_line(out, depth)?;
                out.push(token)?;
            }
            "," => {
                out.push(token)?;
                new_line(out, depth)?;
            }
            ":" => out.push(": ")?,
            _ => unescape(out, token.trim_end())?,
        }
        rest = after;
    }
    Ok(())
}

fn is_mark(c: char) -> bool {
    matches!(c, '{' | '[' | '}' | ']' | ',' | ':' | '"')
}

fn new_line(out: &mut TextBuilder, depth: usize) -> Result<()> {
    out.push("\n")?;
    out.push(&"  ".repeat(depth.min(MAX_INDENT)))
}

/// The bytes of the string that `text` begins with, its quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Writes JSON with `\u` escapes of letters as letters; those that JSON needs stay.
fn unescape(out: &mut TextBuilder, text: &str) -> Result<()> {
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push(&rest[..at])?;
        let (letter, length) = match escape(&rest[at..]) {
            Some((letter, length)) if !letter.is_control() && !matches!(letter, '"' | '\\') => {
                (Some(letter), length)
            }
            // The escape and what it escapes, as they are.
            _ => (None, 1 + rest[at + 1..].chars().next().map_or(0, char::len_utf8)),
        };
        match letter {
            Some(letter) => out.push(letter.encode_utf8(&mut [0; 4]))?,
            None => out.push(&rest[at..at + length])?,
        }
        rest = &rest[at + length..];
    }
    out.push(rest)
}

/// The letter that a `\u` escape at the beginning stands for, and the escape's length.
fn escape(text: &str) -> Option<(char, usize)> {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        hexadecimal.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
    };
    let high = unit(text)?;
    if let Some(letter) = char::from_u32(u32::from(high)) {
        return Some((letter, 6));
    }
    let low = text.get(6..).and_then(unit)?;
    let letter = char::decode_utf16([high, low]).next()?.ok()?;
    Some((letter, 12))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn laid_out(text: &str) -> String {
        let mut out = TextBuilder::new(1 << 20);
        lay_out(&mut out, text).unwrap();
        out.finish(TextFormat::Plain, None).unwrap().text
    }

    #[test]
    fn values_stand_one_a_line() {
        assert_eq!(
            laid_out(
                r#"{"z":1.50,"a":[true,{"b":"x,\"{y"},[],{ }],"e":"caf\u00e9 \ud83d\ude00\n\u0000"}"#
            ),
            "{\n  \"z\": 1.50,\n  \"a\": [\n    true,\n    {\n      \"b\": \"x,\\\"{y\"\n    },\n    [],\n    {}\n  ],\n  \"e\": \"café 😀\\n\\u0000\"\n}"
        );
    }

    #[test]
    fn what_is_no_json_is_told() {
        assert!(is_balanced(" [1, \"]\"] "));
        for text in ["", "1", "[", "[}", "{\"a\": \"}", "]["] {
            assert!(!is_balanced(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_value_stays_the_same(value in "[a-zé\\\\\"\u{1F600}]{0,8}", n in any::<i64>()) {
            let before = serde_json::json!([{ value.clone(): n }, [value, null, []], {}]);
            let after: serde_json::Value = serde_json::from_str(&laid_out(&before.to_string())).unwrap();
            prop_assert_eq!(before, after);
        }

        #[test]
        fn anything_is_laid_out_without_a_panic(text in "[\\[\\]{}:,\"\\\\u0-9é \n]{1,40}") {
            let mut out = TextBuilder::new(1 << 20);
            lay_out(&mut out, &text).unwrap();
        }
    }
}
