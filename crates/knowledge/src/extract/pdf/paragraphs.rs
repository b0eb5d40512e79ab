//! Lines into paragraphs, lists and headings.
//!
//! Lines are joined where that is safe: same size, usual distance, the line before is full. Words
//! cut at the end of a line are joined when both halves are small letters.

use std::collections::HashMap;

use super::letters::is_unspaced;
use super::lines::Line;
use crate::extract::error::Result;
use crate::extract::extracted::TextBuilder;
use crate::extract::markdown::{heading, list_item, paragraph};

/// How much larger than the text the letters of a heading are.
const HEADING: f32 = 1.15;
/// The longest heading, in characters.
const HEADING_CHARS: usize = 200;
/// Levels of headings that sizes make.
const LEVELS: usize = 4;

/// Writes the pages of a document.
pub(super) fn write(out: &mut TextBuilder, pages: &[Vec<Line>]) -> Result<()> {
    let sizes = Sizes::of(pages);
    for lines in pages {
        out.begin_page()?;
        let (page, ends) = (Page::of(lines), right_ends(lines));
        let mut block: Option<Block> = None;
        for (n, line) in lines.iter().enumerate() {
            let level = sizes.level(line);
            if let (Some(open), Some(last)) = (&mut block, n.checked_sub(1))
                && open.level == level
                && let Some(joint) = page.joint(&lines[last], ends[last], line, level.is_some())
            {
                open.add(joint, &line.text);
                continue;
            }
            if let Some(done) = block.replace(Block::begin(level, &line.text)) {
                done.write(out)?;
            }
        }
        block.map_or(Ok(()), |block| block.write(out))?;
    }
    Ok(())
}

/// What the sizes of letters mean in a document.
struct Sizes {
    /// The sizes of headings, the largest first, in halves of a point.
    headings: Vec<i32>,
}

fn halves(size: f32) -> i32 {
    (size * 2.0).round() as i32
}

impl Sizes {
    fn of(pages: &[Vec<Line>]) -> Self {
        let mut chars: HashMap<i32, usize> = HashMap::new();
        for line in pages.iter().flatten() {
            *chars.entry(halves(line.size)).or_default() += line.text.chars().count();
        }
        let all: usize = chars.values().sum();
        let usual =
            chars.iter().max_by_key(|(size, count)| (**count, -**size)).map(|(size, _)| *size);
        let least = usual.map_or(f32::MAX, |size| size as f32 * HEADING);
        let larger = |size: &i32| *size as f32 >= least;
        let mut headings: Vec<i32> = chars.keys().copied().filter(larger).collect();
        headings.sort_unstable_by(|a, b| b.cmp(a));
        // Where much of a document is large, size does not mark headings.
        let large: usize = headings.iter().filter_map(|size| chars.get(size)).sum();
        if large * 4 > all {
            headings.clear();
        }
        Self { headings }
    }

    /// The level of the heading that the line is, if it looks like one.
    fn level(&self, line: &Line) -> Option<usize> {
        let level = self.headings.iter().position(|size| *size == halves(line.size))?;
        let is_heading = line.turned == 0
            && !has_leaders(&line.text)
            && line.text.chars().nth(HEADING_CHARS).is_none()
            && line.text.chars().filter(|c| c.is_alphabetic()).nth(1).is_some();
        is_heading.then(|| (level + 1).min(LEVELS))
    }
}

/// How two lines are joined.
enum Joint {
    /// With a blank, or without one in scripts that have none.
    Blank,
    /// The word goes on, its hyphen goes.
    Hyphen,
    /// The break stays.
    Break,
}

/// What is usual on a page.
struct Page {
    /// From base line to base line.
    leading: f32,
}

/// The least width of a column of running text, in sizes of its letters.
const COLUMN: f32 = 15.0;

