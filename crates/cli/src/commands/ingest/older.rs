//! What the files of a folder were before: documents that an earlier ingest of it noted a file's path
//! on, and whose content no file has any more. Each is searched until the file's present content can
//! be found, and is deleted then.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use vpaura_domain::{CollectionId, Document, DocumentId, DocumentStatus};

use super::report::{Remark, Taken};
use crate::error::Result;
use crate::library::{Addition, Library};

/// What is noted on a document: its path below the folder.
const PATH: &str = "path";
/// What is noted on a document: [the mark](mark) of the folder.
const FOLDER: &str = "folder";

/// What a folder is known by: the name that it was given, or where it lies on this machine; and
/// whether it is known so again, since something names it or the machine. Two may hold files of the
/// same paths. It tells nobody what it was made of. A file alone is one of the folder around it.
pub(super) fn mark(folder: &Path, source: Option<&str>) -> std::io::Result<(String, bool)> {
    let mut hash = Sha256::new();
    let mut is_known_again = source.is_some();
    if let Some(source) = source {
        hash.update("source:");
        hash.update(source);
    } else {
        // A link to a file is a file of the folder that the link is in.
        let around = folder.parent().filter(|_| folder.is_file());
        let around = around.map(|it| if it.as_os_str().is_empty() { Path::new(".") } else { it });
        let whole = around.unwrap_or(folder).canonicalize()?;
        let of_machine = ["/etc/machine-id", "/proc/sys/kernel/hostname"].map(std::fs::read);
        let named = ["COMPUTERNAME", "HOSTNAME"].map(std::env::var_os);
        let named = named.into_iter().flatten().map(|name| name.as_encoded_bytes().to_vec());
        // What the shell says may be there or not; only where nothing else is, it has to do.
        let machine: Vec<u8> = of_machine.into_iter().flatten().flatten().collect();
        let machine = if machine.is_empty() { named.flatten().collect() } else { machine };
        is_known_again = !machine.is_empty();
        hash.update(machine);
        hash.update(whole.as_os_str().as_encoded_bytes());
    }
    let mark = format!("{:x}", hash.finalize()).chars().take(16).collect();
    Ok((mark, is_known_again))
}

/// The documents of the folder's files as they are now or were before, by path, the newest first.
pub(super) struct Earlier<'d> {
    mark: &'d str,
    by_path: HashMap<&'d str, Vec<&'d Document>>,
}

/// A document that gives way to another.
struct Replacement {
    place: String,
    older: DocumentId,
    newer: DocumentId,
}

/// The documents that give way, in the order in which the others will be ready.
#[derive(Default)]
pub(super) struct Replacements {
    waiting: VecDeque<Replacement>,
    /// The paths of those that were deleted.
    pub(super) done: HashSet<String>,
    /// How many stay, since what would replace them cannot be found.
    pub(super) left: usize,
    /// What could not be deleted.
    pub(super) failures: Vec<Remark>,
}

impl<'d> Earlier<'d> {
    /// Of the collection's documents, the newest first.
    pub(super) fn of(documents: &'d [Document], mark: &'d str) -> Self {
        let mut by_path: HashMap<&str, Vec<&Document>> = HashMap::new();
        for document in documents {
            let noted = |key: &str| document.metadata.as_map().get(key).and_then(Value::as_str);
            if let (Some(path), true) = (noted(PATH), noted(FOLDER) == Some(mark)) {
                by_path.entry(path).or_default().push(document);
            }
        }
        Self { mark, by_path }
    }

    /// Whether the file at this path was switched off: then its next version is nobody's to search
    /// before somebody says so.
    pub(super) fn is_off(&self, place: &str) -> bool {
        let last = self.by_path.get(place).and_then(|versions| versions.first());
        last.is_some_and(|last| !last.enabled)
    }

