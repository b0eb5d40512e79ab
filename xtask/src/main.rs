//! The chores of this repository that are written in Rust: `cargo xtask <chore>`.
//!
//! - `tidy` checks the rules of the house that the compiler cannot check.

use std::path::PathBuf;
use std::process::ExitCode;

mod tidy;

fn main() -> ExitCode {
    // Asked when it runs: another checkout may have built this program.
    let Some(package) = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from) else {
        eprintln!("run this with Cargo: cargo xtask tidy");
        return ExitCode::from(2);
    };
    match std::env::args().nth(1).as_deref() {
        Some("tidy") => tidy::run(&package.join("..")),
        _ => {
            eprintln!("usage: cargo xtask tidy");
            ExitCode::from(2)
        }
    }
}
