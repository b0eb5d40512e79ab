//! Makes every test program able to be the child that reads files: started with the right first
//! argument, it never reaches its tests.

use std::ffi::OsStr;
use std::process::{self, ExitCode};

use vpaura_knowledge::extract::{ChildProgram, child_main};

use crate::held_children;

const ARGUMENT: &str = "extract-child";

/// The running test program as the child of an `Extractor`.
pub fn extract_child() -> ChildProgram {
    // Without a path the start of the child fails, and so does the test.
    let program = std::env::current_exe().unwrap_or_default();
    ChildProgram { program, args: vec![ARGUMENT.into()] }
}

#[ctor::ctor(unsafe)]
fn be_the_child() {
    let argument = std::env::args_os().nth(1);
    if argument.as_deref() == Some(OsStr::new(ARGUMENT)) {
        process::exit(i32::from(child_main() != ExitCode::SUCCESS));
    }
    if argument.as_deref() == Some(OsStr::new(held_children::ARGUMENT)) {
        held_children::be_held();
    }
}
