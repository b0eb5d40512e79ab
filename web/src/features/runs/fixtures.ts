import type { Ask, Message, MessageView, Run, RunEvent, RunEventKind } from '@/lib/api/types';

/** Test data: run events and messages with the fields that matter, the rest filled in. */

const START = Date.parse('2026-01-01T00:00:00.000Z');

/** An event, `seq` tenths of a second after the start. */
export function event(seq: number, kind: RunEventKind, runId = 'run'): RunEvent {
  const at = new Date(START + seq * 100).toISOString();
  return { run_id: runId, seq, epoch: 1, at, ...kind };
}

export const stepStarted = (seq: number, step: number, node: string): RunEvent =>
  event(seq, { type: 'step_started', step, node });

export const stepFinished = (seq: number, step: number, node: string): RunEvent =>
  event(seq, { type: 'step_finished', step, node });

/** The question whether the tool `rename` may be used for a call; the n-th call is `call_n`. */
export function ask(callId: string, given: unknown = { title: 'New name' }): Ask {
  const path = `call_tool[${Number(callId.slice(5)) - 1}]`;
  const key = `approve:${callId}`;
  const question = { kind: 'approve_tool', tool: 'rename', call_id: callId, arguments: given };
  return { id: `0:${path}#${key}`, path, key, question };
}

/** The record of the run that `event` tells of. */
export function record(status: Run['status'], asks: Ask[] = []): Run {
  return {
    id: 'run',
    conversation_id: 'c',
    user_message_id: 'u',
    message_id: 'a',
    status,
    asks,
    model: 'p/m',
    epoch: 1,
    last_seq: 0,
    cancel_requested: false,
    usage: { input: 0, output: 0, cached: 0, cost: 0 },
    created_at: new Date(START).toISOString(),
  };
}

export const started = (seq = 1): RunEvent =>
  event(seq, {
    type: 'run_started',
    conversation_id: 'c',
    user_message_id: 'u',
    message_id: 'a',
    model: 'p/m',
  });

export const delta = (seq: number, text: string): RunEvent => event(seq, { type: 'delta', text });

export function message(
  id: string,
  parent: string | null,
  role: 'user' | 'assistant',
): MessageView {
  const stored: Message = {
    id,
    conversation_id: 'c',
    parent_id: parent,
    run_id: null,
    role,
    status: 'completed',
    parts: [{ type: 'text', text: id }],
    model: null,
    usage: null,
    error: null,
    created_at: '2026-01-01T00:00:00.000Z',
  };
  return { ...stored, siblings: [id], feedback: null };
}

/** A body that streams the events as the server frames them, `size` bytes at a time. */
export function sseResponse(events: RunEvent[], { size = 7, breaks = false } = {}): Response {
  const text = events
    .map(
      ({ seq, type, ...rest }) =>
        `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify({ seq, type, ...rest })}\n\n`,
    )
    .join(': heartbeat\n\n');
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) {
        if (breaks) controller.error(new TypeError('network error'));
        else controller.close();
        return;
      }
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
  return new Response(body, { status: 200 });
}
