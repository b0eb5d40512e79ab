// @vitest-environment happy-dom
import { screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { beUser, clearPage, Refused, serve, show } from '#testing/page';
import { me } from '#testing/people';
import type { Permission } from '@/lib/api/identity-types';
import { Needs, SignedIn } from './signed-in';

afterEach(clearPage);

const page = <SignedIn>{(user) => <p>Hello {user.username}</p>}</SignedIn>;

describe('what is for users', () => {
  it('is shown to them', async () => {
    beUser();
    serve({ 'GET /users/me': me() });
    await show(page);
    await screen.findByText('Hello ana');
  });

  it('leads a visitor to the sign-in page and back, and asks the server nothing', async () => {
    const calls = serve({});
    await show(page, { at: '/settings/keys' });
    const link = await screen.findByRole('link', { name: 'Sign in' });
    expect(link.getAttribute('href')).toBe('/sign-in?next=%2Fsettings%2Fkeys');
    expect(calls).toEqual([]);
  });

  it('can be asked for again when the server did not answer', async () => {
    beUser();
    serve({ 'GET /users/me': new Refused({ status: 500, message: 'A defect.' }) });
    await show(page);
    expect((await screen.findByRole('alert')).textContent).toContain('A defect.');
    expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
  });
});

it('says which permission is missing, and who can give it', async () => {
  const needs = (permission: Permission) => (
    <Needs me={me({ permissions: ['chat:read'] })} permission={permission}>
      inside
    </Needs>
  );
  await show(needs('audit:read'));
  screen.getByText(/audit:read\. An owner or admin of the workspace can/);
  clearPage();
  await show(needs('users:read'));
  screen.getByText(/users:read\. An owner of the installation can/);
  clearPage();
  await show(needs('chat:read'));
  screen.getByText('inside');
});
