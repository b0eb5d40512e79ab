// @vitest-environment happy-dom
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { beUser, clearPage, Refused, serve, show } from '#testing/page';
import { me, STATUS } from '#testing/people';
import { providerUrl, safePath } from '@/features/auth/api';
import { useIdentity } from '@/lib/identity';
import { AcceptInvitation, Register, ResetPassword, Setup, SignIn } from './screens';

const user = userEvent.setup();
let assign: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
  assign = vi.spyOn(window.location, 'assign').mockImplementation(() => undefined);
});
afterEach(clearPage);

const type = async (label: string, text: string) =>
  user.type(await screen.findByLabelText(label), text);
const press = async (name: string) => user.click(await screen.findByRole('button', { name }));
const signedIn = { user: me() };

describe('signing in', () => {
  it('leads back to where one was, as the user', async () => {
    const calls = serve({ 'GET /auth/status': STATUS, 'POST /auth/login': signedIn });
    await show(<SignIn />, { at: '/sign-in?next=%2Fc%2F7%3Fa%3D1' });
    await type('E-mail or username', ' ana ');
    await type('Password', ' secret words ');
    await press('Sign in');
    await vi.waitFor(() => expect(assign).toHaveBeenCalledWith('/c/7?a=1'));
    expect(calls.find(({ to }) => to === 'POST /auth/login')?.body).toEqual({
      email: 'ana',
      password: ' secret words ',
    });
    expect(useIdentity.getState()).toMatchObject({ state: 'user', userId: 'u-1' });
  });

  it('says why not, keeps what was typed, and opens no visitor’s session', async () => {
    const calls = serve({
      'GET /auth/status': STATUS,
      'POST /auth/login': new Refused({ status: 401, message: 'They do not fit together.' }),
    });
    await show(<SignIn />);
    await type('E-mail or username', 'ana');
    await type('Password', 'wrong');
    await press('Sign in');
    expect((await screen.findByRole('alert')).textContent).toContain('They do not fit together.');
    expect((screen.getByLabelText('Password') as HTMLInputElement).value).toBe('wrong');
    expect(calls.map(({ to }) => to)).not.toContain('POST /sessions');
    expect(assign).not.toHaveBeenCalled();
  });

  it('asks for the code where there is a second step, or for a recovery code', async () => {
    const calls = serve({
      'GET /auth/status': STATUS,
      'POST /auth/login': { second_factor_required: true, challenge_token: 'c-1' },
      'POST /auth/login/second-factor': signedIn,
    });
    await show(<SignIn />);
    await type('E-mail or username', 'ana');
    await type('Password', 'words');
    await press('Sign in');
    await screen.findByLabelText('Code');
    await press('Use a recovery code');
    await type('Recovery code', ' abc-def ');
    await press('Go on');
    await vi.waitFor(() => expect(assign).toHaveBeenCalledWith('/'));
    expect(calls.at(-1)?.body).toEqual({ challenge_token: 'c-1', code: 'abc-def' });
  });

  it('offers what this server has, and nothing else', async () => {
    const oidc = [{ id: 'acme', name: 'Acme' }];
    serve({ 'GET /auth/status': { ...STATUS, oidc, registration: 'closed', anonymous: false } });
    await show(<SignIn />, { at: '/sign-in?next=%2Fsettings' });
    const link = await screen.findByRole('link', { name: 'Sign in with Acme' });
    expect(link.getAttribute('href')).toBe(providerUrl('acme', '/settings'));
    expect(screen.queryByRole('link', { name: 'Register' })).toBeNull();
    expect(screen.queryByRole('link', { name: 'Go on without signing in' })).toBeNull();
  });

  it('goes on by itself for who comes back from an identity provider', async () => {
    serve({ 'GET /auth/status': STATUS, 'GET /users/me': me() });
    await show(<SignIn />, { at: '/sign-in?arrived=yes&next=%2Fsettings' });
    await vi.waitFor(() => expect(assign).toHaveBeenCalledWith('/settings'));
    expect(useIdentity.getState().state).toBe('user');
  });

  it('says what an identity provider did not allow', async () => {
    serve({ 'GET /auth/status': STATUS });
    await show(<SignIn />, { at: '/sign-in?error=registration_closed' });
    expect((await screen.findByRole('alert')).textContent).toMatch(/by invitation/);
    clearPage();
    serve({ 'GET /auth/status': STATUS });
    await show(<SignIn />, { at: '/sign-in?error=access_denied' });
    expect((await screen.findByRole('alert')).textContent).toMatch(/did not work out/);
  });

  it('says the same of a forgotten password whether or not there is a user', async () => {
    const calls = serve({ 'GET /auth/status': STATUS, 'POST /auth/password/forgot': undefined });
    await show(<SignIn />);
    await press('Forgot your password?');
    await type('E-mail', 'nobody@harbour.example');
    await press('Send the link');
    await screen.findByText(/If somebody is registered/);
    expect(calls.at(-1)?.body).toEqual({ email: 'nobody@harbour.example' });
  });
});

it('takes no address that leads elsewhere', () => {
  expect(['/a', '//evil.example', '/\\evil', 'https://evil.example', null].map(safePath)).toEqual([
    '/a',
    '/',
    '/',
    '/',
    '/',
  ]);
});

