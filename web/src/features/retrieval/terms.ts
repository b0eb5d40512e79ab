/** A stretch of a text, and the term that explains it, where one does. */
export interface Marked {
  text: string;
  term: string | null;
}

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** As the index folds words: lower case, without accents. */
const fold = (word: string) => word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

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
    if (UNSPACED.test(word)) markWithin(word, terms, put);
    else put(word, terms.find((term) => fits(fold(word), term)) ?? null);
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
