import { API, json, query } from '@/lib/api/client';
import type { Challenge, InvitationView, Me, SignedIn } from '@/lib/api/identity-types';
import { becomeUser } from '@/lib/identity';

const post = <T>(path: string, body: unknown) => json<T>('POST', path, { body, asIs: true });

export const signIn = (body: { email: string; password: string }) =>
  post<SignedIn | Challenge>('/auth/login', body);

export const sendCode = (body: { challenge_token: string; code: string }) =>
  post<SignedIn>('/auth/login/second-factor', body);

export interface Registration {
  email: string;
  password: string;
  username?: string;
  full_name?: string;
  invitation_token?: string;
}

export const register = (body: Registration) => post<SignedIn>('/auth/register', body);

export const forgetPassword = (email: string) => post<void>('/auth/password/forgot', { email });

export const resetPassword = (body: { token: string; password: string }) =>
  post<void>('/auth/password/reset', body);

export const lookAtInvitation = (token: string) =>
  post<InvitationView>('/invitations/look', { token });

/** Accepts an invitation and goes to its workspace. */
export async function acceptInvitation(token: string): Promise<Me> {
  const { workspace } = await json<{ workspace: { id: string } }>('POST', '/invitations/accept', {
    body: { token },
  });
  const { user } = await json<SignedIn>('POST', '/auth/switch', {
    body: { workspace_id: workspace.id },
  });
  return user;
}

/** Where the identity provider of this id is asked; it comes back to the sign-in page. */
export const providerUrl = (id: string, next: string) =>
  `${API}/auth/oidc/${encodeURIComponent(id)}${query({
    return_to: `/sign-in${query({ arrived: 'yes', next })}`,
  })}`;

/** Who has come back from the identity provider. */
export const arrivedUser = () => json<Me>('GET', '/users/me', { asIs: true });

/** Takes a path of this page from an address, and nothing that leads elsewhere. */
export const safePath = (path: string | null): string =>
  path !== null && /^\/(?![/\\])/.test(path) ? path : '/';

/** The page begins anew as this user: nothing of who was here before is left in it. */
export function enterAs(user: Me, next: string) {
  becomeUser(user.id, user.workspace.id);
  window.location.assign(next);
}
