//! How passwords are kept: Argon2id; bcrypt hashes of earlier systems are read and replaced.

use std::num::NonZeroUsize;
use std::sync::Arc;

use argon2::password_hash::PasswordHasher as _;
use argon2::password_hash::PasswordVerifier as _;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::Password;
use crate::Entropy;

/// Memory in KiB, passes and lanes: the second row of OWASP's Password Storage Cheat Sheet.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;

/// The dearest stored hash that is computed: what costs more was not made by an honest system.
const MAX_MEMORY_KIB: u32 = 256 * 1_024;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 16;
const MAX_BCRYPT_COST: u32 = 14;

/// bcrypt looks at no byte behind these.
const BCRYPT_BYTES: usize = 72;

/// Why a password could not be hashed or compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The stored text is no Argon2id or bcrypt hash.
    #[error("the stored password hash is not one of ours")]
    Malformed,
    /// Computing the stored hash would take too much memory or time.
    #[error("the stored password hash is too costly")]
    TooCostly,
    /// The algorithm failed, or the process is ending.
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

/// The password was the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The stored hash is bcrypt, or Argon2id with other parameters than ours: store
    /// [`Hasher::hash`] of the password in its place.
    pub needs_rehash: bool,
}

/// Hashes and compares passwords. Each takes some 30 ms and 19 MiB, on a thread for blocking
/// work; at most as many run at once as there are permits, the rest wait their turn. A caller
/// that goes away gives its place up, or, when the work has begun, its permit once it is done.
#[derive(Clone)]
pub struct Hasher {
    permits: Arc<Semaphore>,
    entropy: Arc<dyn Entropy>,
}

impl Hasher {
    /// Runs at most `at_once` computations at the same time.
    pub fn new(entropy: Arc<dyn Entropy>, at_once: NonZeroUsize) -> Self {
        let permits = at_once.get().min(Semaphore::MAX_PERMITS);
        Self { permits: Arc::new(Semaphore::new(permits)), entropy }
    }

    /// Runs as many computations at the same time as there are processors.
    pub fn per_processor(entropy: Arc<dyn Entropy>) -> Self {
        let processors = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self::new(entropy, processors)
    }

    /// The Argon2id hash of the password with a new salt, as a PHC string: what to store.
    ///
    /// # Errors
    /// [`HashError::Failed`].
    pub async fn hash(&self, password: Password) -> Result<String, HashError> {
        let mut salt = [0; SALT_BYTES];
        self.entropy.fill(&mut salt);
        self.blocking(move || hash(&password, &salt)).await
    }

    /// Compares the password with a stored hash; nothing when it is another password.
    ///
    /// Stored hashes are Argon2id PHC strings and bcrypt (`$2a$`, `$2b$`, `$2y$`). A password of
    /// more than 72 bytes never matches a bcrypt hash, since bcrypt would compare its beginning
    /// only; its owner has to set a new one.
    ///
    /// # Errors
    /// [`HashError::Malformed`] and [`HashError::TooCostly`] speak of the stored hash.
    pub async fn verify(
        &self,
        password: Password,
        stored: String,
    ) -> Result<Option<Verified>, HashError> {
        self.blocking(move || verify(&password, &stored)).await
    }

    /// Does the work of [`verify`](Self::verify) for nothing. For a user who is unknown or has no
    /// password, so that time does not tell.
    ///
    /// # Errors
    /// [`HashError::Failed`].
    pub async fn verify_nothing(&self, password: Password) -> Result<(), HashError> {
        self.blocking(move || hash(&password, &[0; SALT_BYTES]).map(drop)).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|error| HashError::Failed(error.to_string()))?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await
        .map_err(|error| HashError::Failed(error.to_string()))?
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hasher")
    }
}

fn argon2() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| HashError::Failed(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &Password, salt: &[u8]) -> Result<String, HashError> {
    argon2()?
        .hash_password_with_salt(password.text().as_bytes(), salt)
        .map(|hash| hash.to_string())
        .map_err(|error| HashError::Failed(error.to_string()))
}

