import { describe, expect, it } from 'vitest';
import { findPassage, piecesOf, utf16Index, utf16Indexes, windowAround } from './passage';

/** `quote` as the server cites it: by Unicode scalar values. */
function citing(text: string, quote: string) {
  const start = [...text.slice(0, text.indexOf(quote))].length;
  return { quote, start, end: start + [...quote].length };
}

describe('a span in scalar values', () => {
  it('counts a surrogate pair as one', () => {
    expect([0, 1, 2, 3].map((scalars) => utf16Index('a🎫b', scalars))).toEqual([0, 1, 3, 4]);
    expect(utf16Index('ab', 9)).toBe(2);
    expect(utf16Indexes('a🎫b', [0, 1, 2, 2, 3, 9])).toEqual([0, 1, 3, 3, 4, 4]);
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

describe('the pieces of a text', () => {
  const text = 'one two three four';
  const shown = (...args: Parameters<typeof piecesOf>) =>
    piecesOf(...args).map(({ from, to, marked, page }) => [text.slice(from, to), marked, page]);

  it('mark the passage, and say where pages begin', () => {
    expect(shown({ from: 0, to: 18 }, { start: 4, end: 13 }, [0, 8])).toEqual([
      ['one ', false, 1],
      ['two ', true, null],
      ['three', true, 2],
      [' four', false, null],
    ]);
  });

  it('leave nothing out of the window, and nothing in that is beyond', () => {
    expect(shown({ from: 4, to: 13 }, null, [])).toEqual([['two three', false, null]]);
    const parts = piecesOf({ from: 2, to: 9 }, { start: 0, end: 18 }, [0, 4, 12]);
    expect(parts.map(({ from, to }) => text.slice(from, to)).join('')).toBe(text.slice(2, 9));
    expect(parts.every(({ marked }) => marked)).toBe(true);
    expect(piecesOf({ from: 0, to: 0 }, null, [0])).toEqual([]);
  });

  it('name the last of the pages that begin at one place', () => {
    expect(shown({ from: 0, to: 3 }, null, [0, 0, 0])).toEqual([['one', false, 3]]);
  });
});
