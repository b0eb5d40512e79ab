//! An e-mail address: checked, and with a key by which two spellings are one (RFC 5321, 6531).

use std::fmt;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization;

use crate::text::is_invisible;

/// The most bytes before the `@` (RFC 5321 §4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// The most bytes of an address: a path of 256 without its angle brackets (RFC 5321 §4.5.3.1.3).
const MAX_ADDRESS: usize = 254;
/// The most bytes looked at; no valid address is near it.
const MAX_INPUT: usize = 1_024;

/// Why a text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing was given.
    #[error("an e-mail address is needed")]
    Empty,
    /// More than 254 bytes, or more than 64 before the `@`.
    #[error("the e-mail address is too long")]
    TooLong,
    /// There is no `@` with something on both sides.
    #[error("the e-mail address needs a name, an @ and a domain")]
    NoDomain,
    /// Before the `@` stands what must not be there: a space, a control character, two dots, quotes.
    #[error("the part before the @ has a character or dot that is not allowed there")]
    Local,
    /// What follows the `@` is no domain name. Addresses in brackets are not taken.
    #[error("the part after the @ is not a domain name")]
    Domain,
}

/// An e-mail address. Addresses with equal [`key`](Self::key)s belong to one user.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email {
    as_given: String,
    key: String,
}

impl Email {
    /// Checks the address. Space around it is dropped, and it is brought into Unicode form NFC.
    /// Quoted names (`"a b"@example.org`) and address literals (`a@[::1]`) are refused: nobody
    /// has them, and they carry attacks.
    ///
    /// # Errors
    /// What is wrong, as an [`EmailError`].
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        if text.len() > MAX_INPUT {
            return Err(EmailError::TooLong);
        }
        let as_given: String = text.trim().nfc().collect();
        if as_given.is_empty() {
            return Err(EmailError::Empty);
        }
        let (local, domain) = as_given.rsplit_once('@').ok_or(EmailError::NoDomain)?;
        if local.is_empty() || domain.is_empty() {
            return Err(EmailError::NoDomain);
        }
        if local.len() > MAX_LOCAL {
            return Err(EmailError::TooLong);
        }
        if !local.split('.').all(is_atom) {
            return Err(EmailError::Local);
        }
        let domain = ascii_domain(domain)?;
        let key = format!("{}@{domain}", folded(local));
        if key.len() > MAX_ADDRESS || as_given.len() > MAX_ADDRESS {
            return Err(EmailError::TooLong);
        }
        Ok(Self { as_given, key })
    }

    /// The address as its owner writes it, for display.
    pub fn as_given(&self) -> &str {
        &self.as_given
    }

    /// What makes the address unique: lower case, the domain in its ASCII form.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The part before the `@`, as given.
    pub fn local(&self) -> &str {
        self.as_given.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// The domain in its ASCII form, lower case.
    pub fn domain(&self) -> &str {
        self.key.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_given)
    }
}

impl fmt::Debug for Email {
    /// Says nothing of whom it belongs to.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Email(…@{})", self.domain())
    }
}

/// An atom of RFC 5322, or of RFC 6531 when it is not ASCII.
fn is_atom(text: &str) -> bool {
    let allowed = |c: char| match c {
        c if c.is_ascii() => c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c),
        c => !c.is_whitespace() && !is_invisible(c),
    };
    !text.is_empty() && text.chars().all(allowed)
}

fn folded(local: &str) -> String {
    local.to_lowercase().nfc().collect()
}

