//! What the letters say.

use std::time::Duration;

use lettre::message::{MultiPart, SinglePart};
use uuid::Uuid;

use super::{Invitation, PasswordReset};
use crate::text::is_invisible;

/// The most characters of a name that somebody chose.
const MAX_NAME_CHARS: usize = 100;

/// A letter, not yet addressed.
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

pub(super) fn password_reset(service: &str, reset: PasswordReset<'_>) -> Letter {
    let service = name(service);
    compose(
        format!("Set a new password for {service}"),
        &format!("Somebody asked to set a new password for your user at {service}."),
        "Set a new password",
        reset.link.as_str(),
        &format!(
            "The link works once, for {}. If it was not you who asked, nothing needs to be done: \
             your password stays as it is.",
            period(reset.works_for)
        ),
    )
}

pub(super) fn invitation(service: &str, invitation: Invitation<'_>) -> Letter {
    let service = name(service);
    let (workspace, inviter) = (name(invitation.workspace), name(invitation.inviter));
    compose(
        format!("Invitation to {workspace} at {service}"),
        &format!("{inviter} invites you to the workspace {workspace} at {service}."),
        "Accept the invitation",
        invitation.link.as_str(),
        &format!(
            "The link works once, for {}. If you do not know who invites you, do not follow it.",
            period(invitation.works_for)
        ),
    )
}

/// Both forms of the letter, the HTML last as the better one.
pub(super) fn multipart(text: String, html: String, id: Uuid) -> MultiPart {
    MultiPart::alternative()
        .boundary(format!("part-{}", id.simple()))
        .singlepart(SinglePart::plain(text))
        .singlepart(SinglePart::html(html))
}

fn compose(subject: String, opening: &str, action: &str, link: &str, closing: &str) -> Letter {
    let text = format!("{opening}\n\n{action}:\n{link}\n\n{closing}\n");
    let [opening, link, closing] = [opening, link, closing].map(escaped);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<body style=\"font-family:sans-serif;line-height:1.5\">\n\
         <p>{opening}</p>\n<p><a href=\"{link}\">{action}</a></p>\n\
         <p style=\"color:#555\">{closing}</p>\n</body>\n</html>\n"
    );
    Letter { subject, text, html }
}

/// A name that somebody chose, on one line and without tricks. A mail program would make a link
/// of an address in it, so it cannot hold one.
fn name(text: &str) -> String {
    let visible = text.chars().map(|c| if is_invisible(c) { ' ' } else { c });
    let words = visible.take(MAX_NAME_CHARS).collect::<String>().replace("://", " ");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A duration in words, in the largest unit that is exact.
fn period(duration: Duration) -> String {
    let minutes = duration.as_secs().div_ceil(60).max(1);
    let (count, unit) = match minutes {
        m if m % (24 * 60) == 0 => (m / (24 * 60), "day"),
        m if m % 60 == 0 => (m / 60, "hour"),
        m => (m, "minute"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use url::Url;

    use super::*;

    fn invite(workspace: &str, inviter: &str) -> Letter {
        let link = Url::parse("https://chat.example/join?a=1&token=vpi_x").expect("an address");
        let works_for = Duration::from_secs(7 * 24 * 3_600);
        invitation("VPAura", Invitation { link: &link, works_for, workspace, inviter })
    }

    #[test]
    fn an_invitation_says_who_where_and_how_long() {
        let letter = invite("R&D", "Ada");
        insta::assert_snapshot!(letter.subject, @"Invitation to R&D at VPAura");
        insta::assert_snapshot!(letter.text, @r#"
Ada invites you to the workspace R&D at VPAura.

Accept the invitation:
https://chat.example/join?a=1&token=vpi_x

The link works once, for 7 days. If you do not know who invites you, do not follow it.
"#);
        insta::assert_snapshot!(letter.html, @r#"
<!doctype html>
<html lang="en">
<body style="font-family:sans-serif;line-height:1.5">
<p>Ada invites you to the workspace R&amp;D at VPAura.</p>
<p><a href="https://chat.example/join?a=1&amp;token=vpi_x">Accept the invitation</a></p>
<p style="color:#555">The link works once, for 7 days. If you do not know who invites you, do not follow it.</p>
</body>
</html>
"#);
    }

    #[test]
    fn names_are_no_markup_no_headers_and_no_links() {
        let letter =
            invite("<img src=https://evil.example/x>", "Ada\r\nBcc: all@example.org\u{202e}");
        assert!(!letter.html.contains("<img"), "{}", letter.html);
        assert!(!letter.text.contains("https://evil.example"), "{}", letter.text);
        assert!(letter.text.contains("Ada Bcc: all@example.org invites"), "on one line");
        assert!(!letter.subject.contains(['\r', '\n']));
    }

    #[rstest]
    #[case(0, "1 minute")]
    #[case(900, "15 minutes")]
    #[case(3_600, "1 hour")]
    #[case(5_400, "90 minutes")]
    #[case(172_800, "2 days")]
    fn periods_are_said_in_words(#[case] seconds: u64, #[case] said: &str) {
        assert_eq!(period(Duration::from_secs(seconds)), said);
    }

    proptest! {
        #[test]
        fn no_name_breaks_out(workspace in any::<String>(), inviter in any::<String>()) {
            let letter = invite(&workspace, &inviter);
            prop_assert!(!letter.subject.chars().any(char::is_control));
            prop_assert_eq!(letter.text.lines().count(), 6);
            // As many tags as in the letter without names.
            let tags = |letter: &Letter| letter.html.matches('<').count();
            prop_assert_eq!(tags(&letter), tags(&invite("", "")));
        }
    }
}
