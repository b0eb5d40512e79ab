import { json } from '@/lib/api/client';
import { useAct, useGet, usePages } from '@/lib/api/hooks';
import type { Membership, Profile, SignedIn, SignIn } from '@/lib/api/identity-types';
import { ME } from '@/lib/api/me';
import { becomeUser, becomeVisitor } from '@/lib/identity';
import { mayLeave } from '@/lib/leaving';

/** The workspaces that the user is in. */
export const useMemberships = (asked: boolean) =>
  useGet<{ items: Membership[] }>(asked ? '/workspaces' : null);

/** Goes to another workspace: the page begins anew there. */
export function useSwitchWorkspace() {
  return useAct(async (workspaceId: string) => {
    if (!mayLeave()) return;
    const { user } = await json<SignedIn>('POST', '/auth/switch', {
      body: { workspace_id: workspaceId },
    });
    becomeUser(user.id, user.workspace.id);
    window.location.assign('/');
  });
}

export function useSignOut() {
  return useAct(async (everywhere: boolean) => {
    if (!mayLeave()) return;
    await json('POST', '/auth/logout', { body: { everywhere } });
    leave();
  });
}

/** The page begins anew as a visitor's: nothing of the user is left in it. */
export function leave() {
  becomeVisitor();
  window.location.assign('/');
}

export const useProfile = () => useGet<Profile>(`${ME}/profile`);

export const useSaveProfile = () =>
  useAct((profile: Profile) => json('PUT', `${ME}/profile`, { body: profile }), `${ME}/profile`);

export interface UserChanges {
  email?: string;
  username?: string;
  full_name?: string | null;
  /** Goes with another address. */
  current_password?: string | null;
}

export const useSaveUser = (id: string) =>
  useAct((changes: UserChanges) => json('PUT', `/users/${id}`, { body: changes }), ME);

export const useChangePassword = () =>
  useAct(
    (body: { current_password: string; password: string }) =>
      json('POST', '/auth/password/change', { body }),
    '/sessions',
  );

export const useBeginSecondFactor = () =>
  useAct((password: string) =>
    json<{ secret: string; uri: string }>('POST', `${ME}/second-factor`, { body: { password } }),
  );

/** The answer is all that is ever seen of the codes, so who is asked again waits until they are put aside. */
export const useConfirmSecondFactor = () =>
  useAct((code: string) =>
    json<{ recovery_codes: string[] }>('POST', `${ME}/second-factor/confirm`, { body: { code } }),
  );

export const useEndSecondFactor = () =>
  useAct(
    (body: { password: string; code: string }) => json('DELETE', `${ME}/second-factor`, { body }),
    ME,
  );

export const useNewRecoveryCodes = () =>
  useAct((password: string) =>
    json<{ recovery_codes: string[] }>('POST', `${ME}/recovery-codes`, {
      body: { password },
    }),
  );

export const useSignIns = () => usePages<SignIn>('/sessions');
export const useThisSignIn = () => useGet<SignIn>('/sessions/current');

export const useEndSignIn = () =>
  useAct((id: string) => json('DELETE', `/sessions/${id}`), '/sessions');

export const useDeleteUser = (id: string) =>
  useAct((password: string) =>
    json('DELETE', `/users/${id}`, { body: password === '' ? {} : { password } }),
  );
