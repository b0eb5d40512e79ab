//! Letters into lines: what stands on one base line with no more than a gap of words between.

use super::glyphs::Glyph;
use super::letters::{in_reading_order, is_leftward};

/// How far base lines of one line may differ, for raised letters; in sizes of the font.
const SAME_LINE: f32 = 0.4;
/// What is so much smaller than its line and so far above its base is raised; in sizes of the line.
const RAISED_SIZE: f32 = 0.8;
const RAISED_BY: f32 = 0.15;
/// The least gap between words.
const WORD_GAP: f32 = 0.17;
/// The least gap between columns or cells.
const COLUMN_GAP: f32 = 1.8;
/// Likewise behind a blank: justified lines have wide blanks, cells end without.
const GAP_BEHIND_BLANK: f32 = 6.0;

/// Words on a base line.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) x: f32,
    pub(super) end: f32,
    pub(super) y: f32,
    /// The size of its largest letters.
    pub(super) size: f32,
    pub(super) turned: u8,
    /// Whether the letters came in the order of reading although they go leftward.
    pub(super) leftward: bool,
    /// Whether the last letter is a raised one.
    pub(super) raised: bool,
}

/// The lines of a page, in the order of reading. What is marked as no part of the text is left
/// out, unless there is nothing else.
pub(super) fn of(glyphs: Vec<Glyph>) -> Vec<Line> {
    let all_marked = glyphs.iter().all(|glyph| glyph.artifact);
    let mut lines: Vec<Line> = Vec::new();
    let mut last: Option<Glyph> = None;
    for glyph in glyphs {
        if glyph.artifact && !all_marked {
            continue;
        }
        let doubled = last.as_ref().is_some_and(|last| is_doubled(last, &glyph));
        if doubled {
            continue;
        }
        match lines.last_mut() {
            Some(line) if line.goes_on(&glyph) => line.add(&glyph),
            _ => lines.push(Line::begin(&glyph)),
        }
        last = Some(glyph);
    }
    for line in lines.iter_mut().filter(|line| !line.leftward) {
        line.text = in_reading_order(&line.text);
    }
    let mut lines = join_leftward(lines);
    for line in &mut lines {
        line.text = line.text.trim().to_owned();
    }
    lines.retain(|line| !line.text.is_empty());
    if is_jumbled(&lines) {
        lines.sort_by(|a, b| {
            let row = |line: &Line| (line.y / 4.0).round();
            a.turned.cmp(&b.turned).then(row(a).total_cmp(&row(b))).then(a.x.total_cmp(&b.x))
        });
    }
    join_rows(lines)
}

impl Line {
    fn begin(glyph: &Glyph) -> Self {
        let mut line = Self {
            text: String::new(),
            x: glyph.x,
            end: glyph.x,
            y: glyph.y,
            size: glyph.size,
            turned: glyph.turned,
            leftward: false,
            raised: false,
        };
        line.add(glyph);
        line
    }

    /// Whether the letter stands next in this line.
    fn goes_on(&self, glyph: &Glyph) -> bool {
        let size = self.size.max(glyph.size);
        if self.turned != glyph.turned || (self.y - glyph.y).abs() > SAME_LINE * size {
            return false;
        }
        let gap = glyph.x - self.end;
        let most = if self.text.ends_with(' ') { GAP_BEHIND_BLANK } else { COLUMN_GAP };
        (-size..most * size).contains(&gap) || self.goes_on_leftward(glyph, size)
    }

    fn goes_on_leftward(&self, glyph: &Glyph, size: f32) -> bool {
        let gap = self.x - glyph.end;
        glyph.text.chars().any(|c| is_leftward(c) || c == ' ')
            && self.text.chars().any(is_leftward)
            && (-0.5 * size..COLUMN_GAP * size).contains(&gap)
    }

