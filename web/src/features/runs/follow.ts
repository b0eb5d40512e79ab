import { ApiError, networkError } from '@/lib/api/error';
import type { RunEvent } from '@/lib/api/types';
import { readEvents } from './events';

export interface FollowOptions {
  /** The first connection: the request that starts the run, or one that joins it. */
  first: (signal: AbortSignal) => Promise<Response>;
  /** Asks again for the events after `seq`. */
  resume: (runId: string, seq: number, signal: AbortSignal) => Promise<Response>;
  onOpen: (response: Response) => void;
  onEvent: (event: RunEvent) => void;
  onDropped: () => void;
  /** Asked when a stream ends before the run does: whether the run waits for answers. */
  isWaiting: (runId: string, signal: AbortSignal) => Promise<boolean>;
  /** Waits; may return early when the network comes back. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  signal: AbortSignal;
  /** For a run that is already known: where its log was left. */
  known?: { runId: string; seq: number };
}

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 15_000;

const isTerminal = (event: RunEvent) =>
  event.type === 'run_completed' || event.type === 'run_failed' || event.type === 'run_cancelled';

/**
 * Reads a run to its end, over as many connections as it takes. Returns after the terminal event,
 * when the run waits for answers, or when aborted. Throws an ApiError when the server refuses, or when the line breaks before
 * the run is known (then nobody can say whether it was taken).
 */
export async function follow(options: FollowOptions): Promise<void> {
  let runId = options.known?.runId ?? null;
  let seq = options.known?.seq ?? 0;
  let failures = 0;
  let open = options.first;
  while (!options.signal.aborted) {
    let wait: number | null = null;
    try {
      const response = await open(options.signal);
      if (!response.body) throw networkError();
      options.onOpen(response);
      for await (const event of readEvents(response.body)) {
        if (options.signal.aborted) return;
        failures = 0;
        runId = event.run_id;
        seq = Math.max(seq, event.seq);
        options.onEvent(event);
        if (isTerminal(event)) return;
      }
      if (runId !== null && (await options.isWaiting(runId, options.signal))) return;
      if (options.signal.aborted) return;
    } catch (cause) {
      if (options.signal.aborted) return;
      if (cause instanceof ApiError && isFinal(cause)) throw cause;
      if (cause instanceof ApiError && runId === null) throw cause;
      if (cause instanceof ApiError && cause.retryAfter) wait = cause.retryAfter * 1000;
    }
    if (runId === null) throw networkError();
    const known = runId;
    options.onDropped();
    await options.sleep(wait ?? backoff(failures), options.signal);
    failures += 1;
    open = (signal) => options.resume(known, seq, signal);
  }
}

/** A refusal that asking again will not change. */
function isFinal(error: ApiError): boolean {
  return error.status >= 400 && error.status < 500 && error.status !== 408 && error.status !== 429;
}

function backoff(failures: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures, 10), LONGEST_WAIT_MS);
}
