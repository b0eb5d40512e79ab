import { describe, expect, it } from 'vitest';
import { lineDiff } from './line-diff';

const shown = (before: string | null, after: string | null) =>
  lineDiff(before, after).map(
    ({ kind, text }) => `${{ same: ' ', gone: '-', new: '+' }[kind]}${text}`,
  );

describe('what changed in a text', () => {
  it('is told line by line', () => {
    expect(shown('a\nb\nc', 'a\nx\nc\nd')).toEqual([' a', '-b', '+x', ' c', '+d']);
    expect(shown('same', 'same')).toEqual([' same']);
  });

  it('tells an absent text from an empty one', () => {
    expect(shown(null, 'a')).toEqual(['+a']);
    expect(shown('a', null)).toEqual(['-a']);
    expect(shown(null, '')).toEqual(['+']);
  });

  it('holds both texts whole, whatever they are', () => {
    const letters = (seed: number) =>
      Array.from({ length: seed % 9 }, (_, at) => 'abc'[(seed * (at + 3) + at * at) % 3]).join(
        '\n',
      );
    for (let seed = 1; seed < 400; seed += 1) {
      const [before, after] = [letters(seed), letters(seed * 7 + 1)];
      const lines = lineDiff(before, after);
      const side = (other: string) =>
        lines
          .filter(({ kind }) => kind !== other)
          .map(({ text }) => text)
          .join('\n');
      expect(side('new')).toBe(before);
      expect(side('gone')).toBe(after);
    }
  });

  it('gives up on texts too long to compare, without losing any of them', () => {
    const long = Array.from({ length: 1500 }, (_, at) => `line ${at}`).join('\n');
    const kinds = new Set(lineDiff(long, long).map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['gone', 'new']));
  });
});
