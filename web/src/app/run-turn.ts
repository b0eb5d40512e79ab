import type { QueryClient } from '@tanstack/react-query';
import { shownTurns } from '@/features/runs/merge';
import type { LiveRun } from '@/features/runs/reducer';
import type { TranscriptData } from '@/features/transcript/api';
import { keys } from '@/lib/api/keys';

/**
 * Notes the turn of a message whose answer has ended as stored. The transcript is read anew then,
 * but that may take long, be cancelled by something else that is read, or fail; and what the
 * reader sends meanwhile takes the run's place.
 */
export function noteTurn(client: QueryClient, run: LiveRun) {
  if (run.attempt?.kind !== 'send' || run.messageId === null || run.phase === 'rejected') return;
  client.setQueryData<TranscriptData>(keys.transcript(run.conversationId), (data) => {
    const [newest, ...older] = data?.pages ?? [];
    if (!data || !newest) return data;
    const messages = shownTurns(newest.messages, run).map(({ message }) => message);
    return { ...data, pages: [{ ...newest, activeRun: null, messages }, ...older] };
  });
}

/** Whether the transcript as it is known has the message. */
export function holdsMessage(client: QueryClient, conversationId: string, id: string): boolean {
  const data = client.getQueryData<TranscriptData>(keys.transcript(conversationId));
  return data?.pages.some(({ messages }) => messages.some((it) => it.id === id)) ?? false;
}