    fn add(&mut self, glyph: &Glyph) {
        let before = glyph.x < self.x;
        let gap = if before { self.x - glyph.end } else { glyph.x - self.end };
        let apart = !self.text.is_empty()
            && gap > WORD_GAP * self.size.min(glyph.size)
            && !self.text.ends_with(' ')
            && !glyph.text.starts_with(' ');
        if apart {
            self.text.push(' ');
        }
        let raised = glyph.size < RAISED_SIZE * self.size
            && self.y - glyph.y > RAISED_BY * self.size
            && glyph.text.starts_with(|c: char| c.is_ascii_digit());
        // The number of a note would make another word of the one that it stands at.
        if raised && !self.raised && self.text.ends_with(char::is_alphanumeric) {
            self.text.push('^');
        }
        self.raised = raised;
        self.text.push_str(&glyph.text);
        self.leftward |= before;
        self.x = self.x.min(glyph.x);
        self.end = self.end.max(glyph.end);
        if glyph.size > self.size {
            self.size = glyph.size;
            self.y = glyph.y;
        }
    }
}

/// Whether a letter is drawn over the last one once more, to look bold.
fn is_doubled(last: &Glyph, glyph: &Glyph) -> bool {
    let near = 0.15 * glyph.size;
    last.text == glyph.text && (last.x - glyph.x).abs() < near && (last.y - glyph.y).abs() < near
}

/// Whether the pieces of a page jump up more often than columns would make them.
fn is_jumbled(lines: &[Line]) -> bool {
    let up = lines.windows(2).filter(|pair| pair[1].y < pair[0].y - 2.0 * pair[0].size).count();
    up > 4 && up * 4 > lines.len()
}

/// Puts pieces that follow one another leftward on one base line into one line, where that is written
/// from right to left: programs draw each word for itself, and numbers, which go the other way.
fn join_leftward(pieces: Vec<Line>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::with_capacity(pieces.len());
    let is_written_leftward = |line: &Line| line.text.chars().any(is_leftward);
    for piece in pieces {
        match lines.last_mut() {
            Some(line)
                if line.turned == piece.turned
                    && (line.y - piece.y).abs() <= SAME_LINE * line.size.min(piece.size)
                    && piece.end <= line.x + 0.5 * line.size
                    && (is_written_leftward(line) || is_written_leftward(&piece)) =>
            {
                let (gap, size) = (line.x - piece.end, line.size.min(piece.size));
                let spaced = line.text.ends_with(' ') || piece.text.starts_with(' ');
                if gap >= COLUMN_GAP * size {
                    line.text.truncate(line.text.trim_end().len());
                    line.text.push('\t');
                } else if gap > WORD_GAP * size && !spaced {
                    line.text.push(' ');
                }
                line.text.push_str(&piece.text);
                line.x = line.x.min(piece.x);
                line.size = line.size.max(piece.size);
                line.leftward = true;
            }
            _ => lines.push(piece),
        }
    }
    lines
}

