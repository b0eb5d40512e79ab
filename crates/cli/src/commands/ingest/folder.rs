//! The files of a folder, and what their content is known by.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// How much of a file is read at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// A file to be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its path below the folder, with `/` on every system.
    pub(super) place: String,
}

impl Found {
    /// Its name without the folders above it.
    pub(super) fn name(&self) -> String {
        let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_else(|| self.place.clone())
    }
}

/// All files in the folder and below it, in order. What begins with a dot is left out, and links
/// to folders are not followed: they may lead in a circle. A file stands for itself.
pub(super) fn files(folder: &Path) -> Result<Vec<Found>> {
    let unusable = |path: &Path, error: std::io::Error| Error::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let about = std::fs::metadata(folder).map_err(|error| unusable(folder, error))?;
    if about.is_file() {
        let path = folder.to_owned();
        let place = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        return Ok(vec![Found { path, place: place.unwrap_or_default() }]);
    }
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(below) = open.pop() {
        for entry in std::fs::read_dir(&below).map_err(|error| unusable(&below, error))? {
            let entry = entry.map_err(|error| unusable(&below, error))?;
            let path = entry.path();
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let kind = entry.file_type().map_err(|error| unusable(&path, error))?;
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() || (kind.is_symlink() && path.is_file()) {
                let place = place(folder, &path);
                found.insert(place.clone(), Found { path, place });
            }
        }
    }
    Ok(found.into_values().collect())
}

fn place(folder: &Path, path: &Path) -> String {
    let below = path.strip_prefix(folder).unwrap_or(path);
    let parts = below.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    parts.collect::<Vec<_>>().join("/")
}

/// SHA-256 of the file's content in hexadecimal; read piece by piece.
pub(super) fn sha256(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(format!("{:x}", hash.finalize())),
            read => hash.update(&piece[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_in_order_without_what_is_hidden() {
        let folder = tempfile::tempdir().unwrap();
        let at = |place: &str| folder.path().join(place);
        std::fs::create_dir_all(at("b/c")).unwrap();
        std::fs::create_dir_all(at(".git")).unwrap();
        for place in ["z.md", "b/c/deep.txt", "a.txt", ".hidden", ".git/config"] {
            std::fs::write(at(place), place).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path(), at("b/circle")).unwrap();
        let found = files(folder.path()).unwrap();
        let places: Vec<_> = found.iter().map(|found| found.place.as_str()).collect();
        assert_eq!(places, ["a.txt", "b/c/deep.txt", "z.md"]);
        assert_eq!(found[1].name(), "deep.txt");
        let alone = files(&at("z.md")).unwrap();
        assert_eq!((alone.len(), alone[0].place.as_str()), (1, "z.md"));
        assert!(files(&at("nowhere")).is_err());
    }

    #[test]
    fn a_content_is_known_by_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(&path).unwrap(), known);
    }
}
