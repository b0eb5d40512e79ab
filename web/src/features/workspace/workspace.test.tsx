// @vitest-environment happy-dom
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { beUser, clearPage, Refused, serve, show } from '#testing/page';
import { me, member, OWNER, ROLES } from '#testing/people';
import type { Permission, UsageRow } from '@/lib/api/identity-types';
import { i18n } from '@/lib/i18n';
import { useIdentity } from '@/lib/identity';
import { Audit } from './audit';
import { Budgets } from './budgets';
import { General } from './general';
import { Invitations } from './invitations';
import { Members } from './members';
import { roleOptions } from './role-options';
import { Roles } from './roles';
import { Usage } from './usage';
import { barsOf } from './usage-chart';

const user = userEvent.setup();
const W = '/workspaces/w-1';

beforeEach(() => beUser());
afterEach(clearPage);

const press = async (name: string) => user.click(await screen.findByRole('button', { name }));
const bodyOf = (calls: { to: string; body: unknown }[], to: string) =>
  calls.find((call) => call.to === to)?.body;
const options = (label: string) =>
  [...(screen.getByLabelText(label) as HTMLSelectElement).options].map(({ text }) => text);

describe('members', () => {
  const strong = member({
    user_id: 'u-3',
    full_name: 'Olga',
    role: 'owner',
    role_name: 'owner',
    permissions: [...OWNER, 'users:write'],
  });

  it('are changed and removed by who covers them, and by nobody else', async () => {
    const calls = serve({
      [`GET ${W}/members`]: { items: [member(), strong] },
      [`GET ${W}/roles`]: ROLES,
      [`PATCH ${W}/members/u-2`]: undefined,
      [`DELETE ${W}/members/u-2`]: undefined,
    });
    await show(<Members me={me()} />);
    await screen.findByText('Olga');
    expect(screen.queryByLabelText('Role of Olga')).toBeNull();
    expect(screen.queryByRole('button', { name: 'Remove Olga' })).toBeNull();
    await vi.waitFor(() =>
      expect(options('Role of Bruno Keller')).toEqual(['Viewer', 'Member', 'Owner', 'Editor']),
    );
    await user.selectOptions(screen.getByLabelText('Role of Bruno Keller'), 'r-1');
    expect(bodyOf(calls, `PATCH ${W}/members/u-2`)).toEqual({ role: 'r-1' });
    await press('Remove Bruno Keller');
    const dialog = within(await screen.findByRole('dialog'));
    await user.click(dialog.getByRole('button', { name: 'Remove' }));
    await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(calls.map(({ to }) => to)).toContain(`DELETE ${W}/members/u-2`);
  });

  it('are given only roles that one holds oneself', () => {
    const names = (held: Permission[]) =>
      roleOptions(i18n.t, ROLES, held).map(({ value }) => value);
    expect(names(['chat:read'])).toEqual(['viewer']);
    expect(names(OWNER)).toEqual(['viewer', 'member', 'owner', 'r-1']);
    expect(roleOptions(i18n.t, undefined, OWNER)).toEqual([]);
  });

  it('say why a role was not changed', async () => {
    serve({
      [`GET ${W}/members`]: { items: [member()] },
      [`GET ${W}/roles`]: ROLES,
      [`PATCH ${W}/members/u-2`]: new Refused({ status: 409, message: 'The last owner stays.' }),
    });
    await show(<Members me={me()} />);
    await vi.waitFor(() => expect(options('Role of Bruno Keller')).toContain('Viewer'));
    await user.selectOptions(screen.getByLabelText('Role of Bruno Keller'), 'viewer');
    expect((await screen.findByRole('alert')).textContent).toContain('The last owner stays.');
  });
});

it('shows the link of an invitation once it is made', async () => {
  const calls = serve({
    [`GET ${W}/roles`]: ROLES,
    [`GET ${W}/invitations`]: { items: [] },
    [`POST ${W}/invitations`]: {
      invitation: { id: 'i-1', email: 'eva@harbour.example', role: 'viewer', status: 'open' },
      token: 'tok/en',
      url: 'https://elsewhere.example/accept',
      mailed: false,
    },
  });
  await show(<Invitations me={me()} />);
  await screen.findByRole('option', { name: 'Viewer' });
  await user.type(screen.getByLabelText('E-mail'), 'eva@harbour.example');
  await user.selectOptions(screen.getByLabelText('Role'), 'viewer');
  await press('Invite');
  await screen.findByText(/sends no mail: pass the link on to eva@harbour.example/);
  const link = screen.getByText(/\/accept\?token=/).textContent ?? '';
  expect(new URL(link).searchParams.get('token')).toBe('tok/en');
  expect(bodyOf(calls, `POST ${W}/invitations`)).toEqual({
    email: 'eva@harbour.example',
    role: 'viewer',
    expires_in_days: 7,
  });
});

