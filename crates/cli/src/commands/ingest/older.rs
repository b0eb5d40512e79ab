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

/// What a folder is known by: two may hold files of the same paths. It tells nobody where it lies.
/// A file alone is one of the folder around it.
pub(super) fn mark(folder: &Path) -> std::io::Result<String> {
    let whole = folder.canonicalize()?;
    let whole = if whole.is_file() { whole.parent().unwrap_or(&whole) } else { &whole };
    let hash = format!("{:x}", Sha256::digest(whole.as_os_str().as_encoded_bytes()));
    Ok(hash.chars().take(16).collect())
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

    /// How the file at this path is added: with all that was said of its last version.
    pub(super) fn addition(&self, place: &str) -> Addition {
        let last = self.by_path.get(place).and_then(|versions| versions.first());
        let mut noted = last.map_or_else(Map::new, |last| last.metadata.as_map().clone());
        noted.insert(PATH.to_owned(), place.into());
        noted.insert(FOLDER.to_owned(), self.mark.into());
        Addition {
            name: last.map(|last| last.name.clone()),
            noted: Value::Object(noted),
            enabled: last.is_none_or(|last| last.enabled),
        }
    }

    /// What gives way to these; those that were not added now are known by their content. What
    /// another file of the folder says by now has only moved.
    pub(super) fn replaced(
        &self,
        taken: &[Taken<'_>],
        known: &HashMap<&str, DocumentId>,
    ) -> Replacements {
        let present: HashSet<&str> = taken.iter().map(|it| it.hash.as_str()).collect();
        let added = taken.iter().filter_map(|it| Some((it.hash.as_str(), it.document?)));
        let newer: HashMap<&str, DocumentId> =
            known.iter().map(|(k, v)| (*k, *v)).chain(added).collect();
        let mut waiting = VecDeque::new();
        for Taken { place, hash, .. } in taken {
            let Some(&newer) = newer.get(hash.as_str()) else { continue };
            for older in self.by_path.get(place).into_iter().flatten() {
                if older.sha256.as_deref().is_some_and(|hash| !present.contains(hash)) {
                    let (place, older) = ((*place).to_owned(), older.id);
                    waiting.push_back(Replacement { place, older, newer });
                }
            }
        }
        Replacements { waiting, ..Replacements::default() }
    }
}

impl Replacements {
    /// Deletes those whose next version can be found by now, up to the first whose is not read yet.
    pub(super) async fn go_on(&mut self, library: &Library, id: CollectionId) -> Result<()> {
        while let Some(next) = self.waiting.front() {
            let status = library.document(id, next.newer).await?.map(|it| it.status);
            match status {
                Some(DocumentStatus::Pending | DocumentStatus::Processing) => return Ok(()),
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

    /// How many stay for now.
    pub(super) fn staying(&self) -> usize {
        self.left + self.waiting.len()
    }
}
