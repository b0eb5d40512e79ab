import { json } from '@/lib/api/client';
import { useAct, useGet, usePages } from '@/lib/api/hooks';
import type {
  ApiKey,
  Chatbot,
  Listing,
  MadeApiKey,
  Permission,
  Roles,
} from '@/lib/api/identity-types';

export const keysPath = (workspaceId: string) => `/workspaces/${workspaceId}/api-keys`;

export const useApiKeys = (workspaceId: string) => usePages<ApiKey>(keysPath(workspaceId));

export interface NewKey {
  name: string;
  permissions: Permission[];
  chatbot_ids?: string[];
  expires_at?: string;
}

export const useCreateKey = (workspaceId: string) =>
  useAct(
    (body: NewKey) => json<MadeApiKey>('POST', keysPath(workspaceId), { body }),
    keysPath(workspaceId),
  );

export const useRevokeKey = (workspaceId: string) =>
  useAct((id: string) => json('DELETE', `${keysPath(workspaceId)}/${id}`), keysPath(workspaceId));

/** What there is to allow, with its meaning. */
export const usePermissions = (workspaceId: string) =>
  useGet<Roles>(`/workspaces/${workspaceId}/roles`);

export const useChatbotNames = () => useGet<Listing<Chatbot>>('/chatbots?limit=100');
