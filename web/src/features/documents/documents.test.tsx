// @vitest-environment happy-dom
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chunk, collection, storedDocument } from '#testing/knowledge';
import { beUser, clearPage, Refused, serve, show } from '#testing/page';
import { ChunkList } from './chunk-list';
import { DocumentDetails } from './document-details';
import { DocumentList } from './document-list';
import { DocumentText, pageAt } from './document-text';

const user = userEvent.setup();
const D = '/collections/k-1/documents';
const press = async (name: string) => user.click(await screen.findByRole('button', { name }));
const choose = async (name: string) => user.click(await screen.findByRole('menuitem', { name }));
const sent = (calls: { to: string; body: unknown }[], to: string) =>
  calls.find((call) => call.to === to)?.body;

beforeEach(() => beUser());
afterEach(clearPage);

describe('the documents of a collection', () => {
  const failed = storedDocument({
    status: 'failed',
    error: 'It is encrypted. Save it without a password.',
  });

  it('say why one could not be read, and try again', async () => {
    const calls = serve({
      [`GET ${D}`]: { items: [failed] },
      [`POST ${D}/d-1/reindex`]: storedDocument({ status: 'pending' }),
    });
    await show(<DocumentList collection={collection()} fixed={false} />);
    await screen.findByText('It is encrypted. Save it without a password.');
    await press('Try fees.pdf again');
    await vi.waitFor(() => expect(calls.map(({ to }) => to)).toContain(`POST ${D}/d-1/reindex`));
  });

  it('say what of one could not be read, though it is searched', async () => {
    const notice = '1 of 3 pages (2) has no text: it is probably a scanned picture.';
    const partly = storedDocument({ id: 'd-2', name: 'partly.pdf', notice });
    serve({ [`GET ${D}`]: { items: [storedDocument(), partly] } });
    await show(<DocumentList collection={collection()} fixed />);
    const told = await screen.findByText(notice);
    expect(told.closest('li')?.textContent).toContain('partly.pdf');
    expect(screen.queryByText('Failed', { selector: 'span' })).toBeNull();
  });

  it('are read again until they are ready, without anybody asking', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    let status: 'processing' | 'ready' = 'processing';
    const calls = serve({ [`GET ${D}`]: () => ({ items: [storedDocument({ status })] }) });
    await show(<DocumentList collection={collection()} fixed />);
    await screen.findByText('Being read', { selector: 'span' });
    status = 'ready';
    await vi.advanceTimersByTimeAsync(2000);
    await screen.findByText(/2 passages/);
    const asked = calls.length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(calls).toHaveLength(asked);
    vi.useRealTimers();
  });

  it('are narrowed by name and status', async () => {
    const calls = serve({ [`GET ${D}`]: { items: [] } });
    await show(<DocumentList collection={collection()} fixed={false} />);
    await screen.findByText(/^It is empty. Add files/);
    await user.selectOptions(screen.getByLabelText('Status'), 'failed');
    await user.type(screen.getByLabelText('Find by name'), 'fee');
    await screen.findByText('No document fits.');
    await vi.waitFor(() =>
      expect(calls.at(-1)?.to).toBe(`GET ${D}?status=failed&query=fee&limit=50`),
    );
  });

  it('are left out and deleted', async () => {
    const calls = serve({
      [`GET ${D}`]: { items: [storedDocument()] },
      [`PATCH ${D}/d-1`]: storedDocument({ enabled: false }),
      [`DELETE ${D}/d-1`]: undefined,
    });
    await show(<DocumentList collection={collection()} fixed={false} />);
    await press('Change fees.pdf');
    await choose('Leave it out');
    await vi.waitFor(() => expect(sent(calls, `PATCH ${D}/d-1`)).toEqual({ enabled: false }));
    await press('Change fees.pdf');
    await choose('Delete');
    const dialog = within(await screen.findByRole('dialog'));
    await user.click(dialog.getByRole('button', { name: 'Delete' }));
    await vi.waitFor(() => expect(calls.map(({ to }) => to)).toContain(`DELETE ${D}/d-1`));
  });

  it('are added from the web and as texts; a refused address says why', async () => {
    let refuse = true;
    const calls = serve({
      [`GET ${D}`]: { items: [] },
      [`POST ${D}`]: () =>
        refuse
          ? new Refused({ status: 422, message: 'This address leads into a private network.' })
          : storedDocument({ status: 'pending' }),
    });
    await show(<DocumentList collection={collection()} fixed={false} />);
    await press('Add');
    await choose('A web page');
    await user.type(await screen.findByLabelText('Address'), 'http://10.0.0.1/x');
    await press('Add it');
    expect((await screen.findByRole('alert')).textContent).toContain('private network');
    refuse = false;
    await press('Cancel');
    await press('Add');
    await choose('A text');
    await user.type(await screen.findByLabelText('Name'), 'Note');
    await user.type(screen.getByLabelText('Text'), '# Fees');
    await press('Add it');
    await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(calls.findLast(({ to }) => to === `POST ${D}`)?.body).toEqual({
      name: 'Note',
      text: '# Fees',
    });
  });

  it('can only be looked at by who may not change them', async () => {
    serve({ [`GET ${D}`]: { items: [failed] } });
    await show(<DocumentList collection={collection()} fixed />);
    await screen.findByText('Failed', { selector: 'span' });
    expect(screen.queryByRole('button')).toBeNull();
  });
});