    /// How the file at this path is added: with all that was said of its last version.
    pub(super) fn addition(&self, place: &str) -> Addition {
        let last = self.by_path.get(place).and_then(|versions| versions.first());
        let mut noted = last.map_or_else(Map::new, |last| last.metadata.as_map().clone());
        noted.insert(PATH.to_owned(), place.into());
        noted.insert(FOLDER.to_owned(), self.mark.into());
        Addition { name: last.map(|last| last.name.clone()), noted: Value::Object(noted) }
    }

    /// What is noted of a document from now on that a file of this folder has the content of, and
    /// one of another folder too: it is no folder's own any more, and stays whatever changes there.
    /// None where it is ours alone, or nobody's already.
    pub(super) fn shared(&self, document: &Document) -> Option<Map<String, Value>> {
        let noted = document.metadata.as_map();
        let mark = noted.get(FOLDER).and_then(Value::as_str)?;
        let mut shared = noted.clone();
        shared.remove(FOLDER);
        (mark != self.mark).then_some(shared)
    }

    /// What gives way to these; those that were not added now are known by their content. What
    /// another file of the folder says by now has only moved.
    pub(super) fn replaced(
        &self,
        taken: &[Taken<'_>],
        refused: &[String],
        known: &HashMap<&str, &Document>,
    ) -> Replacements {
        let taken_hashes = taken.iter().map(|it| it.hash.as_str());
        let present: HashSet<&str> =
            taken_hashes.chain(refused.iter().map(String::as_str)).collect();
        let added = taken.iter().filter_map(|it| Some((it.hash.as_str(), it.document?)));
        let newer: HashMap<&str, DocumentId> =
            known.iter().map(|(hash, it)| (*hash, it.id)).chain(added).collect();
        let mut places: HashMap<&str, usize> = HashMap::new();
        taken.iter().for_each(|it| *places.entry(it.place).or_default() += 1);
        let (mut waiting, mut left) = (VecDeque::new(), 0);
        for Taken { place, hash, .. } in taken {
            let Some(&newer) = newer.get(hash.as_str()) else { continue };
            // Names that are not Unicode may look the same: whose versions these are is not known.
            if places[place] > 1 {
                continue;
            }
            for older in self.by_path.get(place).into_iter().flatten() {
                let is_gone = older.sha256.as_deref().is_some_and(|hash| !present.contains(hash));
                if is_gone && !older.enabled {
                    // That it is off is to be known of its next version too.
                    left += 1;
                } else if is_gone {
                    let (place, older) = ((*place).to_owned(), older.id);
                    waiting.push_back(Replacement { place, older, newer });
                }
            }
        }
        Replacements { waiting, left, ..Replacements::default() }
    }
}

impl Replacements {
    /// Deletes those whose next version can be found by now, up to the first whose is not read yet.
    pub(super) async fn go_on(&mut self, library: &Library, id: CollectionId) -> Result<()> {
        while let Some(next) = self.waiting.front() {
            let newer = library.document(id, next.newer).await?;
            let is_off = newer.as_ref().is_some_and(|newer| !newer.enabled);
            match newer.map(|newer| newer.status) {
                Some(DocumentStatus::Pending | DocumentStatus::Processing) => return Ok(()),
                Some(DocumentStatus::Ready) if is_off => self.left += 1,
                Some(DocumentStatus::Ready) => match library.delete(id, next.older).await {
                    Ok(()) => drop(self.done.insert(next.place.clone())),
                    Err(error) => {
                        let reason = format!("its older version could not be removed: {error}");
                        self.failures.push(Remark { place: next.place.clone(), reason });
                    }
                },
                Some(DocumentStatus::Failed) | None => self.left += 1,
            }
            self.waiting.pop_front();
        }
        Ok(())
    }

    /// Not all of the folder was looked at, so that what its files say is not known: nothing goes.
    pub(super) fn stay(&mut self) {
        self.left += self.waiting.len();
        self.waiting.clear();
    }

    /// How many stay for now.
    pub(super) fn staying(&self) -> usize {
        self.left + self.waiting.len()
    }
}
