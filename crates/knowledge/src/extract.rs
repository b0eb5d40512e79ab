//! Text out of files of many types, in a child process with limits: no file can harm the server.
//!
//! [`sniff`] says what an upload is, by its content first and its name second. [`Extractor`] starts
//! one child per file, hands it the file as standard input and the job as arguments, and reads one
//! answer from its standard output. The child ([`child_main`]) takes away its own rights first: it
//! cannot write files, and its memory and processor time are limited. Whatever a file makes it do,
//! the child alone dies, and the caller gets an [`ExtractError`] whose sentence is for people. Only
//! small texts that are kept as they are need no child: nothing in them is parsed.
//!
//! Children are few, and whoever asks says who they are ([`Asker`]): turns go round, so that nobody's
//! files keep those of others waiting. Pictures of pages do not wait for files.
//!
//! What comes out is one text ([`Extracted`]): Markdown where a file has structure, with the
//! character at which each page, slide or sheet begins.
//!
//! Limits beside [`ExtractLimits`]: a part of an office file may unpack to 256 MiB, an office file
//! may have 65,534 parts, a web page may have 5,000 elements within one another, and a PDF is read
//! into memory as a whole, so the memory limit bounds its size.

mod charset;
mod child;
mod csv;
mod decode;
mod error;
mod extracted;
mod extractor;
mod frame;
mod html;
mod job;
mod json;
mod kind;
mod markdown;
mod name;
mod office;
mod pdf;
mod read;
mod text;
mod turns;

pub use charset::Charset;
pub use child::child_main;
pub use decode::is_text;
pub use error::ExtractError;
pub use extracted::{Extracted, TextFormat};
pub use extractor::{ChildProgram, ExtractLimits, Extractor};
pub use kind::{FileKind, Format, HEAD_BYTES, UnsupportedKind, kind_of_text, sniff};
pub use name::safe_name;
pub use pdf::page_image;
pub use read::{READERS, extract};
pub use turns::Asker;
