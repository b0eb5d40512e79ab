import { json } from '@/lib/api/client';
import { useSharedToEdit } from '@/lib/api/grants';
import { useAct, useGet, usePages } from '@/lib/api/hooks';
import type {
  Chatbot,
  ChatbotSettings,
  ChatbotVersion,
  Me,
  PromptPage,
  ToolInfo,
} from '@/lib/api/identity-types';
import { may } from '@/lib/api/me';

const CHATBOTS = '/chatbots';
export const chatbotPath = (id: string) => `${CHATBOTS}/${id}`;

export const useChatbots = () => usePages<Chatbot>(CHATBOTS);
export const useChatbot = (id: string) => useGet<Chatbot>(`${CHATBOTS}/${id}`);
export const useVersions = (id: string) => usePages<ChatbotVersion>(`${CHATBOTS}/${id}/versions`);

export const useCreateChatbot = () =>
  useAct((name: string) => json<Chatbot>('POST', CHATBOTS, { body: { name } }), CHATBOTS);

/** Whether one may change a chatbot's settings: by permission, or because it is shared so. */
export const useMayEdit = (me: Me, chatbot: Chatbot): boolean =>
  useSharedToEdit(chatbotPath(chatbot.id), may(me, 'chatbots:write'));

export interface ChatbotChanges {
  name?: string;
  description?: string | null;
  visibility?: Chatbot['visibility'];
  is_default?: boolean;
  settings?: ChatbotSettings;
  note?: string;
  /** The version that was changed from; when there is a newer one, nothing is saved. */
  expected_version?: number;
}

export const useSaveChatbot = (id: string) =>
  useAct((body: ChatbotChanges) => json<Chatbot>('PATCH', `${CHATBOTS}/${id}`, { body }), CHATBOTS);

export const useDeleteChatbot = () =>
  useAct((id: string) => json('DELETE', `${CHATBOTS}/${id}`), CHATBOTS);

export const useRollBack = (id: string) =>
  useAct(
    (version: number) => json<Chatbot>('POST', `${CHATBOTS}/${id}/rollback`, { body: { version } }),
    CHATBOTS,
  );

export const useTools = () => useGet<{ items: ToolInfo[] }>('/tools');
export const useGraphs = () => useGet<{ items: string[] }>('/graphs');
export const usePromptNames = () => useGet<PromptPage>('/prompts?limit=100');
