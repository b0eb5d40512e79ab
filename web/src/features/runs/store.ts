import { create } from 'zustand';
import { toApiError } from '@/lib/api/error';
import type { Run, RunEvent } from '@/lib/api/types';
import { answerRun, cancelRun, fetchRun, openEvents, openRun } from './api';
import { follow } from './follow';
import { FrameQueue } from './frame-queue';
import {
  type Attempt,
  applyEvents,
  beginRun,
  goOn,
  isOver,
  joinRun,
  type LiveRun,
  type Phase,
  waitFor,
} from './reducer';

interface Runs {
  /** By conversation: the run this tab started or met there, until its answer is stored. */
  live: Record<string, LiveRun>;
}

export const useRuns = create<Runs>(() => ({ live: {} }));

/** The one event stream this tab holds open. */
let stream: { conversationId: string; abort: AbortController } | null = null;

type EndListener = (run: LiveRun) => void;
const endListeners = new Set<EndListener>();

/** Tells when a run has ended in this tab, however; returns the way to stop listening. */
export function onRunEnd(listener: EndListener): () => void {
  endListeners.add(listener);
  return () => endListeners.delete(listener);
}

export const liveRun = (conversationId: string): LiveRun | null =>
  useRuns.getState().live[conversationId] ?? null;

/** Whether a run of this tab goes on without a stream: its reader went to another conversation. */
export const isDetached = (run: LiveRun): boolean =>
  !isOver(run.phase) && run.runId !== null && stream?.conversationId !== run.conversationId;

function put(run: LiveRun) {
  useRuns.setState(({ live }) => ({ live: { ...live, [run.conversationId]: run } }));
}

function update(conversationId: string, change: (run: LiveRun) => LiveRun) {
  const run = liveRun(conversationId);
  if (run) put(change(run));
}

/** Forgets a conversation's run: its answer is stored, or its error was dismissed. */
export function clearRun(conversationId: string) {
  useRuns.setState(({ live }) => {
    const { [conversationId]: _, ...rest } = live;
    return { live: rest };
  });
}

export function startRun(conversationId: string, attempt: Attempt) {
  put(beginRun(conversationId, attempt, Date.now()));
  void hold(conversationId, (signal) => openRun(conversationId, attempt, signal));
}

/** Follows a run that was found going. */
export function attachRun(run: Run) {
  const known = liveRun(run.conversation_id);
  if (stream?.conversationId === run.conversation_id) return;
  if (known?.runId !== run.id) put(joinRun(run));
  resumeRun(run.conversation_id);
}

/** Takes up again a run that was left for another conversation. */
export function resumeRun(conversationId: string) {
  const run = liveRun(conversationId);
  if (!run?.runId || isOver(run.phase) || stream?.conversationId === conversationId) return;
  const known = { runId: run.runId, seq: run.seq };
  void hold(conversationId, (signal) => openEvents(known.runId, known.seq, signal), known);
}

/** Lets go of a conversation's stream; the run goes on at the server. */
export function leaveRun(conversationId: string) {
  // Before the server has acknowledged it, hanging up could lose the message: keep the line.
  if (stream?.conversationId === conversationId && liveRun(conversationId)?.runId) {
    stream.abort.abort();
    endStream();
  }
}

/** Who has a stream shows in no run, but is looked at where runs are. */
function endStream() {
  stream = null;
  useRuns.setState(({ live }) => ({ live: { ...live } }));
}

/** Asks the server to stop; the end comes through the stream like any other. */
export async function stopRun(conversationId: string): Promise<void> {
  const run = liveRun(conversationId);
  if (!run?.runId || isOver(run.phase)) return;
  await cancelRun(run.runId);
  // A run that waited has no stream; its log tells the end.
  update(conversationId, (now) => goOn(now, Date.now()));
}

/**
 * Answers one of the questions a run waits for. Where others are open it goes on waiting for them.
 * A refusal is thrown, and what is then asked is read again: it may have been answered elsewhere.
 */
