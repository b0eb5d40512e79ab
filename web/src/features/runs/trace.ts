import { useQuery } from '@tanstack/react-query';
import { networkError } from '@/lib/api/error';
import { keys } from '@/lib/api/keys';
import { openEvents } from './api';
import { readEvents } from './events';
import { applyEvent, isOver, type LiveRun, replayRun } from './reducer';
import type { Outcome } from './steps';

/** What a run's log tells of how its answer came about. */
export type Trace = Pick<LiveRun, 'phase' | 'steps' | 'parts'>;

/** Reads the log of a run that has ended. */
export async function fetchTrace(
  runId: string,
  conversationId: string,
  signal: AbortSignal,
): Promise<Trace> {
  const { body } = await openEvents(runId, 0, signal);
  if (!body) throw networkError();
  let run = replayRun(runId, conversationId);
  for await (const event of readEvents(body)) {
    run = applyEvent(run, event);
    if (isOver(run.phase)) return traceOf(run);
  }
  throw networkError();
}

/** A log that has ended never changes, but what it quotes may be taken away from its reader. */
const FRESH_MS = 60_000;

/** The trace of an answer, once it is `wanted`. */
export function useTrace(runId: string, conversationId: string, wanted: boolean) {
  return useQuery({
    queryKey: keys.trace(runId),
    queryFn: ({ signal }) => fetchTrace(runId, conversationId, signal),
    enabled: wanted,
    staleTime: FRESH_MS,
    retry: false,
  });
}

/** The trace of a run that was followed here to its last event; null of any other. */
export function wholeTrace(run: LiveRun): Trace | null {
  const followed = run.phase === 'completed' ? run.message !== null : run.phase !== 'rejected';
  return isOver(run.phase) && followed ? traceOf(run) : null;
}

const traceOf = ({ phase, steps, parts }: LiveRun): Trace => ({ phase, steps, parts });

/** How a run in that phase stands. */
export function outcomeOf(phase: LiveRun['phase']): Outcome {
  if (phase === 'completed' || phase === 'failed') return phase;
  return isOver(phase) ? 'stopped' : 'going';
}
