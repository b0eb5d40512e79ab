//! Why a file could not be read, in sentences for people.

use std::io;

use serde::{Deserialize, Serialize};

/// Why there is no text. `Display` is a sentence for the person who uploaded the file: what is
/// wrong, and what to do.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum ExtractError {
    /// It cannot be opened without a password.
    #[error("the file is protected with a password: remove the password and upload it again")]
    Encrypted,
    /// Its bytes are not what they should be; the text says in which way.
    #[error(
        "the file is damaged ({0}): open it in the program it was made with, save it anew, and upload that"
    )]
    Damaged(String),
    /// It holds no text.
    #[error("there is no text in the file")]
    Empty,
    /// It holds pictures only.
    #[error(
        "the pages are pictures without text: run text recognition (OCR) over the file, and upload the result"
    )]
    ImageOnly,
    /// It holds more than is taken.
    #[error("the file has {what}: split it into smaller files")]
    TooLarge {
        /// Of what it has too much, with the limit.
        what: String,
    },
    /// It is of a type that is not read; the text says which, and what to do.
    #[error("{0}")]
    Unsupported(String),
    /// It took more time than is allowed.
    #[error(
        "reading the file took too long: split it into smaller files, or save it in a simpler format"
    )]
    Timeout,
    /// It took more memory than is allowed.
    #[error(
        "reading the file takes more memory than is allowed: split it into smaller files, or save it in a simpler format"
    )]
    Memory,
    /// The reader broke on it. The text is for the log, not for people.
    #[error(
        "the file could not be read, it may be damaged: open it in the program it was made with, save it anew, and upload that"
    )]
    Crashed(String),
    /// Too many files are to be read at the moment: nothing is wrong with this one.
    #[error("many files are being read right now: try again in a moment")]
    #[serde(skip)]
    Busy,
    /// The file or the child could not be reached: nothing is wrong with the file.
    #[error("the file could not be read because of a fault of the server: try again later")]
    #[serde(skip)]
    Io(#[from] io::Error),
}

/// What a reader of a file returns.
pub(super) type Result<T, E = ExtractError> = std::result::Result<T, E>;

impl ExtractError {
    /// Damaged in this way.
    pub(super) fn damaged(how: impl Into<String>) -> Self {
        Self::Damaged(how.into())
    }

    /// Too much of this.
    pub(super) fn too_large(what: impl Into<String>) -> Self {
        Self::TooLarge { what: what.into() }
    }
}
