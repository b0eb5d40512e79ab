export interface Line {
  kind: 'same' | 'gone' | 'new';
  text: string;
}

/** Longer texts are shown as wholly replaced: the table of the comparison would be too large. */
const MOST_CELLS = 1_000_000;

/** What changed from one text to another, line by line; null is a text that is not there. */
export function lineDiff(before: string | null, after: string | null): Line[] {
  const a = before === null ? [] : before.split('\n');
  const b = after === null ? [] : after.split('\n');
  if (a.length * b.length > MOST_CELLS) {
    return [...a.map(line('gone')), ...b.map(line('new'))];
  }
  const common = commonLengths(a, b);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(line('same')(a[i] ?? ''));
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && at(common, i + 1, j) >= at(common, i, j + 1))) {
      lines.push(line('gone')(a[i] ?? ''));
      i += 1;
    } else {
      lines.push(line('new')(b[j] ?? ''));
      j += 1;
    }
  }
  return lines;
}

const line = (kind: Line['kind']) => (text: string) => ({ kind, text });
const at = (table: readonly number[][], i: number, j: number) => table[i]?.[j] ?? 0;

/** At `[i][j]`: how many lines the texts after lines i and j have in common, in order. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const row = table[i] ?? [];
    for (let j = b.length - 1; j >= 0; j -= 1) {
      row[j] =
        a[i] === b[j]
          ? at(table, i + 1, j + 1) + 1
          : Math.max(at(table, i + 1, j), at(table, i, j + 1));
    }
  }
  return table;
}
