//! An office file as a zip archive of XML parts: opened with care, read as a stream of nodes.
//!
//! Entities that a part defines are never expanded, so no "billion laughs"; a part may unpack to
//! 256 MiB.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::extract::error::{ExtractError, Result};

/// The most bytes that one part may unpack to.
const PART_BYTES: u64 = 256 << 20;
/// What [`Package::main_part`] says of an OpenDocument spreadsheet.
pub(super) const SPREADSHEET: &str = "application/vnd.oasis.opendocument.spreadsheet";

/// An office file.
pub(super) struct Package {
    zip: ZipArchive<BufReader<File>>,
}

/// A piece of a part. Names are without their prefix.
pub(super) enum Node<'a> {
    Open(&'a str, Attributes<'a>),
    Text(&'a str),
    Close(&'a str),
}

/// The attributes of an element.
pub(super) struct Attributes<'a>(&'a BytesStart<'a>);

impl Attributes<'_> {
    /// The value of the attribute with this name, whatever its prefix.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        let mut attributes = attributes.with_checks(false).flatten();
        let attribute = attributes.find(|a| a.key.local_name().as_ref() == name)?;
        Some(
            unescape(&attribute.value)
                .map_or_else(|_| attribute.value.to_string(), Cow::into_owned),
        )
    }

    /// The id of the relation it names: the `id` that has a prefix, for slides have another.
    pub(super) fn related(&self) -> Option<String> {
        let mut attributes = self.0.attributes();
        let mut attributes = attributes.with_checks(false).flatten();
        let id =
            attributes.find(|a| a.key.local_name().as_ref() == "id" && a.key.prefix().is_some());
        id.map(|id| id.value.to_string())
    }

    /// The value of an attribute that is a number.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.get(name)?.trim().parse().ok()
    }
}

/// What a part refers to.
pub(super) struct Relation {
    pub(super) id: String,
    /// The last word of its type.
    pub(super) kind: String,
    /// The name of the other part.
    pub(super) target: String,
}

impl Package {
    /// Opens the archive.
    pub(super) fn open(mut input: File) -> Result<Self> {
        refuse_crowds(&mut input)?;
        let zip = ZipArchive::new(BufReader::new(input)).map_err(of_zip)?;
        Ok(Self { zip })
    }

    /// The name of the part that everything else hangs on, or the media type of an OpenDocument.
    pub(super) fn main_part(&mut self) -> Result<String> {
        if let Ok(file) = self.zip.by_name("mimetype") {
            let mut media_type = String::new();
            file.take(200).read_to_string(&mut media_type)?;
            return Ok(media_type.trim().to_owned());
        }
        let main = self.relations("")?.into_iter().find(|to| to.kind == "officeDocument");
        main.map(|to| to.target).ok_or_else(|| {
            ExtractError::Unsupported(
                "a zip archive cannot be read: unpack it and upload the files".to_owned(),
            )
        })
    }

    /// The title that the file gives itself.
    pub(super) fn title(&mut self) -> Result<Option<String>> {
        let (mut title, mut within) = (String::new(), false);
        self.read("docProps/core.xml", |node| {
            match node {
                Node::Open("title", _) => within = true,
                Node::Close("title") => within = false,
                Node::Text(text) if within => title.push_str(text),
                _ => {}
            }
            Ok(())
        })?;
        Ok(Some(title).filter(|title| !title.trim().is_empty()))
    }

    /// What a part refers to; the archive itself is the part without a name.
    pub(super) fn relations(&mut self, part: &str) -> Result<Vec<Relation>> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let slash = if folder.is_empty() { "" } else { "/" };
        let mut relations = Vec::new();
        self.read(&format!("{folder}{slash}_rels/{file}.rels"), |node| {
            if let Node::Open("Relationship", attributes) = node
                && let (Some(id), Some(kind), Some(target)) =
                    (attributes.get("Id"), attributes.get("Type"), attributes.get("Target"))
            {
                let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                relations.push(Relation { id, kind, target: resolve(folder, &target) });
            }
            Ok(())
        })?;
        Ok(relations)
    }

    /// Likewise, the other parts by the id of their relation.
    pub(super) fn targets(&mut self, part: &str) -> Result<HashMap<String, String>> {
        Ok(self.relations(part)?.into_iter().map(|to| (to.id, to.target)).collect())
    }

    /// Gives each node of a part to `take`. Without the part, the file is damaged.
    pub(super) fn read_needed(
        &mut self,
        part: &str,
        take: impl FnMut(Node<'_>) -> Result<()>,
    ) -> Result<()> {
        let is_there = self.read(part, take)?;
        is_there.then_some(()).ok_or_else(|| ExtractError::damaged("one of its parts is missing"))
    }

    /// Gives each node of a part to `take`. Whether there is such a part.
    pub(super) fn read(
        &mut self,
        part: &str,
        mut take: impl FnMut(Node<'_>) -> Result<()>,
    ) -> Result<bool> {
        let file = match self.zip.by_name(part) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(false),
            Err(error) => return Err(of_zip(error)),
        };
        let mut xml = Reader::from_reader(BufReader::new(file.take(PART_BYTES)));
        xml.config_mut().check_end_names = false;
        let mut buffer = Vec::new();
        let mut open = 0_usize;
        loop {
            buffer.clear();
            let event = match xml.read_event_into(&mut buffer) {
                Ok(event) => event,
                Err(_) if xml.get_ref().get_ref().limit() == 0 => return Err(unpacks_too_far()),
                Err(error) => return Err(of_xml(&error)),
            };
            match &event {
                Event::Eof if xml.get_ref().get_ref().limit() == 0 => return Err(unpacks_too_far()),
                Event::Eof if open > 0 => return Err(broken()),
                Event::Eof => return Ok(true),
                Event::Start(_) => open += 1,
                Event::End(_) => open = open.saturating_sub(1),
                _ => {}
            }
            give(&event, &mut take)?;
        }
    }
}