it('makes a role of permissions, but offers none that one does not hold', async () => {
  const calls = serve({ [`GET ${W}/roles`]: ROLES, [`POST ${W}/roles`]: {} });
  await show(<Roles me={me({ permissions: ['chat:read', 'roles:write', 'prompts:write'] })} />);
  expect(await screen.findByRole('button', { name: 'Edit Editor' })).toBeTruthy();
  await press('New role');
  const dialog = within(await screen.findByRole('dialog'));
  expect((dialog.getByLabelText('Do audit:read.') as HTMLInputElement).disabled).toBe(true);
  expect(dialog.queryByLabelText('Do users:write.')).toBeNull();
  await user.type(dialog.getByRole('textbox', { name: 'Name' }), 'Reader');
  await user.click(dialog.getByLabelText('Do chat:read.'));
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  expect(bodyOf(calls, `POST ${W}/roles`)).toEqual({ name: 'Reader', permissions: ['chat:read'] });
});

describe('budgets', () => {
  const others = {
    [`GET ${W}/members`]: { items: [member()] },
    'GET /chatbots': { items: [] },
    [`GET ${W}/api-keys`]: { items: [] },
  };

  it('say what is spent, set aside and left, and when they renew', async () => {
    const budget = { id: 'b-1', spender: { user: 'u-2' }, period: 'day', unit: 'tokens' };
    serve({
      ...others,
      [`GET ${W}/budgets`]: {
        items: [
          {
            budget: { ...budget, amount: 1000 },
            spent: 600,
            reserved: 150,
            left: 250,
            renews_at: '2026-12-01T00:00:00Z',
          },
        ],
      },
    });
    await show(<Budgets me={me()} />);
    await screen.findByText('Bruno Keller: 1,000 tokens');
    screen.getByText('600 tokens spent, 150 tokens set aside, 250 tokens left');
    screen.getByText(/renews .*2026/);
    expect(screen.getByRole('meter').getAttribute('aria-valuenow')).toBe('75');
  });

  it('are set in millionths of a dollar, or in tokens', async () => {
    const calls = serve({
      ...others,
      [`GET ${W}/budgets`]: { items: [] },
      [`POST ${W}/budgets`]: {},
    });
    await show(<Budgets me={me()} />);
    await press('Set a budget');
    const dialog = within(await screen.findByRole('dialog'));
    await user.type(dialog.getByLabelText('Amount in US dollars'), '12.5');
    await user.click(dialog.getByRole('button', { name: 'Set a budget' }));
    expect(bodyOf(calls, `POST ${W}/budgets`)).toEqual({
      spender: 'workspace',
      period: 'month',
      unit: 'money',
      amount: 12_500_000,
    });
    await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    calls.length = 0;
    await press('Set a budget');
    const again = within(await screen.findByRole('dialog'));
    await user.selectOptions(again.getByLabelText('Whose spending'), 'user');
    await user.selectOptions(again.getByLabelText('Counted in'), 'tokens');
    await user.type(again.getByLabelText('Tokens'), '5000');
    await user.click(again.getByRole('button', { name: 'Set a budget' }));
    expect(bodyOf(calls, `POST ${W}/budgets`)).toMatchObject({
      spender: { user: 'u-2' },
      unit: 'tokens',
      amount: 5000,
    });
  });
});

describe('usage', () => {
  const figures = { runs: 2, input: 100, output: 50, cached: 0, cost: 2_000_000 };

  it('has a bar for each day, also for those without', () => {
    const rows = [{ day: '2026-11-02', ...figures }] as UsageRow[];
    const span = { from: '2026-11-01', to: '2026-11-03' };
    expect(barsOf(span, rows, 'cost').map(({ value }) => value)).toEqual([0, 2_000_000, 0]);
    expect(barsOf(span, rows, 'tokens').map(({ value }) => value)).toEqual([0, 150, 0]);
    expect(barsOf({ from: '1990-01-01', to: '2026-11-03' }, [], 'cost')).toHaveLength(366);
    expect(barsOf({ from: '2026-11-03', to: '2026-11-01' }, [], 'cost')).toEqual([]);
  });

  it('is shown by what one asks for', async () => {
    const report = (items: object[]) => ({ items, total: figures });
    const calls: string[] = [];
    vi.stubGlobal('fetch', async (url: string) => {
      const by = new URL(url, 'http://x').searchParams.get('by') ?? '';
      calls.push(by);
      const head = { user: { username: 'bruno' }, model: { model: 'ollama/x' } }[by];
      return Response.json(report(head ? [{ ...head, ...figures }] : []));
    });
    await show(<Usage me={me()} />);
    await screen.findByRole('rowheader', { name: 'bruno' });
    await user.selectOptions(screen.getByLabelText('By'), 'model');
    await screen.findByRole('rowheader', { name: 'ollama/x' });
    expect(screen.getAllByText('$2.00').length).toBeGreaterThan(1);
    expect(calls.sort()).toEqual(['day', 'model', 'user']);
  });

  it('says that it is one’s own without the permission to see more', async () => {
    serve({ [`GET ${W}/usage`]: { items: [], total: figures } });
    await show(<Usage me={me({ permissions: ['chat:read'] })} />);
    screen.getByText(/You see your own usage/);
    expect((screen.getByLabelText('By') as HTMLSelectElement).value).toBe('model');
  });
});

