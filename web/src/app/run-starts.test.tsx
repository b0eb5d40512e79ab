// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { beforeEach, expect, it, vi } from 'vitest';
import { sendDraft } from '@/features/composer/drafts';
import { applyEvent, beginRun } from '@/features/runs/reducer';
import { useRuns } from '@/features/runs/store';
import { beginTranscript } from '@/features/transcript/api';
import { keys } from '@/lib/api/keys';
import type { Conversation, RunEvent } from '@/lib/api/types';
import { useRunStarts } from './run-starts';

const attempt = {
  kind: 'send' as const,
  text: 'hi',
  files: [],
  parentId: null,
  model: null,
  key: 'k',
};
const started: RunEvent = {
  type: 'run_started',
  run_id: 'r',
  seq: 1,
  epoch: 1,
  at: '2026-01-01T00:00:00.000Z',
  conversation_id: 'c',
  user_message_id: 'u',
  message_id: 'a',
  model: 'p/m',
};

function Listener() {
  useRunStarts();
  return null;
}

/** The query keys that are marked stale when the server takes a message of conversation `c`. */
async function staleAfterStart(title: string | null): Promise<unknown[]> {
  const client = new QueryClient();
  await beginTranscript(client, { id: 'c', title } as Conversation);
  const stale = vi.spyOn(client, 'invalidateQueries');
  const root = createRoot(document.createElement('div'));
  act(() =>
    root.render(
      <QueryClientProvider client={client}>
        <Listener />
      </QueryClientProvider>,
    ),
  );
  const run = beginRun('c', attempt, 0);
  useRuns.setState({ live: { c: run } });
  expect(stale).not.toHaveBeenCalled();
  const taken = applyEvent(run, started);
  useRuns.setState({ live: { c: taken } });
  useRuns.setState({ live: { c: { ...taken, seq: 2 } } });
  act(() => root.unmount());
  return stale.mock.calls.map(([filters]) => filters?.queryKey);
}

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  useRuns.setState({ live: {} });
});

it('fetches the list and the name of a conversation that had none, once', async () => {
  expect(await staleAfterStart(null)).toEqual([keys.conversations, keys.transcript('c')]);
});

it('keeps a text that has arrived as a draft no more', async () => {
  sendDraft('new', 'c', attempt.text);
  expect(localStorage.getItem('vpaura.draft.c')).toBe(attempt.text);
  await staleAfterStart(null);
  expect(localStorage.getItem('vpaura.draft.c')).toBeNull();
});

it('leaves a conversation that has a title alone', async () => {
  expect(await staleAfterStart('Named by hand')).toEqual([keys.conversations]);
});
