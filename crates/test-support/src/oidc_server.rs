//! A real OpenID Connect provider, in a process of its own: see `oidc-server`.

use std::io::{self, BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// The running provider. It ends with this value.
#[derive(Debug)]
pub struct OidcServer {
    issuer: String,
    child: Child,
    stdin: Option<ChildStdin>,
}

impl OidcServer {
    /// The secret of every client that has one.
    pub const SECRET: &str = "the secret of a client: 100% & more";

    /// Starts one that sends browsers back to `redirect_uri`; the arguments are those of
    /// `server.mjs`. `None` where there is no Node and `VPAURA_SKIP_NODE` is set.
    ///
    /// # Errors
    /// When there is no Node, or the provider does not start.
    pub fn start(redirect_uri: &str, arguments: &[&str]) -> io::Result<Option<Self>> {
        let node = Command::new("node").arg("--version").stdout(Stdio::null()).status();
        if !node.is_ok_and(|status| status.success()) {
            if std::env::var_os("VPAURA_SKIP_NODE").is_some() {
                return Ok(None);
            }
            let advice = "Node and npm must be installed (or set VPAURA_SKIP_NODE=1)";
            return Err(io::Error::new(io::ErrorKind::NotFound, advice));
        }
        // Tests run in their package's folder.
        let script = Path::new("../test-support/oidc-server/run.sh");
        let mut child = Command::new(script)
            .arg(redirect_uri)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take();
        let mut issuer = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut issuer)?;
        }
        let issuer = issuer.trim().to_owned();
        let started = Self { issuer, child, stdin };
        if !started.issuer.starts_with("http://127.0.0.1:") {
            return Err(io::Error::other("the identity provider did not start"));
        }
        Ok(Some(started))
    }

    /// Its address, which is its name.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

impl Drop for OidcServer {
    /// It ends when its input does.
    fn drop(&mut self) {
        drop(self.stdin.take());
        // Where it has ended already there is nothing to wait for.
        let _ = self.child.wait();
    }
}