describe('registering', () => {
  it('makes the first person the owner, and says so', async () => {
    const calls = serve({
      'GET /auth/status': { ...STATUS, needs_setup: true },
      'POST /auth/register': signedIn,
    });
    await show(<Setup />);
    expect(screen.getByText(/The first user owns the installation/)).toBeTruthy();
    await type('E-mail', 'ana@harbour.example');
    await type('Password', 'twelve letters and more');
    await press('Register as the owner');
    await vi.waitFor(() => expect(assign).toHaveBeenCalledWith('/'));
    expect(calls.at(-1)?.body).toEqual({
      email: 'ana@harbour.example',
      password: 'twelve letters and more',
    });
  });

  it('is not offered twice, nor where it is closed', async () => {
    serve({ 'GET /auth/status': { ...STATUS, registration: 'invitation' } });
    await show(<Setup />);
    await screen.findByText('This installation has an owner');
    clearPage();
    serve({ 'GET /auth/status': { ...STATUS, registration: 'invitation' } });
    await show(<Register />);
    await screen.findByText(/Registration is by invitation/);
    expect(screen.queryByLabelText('Password')).toBeNull();
  });

  it('says at the field what the server does not take', async () => {
    serve({
      'GET /auth/status': STATUS,
      'POST /auth/register': new Refused({
        status: 422,
        details: { field: 'password', reason: 'it is among the most used ones' },
      }),
    });
    await show(<Register />);
    await type('E-mail', 'ana@harbour.example');
    await type('Password', 'password1234');
    await press('Register');
    await screen.findByText('it is among the most used ones');
    const field = screen.getByLabelText('Password');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByLabelText('E-mail').getAttribute('aria-invalid')).toBe('false');
  });
});

describe('an invitation', () => {
  const look = {
    workspace_name: 'Harbour office',
    email: 'Ana@harbour.example',
    role_name: 'member',
    expires_at: '2026-12-01T00:00:00Z',
    is_user: false,
  };

  it('lets a new person register for its address, and join', async () => {
    const calls = serve({
      'GET /auth/status': STATUS,
      'POST /invitations/look': look,
      'POST /auth/register': signedIn,
    });
    await show(<AcceptInvitation />, { at: '/accept?token=t-1' });
    await screen.findByRole('heading', { name: 'Join Harbour office' });
    expect(screen.getByText(/as Member/)).toBeTruthy();
    const email = (await screen.findByLabelText('E-mail')) as HTMLInputElement;
    expect([email.value, email.readOnly]).toEqual([look.email, true]);
    await type('Password', 'twelve letters and more');
    await press('Register and join');
    await vi.waitFor(() => expect(assign).toHaveBeenCalledWith('/'));
    const sent = calls.find(({ to }) => to === 'POST /auth/register')?.body;
    expect(sent).toMatchObject({ email: look.email, invitation_token: 't-1' });
  });

  it('is accepted right after signing in, and leads into its workspace', async () => {
    const calls = serve({
      'GET /auth/status': STATUS,
      'GET /users/me': me(),
      'POST /invitations/look': { ...look, is_user: true },
      'POST /auth/login': signedIn,
      'POST /invitations/accept': { workspace: { id: 'w-2' } },
      'POST /auth/switch': { user: me({ workspace: { id: 'w-2', name: 'Desk' } }) },
    });
    await show(<AcceptInvitation />, { at: '/accept?token=t-1' });
    await type('Password', 'words');
    await press('Sign in');
    await vi.waitFor(() => expect(assign).toHaveBeenCalledWith('/'));
    expect(calls.find(({ to }) => to === 'POST /auth/switch')?.body).toEqual({
      workspace_id: 'w-2',
    });
    expect(useIdentity.getState().workspaceId).toBe('w-2');
  });

  it('is not for somebody else who is signed in', async () => {
    beUser();
    serve({
      'GET /auth/status': STATUS,
      'GET /users/me': me({ email: 'other@harbour.example' }),
      'POST /invitations/look': look,
    });
    await show(<AcceptInvitation />, { at: '/accept?token=t-1' });
    await screen.findByText(/You are signed in as other@harbour.example/);
    expect(screen.queryByRole('button', { name: 'Accept the invitation' })).toBeNull();
  });

  it('can be followed by an identity provider, which leads back to it', async () => {
    const oidc = [{ id: 'acme', name: 'Acme' }];
    serve({ 'GET /auth/status': { ...STATUS, oidc }, 'POST /invitations/look': look });
    await show(<AcceptInvitation />, { at: '/accept?token=t-1' });
    const link = await screen.findByRole('link', { name: 'Sign in with Acme' });
    const back = providerUrl('acme', '/accept?token=t-1&arrived=yes');
    expect(link.getAttribute('href')).toBe(back);
  });

  it('is done where an identity provider’s new user has joined with it on the way', async () => {
    serve({
      'GET /auth/status': STATUS,
      'POST /invitations/look': new Refused({ status: 404, message: 'No such invitation.' }),
    });
    await show(<AcceptInvitation />, { at: '/accept?token=t-1&arrived=yes' });
    await vi.waitFor(() => expect(assign).toHaveBeenCalledWith('/'));
  });

  it('that is used up says so', async () => {
    serve({
      'GET /auth/status': STATUS,
      'POST /invitations/look': new Refused({ status: 404, message: 'No such invitation.' }),
    });
    await show(<AcceptInvitation />, { at: '/accept?token=t-1' });
    await screen.findByRole('heading', { name: 'This link does not work' });
  });
});

it('sets a new password by the token of a link', async () => {
  const calls = serve({ 'GET /auth/status': STATUS, 'POST /auth/password/reset': undefined });
  await show(<ResetPassword />, { at: '/reset-password?token=t-9' });
  await type('Password', 'twelve letters and more');
  await press('Set the password');
  await screen.findByText('Your password is set');
  expect(calls.at(-1)?.body).toEqual({ token: 't-9', password: 'twelve letters and more' });
});
