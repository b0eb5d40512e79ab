import { describe, expect, it } from 'vitest';
import { type Condition, filterOf, type Operator, typedValue } from './filter';
import { markTerms, termsIn } from './terms';

const row = (key: string, operator: Operator, value: string): Condition => ({
  id: `${key}${operator}`,
  key,
  operator,
  value,
});

describe('a filter', () => {
  it('knows numbers and truth values from texts', () => {
    expect(['2026', '-1.5', 'true', 'draft', '"2026"', '1.2.3'].map(typedValue)).toEqual([
      2026,
      -1.5,
      true,
      'draft',
      '2026',
      '1.2.3',
    ]);
  });

  it('is made of the rows that are filled in', () => {
    const rows = [
      row('team', 'is', 'desk'),
      row('tag', 'in', 'a, b,3'),
      row('year', 'gte', '2020'),
      row('year', 'lte', '2026'),
      row('', 'is', 'x'),
      row('empty', 'is', ' '),
    ];
    expect(filterOf(rows)).toEqual({
      team: 'desk',
      tag: { in: ['a', 'b', 3] },
      year: { gte: 2020, lte: 2026 },
    });
    expect(filterOf([row('', 'is', '')])).toBeUndefined();
  });
});

describe('the words that were looked for', () => {
  const marks = (text: string, ...terms: string[]) =>
    markTerms(text, terms)
      .map(({ text: piece, term }) => (term === null ? piece : `[${piece}]`))
      .join('');

  it('are found by their stems, whatever their case and accents', () => {
    expect(marks('Refunds are refunded; no re-fund.', 'refund')).toBe(
      '[Refunds] are [refunded]; no re-fund.',
    );
    expect(marks('Café, CAFÉS', 'cafe')).toBe('[Café], [CAFÉS]');
    expect(marks('One policy, two policies', 'polici')).toBe('One [policy], two [policies]');
  });

  it('are whole words: neither parts of others, nor all that begin so', () => {
    expect(marks('The art of a start', 'art')).toBe('The [art] of a start');
    expect(marks('in inside', 'in')).toBe('[in] inside');
    expect(marks('car carbonisations', 'car')).toBe('[car] carbonisations');
  });

  it('are found in scripts without spaces', () => {
    expect(marks('東京都の天気', '東京', '天気')).toBe('[東京]都の[天気]');
    expect(marks('天気予報', '天気', '気予')).toBe('[天気][予]報');
  });

  it('are found in every script that the index takes for one without spaces', () => {
    expect(marks('한국어 문서', '한국', '문서')).toBe('[한국]어 [문서]');
    expect(marks('긴급 물품', '물')).toBe('긴급 [물]품');
    expect(marks('ພາສາລາວ ភាសាខ្មែរ မြန်မာ', 'ລາ', 'ខ្', 'မြ')).toBe('ພາສາ[ລາ]ວ ភាសា[ខ្]មែរ [မြ]န်မာ');
    expect(marks('PDF를 보기', 'pdf')).toBe('[PDF]를 보기');
  });

  it('are folded as the index folds them', () => {
    expect(marks('Straße Øl Łódź Encyclopædia', 'strass', 'ol', 'lodz', 'encyclopaedia')).toBe(
      '[Straße] [Øl] [Łódź] [Encyclopædia]',
    );
    expect(marks('हिन्दी हनद', 'हिन्दी')).toBe('[हिन्दी] हनद');
    expect(marks('λόγος ёлка ＦＵＬＬ', 'λογοσ', 'елка', 'full')).toBe('[λόγος] [ёлка] [ＦＵＬＬ]');
  });

  it('never lose or change any of the text', () => {
    const text = 'Ünïcode 🎫 tickets, 東京 tickets; a\u0301ccents';
    const pieces = markTerms(text, ['ticket', '東京', 'accent']);
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
    expect([...termsIn(pieces)].sort()).toEqual(['accent', 'ticket', '東京']);
  });
});
