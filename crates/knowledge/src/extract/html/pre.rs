//! Text that is laid out by its own lines, as code is.

use dom_query::NodeRef;

use super::writer::{BLOCKS, is_hidden};

/// What is still to be done.
enum Step<'a> {
    Enter(NodeRef<'a>),
    EndLine,
}

/// The text within a `<pre>`: its line breaks are its own, and those of `<br>` and of elements that
/// have lines for themselves.
pub(super) fn laid_out(pre: &NodeRef<'_>) -> String {
    let mut text = String::new();
    // Whether the next letter begins a line, unless one has begun by then.
    let mut ends = false;
    let mut steps: Vec<Step<'_>> = pre.children_it(true).map(Step::Enter).collect();
    while let Some(step) = steps.pop() {
        match step {
            Step::EndLine => ends = !text.is_empty(),
            Step::Enter(node) if node.is_text() => {
                let words = node.text();
                if std::mem::take(&mut ends) && !words.is_empty() && !words.starts_with('\n') {
                    end_line(&mut text);
                }
                text.push_str(&words);
            }
            Step::Enter(node) => {
                let name = node.node_name().map(|name| name.to_string()).unwrap_or_default();
                if node.is_element() && is_hidden(&node, &name) {
                    continue;
                }
                if name == "br" {
                    if std::mem::take(&mut ends) {
                        end_line(&mut text);
                    }
                    text.push('\n');
                    continue;
                }
                if is_line(&node, &name) {
                    ends |= !text.is_empty() && !text.ends_with('\n');
                    steps.push(Step::EndLine);
                }
                steps.extend(node.children_it(true).map(Step::Enter));
            }
        }
    }
    text
}

fn end_line(text: &mut String) {
    if !text.ends_with('\n') {
        text.push('\n');
    }
}

/// Whether an element has lines for itself. Programs that colour code call theirs so.
fn is_line(node: &NodeRef<'_>, name: &str) -> bool {
    let is_cell = matches!(name, "td" | "th");
    let is_called = || node.attr_or("class", "").split_whitespace().any(|class| class == "line");
    !is_cell && BLOCKS.contains(&name) || name == "li" || name == "span" && is_called()
}

#[cfg(test)]
mod tests {
    use dom_query::Document;

    use super::*;

    fn of(html: &str) -> String {
        laid_out(&Document::from(html).select("pre").nodes()[0])
    }

    #[test]
    fn lines_are_those_that_are_seen() {
        assert_eq!(of("<pre>a\n  b\n\nc</pre>"), "a\n  b\n\nc");
        assert_eq!(of("<pre>a<br>b<br><br>c</pre>"), "a\nb\n\nc");
        assert_eq!(of("<pre><div>a</div><div>  b</div>c</pre>"), "a\n  b\nc");
        assert_eq!(of("<pre>x<div>a<br>b</div>\n<p>c</p></pre>"), "x\na\nb\nc");
        assert_eq!(of("<pre><div>a</div><br><div>b</div></pre>"), "a\n\nb");
        assert_eq!(
            of(
                "<pre><code><span class='line'><i>a</i> b</span><span class='line'>c</span></code></pre>"
            ),
            "a b\nc"
        );
        let lines = "<span class='line'>a</span>\n<span class='line'>b</span>";
        assert_eq!(of(&format!("<pre>{lines}</pre>")), "a\nb");
        assert_eq!(of("<pre><ol><li>a<li>b</ol><button>copy</button></pre>"), "a\nb");
        assert_eq!(of("<pre><b>a</b><i>b</i></pre>"), "ab");
    }
}
