// @vitest-environment happy-dom
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { beUser, clearPage, serve, show } from '#testing/page';
import { me } from '#testing/people';
import { Users } from './users';
import { Workspaces } from './workspaces';

const user = userEvent.setup();
const { workspace, role, role_name, permissions, ...someone } = me({
  id: 'u-2',
  username: 'bruno',
  full_name: null,
});
const owner = me({ permissions: ['users:read', 'users:write', 'workspaces:write'] });

beforeEach(() => beUser());
afterEach(clearPage);

const change = async (item: string) => {
  await user.click(await screen.findByRole('button', { name: 'Change bruno' }));
  await user.click(await screen.findByRole('menuitem', { name: item }));
};

it('finds, suspends and promotes users, and never offers to change oneself', async () => {
  const self = { ...someone, id: 'u-1', username: 'ana' };
  const calls = serve({ 'GET /users': { items: [self, someone] }, 'PUT /users/u-2': {} });
  await show(<Users me={owner} />);
  await user.type(await screen.findByLabelText('Find by name or address'), 'bru');
  await user.selectOptions(screen.getByLabelText('Status'), 'active');
  await vi.waitFor(() =>
    expect(calls.at(-1)?.to).toBe('GET /users?query=bru&status=active&limit=50'),
  );
  expect(screen.queryByRole('button', { name: 'Change ana' })).toBeNull();
  await change('Suspend');
  await change('Make an owner of the installation');
  const puts = calls.filter(({ to }) => to === 'PUT /users/u-2').map(({ body }) => body);
  expect(puts).toEqual([{ status: 'suspended' }, { is_owner: true }]);
});

it('deletes a user after their name was typed', async () => {
  const calls = serve({ 'GET /users': { items: [someone] }, 'DELETE /users/u-2': undefined });
  await show(<Users me={owner} />);
  await change('Delete');
  const dialog = within(await screen.findByRole('dialog'));
  await user.type(dialog.getByRole('textbox'), 'bruno');
  await user.click(dialog.getByRole('button', { name: 'Delete' }));
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(calls.map(({ to }) => to)).toContain('DELETE /users/u-2');
});

it('creates a user, with a password or without', async () => {
  const calls = serve({ 'GET /users': { items: [] }, 'POST /users': {} });
  await show(<Users me={owner} />);
  await user.click(await screen.findByRole('button', { name: 'New user' }));
  const dialog = within(await screen.findByRole('dialog'));
  await user.type(dialog.getByLabelText('E-mail'), 'eva@harbour.example');
  await user.type(dialog.getByLabelText('Username'), 'eva');
  await user.click(dialog.getByRole('button', { name: 'New user' }));
  expect(calls.find(({ to }) => to === 'POST /users')?.body).toEqual({
    email: 'eva@harbour.example',
    username: 'eva',
  });
});

it('creates a workspace and goes there', async () => {
  const assign = vi.spyOn(window.location, 'assign').mockImplementation(() => undefined);
  const made = { id: 'w-2', name: 'Desk', status: 'active', created_at: '2026-01-01T00:00:00Z' };
  const items: object[] = [];
  const calls = serve({
    'GET /workspaces': () => ({ items }),
    'POST /workspaces': () => {
      items.push({ workspace: made, role: 'owner', role_name: 'owner' });
      return made;
    },
    'POST /auth/switch': { user: me({ workspace: made }) },
  });
  await show(<Workspaces me={owner} />);
  await user.type(await screen.findByLabelText('Name'), 'Desk');
  await user.click(screen.getByRole('button', { name: 'Create a workspace' }));
  await user.click(await screen.findByRole('button', { name: 'Go to Desk' }));
  await vi.waitFor(() => expect(assign).toHaveBeenCalledWith('/workspace'));
  expect(calls.find(({ to }) => to === 'POST /workspaces')?.body).toEqual({ name: 'Desk' });
});