impl Page {
    fn of(lines: &[Line]) -> Self {
        let same = |pair: &&[Line]| halves(pair[0].size) == halves(pair[1].size);
        let mut steps: Vec<f32> = lines
            .windows(2)
            .filter(same)
            .map(|pair| pair[1].y - pair[0].y)
            .filter(|step| *step > 0.0)
            .collect();
        steps.sort_unstable_by(f32::total_cmp);
        // The lower third: most pages have more lines within paragraphs than between them.
        Self { leading: steps.get(steps.len() / 3).copied().unwrap_or(0.0) }
    }

    /// How the line goes on the one before, or that it does not.
    fn joint(&self, before: &Line, right: f32, line: &Line, in_heading: bool) -> Option<Joint> {
        let step = line.y - before.y;
        let size = before.size.min(line.size);
        let full = is_full(before, right);
        let goes_on = line.text.starts_with(char::is_lowercase) || !ends_sentence(&before.text);
        if before.turned != line.turned || (before.size - line.size).abs() > 0.12 * size {
            return None;
        }
        if before.text.contains('\t') && line.text.contains('\t') {
            // The rows of a table.
            return (0.0..4.0 * size).contains(&step).then_some(Joint::Break);
        }
        if is_listed(&line.text).is_some() {
            return None;
        }
        let is_row = |line: &Line| line.text.contains('\t') || has_leaders(&line.text);
        if is_row(before) || is_row(line) {
            return self.is_near(step, size).then_some(Joint::Break);
        }
        if step <= 0.0 {
            // The next column: only what is plainly within a sentence goes on.
            let within = full && line.text.starts_with(char::is_lowercase);
            return within.then(|| glue(&before.text, &line.text));
        }
        if !self.is_near(step, size) || (line.x > before.x + size && !goes_on) {
            return None;
        }
        let cut = matches!(glue(&before.text, &line.text), Joint::Hyphen);
        if full || cut || in_heading || (goes_on && is_long(before, right)) {
            return Some(glue(&before.text, &line.text));
        }
        Some(Joint::Break)
    }

    fn is_near(&self, step: f32, size: f32) -> bool {
        step > 0.0 && step <= (self.leading * 1.35).max(size * 1.1) && step < size * 2.6
    }
}

/// The right end of the text that each line stands in: of lines that follow one another downwards
/// in one column, in letters of one size.
fn right_ends(lines: &[Line]) -> Vec<f32> {
    let same_column = |before: &Line, line: &Line| {
        let (size, step) = (before.size, line.y - before.y);
        (before.size - line.size).abs() <= 0.12 * size
            && (before.x - line.x).abs() <= 3.0 * size
            && (0.0..4.0 * size).contains(&step)
    };
    lines
        .chunk_by(same_column)
        .flat_map(|column| {
            let end = column.iter().map(|line| line.end).fold(f32::MIN, f32::max);
            std::iter::repeat_n(end, column.len())
        })
        .collect()
}

/// Whether the next word can have had no room in the line, whose text ends at `right`.
fn is_full(line: &Line, right: f32) -> bool {
    line.end >= right - 6.0 * line.size && right - line.x >= COLUMN * line.size
}

/// Whether the line is longer than half, so that it does not end by itself.
fn is_long(line: &Line, right: f32) -> bool {
    let width = right - line.x;
    line.end - line.x >= 0.6 * width && width >= COLUMN * line.size
}

/// How the words at the ends of two lines go together.
fn glue(before: &str, after: &str) -> Joint {
    let mut ends = before.chars().rev();
    let small = |c: Option<char>| c.is_some_and(char::is_lowercase);
    if ends.next() == Some('-') && small(ends.next()) && small(after.chars().next()) {
        return Joint::Hyphen;
    }
    Joint::Blank
}

/// Whether dots lead from a word to a number, as in tables of contents.
fn has_leaders(text: &str) -> bool {
    text.contains("....") || text.contains(". . . .")
}

fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(['"', '\'', ')', '”', '’', ']'])
        .ends_with(['.', '!', '?', ':', '。', '！', '？'])
}

