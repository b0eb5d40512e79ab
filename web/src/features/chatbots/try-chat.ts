import { createParser } from 'eventsource-parser';
import { json, request } from '@/lib/api/client';
import { ApiError } from '@/lib/api/error';
import type { ChatbotSettings } from '@/lib/api/identity-types';

/** One event of `POST /chat`: the first has the ids, the last has `finished`. */
interface TokenEvent {
  token: string;
  finished: boolean;
  reset?: boolean;
  conversation_id?: string | null;
  run_id?: string | null;
  status?: string | null;
  error?: { code: string; message: string } | null;
}

export interface Said {
  chatbotId: string;
  /** Settings that are not stored. */
  preview: ChatbotSettings;
  conversationId: string | null;
  text: string;
}

export interface TryEvents {
  onBegun: (conversationId: string, runId: string) => void;
  /** The answer as far as it has come. */
  onText: (text: string) => void;
}

/**
 * Says something to a chatbot that has these settings for once. Resolves when the answer has
 * ended, with how the run stands; throws an ApiError when it was refused or failed.
 */
export async function sayToTrial(
  { chatbotId, preview, conversationId, text }: Said,
  { onBegun, onText }: TryEvents,
  signal: AbortSignal,
): Promise<string> {
  const body = {
    chatbot_id: chatbotId,
    preview,
    message: text,
    ...(conversationId !== null && { conversation_id: conversationId }),
  };
  const response = await request('/chat', {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
  let answer = '';
  for await (const event of eventsOf(response)) {
    if (event.conversation_id && event.run_id) onBegun(event.conversation_id, event.run_id);
    if (event.error) throw new ApiError({ ...event.error, status: 502 });
    answer = event.reset ? event.token : answer + event.token;
    onText(answer);
    if (event.finished) return event.status ?? 'completed';
  }
  throw new ApiError({ code: 'NETWORK_ERROR', message: '', status: 0 });
}

async function* eventsOf(response: Response): AsyncGenerator<TokenEvent> {
  if (!response.body) return;
  const ready: TokenEvent[] = [];
  const parser = createParser({
    onEvent: ({ data }) => {
      // Whatever is no JSON is no token: the stream may carry other marks.
      if (data.startsWith('{')) ready.push(JSON.parse(data) as TokenEvent);
    },
  });
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* ready.splice(0);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** Hanging up would not stop the answer: its run goes on at the server. */
export const stopTrial = (runId: string) => json('POST', `/runs/${runId}/cancel`);

/** Takes a trial's conversation out of the reader's list. */
export const forgetTrial = (conversationId: string) =>
  json('DELETE', `/conversations/${conversationId}`);
