/** A span in Unicode scalar values, as the server counts. */
interface Scalars {
  start: number;
  end: number;
}

/** A span in UTF-16 units, as the browser counts. */
export interface Passage {
  start: number;
  end: number;
}

/** The UTF-16 index of the `scalars`-th Unicode scalar value of `text`; its length when beyond. */
export function utf16Index(text: string, scalars: number): number {
  let index = 0;
  for (let left = scalars; left > 0 && index < text.length; left -= 1) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}

/** The same for many places at once, in rising order: one pass over the text. */
export function utf16Indexes(text: string, scalars: readonly number[]): number[] {
  let [index, at] = [0, 0];
  return scalars.map((wanted) => {
    while (at < wanted && index < text.length) {
      index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
      at += 1;
    }
    return index;
  });
}

/**
 * Where a quoted passage lies in a text. When the text there is not the quote (it was read
 * differently since), the quote is looked for; null if absent.
 */
export function findPassage(text: string, quoted: Scalars & { quote: string }): Passage | null {
  const [start = 0, end = 0] = utf16Indexes(text, [quoted.start, quoted.end]);
  const quote = quoted.quote.trim();
  if (end > start && text.slice(start, end).includes(quote.slice(0, 80))) return { start, end };
  const found = quote === '' ? -1 : text.indexOf(quote);
  return found < 0 ? null : { start: found, end: found + quote.length };
}

/** The nearest line starts around a window of `before` and `after` characters about a passage. */
export function windowAround(text: string, passage: Passage, before: number, after: number) {
  const from = Math.max(0, passage.start - before);
  const to = Math.min(text.length, passage.end + after);
  const lineStart = from === 0 ? 0 : text.indexOf('\n', from) + 1;
  const lineEnd = to === text.length ? to : text.lastIndexOf('\n', to);
  return {
    from: lineStart > 0 && lineStart <= passage.start ? lineStart : from,
    to: lineEnd >= passage.end ? lineEnd : to,
  };
}

/** A stretch of a text that is drawn alike. */
export interface Piece {
  from: number;
  to: number;
  /** Whether it belongs to the passage. */
  marked: boolean;
  /** The page that begins with it, where one does. */
  page: number | null;
}

/** A window of a text cut where the passage and pages begin and end; `pages` are UTF-16 indices. */
export function piecesOf(
  { from, to }: { from: number; to: number },
  passage: Passage | null,
  pages: readonly number[],
): Piece[] {
  const begun = new Map<number, number>();
  pages.forEach((at, index) => {
    if (at >= from && at < to) begun.set(at, index + 1);
  });
  const edges = passage ? [passage.start, passage.end] : [];
  const cuts = [...new Set([from, ...begun.keys(), ...edges])]
    .filter((at) => at >= from && at < to)
    .sort((a, b) => a - b);
  return cuts.map((start, index) => ({
    from: start,
    to: cuts[index + 1] ?? to,
    marked: passage !== null && start >= passage.start && start < passage.end,
    page: begun.get(start) ?? null,
  }));
}
