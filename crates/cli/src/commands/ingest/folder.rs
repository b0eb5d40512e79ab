//! The files of a folder, and what their content is known by.

use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::report::Remark;
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

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) files: Vec<Found>,
    /// What below it cannot be looked into.
    pub(super) failures: Vec<Remark>,
}

/// All files in the folder and below it, in order. What begins with a dot is left out, and links
/// to folders are not followed: they may lead in a circle. A file stands for itself.
pub(super) fn files(folder: &Path) -> Result<Contents> {
    let unusable = |error: std::io::Error| Error::File {
        path: folder.display().to_string(),
        reason: error.to_string(),
    };
    if std::fs::metadata(folder).map_err(unusable)?.is_file() {
        let path = folder.to_owned();
        let place = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        let file = Found { path, place: place.unwrap_or_default() };
        return Ok(Contents { files: vec![file], ..Contents::default() });
    }
    let mut contents = Contents::default();
    let mut open = Vec::new();
    look_into(folder, folder, &mut contents.files, &mut open).map_err(unusable)?;
    while let Some(below) = open.pop() {
        // The others are taken in all the same.
        if let Err(error) = look_into(folder, &below, &mut contents.files, &mut open) {
            let failure = Remark { place: place(folder, &below), reason: error.to_string() };
            contents.failures.push(failure);
        }
    }
    // Places may be the same where names are not Unicode; the paths differ.
    contents.files.sort_by(|a, b| (&a.place, &a.path).cmp(&(&b.place, &b.path)));
    Ok(contents)
}

/// Adds the files that lie in the folder `below` to `files`, and the folders to `open`.
fn look_into(
    folder: &Path,
    below: &Path,
    files: &mut Vec<Found>,
    open: &mut Vec<PathBuf>,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(below)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            open.push(path);
        } else if kind.is_file() || (kind.is_symlink() && path.is_file()) {
            let place = place(folder, &path);
            files.push(Found { path, place });
        }
    }
    Ok(())
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
        let found = files(folder.path()).unwrap().files;
        let places: Vec<_> = found.iter().map(|found| found.place.as_str()).collect();
        assert_eq!(places, ["a.txt", "b/c/deep.txt", "z.md"]);
        assert_eq!(found[1].name(), "deep.txt");
        let alone = files(&at("z.md")).unwrap().files;
        assert_eq!((alone.len(), alone[0].place.as_str()), (1, "z.md"));
        assert!(files(&at("nowhere")).is_err());
    }

    // Other systems keep no such names.
    #[cfg(target_os = "linux")]
    #[test]
    fn files_whose_names_are_not_unicode_are_all_found() {
        use std::os::unix::ffi::OsStrExt;

        let folder = tempfile::tempdir().unwrap();
        let names: [&[u8]; 2] = [b"caf\xe9.txt", b"caf\xe8.txt"];
        for name in names {
            std::fs::write(folder.path().join(std::ffi::OsStr::from_bytes(name)), name).unwrap();
        }
        let found = files(folder.path()).unwrap().files;
        assert!(found.iter().all(|found| found.place == "caf\u{fffd}.txt"), "{found:?}");
        let contents: Vec<_> =
            found.iter().map(|found| std::fs::read(&found.path).unwrap()).collect();
        assert_eq!(contents, [names[1], names[0]]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_cannot_be_read_is_told_and_the_others_are_read() {
        use rustix::fs::{Mode, OFlags, mkdirat, openat};

        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), "a").unwrap();
        // So deep that its whole path is longer than any may be: not even root can read that.
        let name = "d".repeat(250);
        let mut below: rustix::fd::OwnedFd = std::fs::File::open(folder.path()).unwrap().into();
        for _ in 0..17 {
            mkdirat(&below, &*name, Mode::RWXU).unwrap();
            below = openat(&below, &*name, OFlags::DIRECTORY, Mode::empty()).unwrap();
        }
        let contents = files(folder.path()).unwrap();
        assert_eq!(contents.files.len(), 1, "{contents:?}");
        assert_eq!(contents.failures.len(), 1, "{contents:?}");
        assert!(contents.failures[0].place.starts_with(&format!("{name}/{name}/")));
        assert!(contents.failures[0].reason.contains("too long"), "{contents:?}");
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