it('saves a document’s name and metadata', async () => {
  const calls = serve({ [`PATCH ${D}/d-1`]: storedDocument() });
  await show(<DocumentDetails document={storedDocument()} fixed={false} />);
  await user.clear(screen.getByLabelText('Value'));
  await user.type(screen.getByLabelText('Value'), '2026');
  await press('Save');
  expect(sent(calls, `PATCH ${D}/d-1`)).toEqual({ name: 'fees.pdf', metadata: { team: 2026 } });
});

describe('the text of a document', () => {
  const text = { text: 'One 🎫 page.\nAnother page.', pages: [0, 12], format: 'plain' };

  it('marks the passage by Unicode scalar values, and tells pages apart', async () => {
    serve({ [`GET ${D}/d-1/text`]: text });
    const place = { start: 4, end: 11 };
    await show(<DocumentText document={storedDocument()} place={place} onPlace={vi.fn()} />);
    expect((await screen.findByText('🎫 page.')).tagName).toBe('MARK');
    screen.getByText('Page 1 of 2');
    screen.getByText('page 2');
  });

  it('turns to another page', async () => {
    serve({ [`GET ${D}/d-1/text`]: text });
    const onPlace = vi.fn();
    await show(<DocumentText document={storedDocument()} place={null} onPlace={onPlace} />);
    await press('Next page');
    expect(onPlace).toHaveBeenCalledWith({ start: 12, end: 12 });
    expect(screen.getByRole('button', { name: 'Previous page' })).toHaveProperty('disabled', true);
  });

  it('shows the page as it looks, or says that there is no picture', async () => {
    serve({ [`GET ${D}/d-1/text`]: text });
    await show(<DocumentText document={storedDocument()} place={null} onPlace={vi.fn()} />);
    await press('See the page');
    await screen.findByText('There is no picture of this page.');
  });

  it('offers no pictures of sheets and slides', async () => {
    serve({ [`GET ${D}/d-1/text`]: text });
    const media_type = 'application/vnd.ms-excel';
    const sheets = storedDocument({ name: 'fees.xls', media_type });
    await show(<DocumentText document={sheets} place={null} onPlace={vi.fn()} />);
    await screen.findByText('Page 1 of 2');
    expect(screen.queryByRole('button', { name: 'See the page' })).toBeNull();
  });

  it('knows the page of a character', () => {
    expect([0, 11, 12, 99].map((at) => pageAt([0, 12], at))).toEqual([1, 1, 2, 2]);
    expect([pageAt([], 5), pageAt([3, 9], 0)]).toEqual([1, 1]);
  });
});

describe('the passages of a document', () => {
  const list = (onPlace = vi.fn()) => (
    <ChunkList document={storedDocument()} fixed={false} place={null} onPlace={onPlace} />
  );

  it('say where they stand, and lead there', async () => {
    serve({ [`GET ${D}/d-1/chunks`]: { items: [chunk()] } });
    const onPlace = vi.fn();
    await show(list(onPlace));
    const row = within(await screen.findByRole('listitem'));
    row.getByText('page 2 · 7 tokens');
    row.getByText('Handbook › Fees');
    await press('Passage 1 in the text');
    expect(onPlace).toHaveBeenCalledWith({ start: 0, end: 27 });
  });

  it('are edited and left out', async () => {
    const calls = serve({
      [`GET ${D}/d-1/chunks`]: { items: [chunk()] },
      'PATCH /collections/k-1/chunks/c-1': chunk({ edited: true }),
    });
    await show(list());
    await press('Edit Passage 1');
    await user.clear(screen.getByLabelText('Words of the passage'));
    await user.type(screen.getByLabelText('Words of the passage'), 'Due at one.');
    await press('Save');
    await press('Leave Passage 1 out of searches');
    await vi.waitFor(() =>
      expect(calls.filter(({ to }) => to.startsWith('PATCH')).map(({ body }) => body)).toEqual([
        { text: 'Due at one.' },
        { enabled: false },
      ]),
    );
  });
});