/// Puts pieces that follow one another on one base line into one line, with tabs between: the
/// cells of a table's row.
fn join_rows(lines: Vec<Line>) -> Vec<Line> {
    let mut rows: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        match rows.last_mut() {
            Some(row)
                if row.turned == line.turned
                    && (row.y - line.y).abs() <= SAME_LINE * row.size.min(line.size)
                    && line.x >= row.end =>
            {
                let gap = line.x - row.end;
                row.text.push(if gap < COLUMN_GAP * row.size { ' ' } else { '\t' });
                row.text.push_str(&line.text);
                row.end = line.end;
                row.size = row.size.max(line.size);
            }
            _ => rows.push(line),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, x: f32, y: f32) -> Vec<Glyph> {
        let letter = |(n, c): (usize, char)| Glyph {
            text: c.to_string(),
            x: x + n as f32 * 5.0,
            y,
            end: x + n as f32 * 5.0 + 5.0,
            size: 10.0,
            turned: 0,
            artifact: false,
        };
        text.chars().enumerate().map(letter).collect()
    }

    fn texts(words: Vec<Vec<Glyph>>) -> Vec<String> {
        of(words.concat()).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn gaps_part_words_and_cells() {
        let words = vec![word("ab", 0.0, 0.0), word("cd", 13.0, 1.0), word("ef", 60.0, 0.0)];
        assert_eq!(texts(words), ["ab cd\tef"]);
        let columns = vec![word("ab", 0.0, 0.0), word("cd", 0.0, 12.0), word("ef", 60.0, 0.0)];
        assert_eq!(texts(columns), ["ab", "cd", "ef"]);
    }

    #[test]
    fn a_wide_blank_is_no_gap_between_cells() {
        let words = vec![word("ab ", 0.0, 0.0), word("cd", 45.0, 0.0)];
        assert_eq!(texts(words), ["ab cd"]);
    }

    #[test]
    fn numbers_of_notes_are_no_part_of_the_word() {
        let small = |text: &str, x: f32, y: f32| -> Vec<Glyph> {
            word(text, x, y).into_iter().map(|glyph| Glyph { size: 6.0, ..glyph }).collect()
        };
        let words = vec![word("fee", 0.0, 10.0), small("12", 15.0, 7.0), word("is", 30.0, 10.0)];
        assert_eq!(texts(words), ["fee^12 is"]);
        let words = vec![word("H", 0.0, 10.0), small("2", 5.0, 12.0), word("O", 10.0, 10.0)];
        assert_eq!(texts(words), ["H2O"]);
        let words = vec![word("the1", 0.0, 10.0), small("st", 20.0, 7.0)];
        assert_eq!(texts(words), ["the1st"]);
    }

    /// Letters in the order of reading, each left of the one before; the first ends here.
    fn leftward(text: &str, end: f32, y: f32) -> Vec<Glyph> {
        let place = |(n, glyph): (usize, Glyph)| {
            let end = end - 5.0 * n as f32;
            Glyph { x: end - 5.0, end, ..glyph }
        };
        word(text, 0.0, y).into_iter().enumerate().map(place).collect()
    }

    #[test]
    fn a_line_in_runs_from_right_to_left_is_one() {
        // Each run as it stands, from left to right.
        let runs = vec![
            word("םולש", 100.0, 0.0),
            word(" ,םלוע", 65.0, 0.0),
            word("2024", 45.0, 0.0),
            word("הרוש", 100.0, 12.0),
            word("היינש ", 70.0, 12.0),
        ];
        assert_eq!(texts(runs), ["שלום עולם, 2024", "שורה שנייה"]);
        // Each letter behind the one that is read before it, and numbers as they stand.
        let runs = vec![
            leftward("שלום", 120.0, 0.0),
            word("1.5", 80.0, 0.0),
            leftward(" עולם", 80.0, 0.0),
            leftward(".", 55.0, 0.0),
        ];
        assert_eq!(texts(runs), ["שלום 1.5 עולם."]);
    }

    #[test]
    fn cells_from_right_to_left_are_a_row() {
        let cells = |y: f32| [word("ריעה", 200.0, y), word("ולסוא", 100.0, y)].concat();
        assert_eq!(texts(vec![cells(0.0), cells(12.0)]), ["העיר\tאוסלו", "העיר\tאוסלו"]);
        // What stands below, further left, is another line.
        assert_eq!(texts(vec![word("םולש", 100.0, 0.0), word("םלוע", 70.0, 12.0)]).len(), 2);
    }

    #[test]
    fn letters_drawn_twice_are_one() {
        let twice: Vec<Glyph> =
            word("ab", 0.0, 0.0).into_iter().flat_map(|glyph| [glyph.clone(), glyph]).collect();
        assert_eq!(texts(vec![twice]), ["ab"]);
    }

    #[test]
    fn a_jumbled_page_is_read_by_place() {
        let at = |n: usize| word(&n.to_string(), 0.0, 30.0 * n as f32);
        let words = [9, 1, 8, 2, 7, 3, 6, 4, 5, 0].map(at).to_vec();
        assert_eq!(texts(words), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    }
}
