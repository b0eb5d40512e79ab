//! The second factor: codes that change every 30 seconds (RFC 6238), and recovery codes for the
//! day the telephone is lost.

mod recovery;
mod secret;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;
use vpaura_domain::Timestamp;

pub use recovery::{RecoveryCode, RecoveryCodeError};
pub use secret::TotpSecret;

const STEP_SECONDS: i64 = 30;
const DIGITS: usize = 6;

/// Why a code does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TotpError {
    /// It is not made of six digits.
    #[error("a code has six digits")]
    Malformed,
    /// It is not the code of this time.
    #[error("the code is wrong or too old")]
    Wrong,
    /// It was right, but it, or a later one, has been used already (RFC 6238 §5.2). Do not tell it
    /// apart from [`Wrong`](Self::Wrong) towards the caller.
    #[error("the code has been used")]
    Replayed,
}

/// A period of 30 seconds, counted from 1970. Stored with the user as the last one used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TotpStep(i64);

impl TotpStep {
    /// As stored.
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }
    /// To be stored.
    pub const fn number(self) -> i64 {
        self.0
    }
    /// The step that `at` lies in.
    pub fn at(at: Timestamp) -> Self {
        Self(at.millis().div_euclid(1_000 * STEP_SECONDS))
    }
}

impl TotpSecret {
    /// Whether `code` is the code of `now`, of the step before or of the step after; spaces in it
    /// do not count. Gives the code's step, which the caller stores: no code of that step or an
    /// earlier one is accepted again. Two requests with one code may race, so it is to be stored on
    /// the condition that it is later than the stored one.
    ///
    /// # Errors
    /// What is wrong, as a [`TotpError`].
    pub fn verify(
        &self,
        code: &str,
        now: Timestamp,
        last_used: Option<TotpStep>,
    ) -> Result<TotpStep, TotpError> {
        let digits: Vec<u8> = code.bytes().filter(|byte| *byte != b' ').take(DIGITS + 1).collect();
        if digits.len() != DIGITS || !digits.iter().all(u8::is_ascii_digit) {
            return Err(TotpError::Malformed);
        }
        let TotpStep(present) = TotpStep::at(now);
        let mut found = None;
        // All three are computed and compared, whichever is right. A step counts once, as the
        // latest that fits.
        for step in [present.saturating_sub(1), present, present.saturating_add(1)] {
            if bool::from(digits.as_slice().ct_eq(self.code(TotpStep(step)).as_bytes())) {
                found = Some(TotpStep(step));
            }
        }
        let step = found.ok_or(TotpError::Wrong)?;
        if last_used.is_some_and(|last| step <= last) { Err(TotpError::Replayed) } else { Ok(step) }
    }

    /// The code of a step: six digits.
    pub(crate) fn code(&self, step: TotpStep) -> String {
        hotp(self.bytes(), step.0.to_be_bytes())
    }
}

