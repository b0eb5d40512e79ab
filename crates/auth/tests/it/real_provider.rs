//! A real OpenID Connect provider, in a process of its own: see `tests/oidc-server`.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;

use vpaura_auth::{OidcProvider, OidcSettings};
use vpaura_domain::SystemClock;

/// Where the provider sends browsers back to. Nothing listens there.
pub(crate) const REDIRECT: &str = "https://chat.example/api/v1/auth/oidc/callback";
/// What every client of the provider has in common.
pub(crate) const SECRET: &str = "the secret of a client: 100% & more";

/// The running provider. It ends with this value.
pub(crate) struct RealProvider {
    pub(crate) issuer: String,
    child: Child,
    stdin: Option<ChildStdin>,
}

impl RealProvider {
    /// Starts one, or says why it does not.
    pub(crate) fn start(arguments: &[&str]) -> Option<Self> {
        let node = Command::new("node").arg("--version").stdout(Stdio::null()).status();
        if !node.is_ok_and(|status| status.success()) {
            let skipped = std::env::var_os("VPAURA_SKIP_NODE").is_some();
            assert!(skipped, "Node and npm must be installed (or set VPAURA_SKIP_NODE=1)");
            eprintln!("skipped: there is no Node, and VPAURA_SKIP_NODE is set");
            return None;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc-server/run.sh");
        let mut child = Command::new(script)
            .arg(REDIRECT)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("run.sh starts");
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("its output");
        let mut issuer = String::new();
        BufReader::new(stdout).read_line(&mut issuer).expect("a line");
        let issuer = issuer.trim().to_owned();
        assert!(issuer.starts_with("http://127.0.0.1:"), "the provider did not start: {issuer:?}");
        Some(Self { issuer, child, stdin })
    }

    /// Our settings for one of its clients.
    pub(crate) fn settings(&self, client_id: &str) -> OidcSettings {
        OidcSettings {
            issuer: self.issuer.clone(),
            client_id: client_id.to_owned(),
            client_secret: Some(SECRET.into()),
            redirect_uri: REDIRECT.to_owned(),
            scopes: ["openid", "profile", "email", "groups"].map(str::to_owned).to_vec(),
            groups_claim: Some("groups".to_owned()),
        }
    }

    /// The provider as we see it, by the real time.
    pub(crate) fn client(&self, settings: OidcSettings) -> OidcProvider {
        OidcProvider::new(settings, http_client(), Arc::new(SystemClock)).expect("good settings")
    }
}

impl Drop for RealProvider {
    /// It ends when its input does.
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

pub(crate) fn http_client() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.build().expect("a client")
}
