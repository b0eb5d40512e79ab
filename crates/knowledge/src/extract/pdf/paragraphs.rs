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
        let page = Page::of(lines);
        let mut block: Option<Block> = None;
        for (n, line) in lines.iter().enumerate() {
            let level = sizes.level(line);
            if let (Some(open), Some(before)) = (&mut block, n.checked_sub(1).map(|n| &lines[n]))
                && open.level == level
                && let Some(joint) = page.joint(before, line, level.is_some())
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
    /// The right ends of the lines, by where they begin, in steps of the size of a word.
    ends: HashMap<i32, f32>,
}

fn column(x: f32) -> i32 {
    (x / 24.0).floor() as i32
}

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
        let leading = steps.get(steps.len() / 3).copied().unwrap_or(0.0);
        let mut ends: HashMap<i32, f32> = HashMap::new();
        for line in lines {
            let end = ends.entry(column(line.x)).or_insert(line.end);
            *end = end.max(line.end);
        }
        Self { leading, ends }
    }

    /// How the line goes on the one before, or that it does not.
    fn joint(&self, before: &Line, line: &Line, in_heading: bool) -> Option<Joint> {
        let step = line.y - before.y;
        let size = before.size.min(line.size);
        let full = self.is_full(before);
        let goes_on = line.text.starts_with(char::is_lowercase) || !ends_sentence(&before.text);
        if before.turned != line.turned || (before.size - line.size).abs() > 0.12 * size {
            return None;
        }
        if is_listed(&line.text).is_some() || before.text.contains('\t') || line.text.contains('\t')
        {
            return (is_listed(&line.text).is_none() && self.is_near(step, size))
                .then_some(Joint::Break);
        }
        if step <= 0.0 {
            // The next column: only what is plainly within a sentence goes on.
            let within = full && line.text.starts_with(char::is_lowercase);
            return within.then(|| glue(&before.text, &line.text));
        }
        if !self.is_near(step, size) || (line.x > before.x + size && !goes_on) {
            return None;
        }
        if full || in_heading || (goes_on && self.nearly_full(before)) {
            return Some(glue(&before.text, &line.text));
        }
        Some(Joint::Break)
    }

    fn is_near(&self, step: f32, size: f32) -> bool {
        step > 0.0 && step <= (self.leading * 1.35).max(size * 1.1) && step < size * 2.6
    }

    fn end(&self, line: &Line) -> f32 {
        self.ends.get(&column(line.x)).copied().unwrap_or(line.end)
    }

    /// Whether the next word can have had no room in the line.
    fn is_full(&self, line: &Line) -> bool {
        line.end >= self.end(line) - 6.0 * line.size
    }

    fn nearly_full(&self, line: &Line) -> bool {
        line.end - line.x >= 0.6 * (self.end(line) - line.x)
    }
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
