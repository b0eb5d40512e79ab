//! The secrets of a developer's machine: generated once and kept in the data folder, so that
//! sessions survive a restart.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use secrecy::SecretString;

use crate::sections::auth::MIN_SECRET_BYTES;

/// The secret kept in `dir` under this name, made from `entropy` when there is none. The file is readable by its
/// owner alone. The second value says whether it is new.
pub(crate) fn load_or_generate(
    dir: &Path,
    name: &str,
    entropy: impl FnOnce() -> io::Result<[u8; 32]>,
) -> io::Result<(SecretString, bool)> {
    let path = dir.join(name);
    match fs::read_to_string(&path) {
        Ok(text) if text.trim().len() >= MIN_SECRET_BYTES => {
            return Ok((SecretString::from(text.trim().to_owned()), false));
        }
        Ok(_) => return Err(io::Error::other("the secret in it is too short; delete the file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    fs::create_dir_all(dir)?;
    let secret: String = entropy()?.iter().map(|byte| format!("{byte:02x}")).collect();
    // Written aside and renamed: a crash between the two never leaves half a secret.
    let draft = dir.join(format!("{name}.{}", std::process::id()));
    write_private(&draft, &secret)?;
    fs::rename(&draft, &path)?;
    // Read back, because another process that started at the same time may have been last.
    Ok((SecretString::from(fs::read_to_string(&path)?), true))
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