/// The code of RFC 4226 §5.3 for an eight-byte counter.
fn hotp(key: &[u8], counter: [u8; 8]) -> String {
    // HMAC takes keys of any length.
    let Ok(mac) = Hmac::<Sha1>::new_from_slice(key) else { return String::new() };
    let digest = mac.chain_update(counter).finalize().into_bytes();
    let at = usize::from(digest[19] & 0x0f);
    let word = u32::from_be_bytes([digest[at], digest[at + 1], digest[at + 2], digest[at + 3]]);
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::SeededEntropy;

    /// The key of the vectors in both RFCs.
    const KEY: &[u8] = b"12345678901234567890";

    #[test]
    fn the_vectors_of_rfc_4226_hold() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (counter, code) in (0_u64..).zip(codes) {
            assert_eq!(hotp(KEY, counter.to_be_bytes()), code, "counter {counter}");
        }
    }

    #[rstest]
    #[case(59, "94287082")]
    #[case(1_111_111_109, "07081804")]
    #[case(1_111_111_111, "14050471")]
    #[case(1_234_567_890, "89005924")]
    #[case(2_000_000_000, "69279037")]
    #[case(20_000_000_000, "65353130")]
    fn the_vectors_of_rfc_6238_hold(#[case] seconds: i64, #[case] eight_digits: &str) {
        // The RFC prints eight digits; six are the last six of them.
        let secret = TotpSecret::from_bytes(KEY).expect("20 bytes");
        let now = Timestamp::from_millis(seconds * 1_000);
        assert_eq!(secret.code(TotpStep::at(now)), &eight_digits[2..]);
        assert_eq!(secret.verify(&eight_digits[2..], now, None), Ok(TotpStep(seconds / 30)));
    }

    #[test]
    fn a_code_is_good_for_its_step_and_its_neighbours() {
        let secret = TotpSecret::generate(&SeededEntropy::new(3));
        let code = secret.code(TotpStep(1_000));
        let at = |second: i64| secret.verify(&code, Timestamp::from_millis(second * 1_000), None);
        assert_eq!(at(29_969), Err(TotpError::Wrong));
        for second in [29_970, 30_000, 30_029, 30_059] {
            assert_eq!(at(second), Ok(TotpStep(1_000)), "{second}");
        }
        assert_eq!(at(30_060), Err(TotpError::Wrong));
    }

    #[test]
    fn no_code_is_good_twice_and_none_before_it() {
        let secret = TotpSecret::generate(&SeededEntropy::new(3));
        let now = Timestamp::from_millis(30_000_000);
        let verify = |step, last| secret.verify(&secret.code(TotpStep(step)), now, last);
        let used = verify(1_000, None).expect("right");
        assert_eq!(verify(1_000, Some(used)), Err(TotpError::Replayed));
        assert_eq!(verify(999, Some(used)), Err(TotpError::Replayed));
        assert_eq!(verify(1_001, Some(used)), Ok(TotpStep(1_001)));
    }

    #[rstest]
    #[case("")]
    #[case(" ")]
    #[case("12345")]
    #[case("1234567")]
    #[case("12345a")]
    #[case("-12345")]
    #[case("١٢٣٤٥٦")]
    #[case("123456\0")]
    #[case("null")]
    fn what_is_no_code_is_refused(#[case] code: &str) {
        let secret = TotpSecret::generate(&SeededEntropy::new(3));
        let verified = secret.verify(code, Timestamp::default(), None);
        assert_eq!(verified, Err(TotpError::Malformed));
    }

    #[test]
    fn a_step_is_stored_as_its_number() {
        let step = TotpStep::at(Timestamp::from_millis(59_999));
        assert_eq!((step.number(), TotpStep::from_number(1)), (1, step));
        assert_eq!(TotpStep::at(Timestamp::from_millis(60_000)).number(), 2);
    }

    #[test]
    fn a_code_may_be_typed_in_two_groups() {
        let secret = TotpSecret::generate(&SeededEntropy::new(3));
        let code = secret.code(TotpStep(0));
        let spaced = format!(" {} {} ", &code[..3], &code[3..]);
        assert!(secret.verify(&spaced, Timestamp::default(), None).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_and_no_time_make_it_panic(code in "\\PC*|[0-9]{6}", millis in any::<i64>()) {
            let secret = TotpSecret::generate(&SeededEntropy::new(3));
            let _ = secret.verify(&code, Timestamp::from_millis(millis), None);
        }

        #[test]
        fn an_accepted_step_always_moves_on(
            seed in any::<u64>(), second in 0..4_000_000_000_i64, drift in -3..=3_i64, last in -3..=3_i64
        ) {
            let secret = TotpSecret::generate(&SeededEntropy::new(seed));
            let now = Timestamp::from_millis(second * 1_000);
            let TotpStep(present) = TotpStep::at(now);
            let last = TotpStep(present + last);
            let code = secret.code(TotpStep(present + drift));
            if let Ok(step) = secret.verify(&code, now, Some(last)) {
                prop_assert!(step > last);
                prop_assert_eq!(secret.code(step), code);
            } else {
                prop_assert!(drift.abs() > 1 || present + drift <= last.0);
            }
        }
    }
}
