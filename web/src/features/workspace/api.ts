import { json, query } from '@/lib/api/client';
import { useAct, useGet, usePages } from '@/lib/api/hooks';
import type {
  ApiKey,
  AuditEntry,
  BudgetState,
  BudgetTerms,
  Chatbot,
  CustomRole,
  Invitation,
  Listing,
  MadeInvitation,
  Member,
  Membership,
  Permission,
  Roles,
  SignedIn,
  UsageKind,
  UsageReport,
  Workspace,
} from '@/lib/api/identity-types';
import { ME } from '@/lib/api/me';
import { becomeUser } from '@/lib/identity';

const at = (id: string, part = '') => `/workspaces/${id}${part}`;

export const useRename = (id: string) =>
  useAct((name: string) => json<Workspace>('PATCH', at(id), { body: { name } }), ME, '/workspaces');

export const useDeleteWorkspace = (id: string) =>
  useAct(() => fromElsewhere(id, () => json('DELETE', at(id))));

export const useLeave = (id: string, userId: string) =>
  useAct(() => fromElsewhere(id, () => json('DELETE', at(id, `/members/${userId}`))));

/**
 * Ends one's being in a workspace from within another one, where there is one: a sign-in does not
 * outlive its workspace.
 */
async function fromElsewhere(id: string, end: () => Promise<unknown>): Promise<void> {
  const { items } = await json<Listing<Membership>>('GET', '/workspaces');
  const other = items.find(({ workspace }) => workspace.id !== id && workspace.status === 'active');
  if (!other) {
    await end();
    return;
  }
  const go = (to: string) => json<SignedIn>('POST', '/auth/switch', { body: { workspace_id: to } });
  const { user } = await go(other.workspace.id);
  try {
    await end();
  } catch (refused) {
    await go(id);
    throw refused;
  }
  becomeUser(user.id, user.workspace.id);
}

export const useMembers = (id: string) => usePages<Member>(at(id, '/members'));

export const useSetRole = (id: string) =>
  useAct(
    ({ userId, role }: { userId: string; role: string }) =>
      json('PATCH', at(id, `/members/${userId}`), { body: { role } }),
    at(id, '/members'),
    ME,
  );

export const useRemoveMember = (id: string) =>
  useAct((userId: string) => json('DELETE', at(id, `/members/${userId}`)), at(id, '/members'));

export const useRoles = (id: string) => useGet<Roles>(at(id, '/roles'));

export interface RoleTerms {
  name: string;
  permissions: Permission[];
}

/** Makes a role, or changes the one of this id. */
export const useSaveRole = (id: string, roleId: string | null) =>
  useAct(
    (body: RoleTerms) =>
      roleId === null
        ? json<CustomRole>('POST', at(id, '/roles'), { body })
        : json<CustomRole>('PATCH', at(id, `/roles/${roleId}`), { body }),
    at(id, '/roles'),
    at(id, '/members'),
  );

export const useDeleteRole = (id: string) =>
  useAct((roleId: string) => json('DELETE', at(id, `/roles/${roleId}`)), at(id, '/roles'));

export const useInvitations = (id: string) => usePages<Invitation>(at(id, '/invitations'));

export const useInvite = (id: string) =>
  useAct(
    (body: { email: string; role: string; expires_in_days: number }) =>
      json<MadeInvitation>('POST', at(id, '/invitations'), { body }),
    at(id, '/invitations'),
  );

export const useRevokeInvitation = (id: string) =>
  useAct(
    (invitationId: string) => json('DELETE', at(id, `/invitations/${invitationId}`)),
    at(id, '/invitations'),
  );

export const useBudgets = (id: string) => useGet<Listing<BudgetState>>(at(id, '/budgets'));

export const useSetBudget = (id: string) =>
  useAct((body: BudgetTerms) => json('POST', at(id, '/budgets'), { body }), at(id, '/budgets'));

export const useDeleteBudget = (id: string) =>
  useAct((budgetId: string) => json('DELETE', at(id, `/budgets/${budgetId}`)), at(id, '/budgets'));

export const useChatbots = () => useGet<Listing<Chatbot>>('/chatbots?limit=100');
export const useApiKeys = (id: string) => useGet<Listing<ApiKey>>(at(id, '/api-keys?limit=100'));

export interface Span {
  /** `YYYY-MM-DD`. */
  from: string;
  to: string;
}

export const useUsage = (id: string, span: Span, by: UsageKind) =>
  useGet<UsageReport>(at(id, `/usage${query({ ...span, by })}`), { keep: true });

export interface AuditFilter {
  actor_user_id: string;
  action: string;
  from: string;
  to: string;
}

/** The log of a workspace, or of the installation where there is none. */
export const auditPath = (id: string | null, filter: AuditFilter, part = '') =>
  `${id === null ? '' : at(id)}/audit${part}${query({ ...filter })}`;

export const useAudit = (id: string | null, filter: AuditFilter) =>
  usePages<AuditEntry>(auditPath(id, filter));
