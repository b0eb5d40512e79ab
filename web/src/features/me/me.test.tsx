// @vitest-environment happy-dom
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { beUser, clearPage, Refused, serve, show } from '#testing/page';
import { me, STATUS } from '#testing/people';
import { pairsOf, recordOf } from '@/components/ui/key-values';
import { endIdentity, useIdentity } from '@/lib/identity';
import { deviceName } from './device-name';
import { OwnData } from './own-data';
import { PasswordForm } from './password-form';
import Presence from './presence';
import { AboutForm, IdentityForm } from './profile-form';
import { SecondFactor } from './second-factor';
import { SignIns } from './sign-ins';
import UserMenu from './user-menu';

const user = userEvent.setup();
let assign: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
  assign = vi.spyOn(window.location, 'assign').mockImplementation(() => undefined);
  beUser();
});
afterEach(clearPage);

const press = async (name: string) => user.click(await screen.findByRole('button', { name }));
const item = (name: string) => screen.findByRole('menuitem', { name });
const bodyOf = (calls: { to: string; body: unknown }[], to: string) =>
  calls.find((call) => call.to === to)?.body;

describe('the user menu', () => {
  const membership = (id: string, name: string) => ({
    workspace: { id, name, status: 'active', created_at: '2026-01-01T00:00:00Z' },
    role: 'member',
    role_name: 'member',
  });

  it('offers what the user may see', async () => {
    const member = me({ permissions: ['chat:read', 'chatbots:read'] });
    serve({ 'GET /users/me': member, 'GET /workspaces': { items: [membership('w-1', 'A')] } });
    await show(<UserMenu onGo={() => undefined} />);
    await press('Ana Duarte, in Harbour office');
    await item('Settings');
    const shown = screen.getAllByRole('menuitem').map(({ textContent }) => textContent);
    expect(shown).toEqual(['Chatbots', 'Workspace', 'Settings', 'Sign out']);
  });

  it('goes to another workspace, where the page begins anew', async () => {
    const calls = serve({
      'GET /users/me': me(),
      'GET /workspaces': { items: [membership('w-1', 'A'), membership('w-2', 'B')] },
      'POST /auth/switch': { user: me({ workspace: { id: 'w-2', name: 'B' } }) },
    });
    await show(<UserMenu onGo={() => undefined} />);
    await press('Ana Duarte, in Harbour office');
    await user.click(await item('Switch workspace'));
    await user.click(await screen.findByRole('option', { name: /^B/ }));
    await vi.waitFor(() => expect(assign).toHaveBeenCalledWith('/'));
    expect(bodyOf(calls, 'POST /auth/switch')).toEqual({ workspace_id: 'w-2' });
    expect(useIdentity.getState().workspaceId).toBe('w-2');
  });

  it('signs out', async () => {
    serve({
      'GET /users/me': me(),
      'GET /workspaces': { items: [] },
      'POST /auth/logout': undefined,
    });
    await show(<UserMenu onGo={() => undefined} />);
    await press('Ana Duarte, in Harbour office');
    await user.click(await item('Sign out'));
    await vi.waitFor(() => expect(assign).toHaveBeenCalledWith('/'));
    expect(useIdentity.getState().state).toBe('visitor');
  });

  it('shows a visitor the way in, or the set-up on the first day', async () => {
    clearPage();
    serve({ 'GET /auth/status': { ...STATUS, needs_setup: true } });
    await show(<UserMenu onGo={() => undefined} />);
    const link = await screen.findByRole('link', { name: 'Set up' });
    expect(link.getAttribute('href')).toBe('/setup');
  });
});

describe('the page', () => {
  it('says that the sign-in has ended, and leads to it and back', async () => {
    serve({ 'GET /auth/status': STATUS });
    const { router } = await show(<Presence />, { at: '/c/7' });
    endIdentity();
    await screen.findByRole('dialog', { name: 'You were signed out' });
    await press('Sign in again');
    await vi.waitFor(() => expect(router.state.location.pathname).toBe('/sign-in'));
    expect(router.state.location.search).toEqual({ next: '/c/7', ended: 'yes' });
  });

  it('sends a visitor to the sign-in page where nobody may chat without', async () => {
    clearPage();
    serve({ 'GET /auth/status': { ...STATUS, anonymous: false } });
    const { router } = await show(<Presence />, { at: '/c/7' });
    await vi.waitFor(() => expect(router.state.location.pathname).toBe('/sign-in'));
    expect(router.state.location.search).toEqual({ next: '/c/7' });
  });

  it('begins anew when another tab has signed in as somebody', async () => {
    serve({ 'GET /auth/status': STATUS });
    const reload = vi.spyOn(window.location, 'reload').mockImplementation(() => undefined);
    await show(<Presence />);
    const change = { key: 'vpaura.identity', oldValue: null, newValue: 'user u-9 w-1' };
    window.dispatchEvent(new StorageEvent('storage', change));
    expect(reload).toHaveBeenCalledOnce();
  });
});

