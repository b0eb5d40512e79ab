import { describe, expect, it } from 'vitest';
import type { Citation } from '@/lib/api/types';
import { findPassage, utf16Index, windowAround } from './span';

/** A citation of `quote` as the server makes it: by Unicode scalar values. */
function citing(text: string, quote: string): Citation {
  const start = [...text.slice(0, text.indexOf(quote))].length;
  const end = start + [...quote].length;
  return { index: 1, file_id: 'f', document: 'd', quote, start, end, line_start: 1, line_end: 1 };
}

describe('a span in scalar values', () => {
  it('counts a surrogate pair as one', () => {
    expect([0, 1, 2, 3].map((scalars) => utf16Index('a🎫b', scalars))).toEqual([0, 1, 3, 4]);
    expect(utf16Index('ab', 9)).toBe(2);
  });

  it.each([
    ['plain words here', 'words'],
    ['🎫🎫 after two pictures: here', 'here'],
    ['a👩‍👩‍👧b – family', 'b – family'],
    ['é combining é marks', 'marks'],
    ['日本語のテキスト', 'テキスト'],
  ])('finds the passage in %s', (text, quote) => {
    const passage = findPassage(text, citing(text, quote));
    expect(text.slice(passage?.start, passage?.end)).toBe(quote);
  });

  it('looks for the quote where the text has moved, and says when it is gone', () => {
    const citation = citing('one two three', 'two');
    expect(findPassage('zero one two three', citation)).toEqual({ start: 9, end: 12 });
    expect(findPassage('nothing of it', citation)).toBeNull();
  });

  it('shows whole lines around the passage, and always the passage', () => {
    const text = `${'line of text\n'.repeat(100)}HERE\n${'line of text\n'.repeat(100)}`;
    const start = text.indexOf('HERE');
    const { from, to } = windowAround(text, { start, end: start + 4 }, 100, 100);
    expect(text[from - 1]).toBe('\n');
    expect(text[to]).toBe('\n');
    expect(text.slice(from, to)).toContain('HERE');
    const oneLine = 'x'.repeat(5000);
    const wide = windowAround(oneLine, { start: 2000, end: 2010 }, 50, 50);
    expect(wide).toEqual({ from: 1950, to: 2060 });
  });
});
