//! Local models beside the libraries of record, with broken folders, and from a scripted hub.
//! `scripts/make_model_fixtures.py` makes the fixtures.

mod broken;
mod hub;
mod reference;

use std::path::{Path, PathBuf};

/// The folder of a fixture.
fn fixture(name: &str) -> PathBuf {
    Path::new("tests/fixtures").join(name)
}

/// A fixture copied to where it may be changed.
fn copy(name: &str, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for file in std::fs::read_dir(fixture(name)).expect("the fixture") {
        let file = file.expect("a file");
        std::fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
    }
}