describe('a profile', () => {
  it('is edited as rows, and is the same JSON again', () => {
    const record = { seat: 'window', budget: 1200, night: false, code: '007', n: '12', list: [1] };
    expect(recordOf(pairsOf(record))).toEqual(record);
    expect(recordOf([{ id: '1', name: ' ', value: 'x' }])).toEqual({});
  });

  it('is sent whole', async () => {
    const calls = serve({ 'PUT /users/me/profile': undefined });
    const profile = {
      preferences: { seat: 'window' },
      constraints: {},
      past_destinations: ['Porto'],
      wishes: [],
    };
    await show(<AboutForm profile={profile} />);
    await press('Add to Constraints');
    await user.type(screen.getAllByLabelText('Name')[1] as HTMLElement, 'diet');
    await user.type(screen.getAllByLabelText('Value')[1] as HTMLElement, 'vegan');
    await user.type(screen.getByLabelText('What you wish for'), 'Snow\n\n Sea ');
    await press('Save');
    expect(bodyOf(calls, 'PUT /users/me/profile')).toEqual({
      ...profile,
      constraints: { diet: 'vegan' },
      wishes: ['Snow', 'Sea'],
    });
  });
});

describe('one’s own address', () => {
  it('changes with the password, which nothing else asks for', async () => {
    const calls = serve({ 'PUT /users/u-1': me() });
    await show(<IdentityForm me={me()} />);
    expect(screen.queryByLabelText('Present password')).toBeNull();
    await user.type(screen.getByLabelText('Your name'), ' e Silva');
    await press('Save');
    const same = { full_name: 'Ana Duarte e Silva', email: 'ana@harbour.example', username: 'ana' };
    await vi.waitFor(() => expect(bodyOf(calls, 'PUT /users/u-1')).toEqual(same));
    await user.clear(screen.getByLabelText('E-mail'));
    await user.type(screen.getByLabelText('E-mail'), 'ana@desk.example');
    await user.type(screen.getByLabelText('Present password'), 'the old words');
    await press('Save');
    await vi.waitFor(() =>
      expect(calls.filter(({ to }) => to === 'PUT /users/u-1').at(-1)?.body).toEqual({
        ...same,
        email: 'ana@desk.example',
        current_password: 'the old words',
      }),
    );
  });

  it('is the identity provider’s for who comes from one', async () => {
    await show(<IdentityForm me={me({ has_password: false })} />);
    expect((screen.getByLabelText('E-mail') as HTMLInputElement).readOnly).toBe(true);
    screen.getByText(/Who manages users can change it/);
  });
});

it('changes the password, and forgets what was typed', async () => {
  const calls = serve({ 'POST /auth/password/change': undefined });
  await show(<PasswordForm minLength={12} />);
  await user.type(screen.getByLabelText('Present password'), 'the old words');
  await user.type(screen.getByLabelText('New password'), 'the new words, longer');
  await press('Change the password');
  expect(bodyOf(calls, 'POST /auth/password/change')).toEqual({
    current_password: 'the old words',
    password: 'the new words, longer',
  });
  await vi.waitFor(() =>
    expect((screen.getByLabelText('New password') as HTMLInputElement).value).toBe(''),
  );
});

