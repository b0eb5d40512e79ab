import { useIdentity } from '@/lib/identity';
import { useGet } from './hooks';
import type { AuthStatus, Me, Permission } from './identity-types';

export const ME = '/users/me';

/** How one gets in here. */
export const useAuthStatus = () => useGet<AuthStatus>('/auth/status');

/** Who is signed in; not asked for while nobody is. */
export function useMe() {
  const signedIn = useIdentity(({ state }) => state === 'user');
  return useGet<Me>(signedIn ? ME : null);
}

export const may = (me: Me, permission: Permission) =>
  (me.permissions as readonly string[]).includes(permission);

/** Whether somebody with these may hand out those: nobody grants what they do not hold. */
export const covers = (holds: readonly Permission[], wanted: readonly Permission[]) =>
  wanted.every((permission) => holds.includes(permission));