fn verify(password: &Password, stored: &str) -> Result<Option<Verified>, HashError> {
    if stored.starts_with("$argon2id$") {
        verify_argon2id(password, stored)
    } else if ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| stored.starts_with(prefix)) {
        verify_bcrypt(password, stored)
    } else {
        Err(HashError::Malformed)
    }
}

fn verify_argon2id(password: &Password, stored: &str) -> Result<Option<Verified>, HashError> {
    let stored = PasswordHash::new(stored).map_err(|_| HashError::Malformed)?;
    if stored.salt.is_none() || stored.hash.is_none() {
        return Err(HashError::Malformed);
    }
    let params = Params::try_from(&stored).map_err(|_| HashError::Malformed)?;
    let costs = (params.m_cost(), params.t_cost(), params.p_cost());
    if costs.0 > MAX_MEMORY_KIB || costs.1 > MAX_PASSES || costs.2 > MAX_LANES {
        return Err(HashError::TooCostly);
    }
    let ours = (MEMORY_KIB, PASSES, LANES);
    let needs_rehash = costs != ours || stored.version != Some(Version::V0x13.into());
    match argon2()?.verify_password(password.text().as_bytes(), &stored) {
        Ok(()) => Ok(Some(Verified { needs_rehash })),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(None),
        Err(error) => Err(HashError::Failed(error.to_string())),
    }
}