describe('the audit log', () => {
  const entry = (id: string, action: string) => ({
    id,
    actor: { kind: 'user', id: 'u-2' },
    action,
    object_kind: 'user',
    object_id: 'u-3',
    ip_address: '10.0.0.1',
    user_agent: null,
    request_id: null,
    details: { to: 'admin' },
    at: '2026-11-01T10:00:00Z',
  });

  it('is read on page by page, and filtered', async () => {
    const calls: string[] = [];
    vi.stubGlobal('fetch', async (url: string) => {
      calls.push(url.replace(`/api/v1${W}/audit`, ''));
      return Response.json(
        url.includes('cursor=')
          ? { items: [entry('2', 'sign_out')], next_cursor: null }
          : { items: [entry('1', 'member.role_changed')], next_cursor: 'c1' },
      );
    });
    await show(<Audit workspaceId="w-1" members={[member()]} />);
    await screen.findByText('member.role_changed');
    await press('Show more');
    await screen.findByText('sign_out');
    expect(screen.getByRole('list', { name: 'Entries' }).textContent).toContain('Bruno Keller');
    await user.selectOptions(screen.getByLabelText('Who'), 'u-2');
    await user.type(screen.getByLabelText('What'), 'sign_out');
    await vi.waitFor(() =>
      expect(calls.at(-1)).toBe('?actor_user_id=u-2&action=sign_out&limit=50'),
    );
  });

  it('is exported with the same filter, by a fresh credential', async () => {
    const calls = serve({ [`GET ${W}/audit`]: { items: [] }, 'GET /users/me': me() });
    const links: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      links.push(this.getAttribute('href') ?? '');
    });
    await show(<Audit workspaceId="w-1" members={[]} />);
    await press('Export as JSON Lines');
    await vi.waitFor(() => expect(links).toEqual([`/api/v1${W}/audit/export`]));
    expect(calls.map(({ to }) => to)).toContain('GET /users/me');
  });
});

describe('the workspace itself', () => {
  const membership = (id: string) => ({ workspace: { id, name: id, status: 'active' } });
  const both = { items: [membership('w-1'), membership('w-2')] };
  /** Deletes it, having typed its name. */
  const remove = async () => {
    await press('Delete the workspace');
    const dialog = within(await screen.findByRole('dialog'));
    await user.type(dialog.getByRole('textbox'), 'Harbour office');
    await user.click(dialog.getByRole('button', { name: 'Delete for good' }));
  };
  const switched = (body: { workspace_id: string }) => ({
    user: me({ workspace: { id: body.workspace_id, name: '' } }),
  });

  it('is deleted from within another one, where the page then is', async () => {
    const gone = vi.fn();
    const calls = serve({
      'GET /workspaces': both,
      'POST /auth/switch': switched,
      [`DELETE ${W}`]: undefined,
    });
    await show(<General me={me()} onGone={gone} />);
    await remove();
    await vi.waitFor(() => expect(gone).toHaveBeenCalledOnce());
    expect(calls.map(({ to }) => to)).toEqual([
      'GET /workspaces',
      'POST /auth/switch',
      `DELETE ${W}`,
    ]);
    expect(useIdentity.getState().workspaceId).toBe('w-2');
  });

  it('that cannot be deleted is where one still is', async () => {
    const gone = vi.fn();
    const calls = serve({
      'GET /workspaces': both,
      'POST /auth/switch': switched,
      [`DELETE ${W}`]: new Refused({ status: 409, message: 'The default one stays.' }),
    });
    await show(<General me={me()} onGone={gone} />);
    await remove();
    expect((await screen.findByRole('alert')).textContent).toContain('The default one stays.');
    expect(calls.at(-1)).toEqual({ to: 'POST /auth/switch', body: { workspace_id: 'w-1' } });
    expect(gone).not.toHaveBeenCalled();
    expect(useIdentity.getState().workspaceId).toBe('w-1');
  });

  it('can only be left by a member', async () => {
    const gone = vi.fn();
    const calls = serve({
      'GET /workspaces': { items: [membership('w-1')] },
      [`DELETE ${W}/members/u-1`]: undefined,
    });
    await show(<General me={me({ permissions: ['chat:read'] })} onGone={gone} />);
    expect(screen.queryByRole('button', { name: 'Delete the workspace' })).toBeNull();
    expect(screen.queryByRole('textbox', { name: 'Name' })).toBeNull();
    await press('Leave');
    const dialog = within(await screen.findByRole('dialog'));
    await user.click(dialog.getByRole('button', { name: 'Leave' }));
    await vi.waitFor(() => expect(gone).toHaveBeenCalledOnce());
    expect(calls.at(-1)?.to).toBe(`DELETE ${W}/members/u-1`);
  });
});