/// Translates an event of the XML reader.
fn give(event: &Event<'_>, take: &mut impl FnMut(Node<'_>) -> Result<()>) -> Result<()> {
    match event {
        Event::Start(start) => take(Node::Open(start.local_name().as_ref(), Attributes(start))),
        Event::Empty(start) => {
            take(Node::Open(start.local_name().as_ref(), Attributes(start)))?;
            take(Node::Close(start.local_name().as_ref()))
        }
        Event::End(end) => take(Node::Close(end.local_name().as_ref())),
        Event::Text(text) => take(Node::Text(&text.xml10_content())),
        Event::CData(text) => take(Node::Text(&text.xml10_content())),
        Event::GeneralRef(name) => match name.resolve_char_ref() {
            Ok(Some(c)) => take(Node::Text(c.encode_utf8(&mut [0; 4]))),
            // What a part defines itself is left out.
            _ => match resolve_predefined_entity(name) {
                Some(text) => take(Node::Text(text)),
                None => Ok(()),
            },
        },
        _ => Ok(()),
    }
}

/// Refuses an archive of more parts than its table can count: reading the table alone would fill
/// the memory.
fn refuse_crowds(input: &mut File) -> Result<()> {
    /// A table's end, with the longest comment.
    const TAIL: u64 = 22 + 65_535;
    let size = input.seek(SeekFrom::End(0))?;
    input.seek(SeekFrom::Start(size.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    input.take(TAIL).read_to_end(&mut tail)?;
    input.rewind()?;
    let ends = tail.windows(12).filter(|window| window.starts_with(b"PK\x05\x06"));
    let mut counts = ends.map(|window| u16::from_le_bytes([window[10], window[11]]));
    if counts.any(|count| count == u16::MAX) {
        return Err(ExtractError::too_large("more than 65,534 parts"));
    }
    Ok(())
}

fn broken() -> ExtractError {
    ExtractError::damaged("one of its parts is broken or cut off")
}

/// What the system says is no fault of the file; what the archive says is.
fn of_xml(error: &quick_xml::Error) -> ExtractError {
    let code = match error {
        quick_xml::Error::Io(error) => error.raw_os_error(),
        _ => None,
    };
    code.map_or_else(broken, |code| io::Error::from_raw_os_error(code).into())
}

fn unpacks_too_far() -> ExtractError {
    ExtractError::too_large("a part that unpacks to more than 256 MB")
}

fn of_zip(error: ZipError) -> ExtractError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => ExtractError::Encrypted,
        ZipError::Io(error) => ExtractError::Io(error),
        _ => ExtractError::damaged("its archive is broken or cut off"),
    }
}

/// The name of the part that `target` means, seen from a folder.
fn resolve(folder: &str, target: &str) -> String {
    let (from, target) = match target.strip_prefix('/') {
        Some(target) => ("", target),
        None => (folder, target),
    };
    let mut path: Vec<&str> = from.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(path.pop()),
            step => path.push(step),
        }
    }
    path.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_the_disk_is_none_of_the_file() {
        let said = |error: io::Error| of_xml(&quick_xml::Error::Io(error.into()));
        assert!(matches!(said(io::Error::from_raw_os_error(5)), ExtractError::Io(_)));
        let kind = io::ErrorKind::InvalidData;
        assert!(matches!(said(kind.into()), ExtractError::Damaged(_)));
    }

    #[test]
    fn targets_are_seen_from_their_folder() {
        assert_eq!(resolve("ppt/slides", "../notes/a.xml"), "ppt/notes/a.xml");
        assert_eq!(resolve("", "word/document.xml"), "word/document.xml");
        assert_eq!(resolve("ppt", "/xl/b.xml"), "xl/b.xml");
        assert_eq!(resolve("", "../../c"), "c");
    }
}
