//! Letters over an encrypted line: an invitation goes out, and its link makes a user.

use serde_json::{Value, json};
use vpaura_test_support::{Manners, SmtpServer};

use crate::server::Server;

const INVITATIONS: &str = "/workspaces/00000000-0000-7000-8000-000000000001/invitations";

/// Starts a server that sends by this mail server, invites Ada, and says what it answered.
async fn invite(mail: &SmtpServer, certificates: &str) -> (tempfile::TempDir, Server, Value) {
    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("trusted.pem");
    std::fs::write(&trusted, certificates).unwrap();
    let url = format!("smtps://vpaura:a%20secret@localhost:{}", mail.port());
    let settings = [
        ("VPAURA__MAIL__URL", url.as_str()),
        ("VPAURA__MAIL__FROM", "chat@example.org"),
        ("VPAURA__SERVER__PUBLIC_URL", "https://chat.example"),
        ("SSL_CERT_FILE", trusted.to_str().unwrap()),
    ];
    let server = Server::start(folder.path(), &settings);
    let ada = json!({ "email": "ada@example.org", "role": "member" });
    let answer = server.post(INVITATIONS, &ada).await;
    assert_eq!(answer.status(), 201);
    let answer = answer.json().await.unwrap();
    (folder, server, answer)
}

/// The letter's text, its lines put together again (RFC 2045, 6.7).
fn text(letter: &[String]) -> String {
    let mut text = String::new();
    for line in letter {
        match line.strip_suffix('=') {
            Some(part) => text.push_str(part),
            None => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text.replace("=3D", "=")
}

#[tokio::test]
async fn an_invitation_goes_out_encrypted_and_its_link_makes_a_user() {
    let (mail, certificate) = SmtpServer::start_encrypted(Manners::default()).await.unwrap();
    let (_folder, server, answer) = invite(&mail, &certificate).await;
    assert_eq!(answer["mailed"], true, "{answer}");
    let letter = text(&mail.letter());
    let link = letter.split_whitespace().find(|word| word.starts_with("https://chat.example/"));
    let link = link.unwrap_or_else(|| panic!("a link: {letter}"));
    assert_eq!(answer["url"], link);
    let token = link.split("token=").nth(1).unwrap();
    let new = json!({
        "email": "Ada@example.org", "password": "a long walk along the river",
        "invitation_token": token,
    });
    let registered = server.post("/auth/register", &new).await;
    assert_eq!(registered.status(), 201);
    let registered: Value = registered.json().await.unwrap();
    assert_eq!(registered["user"]["email"], "Ada@example.org");
}

#[tokio::test]
async fn a_mail_server_that_nobody_vouches_for_hears_nothing() {
    let (mail, _) = SmtpServer::start_encrypted(Manners::default()).await.unwrap();
    let (_, others) = SmtpServer::start_encrypted(Manners::default()).await.unwrap();
    let (_folder, _server, answer) = invite(&mail, &others).await;
    assert_eq!(answer["mailed"], false, "{answer}");
    assert!(mail.heard().is_empty(), "{:?}", mail.heard());
    assert!(answer["url"].as_str().unwrap().contains("token="), "it can be handed over");
}
