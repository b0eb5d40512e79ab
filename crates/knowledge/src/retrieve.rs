//! From scored candidates to hits: fusing, joining neighbours, dropping near-duplicates.
