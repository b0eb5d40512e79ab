//! Tags and comments, told apart as browsers do, as far as it takes to know where they end.

/// A tag.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    /// Its name as it is written.
    pub(super) name: &'a str,
    /// It ends an element.
    pub(super) closes: bool,
    /// It ends with a slash.
    pub(super) closes_itself: bool,
}

impl Tag<'_> {
    /// Whether its name is one of these, which are in small letters.
    pub(super) fn is_one_of(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.name.eq_ignore_ascii_case(name))
    }
}

/// What follows the comment that `text` begins with, if it does. A comment without an end goes on
/// to the end.
pub(super) fn after_comment(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("<!--")?;
    // These are whole comments.
    if let Some(after) = inner.strip_prefix('>').or_else(|| inner.strip_prefix("->")) {
        return Some(after);
    }
    let is_end = |at: &usize| inner[..*at].ends_with("--") || inner[..*at].ends_with("--!");
    let end = inner.match_indices('>').map(|(at, _)| at).find(is_end);
    Some(end.map_or("", |at| &inner[at + 1..]))
}

/// What follows the raw text of an element of this name that has just begun: from the tag on that
/// ends it. Without one, all of the rest is its text.
pub(super) fn after_raw_text<'a>(text: &'a str, name: &str) -> &'a str {
    let ends = text.match_indices("</").find(|(at, _)| {
        let rest = &text.as_bytes()[at + 2..];
        let is_name =
            rest.get(..name.len()).is_some_and(|it| it.eq_ignore_ascii_case(name.as_bytes()));
        let ended = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        is_name && rest.get(name.len()).is_some_and(ended)
    });
    let Some((at, _)) = ends else { return "" };
    next_tag(&text[at..]).map_or("", |(_, after)| after)
}

/// The tag that `text`, which begins with `<`, begins with, and what follows it. There is no tag
/// where it is only a character or a declaration; nothing at all where no end comes.
pub(super) fn next_tag(text: &str) -> Option<(Option<Tag<'_>>, &str)> {
    let rest = &text[1..];
    let (closes, rest) = rest.strip_prefix('/').map_or((false, rest), |rest| (true, rest));
    let is_tag = rest.starts_with(|c: char| c.is_ascii_alphabetic());
    if !is_tag {
        if closes || rest.starts_with(['!', '?']) {
            return rest.find('>').map(|at| (None, &rest[at + 1..]));
        }
        return Some((None, rest));
    }
    let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
    let (name, attributes) = rest.split_at(end?);
    let (closes_itself, after) = past_attributes(attributes)?;
    Some((Some(Tag { name, closes, closes_itself }), after))
}

/// Where in a tag we are.
enum Within {
    /// Before the name of an attribute; a slash may have come just before.
    Gap { slash: bool },
    /// In or after the name of an attribute.
    Name,
    /// Between the equals sign and the value.
    Equals,
    /// In a value without quotes.
    Bare,
    /// In a value with these quotes.
    Quoted(u8),
}

/// Whether a tag ends with a slash, and what follows it; nothing where no end comes.
fn past_attributes(text: &str) -> Option<(bool, &str)> {
    let mut within = Within::Gap { slash: false };
    for (at, byte) in text.bytes().enumerate() {
        let is_blank = byte.is_ascii_whitespace();
        within = match (within, byte) {
            (Within::Quoted(quote), _) if byte == quote => Within::Gap { slash: false },
            (Within::Quoted(quote), _) => Within::Quoted(quote),
            (Within::Gap { slash }, b'>') => return Some((slash, &text[at + 1..])),
            (_, b'>') => return Some((false, &text[at + 1..])),
            (Within::Gap { .. } | Within::Name, b'/') => Within::Gap { slash: true },
            (Within::Gap { .. }, _) if is_blank => Within::Gap { slash: false },
            (Within::Name, b'=') => Within::Equals,
            (Within::Gap { .. } | Within::Name, _) => Within::Name,
            (Within::Equals, b'"' | b'\'') => Within::Quoted(byte),
            (Within::Equals, _) if is_blank => Within::Equals,
            (Within::Bare, _) if is_blank => Within::Gap { slash: false },
            (Within::Equals | Within::Bare, _) => Within::Bare,
        };
    }
    None
}
