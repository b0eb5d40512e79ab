// @vitest-environment happy-dom
import { useQuery } from '@tanstack/react-query';
import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { clearPage, Refused, serve, show } from '#testing/page';
import { json } from '@/lib/api/client';
import { keys } from '@/lib/api/keys';
import type { Citation } from '@/lib/api/types';
import SourcesPanel from './sources-panel';
import { closeSources, openSources, showSource } from './store';

const user = userEvent.setup();
const TEXT = 'Who leaves before noon pays nothing. The gate closes at eight.';

/** A citation of a collection's document. */
const citation = {
  index: 1,
  document_id: 'd-1',
  collection_id: 'k-1',
  document: 'fees.pdf',
  headings: ['Handbook', 'Refunds'],
  quote: 'Who leaves before noon pays nothing.',
  start: 0,
  end: 36,
  line_start: 1,
  line_end: 1,
  page_start: 3,
  page_end: 4,
} as Citation;

/** An answer that is on the page. */
function Transcript() {
  useQuery({ queryKey: keys.transcript('c'), queryFn: () => json('GET', '/conversations/c') });
  return null;
}

afterEach(() => {
  closeSources();
  clearPage();
});

describe('the sources of an answer', () => {
  it('say on which pages and under which headings they stand', async () => {
    serve({});
    openSources('m-1', [citation], null);
    await show(<SourcesPanel />);
    screen.getByText('pages 3–4');
    screen.getByText('Handbook › Refunds');
  });

  it('open a collection’s document through the answer that quotes it', async () => {
    const calls = serve({
      'GET /messages/m-1/citations/1': {
        citation,
        text: TEXT,
        pages: [0],
        format: 'plain',
        original: true,
      },
    });
    openSources('m-1', [citation], null);
    await show(<SourcesPanel />);
    await user.click(screen.getByRole('button', { name: /fees\.pdf/ }));
    await screen.findByText('The gate closes at eight.', { exact: false });
    expect(document.querySelector('[data-passage]')?.textContent).toBe(citation.quote);
    expect(calls.map(({ to }) => to)).toEqual(['GET /messages/m-1/citations/1']);
    screen.getByRole('button', { name: 'Original' });
    await user.click(screen.getByRole('button', { name: 'See the page' }));
    expect(calls.at(-1)?.to).toBe('GET /messages/m-1/citations/1/pages/3');
    await screen.findByText('There is no picture of this page.');
  });

  it('read an attached file by itself, also while the answer is being written', async () => {
    const file = { ...citation, document_id: null, file_id: 'f-1', page_start: null };
    const calls = serve({ 'GET /files/f-1/text': { file_id: 'f-1', name: 'fees.md', text: TEXT } });
    openSources('', [file], file);
    await show(<SourcesPanel />);
    await screen.findByText('The gate closes at eight.', { exact: false });
    expect(calls.map(({ to }) => to)).toEqual(['GET /files/f-1/text']);
    expect(screen.queryByRole('button', { name: 'Original' })).toBeNull();
    expect(screen.queryByRole('button', { name: 'See the page' })).toBeNull();
  });

  it('say of what is gone that it is, and show nothing else of it', async () => {
    const calls = serve({});
    const gone = { index: 2, gone: true, document: '', quote: '', start: 0, end: 0 } as Citation;
    openSources('m-1', [citation, gone], null);
    await show(<SourcesPanel />);
    screen.getByText(/not here any more, or not open to you/);
    screen.getByText('Not here any more');
    expect(screen.queryByRole('button', { name: /Not here any more/ })).toBeNull();
    screen.getByRole('button', { name: /fees\.pdf/ });
    act(() => showSource(gone));
    await screen.findByRole('status');
    expect(screen.queryByText(/line/)).toBeNull();
    expect(calls).toEqual([]);
  });

  it('take the quote off the page when the document has gone since the answer was read', async () => {
    serve({});
    openSources('m-1', [citation], citation);
    await show(<SourcesPanel />);
    await screen.findByText(/not here any more, or not open to you/, {}, { timeout: 5000 });
    expect(screen.queryByText(citation.quote)).toBeNull();
    expect(screen.queryByText('fees.pdf')).toBeNull();
  });

  it('show nothing more of what has gone in the list, and read the answer again', async () => {
    const calls = serve({ 'GET /conversations/c': {} });
    const also = { ...citation, index: 2, quote: 'The gate closes at eight.', start: 37 };
    const other = { ...citation, index: 3, document_id: 'd-2', document: 'gates.md' };
    openSources('m-1', [citation, also, other], citation);
    await show(
      <>
        <SourcesPanel />
        <Transcript />
      </>,
    );
    await screen.findByText(/not here any more, or not open to you/, {}, { timeout: 5000 });
    await user.click(screen.getByRole('button', { name: 'All sources' }));
    expect(screen.getAllByText('Not here any more')).toHaveLength(2);
    expect(screen.queryByText('fees.pdf')).toBeNull();
    expect(screen.queryByText(also.quote)).toBeNull();
    screen.getByRole('button', { name: /gates\.md/ });
    const read = () => calls.filter(({ to }) => to === 'GET /conversations/c').length;
    await vi.waitFor(() => expect(read()).toBe(2));
  });

  it('ask again for an attached file that was opened a while ago', async () => {
    const file = { ...citation, document_id: null, file_id: 'f-1', page_start: null };
    const calls = serve({ 'GET /files/f-1/text': { file_id: 'f-1', name: 'fees.md', text: TEXT } });
    openSources('m-1', [file], file);
    await show(<SourcesPanel />);
    await screen.findByText('The gate closes at eight.', { exact: false });
    act(() => showSource(null));
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 2 * 60_000);
    act(() => showSource(file));
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    vi.restoreAllMocks();
  });

  it('keep the quote when the document cannot be opened just now', async () => {
    serve({ 'GET /messages/m-1/citations/1': new Refused({ status: 503, code: 'UNAVAILABLE' }) });
    openSources('m-1', [citation], citation);
    await show(<SourcesPanel />);
    await screen.findByText(/could not be opened/, {}, { timeout: 5000 });
    screen.getByText(citation.quote);
  });
});
