import { useTranslation } from 'react-i18next';
import { json } from './client';
import { useAct, useGet } from './hooks';
import type { Grant, Listing, Member, Roles } from './identity-types';

/** With whom a thing of the workspace is shared, by the thing's path. */
export const useGrants = (path: string | null) =>
  useGet<{ items: Grant[] }>(path === null ? null : `${path}/grants`);

/**
 * Whether one may change a thing that is not surely one's own to change, because it is shared so.
 * With whom it is shared is told to those alone, so the answer shows who they are.
 */
export function useSharedToEdit(path: string, surely: boolean): boolean {
  const grants = useGrants(surely ? null : path);
  return surely || grants.isSuccess;
}

export const useShare = (path: string) =>
  useAct((items: Grant[]) => json('PUT', `${path}/grants`, { body: { items } }), `${path}/grants`);

/** `user:<id>` or `role:<name or id>`, as one text. */
export const keyOf = ({ grantee }: Pick<Grant, 'grantee'>) =>
  'user' in grantee ? `user:${grantee.user}` : `role:${grantee.role}`;

/** With whom a thing can be shared, by `keyOf`. */
export function useGranteeNames(workspaceId: string): ReadonlyMap<string, string> {
  const { t } = useTranslation();
  const roles = useGet<Roles>(`/workspaces/${workspaceId}/roles`).data;
  const members =
    useGet<Listing<Member>>(`/workspaces/${workspaceId}/members?limit=100`).data?.items ?? [];
  const everybody = (name: string) => t('sharingOf.everybody', { role: name });
  return new Map([
    ...(roles?.builtin ?? []).map(
      ({ role }) => [`role:${role}`, everybody(t(`role.${role}`))] as const,
    ),
    ...(roles?.items ?? []).map(({ id, name }) => [`role:${id}`, everybody(name)] as const),
    ...members.map(
      ({ user_id, full_name, username }) => [`user:${user_id}`, full_name ?? username] as const,
    ),
  ]);
}
