import type {
  Ask,
  Citation,
  FilePart,
  Message,
  Part,
  Run,
  RunEvent,
  RunFailure,
  Usage,
} from '@/lib/api/types';
import { addCall, foldStep, type Step } from './steps';

/** What the reader asked for; kept so that it can be tried again. `key` makes a repeat harmless. */
export type Attempt =
  | {
      kind: 'send';
      text: string;
      files: FilePart[];
      /** The message it follows; null at the start of a conversation. */
      parentId: string | null;
      model: string | null;
      key: string;
    }
  | {
      kind: 'edit';
      messageId: string;
      text: string;
      files: FilePart[];
      parentId: string | null;
      model: string | null;
      key: string;
    }
  | {
      kind: 'regenerate';
      messageId: string;
      userMessageId: string;
      model: string | null;
      key: string;
    };

/**
 * - `sending`: asked for, the server has not acknowledged it yet
 * - `streaming`, `reconnecting`: acknowledged; the run goes on at the server either way
 * - `waiting`: the run goes on once its questions are answered
 * - `completed`, `failed`, `cancelled`: the run has ended, the answer is stored
 * - `rejected`: the server never took it, or the run cannot be reached any more
 */
export type Phase =
  | 'sending'
  | 'streaming'
  | 'reconnecting'
  | 'waiting'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'rejected';

export interface Rejection extends RunFailure {
  /** The HTTP status; 0 when no answer came. */
  status: number;
  details: Readonly<Record<string, unknown>>;
  requestId: string | null;
  /** Milliseconds since 1970 before which a retry is pointless. */
  retryAt: number | null;
  /** Whether the run had been acknowledged (then its text is not lost, only unreachable). */
  acknowledged: boolean;
}

/** A run as this tab knows it: the fold of its events. */
export interface LiveRun {
  conversationId: string;
  attempt: Attempt | null;
  phase: Phase;
  runId: string | null;
  userMessageId: string | null;
  messageId: string | null;
  model: string | null;
  /** The number of the last event applied. */
  seq: number;
  parts: Part[];
  steps: readonly Step[];
  /** The questions that the run waits for; none unless it is `waiting`. */
  asks: readonly Ask[];
  usage: Usage | null;
  error: RunFailure | null;
  rejection: Rejection | null;
  /** The stored answer, once completed. */
  message: Message | null;
  requestId: string | null;
  /** When this tab began to wait, in milliseconds since 1970. */
  startedAt: number;
}

export const isOver = (phase: Phase) =>
  phase === 'completed' || phase === 'failed' || phase === 'cancelled' || phase === 'rejected';

const NOTHING_YET = {
  seq: 0,
  parts: [],
  steps: [],
  asks: [],
  usage: null,
  error: null,
  rejection: null,
  message: null,
  requestId: null,
};

export function beginRun(conversationId: string, attempt: Attempt, now: number): LiveRun {
  return {
    ...NOTHING_YET,
    conversationId,
    attempt,
    phase: 'sending',
    runId: null,
    userMessageId: attempt.kind === 'regenerate' ? attempt.userMessageId : null,
    messageId: null,
    model: attempt.model,
    startedAt: now,
  };
}

/** A run of which nothing is known but that its log is to be read from the start. */
export function replayRun(runId: string, conversationId: string): LiveRun {
  return {
    ...NOTHING_YET,
    conversationId,
    attempt: null,
    phase: 'streaming',
    runId,
    userMessageId: null,
    messageId: null,
    model: null,
    startedAt: 0,
  };
}

/** A run that is already going, met on loading the page: its log is replayed from the start. */
export function joinRun(run: Run): LiveRun {
  return {
    ...replayRun(run.id, run.conversation_id),
    userMessageId: run.user_message_id,
    messageId: run.message_id,
    model: run.model,
    startedAt: Date.parse(run.started_at ?? run.created_at),
  };
}

/** The run waits for these answers, as the server says. */
export function waitFor(run: LiveRun, asks: readonly Ask[]): LiveRun {
  return isOver(run.phase) ? run : { ...run, phase: 'waiting', asks };
}

/** A run that waited goes on, having its answers or being stopped. */
export function goOn(run: LiveRun, now: number): LiveRun {
  return run.phase === 'waiting' ? { ...run, phase: 'streaming', asks: [], startedAt: now } : run;
}

export function applyEvents(run: LiveRun, events: readonly RunEvent[]): LiveRun {
  return events.reduce(applyEvent, run);
}

/** Applies one event; one that was seen before, or belongs elsewhere, changes nothing. */
export function applyEvent(run: LiveRun, event: RunEvent): LiveRun {
  const foreign = run.runId !== null && run.runId !== event.run_id;
  if (foreign || event.seq <= run.seq || isOver(run.phase)) return run;
  const next: LiveRun = {
    ...run,
    runId: event.run_id,
    seq: event.seq,
    phase: 'streaming',
    steps: foldStep(run.steps, event),
    asks: [],
  };
  switch (event.type) {
    case 'run_started':
      next.userMessageId = event.user_message_id;
      next.messageId = event.message_id;
      next.model = event.model;
      return next;
    case 'delta':
      next.parts = appendText(run.parts, 'text', event.text);
      return next;
    case 'reasoning':
      next.parts = appendText(run.parts, 'reasoning', event.text);
      return next;
    case 'tool_call':
      next.parts = appendToolCall(run.parts, event);
      next.steps = addCall(run.steps, next.parts, event.id);
      return next;
    case 'tool_result': {
      const { id, output, is_error, gone } = event;
      const result = { type: 'tool_result' as const, id, output, is_error };
      next.parts = [...run.parts, gone ? { ...result, gone } : result];
      return next;
    }
    case 'citation':
      next.parts = appendCitation(run.parts, event.citation);
      return next;
    case 'cut_off':
      next.parts = [...run.parts, { type: 'cut_off', reason: event.reason }];
      return next;
    case 'usage':
      next.usage = event.usage;
      return next;
    case 'reset':
      next.parts = [];
      return next;
    case 'run_completed':
      next.phase = 'completed';
      next.message = event.message;
      next.parts = event.message.parts;
      next.usage = event.message.usage ?? run.usage;
      return next;
    case 'run_failed':
      next.phase = 'failed';
      next.error = { code: event.code, message: event.message };
      return next;
    case 'run_cancelled':
      next.phase = 'cancelled';
      return next;
    default:
      // A step or a question, which `foldStep` has read, or a newer server's kind: seen, not shown.
      return next;
  }
}

function appendText(parts: Part[], type: 'text' | 'reasoning', text: string): Part[] {
  const last = parts.at(-1);
  if (last?.type === type) return [...parts.slice(0, -1), { ...last, text: last.text + text }];
  return [...parts, { type, text }];
}

/** A piece continues the call of its id until that has a result: some hosts use their ids again. */
function appendToolCall(
  parts: Part[],
  piece: { id: string; name: string; arguments: string },
): Part[] {
  const at = parts.findLastIndex(
    (part) => (part.type === 'tool_call' || part.type === 'tool_result') && part.id === piece.id,
  );
  const call = parts[at];
  if (call?.type !== 'tool_call') {
    const { id, name } = piece;
    return [...parts, { type: 'tool_call', id, name, arguments: piece.arguments }];
  }
  const whole = {
    ...call,
    name: call.name || piece.name,
    arguments: call.arguments + piece.arguments,
  };
  return parts.with(at, whole);
}

function appendCitation(parts: Part[], citation: Citation): Part[] {
  const known = parts.some((part) => part.type === 'citation' && part.index === citation.index);
  return known ? parts : [...parts, { type: 'citation', ...citation }];
}
