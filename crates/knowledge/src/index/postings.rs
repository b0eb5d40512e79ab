//! Posting lists: which chunks have a term, and how often.
//!
//! A list is its number of entries and then, per chunk in order, the distance to the one before and
//! how often. Numbers are written seven bits a byte, the low ones first. An entry's distance is
//! doubled, and odd when a count follows: most terms occur once.

use super::IndexError;

/// A chunk that has the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Posting {
    /// Its number less the segment's first one.
    pub(super) ordinal: u16,
    /// How often it has the term, 1 and more.
    pub(super) count: u32,
}

/// Writes a list, one chunk after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct PostingWriter {
    entries: u32,
    next: u32,
    data: Vec<u8>,
}

impl PostingWriter {
    /// Adds a chunk, whose ordinal is above those before.
    pub(super) fn push(&mut self, posting: Posting) {
        let distance = u32::from(posting.ordinal).saturating_sub(self.next);
        let several = posting.count > 1;
        write_number(&mut self.data, (distance << 1) | u32::from(several));
        if several {
            write_number(&mut self.data, posting.count - 2);
        }
        self.next = u32::from(posting.ordinal) + 1;
        self.entries += 1;
    }

    /// Whether it has no chunk.
    pub(super) const fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// The bytes to store.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut list = Vec::with_capacity(self.data.len() + 3);
        write_number(&mut list, self.entries);
        list.extend_from_slice(&self.data);
        list
    }
}

/// Reads a list. Damaged bytes end in an error, never in an ordinal out of order.
#[derive(Debug, Clone)]
pub(super) struct Postings<'a> {
    left: u32,
    next: u32,
    data: &'a [u8],
}

impl<'a> Postings<'a> {
    /// Begins to read `data`.
    pub(super) fn new(mut data: &'a [u8]) -> Result<Self, IndexError> {
        let left = read_number(&mut data).ok_or(TRUNCATED)?;
        // An entry has a byte at least, so a list cannot claim more than it has.
        if left as usize > data.len() {
            return Err(TRUNCATED);
        }
        Ok(Self { left, next: 0, data })
    }

    /// How many chunks are left.
    pub(super) const fn len(&self) -> u32 {
        self.left
    }

    /// The next chunk.
    #[inline]
    pub(super) fn next_posting(&mut self) -> Result<Option<Posting>, IndexError> {
        if self.left == 0 {
            return Ok(None);
        }
        let head = read_number(&mut self.data).ok_or(TRUNCATED)?;
        let ordinal = (self.next).checked_add(head >> 1).and_then(|at| u16::try_from(at).ok());
        let ordinal = ordinal.ok_or(IndexError::Damaged("a posting is out of range"))?;
        let count = match head & 1 {
            0 => 1,
            _ => read_number(&mut self.data).ok_or(TRUNCATED)?.saturating_add(2),
        };
        self.left -= 1;
        self.next = u32::from(ordinal) + 1;
        Ok(Some(Posting { ordinal, count }))
    }
}

const TRUNCATED: IndexError = IndexError::Damaged("a posting list is cut off");

fn write_number(data: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        data.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    data.push(number as u8);
}

#[inline]
fn read_number(data: &mut &[u8]) -> Option<u32> {
    let (&first, rest) = data.split_first()?;
    *data = rest;
    if first < 0x80 {
        return Some(u32::from(first));
    }
    let mut number = u32::from(first & 0x7F);
    for shift in [7, 14, 21, 28] {
        let (&byte, rest) = data.split_first()?;
        *data = rest;
        number |= u32::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn read(data: &[u8]) -> Result<Vec<Posting>, IndexError> {
        let mut postings = Postings::new(data)?;
        let mut read = Vec::new();
        while let Some(posting) = postings.next_posting()? {
            read.push(posting);
        }
        Ok(read)
    }

    proptest! {
        #[test]
        fn lists_come_back(entries: BTreeMap<u16, u32>) {
            let entries: Vec<_> = entries
                .into_iter()
                .map(|(ordinal, count)| Posting { ordinal, count: count.max(1) })
                .collect();
            let mut writer = PostingWriter::default();
            entries.iter().for_each(|entry| writer.push(*entry));
            prop_assert_eq!(writer.is_empty(), entries.is_empty());
            prop_assert_eq!(read(&writer.finish()), Ok(entries));
        }

        #[test]
        fn no_bytes_do_harm(data: Vec<u8>) {
            if let Ok(entries) = read(&data) {
                prop_assert!(entries.is_sorted_by(|a, b| a.ordinal < b.ordinal));
                prop_assert!(entries.len() <= data.len());
            }
        }

        #[test]
        fn a_cut_list_is_refused(cut in 0_usize..300) {
            let mut writer = PostingWriter::default();
            (0..200).for_each(|n| writer.push(Posting { ordinal: n * 300, count: 1 + u32::from(n) }));
            let list = writer.finish();
            prop_assert!(cut < list.len());
            prop_assert!(read(&list[..cut]).is_err());
        }
    }
}
