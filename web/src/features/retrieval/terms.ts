/** A stretch of a text, and the term that explains it, where one does. */
export interface Marked {
  text: string;
  term: string | null;
}

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Thai to Khmer, kana, Han and Hangul: what the index takes for scripts without spaces. */
const UNSPACED =
  /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\u{20000}-\u{3ffff}]/u;
/** The parts of a word in such scripts and in others: PDF를 is two. */
const PARTS = new RegExp(`${UNSPACED.source}+|(?:(?!${UNSPACED.source}).)+`, 'gu');

/** Letters that are not alike by their accents alone. */
const LETTERS: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ı: 'i',
  þ: 'th',
  ς: 'σ',
};

/**
 * As the index folds words: lower case, without the accents of Latin, Greek and Cyrillic. Marks of
 * other scripts are letters of theirs and stay.
 */
const fold = (word: string) =>
  word
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .replace(/[ßæœøłđðıþς]/g, (letter) => LETTERS[letter] ?? letter);

/**
 * Cuts a text where the words stand that a search looked for. The server names stems, so a word is
 * taken for one that begins with the stem: near enough to show why something was found.
 */
export function markTerms(text: string, terms: readonly string[]): Marked[] {
  const pieces: Marked[] = [];
  const put = (piece: string, term: string | null) => {
    const last = pieces.at(-1);
    if (piece === '') return;
    if (last && last.term === term) last.text += piece;
    else pieces.push({ text: piece, term });
  };
  let at = 0;
  for (const match of text.matchAll(WORD)) {
    put(text.slice(at, match.index), null);
    const [word] = match;
    for (const [part] of word.matchAll(PARTS)) {
      if (UNSPACED.test(part)) markWithin(part, terms, put);
      else put(part, terms.find((term) => fits(fold(part), term)) ?? null);
    }
    at = match.index + word.length;
  }
  put(text.slice(at), null);
  return pieces;
}

/** The longest ending that a stem may be short of its word by: "retrieval" for "retriev". */
const MOST_ENDING = 6;

function fits(word: string, term: string): boolean {
  if (word === term) return true;
  if (term.length < 3 || word.length - term.length > MOST_ENDING) return false;
  // "policies" has the stem "polici", "policy" too.
  return word.startsWith(term) || (term.endsWith('i') && word.startsWith(`${term.slice(0, -1)}y`));
}

/** Scripts without spaces are searched by pairs of characters. */
function markWithin(
  word: string,
  terms: readonly string[],
  put: (piece: string, term: string | null) => void,
) {
  const characters = [...word];
  const found = new Array<string | null>(characters.length).fill(null);
  characters.forEach((_, index) => {
    const here = characters.slice(index).join('');
    const term = terms.find((one) => here.startsWith(one));
    for (let at = index; term && at < index + [...term].length; at += 1) found[at] ??= term;
  });
  for (const [index, character] of characters.entries()) put(character, found[index] ?? null);
}

/** Which of the terms stand in a text. */
export const termsIn = (pieces: readonly Marked[]) =>
  new Set(pieces.flatMap(({ term }) => (term === null ? [] : term)));
