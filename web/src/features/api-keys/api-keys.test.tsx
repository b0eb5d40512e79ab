// @vitest-environment happy-dom
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { beUser, clearPage, serve, show } from '#testing/page';
import { me, ROLES } from '#testing/people';
import { ApiKeys } from './api-keys';

const user = userEvent.setup();
const KEYS = '/workspaces/w-1/api-keys';
const key = (id: string, name: string, user_id: string, expires_at: string | null = null) => ({
  id,
  name,
  prefix: 'vpk_ab',
  user_id,
  permissions: ['chat:read'],
  chatbot_ids: null,
  created_at: '2026-01-01T00:00:00Z',
  expires_at,
  last_used_at: null,
});
const chatbots = { items: ['One', 'Two'].map((name) => ({ id: name.toLowerCase(), name })) };

beforeEach(() => beUser());
afterEach(clearPage);

it('lists one’s own, or everybody’s with their makers, and which have expired', async () => {
  const items = [key('k-1', 'Mine', 'u-1'), key('k-2', 'Theirs', 'u-2', '2020-01-01T00:00:00Z')];
  serve({ [`GET ${KEYS}`]: { items } });
  await show(<ApiKeys me={me()} own />);
  await screen.findByText('Mine');
  expect(screen.queryByText('Theirs')).toBeNull();
  clearPage();
  serve({ [`GET ${KEYS}`]: { items } });
  await show(<ApiKeys me={me()} own={false} ownerName={(id) => `maker ${id}`} />);
  await screen.findByText(/maker u-2/);
  expect(screen.getAllByText('Expired')).toHaveLength(1);
});

it('makes a key of chosen permissions and chatbots, and shows it once', async () => {
  const calls = serve({
    [`GET ${KEYS}`]: { items: [] },
    'GET /workspaces/w-1/roles': ROLES,
    'GET /chatbots': chatbots,
    [`POST ${KEYS}`]: { api_key: key('k-1', 'Report', 'u-1'), key: 'vpk_secret' },
  });
  const maker = me({ permissions: ['chat:read', 'chat:write', 'keys:write'] });
  await show(<ApiKeys me={maker} own />);
  await user.click(await screen.findByRole('button', { name: 'Create API key' }));
  const dialog = within(await screen.findByRole('dialog'));
  await user.type(dialog.getByRole('textbox', { name: 'Name' }), 'Report');
  await user.selectOptions(dialog.getByLabelText('Expires'), 'never');
  await user.click(await dialog.findByLabelText('Do chat:write.'));
  await user.click(await dialog.findByLabelText('Two'));
  expect(dialog.queryByLabelText('Do audit:read.')).toBeNull();
  await user.click(dialog.getByRole('button', { name: 'Create API key' }));
  expect((await dialog.findByLabelText('The API key')).textContent).toBe('vpk_secret');
  expect(calls.find(({ to }) => to === `POST ${KEYS}`)?.body).toEqual({
    name: 'Report',
    permissions: ['chat:read'],
    chatbot_ids: ['two'],
  });
  await user.click(dialog.getByRole('button', { name: 'I have kept it' }));
  expect(screen.queryByText('vpk_secret')).toBeNull();
});

it('lets a key expire, and revokes one after asking', async () => {
  vi.useFakeTimers({ now: new Date('2026-11-01T00:00:00Z'), toFake: ['Date'] });
  const calls = serve({
    [`GET ${KEYS}`]: { items: [key('k-1', 'Old', 'u-1')] },
    'GET /workspaces/w-1/roles': ROLES,
    'GET /chatbots': { items: [] },
    [`POST ${KEYS}`]: { api_key: key('k-2', 'New', 'u-1'), key: 'vpk_x' },
    [`DELETE ${KEYS}/k-1`]: undefined,
  });
  await show(<ApiKeys me={me()} own />);
  await user.click(await screen.findByRole('button', { name: 'Create API key' }));
  const dialog = within(await screen.findByRole('dialog'));
  await user.type(dialog.getByRole('textbox', { name: 'Name' }), 'New');
  await user.selectOptions(dialog.getByLabelText('Expires'), '30');
  await user.click(dialog.getByRole('button', { name: 'Create API key' }));
  await user.click(await dialog.findByRole('button', { name: 'I have kept it' }));
  expect(calls.find(({ to }) => to === `POST ${KEYS}`)?.body).toMatchObject({
    expires_at: '2026-12-01T00:00:00.000Z',
  });
  vi.useRealTimers();
  await user.click(screen.getByRole('button', { name: 'Revoke Old' }));
  const asked = within(await screen.findByRole('dialog'));
  await user.click(asked.getByRole('button', { name: 'Revoke' }));
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(calls.map(({ to }) => to)).toContain(`DELETE ${KEYS}/k-1`);
});
