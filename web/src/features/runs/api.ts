import { json, query, request } from '@/lib/api/client';
import type { Run, StartRunBody } from '@/lib/api/types';
import type { Attempt } from './reducer';

const SSE = { accept: 'text/event-stream' };

/** Starts the run that an attempt asks for; the answer is its event stream. */
export function openRun(
  conversationId: string,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Response> {
  return request(path(conversationId, attempt), {
    method: 'POST',
    headers: { ...SSE, 'content-type': 'application/json', 'idempotency-key': attempt.key },
    body: JSON.stringify(body(attempt)),
    signal,
  });
}

function path(conversationId: string, attempt: Attempt): string {
  const base = `/conversations/${conversationId}`;
  if (attempt.kind === 'send') return `${base}/runs`;
  return `${base}/messages/${attempt.messageId}/${attempt.kind}`;
}

function body(attempt: Attempt): Partial<StartRunBody> {
  const model = attempt.model === null ? {} : { model: attempt.model };
  if (attempt.kind === 'regenerate') return model;
  const files = attempt.files.map((file) => file.file_id);
  // Said outright: another tab may have moved the conversation to another branch meanwhile.
  const parent =
    attempt.kind === 'send' && attempt.parentId !== null ? { parent_id: attempt.parentId } : {};
  const attached = files.length > 0 ? { file_ids: files } : {};
  return { message: attempt.text, ...attached, ...parent, ...model };
}

/** The events of a run after `seq`: those that were, then those that come. */
export function openEvents(runId: string, after: number, signal: AbortSignal): Promise<Response> {
  return request(`/runs/${runId}/events${query({ after })}`, { headers: SSE, signal });
}

export function fetchRun(runId: string, signal: AbortSignal): Promise<Run> {
  return json('GET', `/runs/${runId}`, { signal });
}

export function cancelRun(runId: string): Promise<Run> {
  return json('POST', `/runs/${runId}/cancel`);
}

/** Answers one of the questions a run waits for; the answer is kept when this resolves. */
export function answerRun(runId: string, askId: string, answer: unknown): Promise<Run> {
  return json('POST', `/runs/${runId}/resume`, { body: { answers: { [askId]: answer } } });
}
