//! Pages of the web: the text that is there to be read, as Markdown, without menus and scripts.

mod depth;
mod grid;
mod pre;
mod writer;

use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Readability};

use super::error::{ExtractError, Result};
use super::extracted::{Extracted, TextBuilder, TextFormat};
use super::markdown::{heading, one_line};
use depth::is_deeper_than;
use writer::Writer;

/// Elements that may lie within one another: beyond it, building the tree takes the square of it.
const MAX_DEPTH: usize = 5_000;
/// Longer pages are taken whole: finding the article in them takes too long.
const ARTICLE_BYTES: usize = 4 << 20;
/// An article has at least so many characters.
const ARTICLE_CHARS: usize = 200;

pub(super) fn extract(html: &str, text_bytes: u64) -> Result<Extracted> {
    if is_deeper_than(html, MAX_DEPTH) {
        return Err(ExtractError::too_large("more than 5,000 elements within one another"));
    }
    let page = Document::from(html);
    let mut title = name(&page);
    let mut body = written(&page.root(), text_bytes)?;
    if html.len() <= ARTICLE_BYTES
        && let Some((article, called)) = article(page, text_bytes)
        && is_the_content(&article, &body)
    {
        body = article;
        if title.is_empty() {
            title = called;
        }
    }
    if body.trim().is_empty() {
        return Err(ExtractError::Empty);
    }
    let mut out = TextBuilder::new(text_bytes);
    if !body.starts_with("# ") {
        heading(&mut out, 1, &title)?;
    }
    out.push(&body)?;
    out.finish(TextFormat::Markdown, Some(&title))
}

/// The Markdown of a tree.
fn written(root: &NodeRef<'_>, text_bytes: u64) -> Result<String> {
    let mut writer = Writer::new(TextBuilder::new(text_bytes));
    writer.write(root)?;
    Ok(writer.finish())
}

/// What a page is called: by its one great heading, if its title holds that too, else by its title.
fn name(page: &Document) -> String {
    let title = one_line(&page.select("head title").text());
    let headings = page.select("h1");
    let heading = one_line(&headings.text());
    if headings.length() == 1 && !heading.is_empty() && title.contains(&heading) {
        return heading;
    }
    title
}

/// The article on a page, and its title.
fn article(page: Document, text_bytes: u64) -> Option<(String, String)> {
    let config = Config { disable_json_ld: true, ..Config::default() };
    let article = Readability::with_document(page, None, Some(config)).ok()?.parse().ok()?;
    let content = Document::fragment(article.content);
    let text = written(&content.root(), text_bytes).ok()?;
    Some((text, one_line(&article.title)))
}

/// Whether the article is what the page is about: a list of many short texts has none.
fn is_the_content(article: &str, whole: &str) -> bool {
    let chars = article.chars().count();
    chars >= ARTICLE_CHARS && chars * 2 >= whole.chars().count()
}