fn ascii_domain(domain: &str) -> Result<String, EmailError> {
    let ascii = Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .map_err(|_| EmailError::Domain)?;
    // A name that ends in a number is read as an IPv4 address by those who dial it.
    let last = ascii.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(EmailError::Domain);
    }
    Ok(ascii.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("ada@example.org", "ada@example.org")]
    #[case("  Ada.Lovelace+Chat@Example.ORG\n", "ada.lovelace+chat@example.org")]
    #[case("o'neil@sub.example.org", "o'neil@sub.example.org")]
    #[case("root@localhost", "root@localhost")]
    #[case("Jürgen@Bücher.example", "jürgen@xn--bcher-kva.example")]
    #[case("Ju\u{308}rgen@BU\u{308}CHER.example", "jürgen@xn--bcher-kva.example")]
    #[case("用户@例子.测试", "用户@xn--fsqu00a.xn--0zwm56d")]
    fn spellings_of_one_address_have_one_key(#[case] text: &str, #[case] key: &str) {
        assert_eq!(Email::parse(text).map(|email| email.key).as_deref(), Ok(key));
    }

    #[rstest]
    #[case("", EmailError::Empty)]
    #[case(" \t ", EmailError::Empty)]
    #[case("ada", EmailError::NoDomain)]
    #[case("@example.org", EmailError::NoDomain)]
    #[case("ada@", EmailError::NoDomain)]
    #[case("a b@example.org", EmailError::Local)]
    #[case(".ada@example.org", EmailError::Local)]
    #[case("ada.@example.org", EmailError::Local)]
    #[case("a..b@example.org", EmailError::Local)]
    #[case("\"a b\"@example.org", EmailError::Local)]
    #[case("a@b@example.org", EmailError::Local)]
    #[case("a\0b@example.org", EmailError::Local)]
    #[case("a\r\nBcc: b@example.org", EmailError::Local)]
    #[case("a\u{202e}b@example.org", EmailError::Local)]
    #[case("a,b@example.org", EmailError::Local)]
    #[case("a<b>@example.org", EmailError::Local)]
    #[case("ada@[127.0.0.1]", EmailError::Domain)]
    #[case("ada@127.0.0.1", EmailError::Domain)]
    #[case("ada@-x.org", EmailError::Domain)]
    #[case("ada@x_y.org", EmailError::Domain)]
    #[case("ada@x..org", EmailError::Domain)]
    #[case("ada@x.org.", EmailError::Domain)]
    #[case("ada@x.org\0", EmailError::Domain)]
    fn what_is_no_address_is_refused(#[case] text: &str, #[case] error: EmailError) {
        assert_eq!(Email::parse(text), Err(error), "{text:?}");
    }

    #[test]
    fn lengths_are_those_of_the_rfc() {
        let label = "d".repeat(61);
        let domain = format!("{label}.{label}.{label}");
        let of =
            |local: usize, domain: &str| Email::parse(&format!("{}@{domain}", "l".repeat(local)));
        assert!(of(64, "example.org").is_ok());
        assert_eq!(of(65, "example.org"), Err(EmailError::TooLong));
        assert!(
            of(64, &format!("{domain}.ddd")).is_ok(),
            "254 bytes: {}",
            64 + 1 + domain.len() + 4
        );
        assert_eq!(of(64, &format!("{domain}.dddd")), Err(EmailError::TooLong));
        assert_eq!(of(1, &format!("{}.org", "d".repeat(64))), Err(EmailError::Domain));
        assert_eq!(Email::parse(&"a".repeat(10_000_000)), Err(EmailError::TooLong));
    }

    #[test]
    fn both_spellings_are_within_the_length() {
        // Longer in ASCII: a domain of 239 bytes.
        let grows = "ü.".repeat(29) + "ü";
        assert_eq!(
            Email::parse(&format!("{}@{grows}", "l".repeat(14))).map(|it| it.key.len()),
            Ok(254)
        );
        assert_eq!(Email::parse(&format!("{}@{grows}", "l".repeat(15))), Err(EmailError::TooLong));
        // Shorter in ASCII: full-width letters.
        let shrinks = |letters| format!("l@{}.org", "ｅ".repeat(letters));
        assert_eq!(Email::parse(&shrinks(60)).map(|it| it.key.len()), Ok(66));
        let label = "ｅ".repeat(45);
        assert_eq!(Email::parse(&format!("l@{label}.{label}")), Err(EmailError::TooLong));
    }

    #[test]
    fn space_around_it_counts_up_to_a_kilobyte() {
        let padded = |bytes: usize| format!("{:>bytes$}", "ada@example.org");
        assert!(Email::parse(&padded(1_024)).is_ok());
        assert_eq!(Email::parse(&padded(1_025)), Err(EmailError::TooLong));
    }

    #[test]
    fn its_owner_sees_it_as_they_wrote_it() {
        let email = Email::parse(" Ada@Bücher.Example ").expect("an address");
        assert_eq!(email.as_given(), "Ada@Bücher.Example");
        assert_eq!(email.to_string(), "Ada@Bücher.Example");
        assert_eq!((email.local(), email.domain()), ("Ada", "xn--bcher-kva.example"));
    }

    #[test]
    fn debug_output_does_not_tell_whose_it_is() {
        let email = Email::parse("ada@example.org").expect("an address");
        assert_eq!(format!("{email:?}"), "Email(…@example.org)");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = Email::parse(&text);
        }

        #[test]
        fn a_key_is_an_address_and_its_own_key(
            local in "[a-zA-Z0-9ÄäßΣσςİıſK+]{1,20}", domain in "[a-zA-Zä]{1,20}\\.[a-zA-Z]{2,10}"
        ) {
            let email = Email::parse(&format!("{local}@{domain}")).expect("an address");
            let again = Email::parse(email.key()).expect("its key is an address");
            prop_assert_eq!(again.key(), email.key());
            prop_assert_eq!(email.local(), local.nfc().collect::<String>());
        }

        #[test]
        fn a_parsed_address_can_be_put_in_a_header(text in "\\PC{0,20}@\\PC{0,20}|[\\x00-\\x7f]{0,40}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert!(!email.as_given().chars().any(|c| c.is_control() || c.is_whitespace()));
                prop_assert!(email.key().len() <= MAX_ADDRESS);
            }
        }
    }
}
