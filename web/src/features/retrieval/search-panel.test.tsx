// @vitest-environment happy-dom
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answer, chunk, collection, hit } from '#testing/knowledge';
import { beUser, clearPage, Refused, serve, show } from '#testing/page';
import { scaleOf } from './score-bars';
import { SearchPanel } from './search-panel';

const user = userEvent.setup();
const SEARCH = 'POST /collections/k-1/search';
const press = async (name: string) => user.click(await screen.findByRole('button', { name }));

beforeEach(() => beUser());
afterEach(clearPage);

const panel = (query = '', onQuery = vi.fn()) => (
  <SearchPanel collectionId="k-1" collections={[]} query={query} onQuery={onQuery} />
);

describe('a search', () => {
  it('says what was found, where it stands, and why', async () => {
    const calls = serve({ [SEARCH]: answer() });
    const onQuery = vi.fn();
    await show(panel('', onQuery));
    await user.type(screen.getByLabelText('Question or words'), 'berth refunds{Enter}');
    const found = within(await screen.findByRole('listitem'));
    expect(calls[0]?.body).toEqual({ query: 'berth refunds', limit: 10 });
    expect(onQuery).toHaveBeenCalledWith('berth refunds');
    found.getByText('page 2');
    found.getByText('Handbook › Fees');
    expect(found.getByText('Berth').tagName).toBe('MARK');
    found.getByText('Found by words.');
    const link = found.getByRole('link', { name: 'fees.pdf' });
    expect(link.getAttribute('href')).toBe('/collections/k-1/documents/d-1?start=0&end=27');
    screen.getByText('1 passage · 3 ms');
    screen.getByText('Searched by words alone. Not reranked.');
  });

  it('is begun from the address', async () => {
    const calls = serve({ [SEARCH]: answer() });
    await show(panel('berth'));
    await screen.findByText('fees.pdf');
    expect(calls[0]?.body).toEqual({ query: 'berth', limit: 10 });
  });

  it('shows each part of the score that was used, and no other', async () => {
    const hits = [
      hit({ scores: { bm25: 9, vector: 0.71, fused: 0.04, reranked: null } }),
      hit({
        chunk: chunk({ id: 'c-2' }),
        scores: { bm25: null, vector: 0.5, fused: 0.01, reranked: null },
      }),
    ];
    serve({ [SEARCH]: answer({ hits, embedder: { model: 'local/mini', dimension: 384 } }) });
    await show(panel('berth'));
    const [first, second] = (await screen.findAllByRole('listitem')).map((row) => within(row));
    expect(first?.getAllByRole('term').map(({ textContent }) => textContent)).toEqual([
      'Words',
      'Meaning',
      'Together',
    ]);
    first?.getByText('0.71');
    first?.getByText('Found by words and by meaning.');
    second?.getByText('Found by meaning.');
    second?.getByText('–');
    screen.getByText('Searched by words, and by meaning with local/mini. Not reranked.');
  });

  it('shows the passage in its document', async () => {
    serve({
      [SEARCH]: answer(),
      'GET /collections/k-1/documents/d-1/text': {
        text: 'Berth fees are due at noon. Then the gate closes.',
        pages: [],
        format: 'plain',
      },
    });
    await show(panel('berth'));
    await press('Passage 1 in fees.pdf');
    const text = await screen.findByRole('group', { name: 'Text of fees.pdf' });
    expect(text.querySelector('[data-passage]')?.textContent).toBe('Berth fees are due at noon.');
    expect(text.textContent).toContain('Then the gate closes.');
  });

  it('is narrowed by metadata and ordered again', async () => {
    const calls = serve({ [SEARCH]: answer({ hits: [], reranker: 'local/cross' }) });
    await show(panel());
    await user.type(screen.getByLabelText('Question or words'), 'berth');
    await user.selectOptions(screen.getByLabelText('Order again by the reranker'), 'yes');
    await press('Add a condition');
    await user.type(screen.getByLabelText('Name'), 'year');
    await user.selectOptions(screen.getByLabelText('Comparison'), 'gte');
    await user.type(screen.getByLabelText('Value'), '2025');
    await press('Search');
    await screen.findByText(/^Nothing fits within the filter/);
    expect(calls[0]?.body).toEqual({
      query: 'berth',
      limit: 10,
      rerank: true,
      filter: { year: { gte: 2025 } },
    });
    screen.getByText('Searched by words alone. Ordered by local/cross.');
  });

  it('says when it was not searched as it could be', async () => {
    serve({ [SEARCH]: answer({ notice: 'The embedder cannot be reached.' }) });
    await show(panel('berth'));
    await screen.findByText('The embedder cannot be reached.');
  });

  it('says why it failed, and can be tried again', async () => {
    let away = true;
    serve({
      [SEARCH]: () =>
        away ? new Refused({ status: 503, message: 'The embedder is away.' }) : answer(),
    });
    await show(panel('berth'));
    expect((await screen.findByRole('alert')).textContent).toContain('The embedder is away.');
    away = false;
    await press('Try again');
    await screen.findByText('fees.pdf');
  });

  it('goes through all collections, or those that are chosen', async () => {
    const calls = serve({ 'POST /search': answer() });
    const all = [collection(), collection({ id: 'k-2', name: 'Policies' })];
    await show(
      <SearchPanel collectionId={null} collections={all} query="berth" onQuery={vi.fn()} />,
    );
    await screen.findByText('Handbook · page 2');
    await user.click(screen.getByLabelText('Policies'));
    await press('Search');
    await vi.waitFor(() =>
      expect(calls.at(-1)?.body).toEqual({ query: 'berth', limit: 10, collection_ids: ['k-2'] }),
    );
  });
});

it('measures bars by the hits of one search, negative scores too', () => {
  const scores = [-4, 2, null].map((reranked) =>
    hit({ scores: { bm25: null, vector: null, fused: 0.5, reranked } }),
  );
  expect(scaleOf(scores)).toEqual({
    bm25: { low: 0, high: 0 },
    vector: { low: 0, high: 0 },
    fused: { low: 0, high: 0.5 },
    reranked: { low: -4, high: 2 },
  });
});
