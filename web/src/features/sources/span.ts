import type { Citation } from '@/lib/api/types';

/** The UTF-16 index of the `scalars`-th Unicode scalar value of `text`; its length when beyond. */
export function utf16Index(text: string, scalars: number): number {
  let index = 0;
  for (let left = scalars; left > 0 && index < text.length; left -= 1) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}

export interface Passage {
  start: number;
  end: number;
}

/**
 * Where a citation's passage lies in the file's text, in UTF-16 indices. When the text there is
 * not the quote (the file was read differently since), the quote is looked for; null if absent.
 */
export function findPassage(text: string, citation: Citation): Passage | null {
  const start = utf16Index(text, citation.start);
  const end = start + utf16Index(text.slice(start), Math.max(0, citation.end - citation.start));
  const quote = citation.quote.trim();
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
    from: lineStart > 0 && lineStart <= passage.start ? lineStart : from === 0 ? 0 : from,
    to: lineEnd >= passage.end ? lineEnd : to,
  };
}
