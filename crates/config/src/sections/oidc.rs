//! `[auth.oidc.<name>]`: providers that people can sign in with.

use secrecy::SecretString;
use url::Url;

use crate::reader::Reader;
use crate::sections::auth::ROLES;
use crate::sections::server::ServerConfig;

/// `[auth.oidc.<name>]`.
#[derive(Debug, Clone)]
pub struct OidcConfig {
    /// The section's name: part of the address that the provider sends the browser back to.
    pub id: String,
    /// The provider's issuer.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: Option<SecretString>,
    /// What people see.
    pub name: String,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// The claim that lists the user's groups.
    pub groups_claim: Option<String>,
    /// Groups and the name of the role that each gives, the strongest first.
    pub role_map: Vec<(String, &'static str)>,
    /// Whether people who are new here become users; nothing where that follows
    /// `auth.registration`.
    pub create_users: Option<bool>,
    /// Whether an address counts as verified where the provider does not say.
    pub trust_email: bool,
}

pub(crate) fn read(r: &mut Reader<'_>, server: &ServerConfig) -> Vec<OidcConfig> {
    let names = r.names("auth.oidc");
    if !names.is_empty() && server.public_url.is_none() {
        r.missing("server.public_url", "auth.oidc needs it, for the address to come back to");
    }
    names.into_iter().map(|id| read_one(&mut r.named("auth.oidc", &id), &id)).collect()
}

fn read_one(section: &mut Reader<'_>, id: &str) -> OidcConfig {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if id.is_empty() || id.len() > 64 || !id.chars().all(plain) {
        section.refuse("issuer", "another section name: small letters, digits, - and _");
    }
    let issuer = section.parsed("issuer", "an http or https URL", |text| {
        let url = Url::parse(text).ok()?;
        matches!(url.scheme(), "http" | "https").then(|| text.to_owned())
    });
    if issuer.is_none() && section.optional_text("issuer").is_none() {
        section.missing("issuer", "a provider has an address");
    }
    let given_scopes = section.list("scopes");
    OidcConfig {
        id: id.to_owned(),
        issuer: issuer.unwrap_or_default(),
        client_id: section.text("client_id"),
        client_secret: section.secret("client_secret"),
        name: section.optional_text("name").unwrap_or_else(|| id.to_owned()),
        scopes: match given_scopes.is_empty() {
            true => vec!["profile".to_owned(), "email".to_owned()],
            false => given_scopes,
        },
        groups_claim: section.optional_text("groups_claim"),
        role_map: section.parsed_list(
            "role_map",
            "a group, = and one of viewer, member, admin, owner",
            parse_line,
        ),
        create_users: section.optional_boolean("create_users"),
        trust_email: section.optional_boolean("trust_email").unwrap_or(false),
    }
}

/// `group = role`. A group's name may hold the sign too.
fn parse_line(text: &str) -> Option<(String, &'static str)> {
    let (group, role) = text.rsplit_once('=')?;
    let (group, role) = (group.trim(), role.trim());
    let (_, role) = ROLES.iter().find(|(name, _)| *name == role)?;
    (!group.is_empty()).then(|| (group.to_owned(), *role))
}
