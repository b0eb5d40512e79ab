import type { TFunction } from 'i18next';
import type { Permission, Roles } from '@/lib/api/identity-types';
import { covers } from '@/lib/api/me';

export interface RoleOption {
  value: string;
  label: string;
}

/** A ready role's name in words. */
export const roleName = (t: TFunction, role: string) => t(`role.${role}`, { defaultValue: role });

/** The roles that somebody with these permissions may hand out, the strongest last. */
export function roleOptions(
  t: TFunction,
  roles: Roles | undefined,
  held: readonly Permission[],
): RoleOption[] {
  if (!roles) return [];
  const ready = roles.builtin.map(({ role, permissions }) => ({
    value: role,
    label: roleName(t, role),
    permissions,
  }));
  const own = roles.items.map(({ id, name, permissions }) => ({
    value: id,
    label: name,
    permissions,
  }));
  return [...ready, ...own].filter(({ permissions }) => covers(held, permissions));
}
