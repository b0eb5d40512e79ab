import { json, query } from '@/lib/api/client';
import { useAct, useGet, usePages } from '@/lib/api/hooks';
import type { Membership, SignedIn, User, Workspace } from '@/lib/api/identity-types';
import { becomeUser } from '@/lib/identity';
import { mayLeave } from '@/lib/leaving';

export const useUsers = (text: string, status: string) =>
  usePages<User>(`/users${query({ query: text, status })}`);

export interface NewUser {
  email: string;
  username: string;
  full_name?: string;
  password?: string;
}

export const useCreateUser = () =>
  useAct((body: NewUser) => json<User>('POST', '/users', { body }), '/users');

export const useChangeUser = () =>
  useAct(
    ({ id, ...body }: { id: string; status?: User['status']; is_owner?: boolean }) =>
      json<User>('PUT', `/users/${id}`, { body }),
    '/users',
  );

export const useRemoveUser = () => useAct((id: string) => json('DELETE', `/users/${id}`), '/users');

export const useOwnWorkspaces = () => useGet<{ items: Membership[] }>('/workspaces');

/** Makes a workspace, of which one is then the owner. */
export const useCreateWorkspace = () =>
  useAct(
    (name: string) => json<Workspace>('POST', '/workspaces', { body: { name } }),
    '/workspaces',
  );

export const useEnterWorkspace = () =>
  useAct(async (id: string) => {
    if (!mayLeave()) return;
    const { user } = await json<SignedIn>('POST', '/auth/switch', { body: { workspace_id: id } });
    becomeUser(user.id, user.workspace.id);
    window.location.assign('/workspace');
  });
