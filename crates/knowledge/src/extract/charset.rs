//! The encoding that whoever sent a text names beside it, kept as a parameter of its media type: the
//! same bytes in another encoding are another text.

use encoding_rs::{Encoding, UTF_8};

use super::kind::{FileKind, Format};

/// An encoding that was named, other than UTF-8: that is what texts are taken for first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset(&'static Encoding);

impl Charset {
    /// The one with this label, as the web knows it; none for UTF-8 and for unknown ones.
    pub fn for_label(label: &str) -> Option<Self> {
        let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
        (encoding != UTF_8).then_some(Self(encoding))
    }

    /// The one that a media type names.
    pub(super) fn of_media_type(media_type: &str) -> Option<Self> {
        let mut parameters = media_type.split(';').skip(1);
        let label = parameters.find_map(|parameter| parameter.trim().strip_prefix("charset="))?;
        Self::for_label(label)
    }

    /// The media type of a content that was sent with this charset. What is no text has none.
    pub fn noted_on(self, media_type: &str) -> String {
        let is_text = FileKind::of_media_type(media_type)
            .is_some_and(|kind| !matches!(kind.format, Format::Office | Format::Pdf));
        if is_text {
            format!("{media_type}; charset={}", self.0.name().to_ascii_lowercase())
        } else {
            media_type.to_owned()
        }
    }

    pub(super) const fn encoding(self) -> &'static Encoding {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charset_goes_with_the_media_type() {
        let cyrillic = Charset::for_label(" CP1251 ").unwrap();
        let noted = cyrillic.noted_on("text/html");
        assert_eq!(noted, "text/html; charset=windows-1251");
        assert_eq!(Charset::of_media_type(&noted), Some(cyrillic));
        let kind = FileKind::of_media_type(&noted).unwrap();
        assert_eq!((kind.media_type, kind.format), ("text/html", Format::Html));
        assert_eq!(cyrillic.noted_on("application/pdf"), "application/pdf");
        assert_eq!(Charset::of_media_type("text/html"), None);
        for label in ["utf-8", "UTF8", "nonsense", "", "iso-2022-kr"] {
            assert_eq!(Charset::for_label(label), None, "{label}");
        }
    }
}
