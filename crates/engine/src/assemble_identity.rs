//! Builds from the configuration what identity needs of the outside: the mail server and the
//! identity providers. Nothing is connected yet.

use std::net::IpAddr;
use std::sync::Arc;

use secrecy::ExposeSecret;
use url::Url;
use vpaura_auth::{
    Email, MailError, MailSettings, MailTls, Mailer, OidcError, OidcProvider, OidcSettings,
    RoleMapping,
};
use vpaura_config::{Config, MailConfig, OidcConfig};
use vpaura_domain::{Clock, IdGen};

use crate::{Error, IdentityProvider, Result};

const SMTPS_PORT: u16 = 465;
const SUBMISSION_PORT: u16 = 587;

/// The configured mailer; one that sends nothing where none is.
///
/// # Errors
/// [`Error::Settings`].
pub fn mailer(config: &Config, clock: &Arc<dyn Clock>, ids: &Arc<dyn IdGen>) -> Result<Mailer> {
    let (clock, ids) = (Arc::clone(clock), Arc::clone(ids));
    let Some(mail) = &config.mail else { return Ok(Mailer::disabled(clock, ids)) };
    let settings = mail_settings(mail, &config.app.name)?;
    Mailer::smtp(&settings, clock, ids).map_err(|error| wrong("mail", &error))
}

fn mail_settings(mail: &MailConfig, service: &str) -> Result<MailSettings> {
    let unusable = |why: &str| wrong("mail.url", &MailError::Settings(why.to_owned()));
    let url = Url::parse(mail.url.expose_secret()).map_err(|_| unusable("it is no address"))?;
    let host = url.host_str().ok_or_else(|| unusable("it names no host"))?.to_owned();
    let tls = match url.scheme() {
        "smtps" => MailTls::Tls,
        _ if is_this_machine(&host) => MailTls::None,
        _ => MailTls::StartTls,
    };
    let usual = if tls == MailTls::Tls { SMTPS_PORT } else { SUBMISSION_PORT };
    let plain = |text: &str| {
        let bytes: Vec<u8> = percent_decoded(text);
        String::from_utf8(bytes).map_err(|_| unusable("its user or password is not UTF-8"))
    };
    let credentials = match (url.username(), url.password()) {
        ("", _) => None,
        (user, password) => Some((plain(user)?, plain(password.unwrap_or_default())?.into())),
    };
    Ok(MailSettings {
        port: url.port().unwrap_or(usual),
        host,
        tls,
        credentials,
        from: Email::parse(&mail.from).map_err(|error| wrong("mail.from", &error))?,
        service: service.to_owned(),
    })
}

/// What `%40` and the like in an address stand for.
fn percent_decoded(text: &str) -> Vec<u8> {
    // Reading it as a form's value does that, but for the plus sign.
    let text = format!("v={}", text.replace('+', "%2B"));
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    pairs.next().map(|(_, value)| value.into_owned().into_bytes()).unwrap_or_default()
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// The configured identity providers.
///
/// # Errors
/// [`Error::Settings`] and [`Error::Models`], when there can be no client to ask them over.
pub fn identity_providers(
    config: &Config,
    clock: &Arc<dyn Clock>,
) -> Result<Vec<IdentityProvider>> {
    if config.auth.oidc.is_empty() {
        return Ok(Vec::new());
    }
    let client = vpaura_llm::http_client(config.llm.timers.connect).map_err(Error::Models)?;
    let base = config.server.public_url.as_deref().unwrap_or_default();
    let provider = |oidc: &OidcConfig| {
        let settings = OidcSettings {
            issuer: oidc.issuer.clone(),
            client_id: oidc.client_id.clone(),
            client_secret: oidc.client_secret.clone(),
            redirect_uri: format!("{base}/api/v1/auth/oidc/{}/callback", oidc.id),
            scopes: oidc.scopes.clone(),
            groups_claim: oidc.groups_claim.clone(),
            trust_email: oidc.trust_email,
        };
        let key = format!("auth.oidc.{}", oidc.id);
        let provider = OidcProvider::new(settings, client.clone(), Arc::clone(clock))
            .map_err(|error: OidcError| wrong(&key, &error))?;
        let lines = oidc.role_map.iter();
        let lines = lines.map(|(group, role)| (group.clone(), (*role).to_owned())).collect();
        Ok(IdentityProvider {
            id: oidc.id.clone(),
            name: oidc.name.clone(),
            provider,
            roles: (!oidc.role_map.is_empty()).then(|| RoleMapping::new(lines, None)),
            create_users: oidc.create_users,
        })
    };
    config.auth.oidc.iter().map(provider).collect()
}

fn wrong(key: &str, error: &dyn std::error::Error) -> Error {
    Error::Settings(format!("{key}: {error}"))
}