/// The mark and the words of an entry of a list, if the line begins one.
fn is_listed(text: &str) -> Option<(&str, &str)> {
    let bullet = |c: char| "•‣◦▪●○■·–—*-".contains(c);
    if let Some(rest) = text.strip_prefix(bullet)
        && rest.starts_with([' ', '\t'])
    {
        return Some(("-", rest.trim_start()));
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.get(digits..)?.strip_prefix(['.', ')'])?;
    let mark = text.get(..=digits)?;
    ((1..=3).contains(&digits) && rest.starts_with(' ')).then_some((mark, rest.trim_start()))
}

/// A paragraph, entry or heading that is being put together.
struct Block {
    level: Option<usize>,
    text: String,
}

impl Block {
    fn begin(level: Option<usize>, text: &str) -> Self {
        Self { level, text: text.to_owned() }
    }

    fn add(&mut self, joint: Joint, text: &str) {
        match joint {
            Joint::Break => self.text.push('\n'),
            Joint::Hyphen => drop(self.text.pop()),
            Joint::Blank => {
                let unspaced = |c: Option<char>| c.is_some_and(is_unspaced);
                if !(unspaced(self.text.chars().next_back()) && unspaced(text.chars().next())) {
                    self.text.push(' ');
                }
            }
        }
        self.text.push_str(text);
    }

    fn write(self, out: &mut TextBuilder) -> Result<()> {
        match (self.level, is_listed(&self.text)) {
            (Some(level), _) => heading(out, level, &self.text),
            (None, Some((mark, text))) => list_item(out, 0, mark, text),
            (None, None) => paragraph(out, &self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::TextFormat;

    /// A line of ten-point letters, five points wide each, at this place.
    fn line(text: &str, x: f32, y: f32) -> Line {
        sized(text, x, y, 10.0)
    }

    fn sized(text: &str, x: f32, y: f32, size: f32) -> Line {
        let end = x + text.chars().count() as f32 * size / 2.0;
        Line { text: text.to_owned(), x, end, y, size, turned: 0, leftward: false, raised: false }
    }

    fn written(lines: Vec<Line>) -> String {
        let mut out = TextBuilder::new(10_000);
        write(&mut out, &[lines]).unwrap();
        out.finish(TextFormat::Markdown, None).unwrap().text
    }

    #[test]
    fn full_lines_are_joined_and_short_ones_stay() {
        let text = written(vec![
            line("A first line that is as wide as the un-", 0.0, 0.0),
            line("broken column allows, and then an end.", 0.0, 12.0),
            line("Short.", 0.0, 24.0),
            line("Below", 0.0, 36.0),
            line("A paragraph apart from the others.", 0.0, 60.0),
        ]);
        assert_eq!(
            text,
            "A first line that is as wide as the unbroken column allows, and then an end. Short.\nBelow\n\nA paragraph apart from the others."
        );
    }

    #[test]
    fn short_lines_below_one_another_are_no_paragraph() {
        assert_eq!(
            written(vec![line("first", 0.0, 0.0), line("second", 0.0, 12.0)]),
            "first\nsecond"
        );
    }

    #[test]
    fn lists_contents_and_rows_keep_their_lines() {
        let text = written(vec![
            line("• one thing", 0.0, 0.0),
            line("12. another thing", 0.0, 12.0),
            line("2.1 Syntax ..... 2", 0.0, 40.0),
            line("2.2 Naming ..... 3", 0.0, 52.0),
            line("Rope\t3", 0.0, 90.0),
            line("Oar\t2", 0.0, 110.0),
        ]);
        assert_eq!(
            text,
            "- one thing\n12. another thing\n\n2.1 Syntax ..... 2\n2.2 Naming ..... 3\n\nRope\t3\nOar\t2"
        );
    }

    #[test]
    fn larger_letters_are_headings_by_their_size() {
        let prose = "Some running text that goes on for a while.".repeat(3);
        let text = written(vec![
            sized("The whole", 0.0, 0.0, 20.0),
            sized("A part", 0.0, 30.0, 14.0),
            line(&prose, 0.0, 50.0),
        ]);
        assert_eq!(text, format!("# The whole\n\n## A part\n\n{prose}"));
    }
}