describe('the second step', () => {
  it('is turned on with a code, and its recovery codes are shown until they are put aside', async () => {
    const calls = serve({
      'POST /users/me/second-factor': { secret: 'JBSWY3DP', uri: 'otpauth://totp/x?secret=J' },
      'POST /users/me/second-factor/confirm': { recovery_codes: ['aaa-1', 'bbb-2'] },
    });
    await show(<SecondFactor me={me()} />);
    await user.type(screen.getByLabelText('Password'), 'words');
    await press('Turn on');
    await screen.findByRole('img', { name: 'QR code for your app' });
    expect(bodyOf(calls, 'POST /users/me/second-factor')).toEqual({ password: 'words' });
    expect(screen.getByText('JBSWY3DP')).toBeTruthy();
    await user.type(screen.getByRole('textbox', { name: 'Code' }), ' 123456 ');
    await press('Confirm');
    const codes = await screen.findByLabelText('Recovery codes');
    expect(codes.textContent).toBe('aaa-1\nbbb-2');
    expect(bodyOf(calls, 'POST /users/me/second-factor/confirm')).toEqual({ code: '123456' });
    await press('I have kept them');
    expect(screen.queryByText(/aaa-1/)).toBeNull();
  });

  it('is the identity provider’s for who comes from one', async () => {
    await show(<SecondFactor me={me({ has_password: false })} />);
    screen.getByText(/its second step counts/);
    expect(screen.queryByRole('button', { name: 'Turn on' })).toBeNull();
  });

  it('is turned off with the password and a code only', async () => {
    const calls = serve({
      'DELETE /users/me/second-factor': new Refused({ status: 403, message: 'Not right.' }),
    });
    await show(<SecondFactor me={me({ has_second_factor: true })} />);
    await press('Turn off');
    const dialog = within(await screen.findByRole('dialog'));
    await user.type(dialog.getByLabelText('Password'), 'words');
    await user.type(dialog.getByLabelText('Code'), '654321');
    await user.click(dialog.getByRole('button', { name: 'Turn off' }));
    expect((await dialog.findByRole('alert')).textContent).toContain('Not right.');
    expect(calls).toEqual([
      { to: 'DELETE /users/me/second-factor', body: { password: 'words', code: '654321' } },
    ]);
  });
});

describe('sign-ins', () => {
  const signIn = (id: string, user_agent: string) => ({
    id,
    user_agent,
    ip_address: '10.0.0.1',
    created_at: '2026-01-01T00:00:00Z',
    last_accessed: '2026-01-02T00:00:00Z',
    expires_at: '2027-01-01T00:00:00Z',
  });

  it('are ended one by one, but not the one that asks', async () => {
    let items = [
      signIn('s-1', 'Mozilla/5.0 (X11; Linux) Firefox/150.0'),
      signIn('s-2', 'curl/8.5'),
    ];
    const calls = serve({
      'GET /sessions': () => ({ items, next_cursor: null }),
      'GET /sessions/current': items[0],
      'DELETE /sessions/s-2': () => {
        items = items.slice(0, 1);
      },
    });
    await show(<SignIns />);
    await screen.findByText('This one');
    expect(screen.getByText('curl')).toBeTruthy();
    await press('End');
    await vi.waitFor(() => expect(screen.queryByText('curl')).toBeNull());
    expect(screen.getByText(/Firefox, Linux/)).toBeTruthy();
    expect(calls.map(({ to }) => to)).toContain('DELETE /sessions/s-2');
  });

  it('are named after browser and system', () => {
    const chrome = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/156.0 Safari/537.36';
    expect(deviceName(chrome)).toBe('Chrome, Windows');
    expect(deviceName('Mozilla/5.0 (iPhone) Version/26.0 Safari/604')).toBe('Safari, iOS');
    expect(deviceName('vpaura-cli/0.1')).toBe('vpaura-cli');
    expect(deviceName(null)).toBeNull();
  });
});

it('deletes the user only after its name was typed', async () => {
  const calls = serve({ 'DELETE /users/u-1': undefined });
  await show(<OwnData me={me()} />);
  await press('Delete me and my data');
  const dialog = within(await screen.findByRole('dialog'));
  const go = dialog.getByRole('button', { name: 'Delete for good' }) as HTMLButtonElement;
  expect(go.disabled).toBe(true);
  await user.type(dialog.getByLabelText('Type ana to go on'), 'ana');
  await user.type(dialog.getByLabelText('Password'), 'words');
  await user.click(go);
  await vi.waitFor(() => expect(assign).toHaveBeenCalledWith('/'));
  expect(calls).toEqual([{ to: 'DELETE /users/u-1', body: { password: 'words' } }]);
  expect(useIdentity.getState().state).toBe('visitor');
});
