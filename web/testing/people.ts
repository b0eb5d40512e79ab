import type { AuthStatus, Me, Member, Permission, Roles } from '@/lib/api/identity-types';

const MEMBER: Permission[] = [
  'chat:read',
  'chat:write',
  'chatbots:read',
  'members:read',
  'keys:write',
];
export const OWNER: Permission[] = [
  ...MEMBER,
  'chatbots:write',
  'prompts:read',
  'prompts:write',
  'members:write',
  'roles:write',
  'keys:manage',
  'budgets:read',
  'budgets:write',
  'usage:read',
  'audit:read',
  'workspace:write',
  'workspace:delete',
];

export const STATUS: AuthStatus = {
  needs_setup: false,
  registration: 'open',
  anonymous: true,
  oidc: [],
  mail: true,
  min_password_length: 12,
};

export function me(part: Partial<Me> = {}): Me {
  return {
    id: 'u-1',
    email: 'ana@harbour.example',
    username: 'ana',
    full_name: 'Ana Duarte',
    status: 'active',
    is_active: true,
    is_owner: false,
    has_second_factor: false,
    has_password: true,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    last_sign_in_at: null,
    workspace: { id: 'w-1', name: 'Harbour office' },
    role: 'owner',
    role_name: 'owner',
    permissions: OWNER,
    ...part,
  };
}

export function member(part: Partial<Member> = {}): Member {
  return {
    user_id: 'u-2',
    email: 'bruno@harbour.example',
    username: 'bruno',
    full_name: 'Bruno Keller',
    role: 'member',
    role_name: 'member',
    permissions: MEMBER,
    created_at: '2026-02-01T00:00:00Z',
    ...part,
  };
}

export const ROLES: Roles = {
  builtin: [
    { role: 'viewer', permissions: ['chat:read'] },
    { role: 'member', permissions: MEMBER },
    { role: 'owner', permissions: OWNER },
  ],
  items: [
    {
      id: 'r-1',
      name: 'Editor',
      permissions: ['chat:read', 'prompts:write'],
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
    },
  ],
  permissions: ([...OWNER, 'users:write'] as Permission[]).map((name) => ({
    name,
    meaning: `Do ${name}.`,
  })),
};