export async function answerAsk(conversationId: string, askId: string, answer: unknown) {
  const run = liveRun(conversationId);
  if (!run?.runId) return;
  try {
    takeRecord(await answerRun(run.runId, askId, answer), askId);
  } catch (cause) {
    const error = toApiError(cause);
    if (error.status >= 400 && error.status < 500) {
      await fetchRun(run.runId, new AbortController().signal)
        .then((record) => takeRecord(record))
        .catch(() => undefined);
    }
    throw error;
  }
}

/** Takes what the server says of a run that waits here: for what, or that it has gone on. */
function takeRecord(record: Run, answered?: string) {
  update(record.conversation_id, (run) => {
    if (run.runId !== record.id) return run;
    if (record.status !== 'interrupted') return goOn(run, Date.now());
    return waitFor(run, record.asks ?? run.asks.filter(({ id }) => id !== answered));
  });
}

async function hold(
  conversationId: string,
  first: (signal: AbortSignal) => Promise<Response>,
  known?: { runId: string; seq: number },
) {
  if (stream && stream.conversationId !== conversationId) leaveRun(stream.conversationId);
  const mine = { conversationId, abort: new AbortController() };
  stream = mine;
  const queue = new FrameQueue<RunEvent>((events) =>
    update(conversationId, (run) => applyEvents(run, events)),
  );
  const setPhase = (phase: Phase) => update(conversationId, (run) => ({ ...run, phase }));
  try {
    await follow({
      first,
      resume: openEvents,
      signal: mine.abort.signal,
      sleep: sleepUntilOnline,
      onOpen: (response) => {
        const requestId = response.headers.get('x-request-id');
        update(conversationId, (run) => ({
          ...run,
          requestId: requestId ?? run.requestId,
          phase: run.phase === 'reconnecting' ? 'streaming' : run.phase,
        }));
      },
      onEvent: (event) => {
        queue.push(event);
        // The reader left before the run was known; now that it is, the line may go.
        if (stream !== mine) mine.abort.abort();
      },
      onDropped: () => {
        queue.flush();
        setPhase('reconnecting');
      },
      isWaiting: async (runId, signal) => {
        const record = await fetchRun(runId, signal);
        if (record.status !== 'interrupted') return false;
        queue.flush();
        takeRecord(record);
        return true;
      },
      ...(known && { known }),
    });
    queue.flush();
  } catch (cause) {
    queue.flush();
    update(conversationId, (run) => reject(run, cause));
  }
  if (stream === mine) endStream();
  const run = liveRun(conversationId);
  if (run && isOver(run.phase)) for (const listener of endListeners) listener(run);
}

function reject(run: LiveRun, cause: unknown): LiveRun {
  const error = toApiError(cause);
  const { code, message, status, details, requestId, retryAfter } = error;
  // A budget may be whole again in weeks; another chatbot or a raised budget may help before.
  const waits = retryAfter !== null && code !== 'BUDGET_EXCEEDED';
  return {
    ...run,
    phase: 'rejected',
    rejection: {
      code,
      message,
      status,
      details,
      requestId,
      retryAt: waits ? Date.now() + retryAfter * 1000 : null,
      acknowledged: run.runId !== null,
    },
  };
}

/** Takes the record of a run that has no stream here: how it stands, or that it has ended. */
export function meetDetached(record: Run) {
  const run = liveRun(record.conversation_id);
  if (run?.runId !== record.id || !isDetached(run)) return;
  if (!record.finished_at) return takeRecord(record);
  clearRun(record.conversation_id);
  for (const listener of endListeners) listener({ ...run, phase: 'completed' });
}

function sleepUntilOnline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    // Spread, so that many tabs do not come back at the same moment.
    const timer = setTimeout(done, ms * (0.75 + Math.random() / 2));
    window.addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}
