//! Invitations: a link, meant for one address, that makes its holder a member.

mod accept;
mod create;
mod list;
mod look;
mod revoke;

use vpaura_auth::{OpaqueToken, TokenHash, TokenKind};

use crate::{Error, Result, Thing};

pub use create::{CreatedInvitation, NewInvitation};
pub use vpaura_store::OpenInvitation;

/// The hash of an invitation's token. What is none is no invitation, without asking the database.
pub(crate) fn token_hash(token: &str) -> Result<TokenHash> {
    OpaqueToken::parse(TokenKind::Invitation, token)
        .map(|token| token.hash())
        .map_err(|_| Error::NotFound(Thing::Invitation))
}