fn verify_bcrypt(password: &Password, stored: &str) -> Result<Option<Verified>, HashError> {
    let cost: u32 =
        stored.get(4..6).and_then(|cost| cost.parse().ok()).ok_or(HashError::Malformed)?;
    if cost > MAX_BCRYPT_COST {
        return Err(HashError::TooCostly);
    }
    let bytes = password.text().as_bytes();
    let same = bcrypt::verify(bytes, stored).map_err(|_| HashError::Malformed)?;
    Ok((same && bytes.len() <= BCRYPT_BYTES).then_some(Verified { needs_rehash: true }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::SeededEntropy;

    const RIGHT: Verified = Verified { needs_rehash: false };
    const OLD: Verified = Verified { needs_rehash: true };

    fn password(text: &str) -> Password {
        Password::parse(text).expect("a password")
    }

    fn hasher() -> Hasher {
        Hasher::per_processor(Arc::new(SeededEntropy::new(1)))
    }

    /// A bcrypt hash as another system would have made it, without any regard to length.
    fn of_bcrypt(text: &[u8], version: bcrypt::Version) -> String {
        let parts = bcrypt::hash_with_salt(text, 4, [7; 16]).expect("hashes");
        parts.format_for_version(version)
    }

    #[tokio::test]
    async fn the_right_password_alone_is_verified() {
        let hasher = hasher();
        let stored = hasher.hash(password("vier Fische rot")).await.expect("hashes");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let verify = async |text| hasher.verify(password(text), stored.clone()).await;
        assert_eq!(verify("vier Fische rot").await, Ok(Some(RIGHT)));
        assert_eq!(verify("vier Fische roT").await, Ok(None));
        assert_eq!(verify("vier Fische rot ").await, Ok(None));
        hasher.verify_nothing(password("x")).await.expect("works for nothing");
    }

    #[test]
    fn debug_output_says_nothing() {
        assert_eq!(format!("{:?}", hasher()), "Hasher");
    }

    #[tokio::test]
    async fn one_password_has_a_new_hash_each_time() {
        let hasher = hasher();
        let first = hasher.hash(password("same")).await.expect("hashes");
        assert_ne!(first, hasher.hash(password("same")).await.expect("hashes"));
    }

    #[test]
    fn every_character_of_a_long_password_counts() {
        let long = "字".repeat(255);
        let stored = hash(&password(&format!("{long}a")), &[1; 16]).expect("hashes");
        assert_eq!(verify(&password(&format!("{long}a")), &stored), Ok(Some(RIGHT)));
        assert_eq!(verify(&password(&format!("{long}b")), &stored), Ok(None));
    }

    #[test]
    fn hashes_with_other_parameters_are_to_be_replaced() {
        let params = Params::new(8 * 1_024, 3, 1, None).expect("parameters");
        let other = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let stored = other.hash_password_with_salt(b"same", &[1; 16]).expect("hashes").to_string();
        assert_eq!(verify(&password("same"), &stored), Ok(Some(OLD)));
        assert_eq!(verify(&password("other"), &stored), Ok(None));
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("parameters");
        let older = Argon2::new(Algorithm::Argon2id, Version::V0x10, params);
        let stored = older.hash_password_with_salt(b"same", &[1; 16]).expect("hashes").to_string();
        assert_eq!(verify(&password("same"), &stored), Ok(Some(OLD)));
    }

    #[rstest]
    #[case(bcrypt::Version::TwoA)]
    #[case(bcrypt::Version::TwoB)]
    #[case(bcrypt::Version::TwoY)]
    fn bcrypt_hashes_are_read_and_to_be_replaced(#[case] version: bcrypt::Version) {
        let stored = of_bcrypt("pässword".as_bytes(), version);
        assert_eq!(verify(&password("pässword"), &stored), Ok(Some(OLD)));
        assert_eq!(verify(&password("passwor"), &stored), Ok(None));
    }

    #[test]
    fn a_published_bcrypt_hash_is_read() {
        // Of OpenBSD's own test of its implementation.
        let stored = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        assert_eq!(verify(&password("U*U"), stored), Ok(Some(OLD)));
    }

    #[test]
    fn what_bcrypt_would_cut_off_does_not_match() {
        let cut = "a".repeat(72);
        let stored = of_bcrypt(cut.as_bytes(), bcrypt::Version::TwoB);
        assert_eq!(verify(&password(&cut), &stored), Ok(Some(OLD)));
        assert_eq!(verify(&password(&format!("{cut}b")), &stored), Ok(None));
    }

    #[rstest]
    #[case("")]
    #[case("plain text")]
    #[case("$argon2id$")]
    #[case("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0")]
    #[case("$argon2i$v=19$m=16,t=2,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAA")]
    #[case("$2b$")]
    #[case("$2b$05$short")]
    #[case("$2b$14$short")]
    #[case("$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    #[case("$2bé")]
    fn what_is_no_hash_of_ours_is_an_error(#[case] stored: &str) {
        assert_eq!(verify(&password("x"), stored), Err(HashError::Malformed));
    }

    fn costing(memory: u32, passes: u32, lanes: u32) -> String {
        let costs = format!("m={memory},t={passes},p={lanes}");
        format!("$argon2id$v=19${costs}$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAA")
    }

    #[rstest]
    #[case(costing(262_145, 1, 1))]
    #[case(costing(8, 17, 1))]
    #[case(costing(136, 1, 17))]
    #[case("$2a$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW".to_owned())]
    fn a_hash_that_would_stop_the_server_is_not_computed(#[case] stored: String) {
        assert_eq!(verify(&password("x"), &stored), Err(HashError::TooCostly));
    }

    #[rstest]
    #[case(costing(262_144, 1, 1))]
    #[case(costing(8, 16, 1))]
    #[case(costing(128, 1, 16))]
    fn the_dearest_hash_that_is_allowed_is_computed(#[case] stored: String) {
        assert_eq!(verify(&password("x"), &stored), Ok(None));
    }

    proptest! {
        #[test]
        fn no_stored_text_makes_it_panic(
            stored in "\\PC*|\\$2[aby]\\$\\PC{0,60}|\\$argon2id\\$(v=[0-9]{0,3}\\$)?[mtp=,0-9$]{0,40}"
        ) {
            prop_assert!(!matches!(verify(&password("x"), &stored), Ok(Some(_))));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_run_at_once_than_there_are_permits() {
        let hasher = Hasher::new(Arc::new(SeededEntropy::new(1)), NonZeroUsize::MIN);
        let permit = hasher.permits.acquire().await.expect("a permit");
        let waiting =
            tokio::time::timeout(Duration::from_secs(60), hasher.hash(password("x"))).await;
        assert!(waiting.is_err(), "it waits for the only permit");
        let waiting =
            tokio::time::timeout(Duration::from_secs(60), hasher.verify_nothing(password("x")))
                .await;
        assert!(waiting.is_err(), "so does the work for nothing, which is as much");
        drop(permit);
        assert!(hasher.hash(password("x")).await.is_ok());
        assert_eq!(hasher.permits.available_permits(), 1, "permits come back");
    }
}
