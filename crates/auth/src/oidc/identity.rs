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
    /// Whether the provider says that the address is the user's. Do not join the identity to an
    /// existing user by the address otherwise.
    pub email_verified: bool,
    /// The full name, at most 200 characters.
    pub name: Option<String>,
    /// The groups in the configured claim; at most 1,000.
    pub groups: Vec<String>,
}

/// The part of an identity that either source can give.
#[derive(Default)]
pub(super) struct Details {
    email: Option<(Email, bool)>,
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
        self.email.is_some() && self.name.is_some() && (self.groups.is_some() || !groups_wanted)
    }

    /// These details; those that are missing from `other`.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            email: self.email.or(other.email),
            name: self.name.or(other.name),
            groups: self.groups.or(other.groups),
        }
    }

    pub(super) fn into_identity(self, issuer: String, subject: String) -> OidcIdentity {
        let (email, email_verified) = self.email.unzip();
        OidcIdentity {
            issuer,
            subject,
            email,
            email_verified: email_verified.unwrap_or(false),
            name: self.name,
            groups: self.groups.unwrap_or_default(),
        }
    }
}

/// An address and whether it is verified come from one source, never one from each.
fn address(text: Option<&str>, verified: Option<bool>) -> Option<(Email, bool)> {
    let email = Email::parse(text?).ok()?;
    Some((email, verified.unwrap_or(false)))
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

    #[test]
    fn an_address_is_verified_by_its_own_source_only() {
        let ours = Details { email: address(Some("a@example.org"), None), ..Details::default() };
        let theirs =
            Details { email: address(Some("b@example.org"), Some(true)), ..Details::default() };
        let identity = ours.or(theirs).into_identity("i".to_owned(), "s".to_owned());
        assert_eq!(
            identity.email.map(|email| email.key().to_owned()).as_deref(),
            Some("a@example.org")
        );
        assert!(!identity.email_verified);
        assert_eq!(address(Some("no address"), Some(true)), None);
    }
}
