//! How deeply the elements of a page lie within one another, reckoned before a tree is built of
//! them. Comments, scripts and styles hold none, and within a drawing a tag may close itself.

mod tag;

use tag::{Tag, after_comment, after_raw_text, next_tag};

/// Elements of pages whose end is often left out, or that have none. They do not count, but for
/// their part in what does.
const LOOSE: [&str; 22] = [
    "p", "br", "li", "td", "th", "tr", "hr", "img", "input", "meta", "link", "dd", "dt", "option",
    "col", "area", "wbr", "source", "base", "embed", "track", "param",
];
/// Elements of pages that hold characters and no elements.
const RAW: [&str; 7] = ["script", "style", "textarea", "title", "xmp", "iframe", "noframes"];
/// Drawings and formulas: there a tag may close itself, and `style` is an element as others are.
const FOREIGN: [&str; 2] = ["svg", "math"];
/// Elements of drawings and formulas within which it is a page again.
const PAGES: [&str; 9] =
    ["foreignobject", "desc", "title", "annotation-xml", "mi", "mo", "mn", "ms", "mtext"];
/// Elements of pages that end a drawing when they come within one.
const BREAKS: [&str; 45] = [
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "i",
    "img",
    "li",
    "listing",
    "menu",
    "meta",
    "nobr",
    "ol",
    "p",
    "pre",
    "ruby",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tt",
    "u",
    "ul",
    "var",
];

/// Whether more than `most` elements lie within one another. It may be fewer where tags are closed
/// in no order; it is never many more.
pub(super) fn is_deeper_than(html: &str, most: usize) -> bool {
    let mut reckoning = Reckoning::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(after) = after_comment(rest) {
            rest = after;
            continue;
        }
        let Some((tag, after)) = next_tag(rest) else { return false };
        rest = after;
        let Some(tag) = tag else { continue };
        if !tag.closes && !reckoning.is_in_drawing() && tag.is_one_of(&RAW) {
            rest = after_raw_text(rest, tag.name);
            continue;
        }
        reckoning.take(&tag);
        if reckoning.open > most {
            return true;
        }
    }
    false
}

/// How many elements are open, and whether we are in a page or in a drawing.
#[derive(Debug, Default)]
struct Reckoning<'a> {
    open: usize,
    /// Drawings, the pages within them, the drawings within those, and so on.
    places: Vec<Place<'a>>,
}

/// A drawing, or a page within one.
#[derive(Debug)]
struct Place<'a> {
    name: &'a str,
    is_drawing: bool,
    /// How many elements were open when it began, itself included.
    open: usize,
}

impl<'a> Reckoning<'a> {
    fn is_in_drawing(&self) -> bool {
        self.places.last().is_some_and(|place| place.is_drawing)
    }

    fn take(&mut self, tag: &Tag<'a>) {
        if self.is_in_drawing() && tag.is_one_of(&BREAKS) {
            while self.is_in_drawing() {
                self.places.pop();
            }
        }
        let in_drawing = self.is_in_drawing();
        let is_loose = !in_drawing && tag.is_one_of(&LOOSE);
        // A drawing's own tag may close itself too.
        let is_foreign = in_drawing || tag.is_one_of(&FOREIGN);
        if is_loose || is_foreign && tag.closes_itself {
            return;
        }
        if tag.closes {
            self.leave(tag);
            self.open = self.open.saturating_sub(1);
            return;
        }
        self.open += 1;
        let is_drawing = tag.is_one_of(&FOREIGN);
        if is_drawing || in_drawing && tag.is_one_of(&PAGES) {
            self.places.push(Place { name: tag.name, is_drawing, open: self.open });
        }
    }

    /// Where we are after an element has ended. Where that is not plain it is a page, in which more
    /// counts.
    fn leave(&mut self, tag: &Tag<'a>) {
        let Some(last) = self.places.last() else { return };
        let is_last = last.name.eq_ignore_ascii_case(tag.name);
        if is_last && (last.is_drawing || last.open == self.open) {
            self.places.pop();
        } else if tag.is_one_of(&FOREIGN) {
            self.places.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most that lie within one another, as it is reckoned.
    fn depth(html: &str) -> usize {
        (0..).find(|&most| !is_deeper_than(html, most)).unwrap_or_default()
    }

    #[test]
    fn what_closes_itself_in_a_drawing_lies_beside_the_others() {
        let icons = "<svg viewBox='0 0 9 9'><title>x</title><path d=\"M0 0h9\"/><path/></svg>";
        assert_eq!(depth(&icons.repeat(9)), 2);
        assert_eq!(depth("<svg><g><path/><path/></g><use href=#a /></svg><div></div>"), 2);
        assert_eq!(depth("<math><mi>x</mi><mspace/><mspace/></math>"), 2);
        assert_eq!(depth("<svg/><svg/><svg/>"), 0);
    }

    #[test]
    fn elsewhere_a_tag_does_not_close_itself() {
        assert_eq!(depth(&"<div/>".repeat(9)), 9);
        assert_eq!(depth(&"<path/>".repeat(9)), 9);
        // The page within the drawing, and what breaks out of one.
        for start in [
            "<svg><foreignObject>",
            "<svg><desc><b></desc>",
            "<svg><svg><foreignObject></svg>",
            "<svg><span>",
            "<svg><p>",
        ] {
            assert!(depth(&format!("{start}{}", "<path/>".repeat(9))) >= 9, "{start}");
        }
        // A slash that belongs to a value, and elements that are loose in pages alone.
        assert_eq!(depth(&format!("<svg>{}", "<g id=a/>".repeat(9))), 10);
        assert_eq!(depth(&format!("<svg>{}", "<input>".repeat(9))), 10);
        assert_eq!(depth(&format!("<svg><style>{}", "<g>".repeat(9))), 11);
    }

    #[test]
    fn what_is_no_markup_holds_no_elements() {
        let nine = "<b>".repeat(9);
        assert_eq!(depth(&format!("<script>for(;i<n;){nine}</script><b>")), 1);
        assert_eq!(depth(&format!("<STYLE>{nine}</styles></style >{}", "<i>".repeat(3))), 3);
        assert_eq!(depth(&format!("<!--{nine}--><b>")), 1);
        assert_eq!(depth(&format!("<!--{nine}---><b>")), 1);
        assert_eq!(depth(&format!("<!--{nine}--!><b>")), 1);
        assert_eq!(depth(&format!("<!--> {nine}")), 9);
        assert_eq!(depth(&format!("<!-- {nine}")), 0);
        assert_eq!(depth(&format!("<script>{nine}")), 0);
        assert_eq!(depth(&format!("<b title='{nine}' a=\"{nine}\">")), 1);
        assert_eq!(depth(&format!("<b it's>{nine}<b it's>")), 11);
        assert_eq!(depth(&format!("<b =\">{nine}")), 10);
        assert_eq!(depth("<!doctype html><?x <b>?></>< b"), 0);
        assert_eq!(depth(""), 0);
    }

    #[test]
    fn what_really_lies_within_counts() {
        assert_eq!(depth(&"<div>".repeat(9)), 9);
        assert_eq!(depth(&format!("{}{}", "<ul><li>".repeat(4), "</ul>".repeat(4))), 4);
        assert_eq!(depth(&"<p>a<br><img src=x>".repeat(9)), 0);
        assert_eq!(depth(&"<b>x</b>".repeat(9)), 1);
    }
}
