//! Who a provider says that somebody is.

use super::protocol::{IdClaims, InfoClaims};
use crate::Email;
use crate::text::is_invisible;

/// The most characters of a name.
const MAX_NAME_CHARS: usize = 200;

/// A verified identity. `issuer` and `subject` together are the key of the user; an address is
/// not: it can change hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcIdentity {
    /// Who says it.
    pub issuer: String,
    /// Who it is, for this issuer, for ever.
    pub subject: String,
    /// The address, if the provider gave a valid one.
    pub email: Option<Email>,
    /// Whether the provider says that the address is the user's, or is trusted where it does not
    /// say. Do not join the identity to an existing user by the address otherwise.
    pub email_verified: bool,
    /// The full name, at most 200 characters.
    pub name: Option<String>,
    /// The groups in the configured claim; at most 1,000.
    pub groups: Vec<String>,
}

/// The part of an identity that either source can give.
#[derive(Default)]
pub(super) struct Details {
    /// The address, and whether it is verified where the source says so.
    email: Option<(Email, Option<bool>)>,
    name: Option<String>,
    groups: Option<Vec<String>>,
}

impl Details {
    pub(super) fn of_id_token(claims: &IdClaims, groups_claim: Option<&str>) -> Self {
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str());
        Self {
            email: address(claims.email().map(|it| it.as_str()), claims.email_verified()),
            name: name.and_then(clean),
            groups: groups_claim.and_then(|claim| claims.additional_claims().groups(claim)),
        }
    }

    pub(super) fn of_user_info(claims: &InfoClaims, groups_claim: Option<&str>) -> Self {
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str());
        Self {
            email: address(claims.email().map(|it| it.as_str()), claims.email_verified()),
            name: name.and_then(clean),
            groups: groups_claim.and_then(|claim| claims.additional_claims().groups(claim)),
        }
    }

    /// Whether nothing that is wanted is missing.
    pub(super) fn is_complete(&self, groups_wanted: bool) -> bool {
        self.says_of_the_address()
            && self.name.is_some()
            && (self.groups.is_some() || !groups_wanted)
    }

    fn says_of_the_address(&self) -> bool {
        matches!(self.email, Some((_, Some(_))))
    }

    /// These details; those that are missing from `other`. An address of which this source does
    /// not say whether it is verified gives way to one of which the other does.
    pub(super) fn or(self, other: Self) -> Self {
        let other_says = other.says_of_the_address() && !self.says_of_the_address();
        Self {
            email: if other_says { other.email } else { self.email.or(other.email) },
            name: self.name.or(other.name),
            groups: self.groups.or(other.groups),
        }
    }

    /// The identity. An address of which nobody said whether it is verified counts as such where
    /// `trust_email`; one that was said not to be never does.
    pub(super) fn into_identity(
        self,
        issuer: String,
        subject: String,
        trust_email: bool,
    ) -> OidcIdentity {
        let (email, email_verified) = self.email.unzip();
        OidcIdentity {
            issuer,
            subject,
            email_verified: email.is_some() && email_verified.flatten().unwrap_or(trust_email),
            email,
            name: self.name,
            groups: self.groups.unwrap_or_default(),
        }
    }
}

/// An address and whether it is verified come from one source, never one from each.
fn address(text: Option<&str>, verified: Option<bool>) -> Option<(Email, Option<bool>)> {
    let email = Email::parse(text?).ok()?;
    Some((email, verified))
}

fn clean(name: &str) -> Option<String> {
    let visible: String = name.chars().filter(|c| !is_invisible(*c)).take(MAX_NAME_CHARS).collect();
    let trimmed = visible.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_visible() {
        assert_eq!(clean(" Ada\u{202e} Lovelace\0 ").as_deref(), Some("Ada Lovelace"));
        assert_eq!(clean(&"é".repeat(300)).map(|name| name.chars().count()), Some(200));
        assert_eq!(clean("\u{200b} \n"), None);
    }

    fn said(text: &str, verified: Option<bool>) -> Details {
        Details { email: address(Some(text), verified), ..Details::default() }
    }

    fn address_of(details: Details, trust_email: bool) -> (Option<String>, bool) {
        let identity = details.into_identity("i".to_owned(), "s".to_owned(), trust_email);
        (identity.email.map(|email| email.key().to_owned()), identity.email_verified)
    }

    #[test]
    fn an_address_is_verified_by_its_own_source_only() {
        let (ours, theirs) = ("a@example.org", "b@example.org");
        for (own, other, expected) in [
            (Some(true), Some(false), (ours, true)),
            (Some(false), Some(true), (ours, false)),
            (None, Some(true), (theirs, true)),
            (None, Some(false), (theirs, false)),
            (None, None, (ours, false)),
        ] {
            let (found, verified) = address_of(said(ours, own).or(said(theirs, other)), false);
            assert_eq!((found.as_deref(), verified), (Some(expected.0), expected.1));
        }
        assert_eq!(address(Some("no address"), Some(true)), None);
    }

    #[test]
    fn trust_fills_in_what_was_not_said_and_nothing_else() {
        let own = "a@example.org";
        assert!(address_of(said(own, None).or(Details::default()), true).1);
        assert!(!address_of(said(own, Some(false)).or(said(own, Some(true))), true).1);
        assert!(!address_of(said(own, None).or(said(own, Some(false))), true).1);
        assert_eq!(address_of(Details::default(), true), (None, false));
    }
}
