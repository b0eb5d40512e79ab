import { type QueryClient, useQueries, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useShallow } from 'zustand/react/shallow';
import { fetchRun } from '@/features/runs/api';
import { isOver, type LiveRun } from '@/features/runs/reducer';
import {
  clearRun,
  isDetached,
  liveRun,
  meetDetached,
  onRunEnd,
  useRuns,
} from '@/features/runs/store';
import { wholeTrace } from '@/features/runs/trace';
import { announce } from '@/lib/announce';
import { keys } from '@/lib/api/keys';
import { holdsMessage, noteTurn } from './run-turn';

const POLL_MS = 4000;
/** A run that waits for its reader may be answered in another tab. */
const POLL_WAITING_MS = 15_000;

type Going = 'running' | 'asking';

/** The conversations whose answer is being written or waits for its reader, as this tab knows. */
export function useRunning(): ReadonlyMap<string, Going> {
  // As one text, so that the list is drawn again when runs come and go, not with every word.
  const ids = useRuns(({ live }) =>
    Object.values(live)
      .filter((run) => !isOver(run.phase))
      .map((run) => `${run.conversationId} ${run.phase === 'waiting' ? 'asking' : 'running'}`)
      .join('\n'),
  );
  return useMemo(
    () => new Map(ids.split('\n').map((line) => line.split(' ') as [string, Going])),
    [ids],
  );
}

/** When a run ends: says so, fetches what was stored, and lets the live copy go. */
export function useRunEnds() {
  const client = useQueryClient();
  const { t } = useTranslation();
  useDetachedRuns();
  useEffect(
    () =>
      onRunEnd((run) => {
        announce(t(`announce.${run.phase}`));
        const trace = wholeTrace(run);
        if (trace && run.runId !== null) client.setQueryData(keys.trace(run.runId), trace);
        void client.invalidateQueries({ queryKey: keys.conversations });
        if (run.phase === 'rejected' && !run.rejection?.acknowledged) {
          // Another tab's run may be the cause; the fresh record shows it.
          void client.invalidateQueries({ queryKey: keys.transcript(run.conversationId) });
          return;
        }
        noteTurn(client, run);
        const queryKey = keys.transcript(run.conversationId);
        void client.invalidateQueries({ queryKey, refetchType: 'all' }).then(() => {
          const same = liveRun(run.conversationId)?.runId === run.runId;
          if (same && run.phase !== 'rejected' && isKept(client, run)) clearRun(run.conversationId);
        });
      }),
    [client, t],
  );
}

/** Whether the conversation can be shown without the live copy of the run. */
function isKept(client: QueryClient, { conversationId, messageId }: LiveRun): boolean {
  if (messageId !== null) return holdsMessage(client, conversationId, messageId);
  return client.getQueryState(keys.transcript(conversationId))?.status === 'success';
}

/** Asks now and then after runs whose stream was let go, so that their mark in the list ends too. */
function useDetachedRuns() {
  const detached = useRuns(
    useShallow(({ live }) =>
      Object.values(live)
        .filter(isDetached)
        .map((run) => `${run.runId} ${run.phase}`),
    ),
  );
  useQueries({
    queries: detached.map((ids) => {
      const [runId = '', phase] = ids.split(' ');
      return {
        queryKey: keys.run(runId),
        queryFn: async ({ signal }: { signal: AbortSignal }) => {
          const record = await fetchRun(runId, signal);
          meetDetached(record);
          return record;
        },
        refetchInterval: phase === 'waiting' ? POLL_WAITING_MS : POLL_MS,
        retry: false,
      };
    }),
  });
}
