//! Where a process writes what comes in. Others may work in the same data folder at the same time:
//! another server, or a command beside it. So each has a folder of its own there, and holds a lock
//! on it for as long as it lives; whoever starts clears the folders whose locks are free.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The file that is locked, in a process's folder, and in the one they all lie in.
pub(super) const LOCK: &str = ".lock";

/// A process's own folder.
#[derive(Debug)]
pub(super) struct IncomingFolder {
    path: PathBuf,
    /// Free when this is dropped, or the process is gone.
    _lock: File,
}

impl IncomingFolder {
    /// Makes one in `root`, and clears those of processes that are gone.
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        // While it is held nobody else makes or clears one.
        let door = File::create(root.join(LOCK))?;
        match door.lock() {
            Ok(()) => clear(root)?,
            // Some network storage has no locks: then nobody can tell what is of use.
            Err(error) => tracing::warn!(%error, "what was left half-written is not cleared"),
        }
        let path = make(root)?;
        let lock = File::create_new(path.join(LOCK))?;
        if let Err(error) = lock.lock() {
            tracing::warn!(%error, "others cannot tell that uploads are under way here");
        }
        Ok(Self { path, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// A new folder with the first number that is free.
fn make(root: &Path) -> io::Result<PathBuf> {
    let mut number = 0_u64;
    loop {
        let path = root.join(number.to_string());
        match fs::create_dir(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            made => return made.map(|()| path),
        }
    }
}

fn clear(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        let path = entry.path();
        if !entry.file_type()?.is_dir() {
            // An earlier version put them here.
            fs::remove_file(&path)?;
        } else if !is_in_use(&path)? {
            fs::remove_dir_all(&path)?;
        }
    }
    Ok(())
}

fn is_in_use(folder: &Path) -> io::Result<bool> {
    let lock = match File::open(folder.join(LOCK)) {
        Ok(lock) => lock,
        // Its process ended before it was locked.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    match lock.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
