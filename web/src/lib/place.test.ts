import { expect, it } from 'vitest';
import { hasPictures } from './place';

it('tells slides and sheets, whose pages cannot be drawn', () => {
  const names = ['fees.pdf', 'Report', 'deck.PPTX', 'fees.xlsx', 'stock.ods', 'xlsx.pdf'];
  expect(names.filter(hasPictures)).toEqual(['fees.pdf', 'Report', 'xlsx.pdf']);
});
