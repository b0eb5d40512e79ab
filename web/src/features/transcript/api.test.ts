import { QueryClient } from '@tanstack/react-query';
import { afterEach, expect, it, vi } from 'vitest';
import { keys } from '@/lib/api/keys';
import type { Conversation } from '@/lib/api/types';
import { beginTranscript, type TranscriptData } from './api';

afterEach(() => {
  vi.unstubAllGlobals();
});

it('reads a new conversation whole when its answer is there before anybody looks', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (input: RequestInfo | URL) => {
    asked.push(input instanceof Request ? input.url : String(input));
    const detail = { id: 'c', title: 'Named', messages: [{ id: 'm' }], messages_cursor: null };
    return Promise.resolve(Response.json(detail));
  });
  const client = new QueryClient();
  const queryKey = keys.transcript('c');
  await beginTranscript(client, { id: 'c', title: null } as Conversation);
  expect(asked).toEqual([]);
  await client.invalidateQueries({ queryKey, refetchType: 'all' });
  expect(asked).toEqual([expect.stringMatching(/\/conversations\/c$/)]);
  const [page, ...others] = client.getQueryData<TranscriptData>(queryKey)?.pages ?? [];
  expect(others).toEqual([]);
  expect(page?.conversation?.title).toBe('Named');
  expect(page?.messages).toEqual([{ id: 'm' }]);
});
