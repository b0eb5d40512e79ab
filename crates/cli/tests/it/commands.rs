//! The commands that end by themselves.

use std::io::Write as _;
use std::process::Stdio;

use vpaura_test_support::S3Server;

use crate::server::{Server, program};

fn run(
    data: &std::path::Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> (bool, String, String) {
    let mut command = program(data);
    command.args(arguments).envs(environment.iter().copied());
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[test]
fn doctor_is_well_on_a_fresh_machine_and_says_what_to_mend() {
    let data = tempfile::tempdir().unwrap();
    let (well, told, _) = run(data.path(), &["doctor"], &[("PORT", "0")]);
    assert!(well, "{told}");
    assert!(told.contains("builtin/extractive") && told.contains("OPENAI_API_KEY"), "{told}");
    let bad =
        [("OPENAI_BASE_URL", "http://127.0.0.1:1/v1"), ("LLM_MODEL", "openai/any"), ("PORT", "0")];
    let (well, told, _) = run(data.path(), &["doctor"], &bad);
    assert!(!well && told.contains("FAIL  models: openai"), "{told}");
    let (well, told, _) = run(data.path(), &["doctor"], &[("VPAURA__SERVER__PROT", "1")]);
    assert!(!well && told.contains("VPAURA__SERVER__PORT"), "{told}");
    let production = [("ENVIRONMENT", "production"), ("SESSION_SECRET", "short")];
    let (well, told, _) = run(data.path(), &["doctor"], &production);
    assert!(!well && told.contains("session_secret"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn doctor_finds_what_would_stop_a_server_at_its_start() {
    let data = tempfile::tempdir().unwrap();
    let ill = |setting: &[(&str, &str)], wanted: &str| {
        let settings = [&[("PORT", "0")], setting].concat();
        let (well, told, _) = run(data.path(), &["doctor"], &settings);
        assert!(!well && told.contains(wanted), "{wanted}: {told}");
    };
    ill(&[("VPAURA__PROMPTS__DIR", "/nowhere/at/all")], "FAIL  prompts: /nowhere/at/all");
    let no_model = [("VPAURA__KNOWLEDGE__EMBEDDER", "local/nothing")];
    ill(&no_model, "FAIL  embedder and reranker: knowledge.embedder");
    let no_model = [("VPAURA__KNOWLEDGE__RERANKER", "local/nothing")];
    ill(&no_model, "FAIL  embedder and reranker: knowledge.reranker");
    ill(&[("VPAURA__FILES__SCANNER", "unix:///nowhere/clamd.ctl")], "FAIL  scanner: ");
    let file = data.path().join("file");
    std::fs::write(&file, "no folder").unwrap();
    let folder = file.join("data");
    let folder = folder.to_str().unwrap();
    ill(&[("DATA_DIR", folder)], "FAIL  data folder: ");
    ill(&[("DATA_DIR", folder)], "set DATA_DIR to another folder");
    let bucket = S3Server::start().await.unwrap();
    let url = bucket.url();
    let storage = |key| {
        [
            ("PORT", "0"),
            ("VPAURA__FILES__STORAGE", "s3"),
            ("VPAURA__FILES__S3_ENDPOINT", url.as_str()),
            ("VPAURA__FILES__S3_BUCKET", S3Server::BUCKET),
            ("VPAURA__FILES__S3_ACCESS_KEY", key),
            ("VPAURA__FILES__S3_SECRET_KEY", "anything"),
        ]
    };
    ill(&storage("another"), "FAIL  files: ");
    let (well, told, _) = run(data.path(), &["doctor"], &storage(S3Server::KEY));
    assert!(well && told.contains("the bucket files-of-tests answers"), "{told}");
}

#[test]
fn migrations_go_up_and_down() {
    let data = tempfile::tempdir().unwrap();
    let migrate = |action: &[&str]| run(data.path(), &[&["migrate"], action].concat(), &[]).1;
    assert!(migrate(&["status"]).contains("missing"));
    assert!(migrate(&["up"]).contains("applied"));
    assert!(!migrate(&["status"]).contains("missing"));
    assert!(migrate(&["down", "1"]).contains("1 migrations undone"));
    assert!(migrate(&["status"]).contains("missing"));
}

#[test]
fn chat_alone_quotes_a_file() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("policy.md");
    let mut file = std::fs::File::create(&path).unwrap();
    writeln!(file, "# Refunds\n\nCustomers in the EU get 85 percent back.").unwrap();
    let arguments =
        ["chat", "--file", path.to_str().unwrap(), "How much do EU customers get back?"];
    let (well, told, about) = run(data.path(), &arguments, &[]);
    assert!(well, "{about}");
    assert!(told.contains("85 percent"), "{told}");
    assert!(about.contains("policy.md, lines"), "{about}");
}

#[tokio::test]
async fn chat_with_a_server_quotes_a_file() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path().join("policy.md");
    std::fs::write(&path, "# Refunds\n\nCustomers in the EU get 85 percent back.\n").unwrap();
    let question = "How much do EU customers get back?";
    let arguments = ["chat", "--server", &server.url, "--file", path.to_str().unwrap(), question];
    let (well, told, about) = run(elsewhere.path(), &arguments, &[]);
    assert!(well, "{about}");
    assert!(told.contains("85 percent"), "{told}");
    let (well, _, about) = run(elsewhere.path(), &arguments, &[("VPAURA_API_KEY", "wrong")]);
    assert!(!well && about.contains("UNAUTHORIZED"), "{about}");
}

#[test]
fn users_are_managed_at_the_server_itself() {
    let data = tempfile::tempdir().unwrap();
    let admin = |arguments: &[&str], typed: &str| {
        let mut command = program(data.path());
        command.arg("admin").args(arguments).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    let create = ["create-user", "Ada@Example.org", "--password-stdin"];
    let (well, told, _) = admin(&create, "seven sober otters sing\n");
    assert!(well && told.contains("who owns the installation"), "{told}");
    let (well, _, why) = admin(&["create-user", "eve@example.org", "--password-stdin"], "short\n");
    assert!(!well && why.contains("at least 15 characters"), "{why}");
    let (well, told, why) = admin(&["create-user", "bob@example.org", "--no-password"], "");
    assert!(well && !told.contains("owns"), "{told}{why}");
    let (_, told, _) = admin(&["list-users"], "");
    assert!(told.lines().count() == 2 && told.contains("Ada@Example.org  owner"), "{told}");
    let (well, told, _) = admin(&["suspend-user", "BOB@example.org"], "");
    assert!(well && told.contains("is suspended"), "{told}");
    let (well, _, why) = admin(&["suspend-user", "ada@example.org"], "");
    assert!(!well && why.contains("last owner"), "{why}");
    let (well, told, about) = admin(&["reset-password", "bob@example.org"], "");
    assert!(
        well && told.contains("/reset-password?token=vpp_") && about.contains("once"),
        "{told}{about}"
    );
    let (well, _, why) = admin(&["reset-password", "nobody@example.org"], "");
    assert!(!well && why.contains("not found"), "{why}");
}
