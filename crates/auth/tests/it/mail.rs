//! Letters, handed to a server that listens.

use std::sync::Arc;
use std::time::Duration;

use url::Url;
use vpaura_auth::{Email, Invitation, MailError, MailSettings, MailTls, Mailer, PasswordReset};
use vpaura_domain::{FixedClock, SequentialIds, Timestamp};
use vpaura_test_support::{Manners, SmtpServer};

fn settings(server: &SmtpServer) -> MailSettings {
    MailSettings {
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        tls: MailTls::None,
        credentials: Some(("vpaura".to_owned(), "a secret of the mailer".into())),
        from: email("chat@example.org"),
        service: "VPAura Zürich".to_owned(),
    }
}

fn mailer(settings: &MailSettings) -> Mailer {
    let clock = FixedClock::at(Timestamp::from_millis(1_800_000_000_000));
    Mailer::smtp(settings, Arc::new(clock), Arc::new(SequentialIds::default())).expect("settings")
}

fn email(text: &str) -> Email {
    Email::parse(text).expect("an address")
}

async fn reset(mailer: &Mailer, to: &str) -> Result<(), MailError> {
    let link = Url::parse("https://chat.example/reset?token=vpp_x").expect("an address");
    let works_for = Duration::from_secs(3_600);
    mailer.send_password_reset(&email(to), PasswordReset { link: &link, works_for }).await
}

#[tokio::test]
async fn a_letter_arrives_as_it_should() {
    let server = SmtpServer::start(Manners::default()).await.expect("listens");
    let mailer = mailer(&settings(&server));
    assert!(mailer.is_enabled());
    assert_eq!(format!("{mailer:?}"), "Mailer(enabled: true)");
    reset(&mailer, "Ada@Example.org").await.expect("is taken");
    let heard = server.heard();
    assert_eq!(heard.first().map(String::as_str), Some("EHLO example.org"));
    assert!(heard.iter().any(|line| line.starts_with("AUTH PLAIN ")), "{heard:?}");
    assert!(heard.contains(&"MAIL FROM:<chat@example.org>".to_owned()), "{heard:?}");
    assert!(heard.contains(&"RCPT TO:<Ada@example.org>".to_owned()), "{heard:?}");
    insta::assert_snapshot!(server.letter().join("\n"), @r#"
From: =?utf-8?b?VlBBdXJhIFrDvHJpY2g=?= <chat@example.org>
To: Ada@example.org
Subject: Set a new password for VPAura =?utf-8?b?WsO8cmljaA==?=
Date: Fri, 15 Jan 2027 08:00:00 +0000
Message-ID: <01900000-0000-7000-8000-000000000001@example.org>
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary="part-01900000000070008000000000000001"

--part-01900000000070008000000000000001
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Somebody asked to set a new password for your user at VPAura Z=C3=BCrich.

Set a new password:
https://chat.example/reset?token=3Dvpp_x

The link works once, for 1 hour. If it was not you who asked, nothing needs=
 to be done: your password stays as it is.

--part-01900000000070008000000000000001
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<!doctype html>
<html lang=3D"en">
<body style=3D"font-family:sans-serif;line-height:1.5">
<p>Somebody asked to set a new password for your user at VPAura Z=C3=BCrich=
..</p>
<p><a href=3D"https://chat.example/reset?token=3Dvpp_x">Set a new password<=
/a></p>
<p style=3D"color:#555">The link works once, for 1 hour. If it was not you =
who asked, nothing needs to be done: your password stays as it is.</p>
</body>
</html>

--part-01900000000070008000000000000001--
"#);
}

#[tokio::test]
async fn names_make_no_headers_and_no_recipients() {
    let server = SmtpServer::start(Manners::default()).await.expect("listens");
    let link = Url::parse("https://chat.example/join?token=vpi_x").expect("an address");
    let invitation = Invitation {
        link: &link,
        works_for: Duration::from_secs(86_400),
        workspace: "R&D\r\nBcc: all@example.org\r\n\r\n.\r\nRCPT TO:<all@example.org>",
        inviter: "Ada\n.\nQUIT",
    };
    let mailer = mailer(&settings(&server));
    mailer.send_invitation(&email("bob@example.org"), invitation).await.expect("is taken");
    let heard = server.heard();
    let recipients: Vec<&String> = heard.iter().filter(|line| line.starts_with("RCPT")).collect();
    assert_eq!(recipients, ["RCPT TO:<bob@example.org>"]);
    assert!(!heard.iter().any(|line| line.starts_with("Bcc")), "{heard:?}");
    assert_eq!(heard.iter().filter(|line| *line == ".").count(), 1, "one end: {heard:?}");
}

#[tokio::test]
async fn an_international_address_gets_a_letter() {
    let server = SmtpServer::start(Manners::default()).await.expect("listens");
    reset(&mailer(&settings(&server)), "jürgen@bücher.example").await.expect("is taken");
    let to = "RCPT TO:<jürgen@xn--bcher-kva.example>".to_owned();
    assert!(server.heard().contains(&to), "{:?}", server.heard());
}

#[tokio::test]
async fn a_refusal_has_its_code_and_no_words() {
    for (answer, code) in [("550 no such user ada", 550), ("451 later", 451)] {
        let manners = Manners { recipient: Some(answer), ..Manners::default() };
        let server = SmtpServer::start(manners).await.expect("listens");
        let refused = reset(&mailer(&settings(&server)), "ada@example.org").await;
        assert_eq!(refused, Err(MailError::Refused { code }));
    }
}

#[tokio::test]
async fn no_password_goes_over_an_open_line() {
    // One server does not offer encryption, the other offers it and cannot.
    for offers_tls in [false, true] {
        let server =
            SmtpServer::start(Manners { offers_tls, ..Manners::default() }).await.expect("listens");
        for tls in [MailTls::StartTls, MailTls::Tls] {
            let mailer = mailer(&MailSettings { tls, ..settings(&server) });
            let failed = reset(&mailer, "ada@example.org").await;
            assert!(matches!(failed, Err(MailError::Unreachable(_))), "{failed:?}");
        }
        let heard = server.heard();
        assert!(
            !heard.iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")),
            "{heard:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_left() {
    let server =
        SmtpServer::start(Manners { silent: true, ..Manners::default() }).await.expect("listens");
    let before = tokio::time::Instant::now();
    let failed = reset(&mailer(&settings(&server)), "ada@example.org").await;
    assert_eq!(failed, Err(MailError::Unreachable("it took too long".to_owned())));
    assert!(before.elapsed() <= Duration::from_secs(30), "{:?}", before.elapsed());
}

#[tokio::test]
async fn without_a_server_it_says_so() {
    let clock = Arc::new(FixedClock::at(Timestamp::default()));
    let mailer = Mailer::disabled(clock, Arc::new(SequentialIds::default()));
    assert!(!mailer.is_enabled());
    assert_eq!(reset(&mailer, "ada@example.org").await, Err(MailError::Disabled));
}
