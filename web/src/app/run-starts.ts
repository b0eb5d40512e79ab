import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { draftArrived } from '@/features/composer/drafts';
import { useRuns } from '@/features/runs/store';
import type { TranscriptData } from '@/features/transcript/api';
import { keys } from '@/lib/api/keys';

/**
 * When the server has taken a message of this tab: it is no draft any more. Fetches the list anew,
 * and the conversation where it had no title, for the server has named it after that message.
 */
export function useRunStarts() {
  const client = useQueryClient();
  useEffect(
    () =>
      useRuns.subscribe(({ live }, before) => {
        for (const { conversationId, runId, attempt } of Object.values(live)) {
          const known = before.live[conversationId]?.runId === runId;
          if (known || runId === null || attempt === null) continue;
          if (attempt.kind === 'send') draftArrived(conversationId, attempt.text);
          void client.invalidateQueries({ queryKey: keys.conversations });
          const queryKey = keys.transcript(conversationId);
          const shown = client.getQueryData<TranscriptData>(queryKey)?.pages[0]?.conversation;
          if (shown && !shown.title) void client.invalidateQueries({ queryKey });
        }
      }),
    [client],
  );
}
