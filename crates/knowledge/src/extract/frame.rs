//! The one answer of a child: a letter for its kind, its length, and its bytes. A child that dies
//! half-way leaves a frame that is too short, which is no answer.

use std::io::{self, Write};

use super::error::{ExtractError, Result};
use super::extracted::Extracted;

const TEXT: u8 = b'T';
const PICTURE: u8 = b'P';
const ERROR: u8 = b'E';
/// The letter and the length as eight bytes, the least first.
const HEAD: usize = 9;

/// What a child found.
#[derive(Debug)]
pub(super) enum Answer {
    Text(Extracted),
    /// A picture as PNG.
    Picture(Vec<u8>),
}

/// Writes the answer.
pub(super) fn write(out: &mut impl Write, answer: &Result<Answer>) -> io::Result<()> {
    match answer {
        Ok(Answer::Text(text)) => frame(out, TEXT, &serde_json::to_vec(text)?),
        Ok(Answer::Picture(png)) => frame(out, PICTURE, png),
        Err(error) => frame(out, ERROR, &serde_json::to_vec(error)?),
    }
}

fn frame(out: &mut impl Write, letter: u8, bytes: &[u8]) -> io::Result<()> {
    out.write_all(&[letter])?;
    out.write_all(&(bytes.len() as u64).to_le_bytes())?;
    out.write_all(bytes)?;
    out.flush()
}

/// Reads what a child wrote; none if that is not one whole answer.
pub(super) fn read(bytes: &[u8]) -> Option<Result<Answer>> {
    let (head, body) = bytes.split_at_checked(HEAD)?;
    let length = u64::from_le_bytes(head[1..].try_into().ok()?);
    if length != body.len() as u64 {
        return None;
    }
    match head[0] {
        TEXT => serde_json::from_slice(body).ok().map(|text| Ok(Answer::Text(text))),
        PICTURE => Some(Ok(Answer::Picture(body.to_vec()))),
        ERROR => serde_json::from_slice(body).ok().map(|error: ExtractError| Err(error)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::TextFormat;

    fn written(answer: &Result<Answer>) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, answer).unwrap();
        bytes
    }

    #[test]
    fn an_answer_comes_back_whole_or_not_at_all() {
        let text = Extracted {
            text: "a\"\n".to_owned(),
            format: TextFormat::Code("rust".to_owned()),
            pages: vec![0, 2],
            title: None,
            notice: Some("1 of 2 pages".to_owned()),
        };
        let bytes = written(&Ok(Answer::Text(text.clone())));
        assert!(matches!(read(&bytes), Some(Ok(Answer::Text(back))) if back == text));
        for end in 0..bytes.len() {
            assert!(read(&bytes[..end]).is_none());
        }
        let error = ExtractError::too_large("too much");
        let back = read(&written(&Err(error))).unwrap();
        assert!(matches!(back, Err(ExtractError::TooLarge { what }) if what == "too much"));
        assert!(
            matches!(read(&written(&Ok(Answer::Picture(vec![1])))), Some(Ok(Answer::Picture(p))) if p == [1])
        );
    }
}
