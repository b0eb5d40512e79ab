// @vitest-environment happy-dom
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collection } from '#testing/knowledge';
import { beUser, clearPage, Refused, serve, show } from '#testing/page';
import { me } from '#testing/people';
import { useMayEdit } from '@/lib/api/collections';
import type { Me } from '@/lib/api/identity-types';
import { CollectionList } from './collection-list';
import { DeleteCollection } from './delete-collection';
import { ReadingProgress } from './progress';
import { SettingsForm } from './settings-form';

const user = userEvent.setup();
const press = async (name: string) => user.click(await screen.findByRole('button', { name }));
const bodyOf = (calls: { to: string; body: unknown }[], to: string) =>
  calls.find((call) => call.to === to)?.body;
const writer = me({
  permissions: [...me().permissions, 'collections:write'] as Me['permissions'],
});

beforeEach(() => beUser());
afterEach(clearPage);

describe('the list of collections', () => {
  it('says how far each is, and what went wrong', async () => {
    const busy = collection({
      documents_total: 10,
      documents_ready: 6,
      documents_failed: 1,
      embedding: {
        building: { model: 'local/mini', dimension: 384 },
        built_chunks: 3,
        error: 'The embedder is away.',
      },
    });
    serve({ 'GET /collections': { items: [busy] } });
    await show(<CollectionList me={me()} />);
    const row = within(await screen.findByRole('listitem'));
    const reading = row.getByRole('progressbar', { name: '7 of 10 documents read' });
    expect(reading.getAttribute('aria-valuenow')).toBe('70');
    row.getByRole('progressbar', { name: '3 of 9 passages have a vector of local/mini' });
    row.getByText('1 document could not be read');
    row.getByText('Vectors are not being made: The embedder is away.');
  });

  it('lets those create one who may, and goes there', async () => {
    const calls = serve({
      'GET /collections': { items: [] },
      'POST /collections': collection({ id: 'k-2' }),
    });
    const { router } = await show(<CollectionList me={writer} />);
    await press('New collection');
    const dialog = within(await screen.findByRole('dialog'));
    await user.type(dialog.getByLabelText('Name'), ' Rules ');
    await user.selectOptions(dialog.getByLabelText('Who sees it'), 'private');
    await user.click(dialog.getByRole('button', { name: 'New collection' }));
    expect(bodyOf(calls, 'POST /collections')).toEqual({
      name: 'Rules',
      description: null,
      visibility: 'private',
    });
    await vi.waitFor(() => expect(router.state.location.pathname).toContain('/collections/k-2'));
  });

  it('is only read by others', async () => {
    serve({ 'GET /collections': { items: [] } });
    await show(<CollectionList me={me()} />);
    await screen.findByText('There are no collections.');
    expect(screen.queryByRole('button', { name: 'New collection' })).toBeNull();
  });
});

it('shows nothing of progress where all is read', async () => {
  await show(<ReadingProgress collection={collection()} />);
  expect(screen.queryByRole('progressbar')).toBeNull();
});

describe('the settings of a collection', () => {
  it('send the cutting only when it was changed', async () => {
    const calls = serve({ 'PATCH /collections/k-1': collection() });
    await show(<SettingsForm collection={collection()} fixed={false} />);
    await press('Save');
    expect(calls[0]?.body).toEqual({ name: 'Handbook', description: null });
    await user.clear(screen.getByLabelText('Longest passage, in tokens'));
    await user.type(screen.getByLabelText('Longest passage, in tokens'), '512');
    await press('Save');
    expect(calls.at(-1)?.body).toMatchObject({
      chunking: { max_tokens: 512, overlap_tokens: 32 },
    });
  });

  it('cannot be changed by who may only read', async () => {
    await show(<SettingsForm collection={collection()} fixed />);
    expect((screen.getByLabelText('Name') as HTMLInputElement).disabled).toBe(true);
    expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
  });
});

it('is deleted only once its name is typed', async () => {
  const calls = serve({ 'DELETE /collections/k-1': undefined });
  await show(<DeleteCollection collection={collection()} />);
  await press('Delete the collection');
  const dialog = within(await screen.findByRole('dialog'));
  const button = dialog.getByRole('button', { name: 'Delete the collection' });
  await user.click(button);
  expect(calls).toEqual([]);
  await user.type(dialog.getByLabelText('Type Handbook to go on'), 'Handbook');
  await user.click(button);
  await vi.waitFor(() => expect(calls.map(({ to }) => to)).toContain('DELETE /collections/k-1'));
});

function Probe({ who, made }: { who: Me; made: string | null }) {
  return <p>{useMayEdit(who, collection({ created_by: made })) ? 'may' : 'may not'}</p>;
}

describe('whether one may change a collection', () => {
  it('is so by permission and for its maker, without asking', async () => {
    const calls = serve({});
    await show(<Probe who={writer} made={null} />);
    screen.getByText('may');
    clearPage();
    await show(<Probe who={me()} made="u-1" />);
    screen.getByText('may');
    expect(calls).toEqual([]);
  });

  it('is so for those who are told with whom it is shared, and no others', async () => {
    serve({ 'GET /collections/k-1/grants': { items: [] } });
    await show(<Probe who={me()} made={null} />);
    await screen.findByText('may');
    clearPage();
    const calls = serve({ 'GET /collections/k-1/grants': new Refused({ status: 403 }) });
    await show(<Probe who={me()} made={null} />);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    screen.getByText('may not');
  });
});
