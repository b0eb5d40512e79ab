import {
  type InfiniteData,
  infiniteQueryOptions,
  type QueryClient,
  useInfiniteQuery,
} from '@tanstack/react-query';
import { json, query } from '@/lib/api/client';
import { keys } from '@/lib/api/keys';
import type {
  Conversation,
  ConversationDetail,
  MessageListing,
  MessageView,
  Run,
} from '@/lib/api/types';

interface TranscriptPage {
  /** Only on the first page. */
  conversation: Conversation | null;
  activeRun: Run | null;
  /** Oldest first. */
  messages: MessageView[];
  /** Asks for the page of older messages. */
  older: string | null;
}

export type TranscriptData = InfiniteData<TranscriptPage, string | null>;

const PAGE = 50;

async function fetchNewest(id: string, signal: AbortSignal): Promise<TranscriptPage> {
  const detail = await json<ConversationDetail>('GET', `/conversations/${id}`, { signal });
  const { active_run, messages, messages_cursor, ...conversation } = detail;
  return { conversation, activeRun: active_run ?? null, messages, older: messages_cursor ?? null };
}

async function fetchOlder(
  id: string,
  cursor: string,
  signal: AbortSignal,
): Promise<TranscriptPage> {
  const page = await json<MessageListing>(
    'GET',
    `/conversations/${id}/messages${query({ limit: PAGE, cursor })}`,
    { signal },
  );
  return {
    conversation: null,
    activeRun: null,
    messages: page.items,
    older: page.next_cursor ?? null,
  };
}

/** A conversation with its messages, the newest page first; older ones on demand. */
function transcriptOptions(id: string) {
  return infiniteQueryOptions({
    queryKey: keys.transcript(id),
    queryFn: ({ pageParam, signal }) =>
      pageParam === null ? fetchNewest(id, signal) : fetchOlder(id, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last: TranscriptPage) => last.older,
  });
}

/** The transcript of a conversation; nothing while there is none. */
export function useTranscript(id: string | null) {
  return useInfiniteQuery({
    ...transcriptOptions(id ?? ''),
    enabled: id !== null,
    select: (data) => ({
      conversation: data.pages[0]?.conversation ?? null,
      activeRun: data.pages[0]?.activeRun ?? null,
      messages: data.pages.toReversed().flatMap((page) => page.messages),
    }),
  });
}

/**
 * Notes a conversation that was just created, without asking for it. Its first answer may be there
 * before any part of the page shows the transcript, which is then read anew: so it is noted with
 * how that is done, not as bare data.
 */
export async function beginTranscript(client: QueryClient, conversation: Conversation) {
  const options = transcriptOptions(conversation.id);
  const begun: TranscriptData = {
    pages: [{ conversation, activeRun: null, messages: [], older: null }],
    pageParams: [null],
  };
  await client.infiniteQuery({ ...options, initialData: begun, staleTime: 'static' });
  // What is only initial counts as never fetched, and would not be read anew.
  client.setQueryData(options.queryKey, begun);
}
