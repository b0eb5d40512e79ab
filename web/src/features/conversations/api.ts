import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { API, json, query } from '@/lib/api/client';
import { keys } from '@/lib/api/keys';
import type {
  Conversation,
  ConversationChanges,
  ConversationListing,
  SharedConversation,
  ShareLink,
} from '@/lib/api/types';

export type ListStatus = 'active' | 'archived';

const PAGE = 50;

export function useConversationList(status: ListStatus, q: string) {
  return useInfiniteQuery({
    queryKey: keys.conversationList(status, q),
    queryFn: ({ pageParam, signal }) =>
      json<ConversationListing>(
        'GET',
        `/conversations${query({ limit: PAGE, cursor: pageParam, status, q })}`,
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData,
    staleTime: 15_000,
  });
}

/**
 * A new conversation with a chatbot (null: the default one), without a title: the server names it
 * after its first message.
 */
export function createConversation(key: string, chatbotId: string | null): Promise<Conversation> {
  const body = chatbotId === null ? {} : { chatbot_id: chatbotId };
  return json('POST', '/conversations', { body, headers: { 'idempotency-key': key } });
}

export const deleteConversation = (id: string): Promise<void> =>
  json('DELETE', `/conversations/${id}`);

export function usePatchConversation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, changes }: { id: string; changes: ConversationChanges }) =>
      json<Conversation>('PATCH', `/conversations/${id}`, { body: changes }),
    onSuccess: (_, { id }) =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.conversations }),
        client.invalidateQueries({ queryKey: keys.transcript(id) }),
      ]),
  });
}

export function useDeleteConversation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: deleteConversation,
    onSuccess: (_, id) => {
      client.removeQueries({ queryKey: keys.transcript(id) });
      return client.invalidateQueries({ queryKey: keys.conversations });
    },
  });
}

/** Makes a link to what the conversation shows now. */
export function useShareConversation() {
  return useMutation({
    mutationFn: (id: string) => json<ShareLink>('POST', `/conversations/${id}/share`),
  });
}

/** Revokes every link to the conversation. */
export function useStopSharing() {
  return useMutation({
    mutationFn: (id: string) => json<void>('DELETE', `/conversations/${id}/share`),
  });
}

/** What a share link shows; the link is all that is needed. */
export function useSharedConversation(token: string) {
  return useQuery({
    queryKey: keys.shared(token),
    queryFn: ({ signal }) =>
      json<SharedConversation>('GET', `/shared/${encodeURIComponent(token)}`, {
        signal,
        anonymous: true,
      }),
  });
}

export const exportUrl = (id: string, format: 'json' | 'markdown') =>
  `${API}/conversations/${id}/export${query({ format })}`;
