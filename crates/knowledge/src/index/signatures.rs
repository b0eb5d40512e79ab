//! Signs of vectors, one bit for each component: how many differ tells nearly how far two vectors
//! are apart, and is counted in a nanosecond or two.
//!
//! The signatures of a segment are a bit for each of its numbers that tells whether it has one, and
//! then all of them in rows, those without are zero. Bits fill 64-bit words from the low end, words
//! are little-endian, and a signature is a whole number of words.

use super::no_set::allowed_ordinals;
use super::top::Top;
use super::{IndexError, NoSet};

const WORD_BYTES: usize = 8;

/// The signs of `vector`: a 1 for each component above 0.
pub fn signature(vector: &[f32]) -> Vec<u64> {
    let word = |part: &[f32]| {
        part.iter()
            .enumerate()
            .fold(0_u64, |word, (bit, part)| word | u64::from(*part > 0.0) << bit)
    };
    vector.chunks(64).map(word).collect()
}

/// The signatures of a segment whose range begins at `first_no` and has `span` numbers. `vectors`
/// are those of its chunks, in any order, all of the same dimension.
///
/// # Errors
/// [`IndexError::Number`] for a number outside the range, [`IndexError::Dimension`] for a vector
/// that is unlike the first.
pub fn signatures_blob<V: AsRef<[f32]>>(
    first_no: u32,
    span: u32,
    vectors: &[(u32, V)],
) -> Result<Vec<u8>, IndexError> {
    let dimension = vectors.first().map_or(0, |(_, vector)| vector.as_ref().len());
    let mut rows = Rows::new(span, dimension.div_ceil(64));
    for (no, vector) in vectors {
        let vector = vector.as_ref();
        if vector.len() != dimension {
            return Err(IndexError::Dimension { expected: dimension, found: vector.len() });
        }
        let ordinal = no.checked_sub(first_no).filter(|ordinal| *ordinal < span);
        let ordinal = ordinal.ok_or(IndexError::Number { no: *no, first_no })?;
        let bytes: Vec<u8> = signature(vector).into_iter().flat_map(u64::to_le_bytes).collect();
        rows.put(ordinal as usize, &bytes);
    }
    Ok(rows.blob)
}

/// The signatures of a segment while they are written.
pub(super) struct Rows {
    blob: Vec<u8>,
    present: usize,
    row: usize,
}

impl Rows {
    pub(super) fn new(span: u32, words: usize) -> Self {
        let (present, row) = (present_bytes(span as usize), words * WORD_BYTES);
        Self { blob: vec![0; present + span as usize * row], present, row }
    }

    /// Sets the signature of `ordinal`. What does not fit is left out: the callers check.
    pub(super) fn put(&mut self, ordinal: usize, signature: &[u8]) {
        let at = self.present + ordinal * self.row;
        if let Some(row) = self.blob.get_mut(at..at + self.row)
            && row.len() == signature.len()
        {
            row.copy_from_slice(signature);
            if let Some(byte) = self.blob.get_mut(ordinal / 8) {
                *byte |= 1 << (ordinal % 8);
            }
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.blob
    }
}

/// The signatures of a segment, as they are stored.
#[derive(Debug, Clone, Copy)]
pub struct Signatures<'a> {
    /// The segment's place among those that are searched.
    pub segment: usize,
    /// The first number of its range.
    pub first_no: u32,
    /// How many numbers the range has.
    pub span: u32,
    /// What [`signatures_blob`] made.
    pub data: &'a [u8],
    /// Which numbers may be found; all without a set.
    pub allowed: Option<&'a NoSet>,
}

impl<'a> Signatures<'a> {
    /// The rows, and how many bytes each has.
    pub(super) fn rows(&self) -> Result<(&'a [u8], usize), IndexError> {
        let span = self.span as usize;
        let damaged = IndexError::Damaged("signatures are cut off");
        let rows = self.data.get(present_bytes(span)..).ok_or(damaged.clone())?;
        let row = rows.len().checked_div(span).unwrap_or_default();
        if row * span != rows.len() || !row.is_multiple_of(WORD_BYTES) {
            return Err(damaged);
        }
        Ok((rows, row))
    }

    pub(super) fn has(&self, ordinal: usize) -> bool {
        self.data.get(ordinal / 8).is_some_and(|byte| byte >> (ordinal % 8) & 1 == 1)
    }
}

/// Bytes of the bits that tell which numbers have a signature: whole words.
const fn present_bytes(span: usize) -> usize {
    span.div_ceil(64) * WORD_BYTES
}

/// A chunk that was found by its signature. The nearer one is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// How many signs differ from the query's.
    pub distance: u32,
    /// The segment's place among those that are searched.
    pub segment: usize,
    /// The chunk's number.
    pub no: u32,
}

/// The `n` chunks whose signs differ least from those of `query`, the nearest first.
///
/// # Errors
/// [`IndexError::Damaged`] when stored bytes cannot be signatures, [`IndexError::Dimension`] when
/// they are of longer or shorter vectors than the query.
pub fn nearest(
    query: &[f32],
    signatures: &[Signatures<'_>],
    n: usize,
) -> Result<Vec<Near>, IndexError> {
    let wanted = signature(query);
    let mut top = Top::new(n);
    for part in signatures {
        let (rows, row) = part.rows()?;
        if row == 0 {
            continue;
        }
        if row != wanted.len() * WORD_BYTES {
            let found = row * 8;
            return Err(IndexError::Dimension { expected: query.len(), found });
        }
        for range in allowed_ordinals(part.allowed, part.first_no, part.span as usize) {
            let start = range.start;
            let rows = rows.get(start * row..range.end * row).unwrap_or_default();
            let mut limit = top.worst().map_or(u32::MAX, |worst: &Near| worst.distance);
            distances(&wanted, rows, |at, distance| {
                if distance < limit && part.has(start + at) {
                    let ordinal = u32::try_from(start + at).unwrap_or(u32::MAX);
                    let no = part.first_no.saturating_add(ordinal);
                    top.push(Near { distance, segment: part.segment, no });
                    limit = top.worst().map_or(u32::MAX, |worst| worst.distance);
                }
            });
        }
    }
    Ok(top.into_sorted())
}

/// Tells the distance of each row. A width known to the compiler is several times faster: 256 to
/// 1,536 components have theirs.
fn distances(wanted: &[u64], rows: &[u8], mut see: impl FnMut(usize, u32)) {
    let words = rows.as_chunks::<WORD_BYTES>().0;
    match wanted.len() {
        4 => of_width::<4>(wanted, words, see),
        6 => of_width::<6>(wanted, words, see),
        8 => of_width::<8>(wanted, words, see),
        12 => of_width::<12>(wanted, words, see),
        16 => of_width::<16>(wanted, words, see),
        24 => of_width::<24>(wanted, words, see),
        width => {
            for (at, row) in words.chunks_exact(width.max(1)).enumerate() {
                see(at, distance(wanted, row));
            }
        }
    }
}

fn of_width<const W: usize>(
    wanted: &[u64],
    words: &[[u8; WORD_BYTES]],
    mut see: impl FnMut(usize, u32),
) {
    let Some(wanted) = wanted.first_chunk::<W>() else { return };
    for (at, row) in words.as_chunks::<W>().0.iter().enumerate() {
        see(at, distance(wanted, row));
    }
}

#[inline]
fn distance(wanted: &[u64], row: &[[u8; WORD_BYTES]]) -> u32 {
    let differing = |(a, b): (&u64, &[u8; WORD_BYTES])| (a ^ u64::from_le_bytes(*b)).count_ones();
    wanted.iter().zip(row).map(differing).sum()
}
