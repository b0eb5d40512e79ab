//! What users tell about themselves.

use vpaura_domain::{Profile, Scope};

use crate::{Engine, Error, Result};

const MOST_ITEMS: usize = 200;
const MAX_ITEM_CHARS: usize = 200;
/// Of each JSON object.
const MAX_JSON_BYTES: usize = 16 * 1024;

impl Engine {
    /// The caller's profile; an empty one where nothing was told.
    pub async fn my_profile(&self, scope: &Scope) -> Result<Profile> {
        let (user, _) = self.signed_in_user(scope)?;
        Ok(self.store.get_profile(user).await?)
    }

    /// Stores the caller's profile in place of the one before.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is too long or has control characters.
    pub async fn put_my_profile(&self, scope: &Scope, profile: Profile) -> Result<Profile> {
        let (user, _) = self.signed_in_user(scope)?;
        check_json("preferences", &profile.preferences)?;
        check_json("constraints", &profile.constraints)?;
        check_items("past_destinations", &profile.past_destinations)?;
        check_items("wishes", &profile.wishes)?;
        self.store.put_profile(user, &profile, self.clock.now()).await?;
        self.forget_profile(user);
        Ok(profile)
    }
}

fn check_json(field: &str, value: &vpaura_domain::Metadata) -> Result<()> {
    let bytes = serde_json::to_vec(value).map_or(usize::MAX, |text| text.len());
    if bytes > MAX_JSON_BYTES {
        return Err(Error::invalid(field, format!("must be at most {MAX_JSON_BYTES} bytes")));
    }
    Ok(())
}

fn check_items(field: &str, items: &[String]) -> Result<()> {
    if items.len() > MOST_ITEMS {
        return Err(Error::invalid(field, format!("must be at most {MOST_ITEMS} items")));
    }
    for (at, item) in items.iter().enumerate() {
        let field = || format!("{field}[{at}]");
        if item.trim().is_empty() {
            return Err(Error::invalid(field(), "must not be empty"));
        }
        if item.chars().count() > MAX_ITEM_CHARS {
            let reason = format!("must be at most {MAX_ITEM_CHARS} characters");
            return Err(Error::invalid(field(), reason));
        }
        if item.chars().any(char::is_control) {
            return Err(Error::invalid(field(), "must not contain control characters"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_bounded_in_number_length_and_characters() {
        let refused = |items: &[String]| check_items("wishes", items).err().map(|e| e.to_string());
        assert_eq!(refused(&["the sea".to_owned()]), None);
        assert_eq!(
            refused(&vec!["a".to_owned(); 201]).as_deref(),
            Some("wishes: must be at most 200 items")
        );
        for bad in ["", " ", "a\nb", &"é".repeat(201)] {
            let told = refused(&["fine".to_owned(), bad.to_owned()]);
            assert!(told.is_some_and(|told| told.starts_with("wishes[1]: ")), "{bad:?}");
        }
    }
}
