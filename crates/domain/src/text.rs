//! Rules for short texts that people give: titles and the like. Words are not filtered (queries
//! are parameterised, a title may say DROP TABLE); only size and control characters are.

/// The most characters a title may have.
pub const MAX_TITLE_CHARS: usize = 500;

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Too long.
    #[error("must be at most {max} characters, this is {actual}")]
    TooLong {
        /// The limit in characters.
        max: usize,
        /// The length given.
        actual: usize,
    },
    /// A control character.
    #[error("must not contain control characters")]
    Control,
}

/// A title without surrounding white space, as [`clean_name`] has it, of at most
/// [`MAX_TITLE_CHARS`] characters.
pub fn clean_title(title: &str) -> Result<String, TextError> {
    clean_name(title, MAX_TITLE_CHARS)
}

/// A name without surrounding white space: 1 to `max` characters, none of them control characters
/// or bidirectional overrides (which make a name read as another).
pub fn clean_name(name: &str, max: usize) -> Result<String, TextError> {
    let name = name.trim();
    let actual = name.chars().count();
    if actual == 0 {
        return Err(TextError::Empty);
    }
    if actual > max {
        return Err(TextError::TooLong { max, actual });
    }
    if name.chars().any(is_forbidden) {
        return Err(TextError::Control);
    }
    Ok(name.to_owned())
}

fn is_forbidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_bounded_and_free_of_control_characters() {
        assert_eq!(clean_title("  DROP TABLE users; "), Ok("DROP TABLE users;".into()));
        assert_eq!(clean_title(" \t"), Err(TextError::Empty));
        assert_eq!(clean_title("a\nb"), Err(TextError::Control));
        assert_eq!(clean_title("a\u{202E}b"), Err(TextError::Control));
        assert!(clean_title(&"é".repeat(500)).is_ok());
        assert_eq!(
            clean_title(&"é".repeat(501)),
            Err(TextError::TooLong { max: 500, actual: 501 })
        );
    }
}
