import { QueryClient } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { delta, event, message, started } from '@/features/runs/fixtures';
import { shownTurns } from '@/features/runs/merge';
import { type Attempt, applyEvents, beginRun } from '@/features/runs/reducer';
import { beginTranscript, type TranscriptData } from '@/features/transcript/api';
import { keys } from '@/lib/api/keys';
import type { Conversation } from '@/lib/api/types';
import { holdsMessage, noteTurn } from './run-turn';

const send = (parentId: string | null, key: string): Attempt => ({
  kind: 'send',
  text: `words of ${key}`,
  files: [],
  parentId,
  model: null,
  key,
});

it('shows a turn that has ended below the next question before it is read anew', async () => {
  const client = new QueryClient();
  await beginTranscript(client, { id: 'c', title: null } as Conversation);
  const run = applyEvents(beginRun('c', send(null, 'one'), 0), [
    started(),
    delta(2, 'Done.'),
    event(3, { type: 'run_completed', message: message('a', 'u', 'assistant') }),
  ]);
  expect(holdsMessage(client, 'c', 'a')).toBe(false);
  noteTurn(client, run);
  expect(holdsMessage(client, 'c', 'a')).toBe(true);
  const page = client.getQueryData<TranscriptData>(keys.transcript('c'))?.pages[0];
  const next = beginRun('c', send('a', 'two'), 0);
  const shown = shownTurns(page?.messages ?? [], next).map(({ message }) => message);
  expect(shown.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
  expect(shown[0]).toMatchObject({ id: 'u', parts: [{ type: 'text', text: 'words of one' }] });
  expect(shown[1]).toMatchObject({ id: 'a', parent_id: 'u', status: 'completed' });
});

it('notes nothing of a message that was never sent', async () => {
  const client = new QueryClient();
  await beginTranscript(client, { id: 'c', title: null } as Conversation);
  noteTurn(client, { ...beginRun('c', send(null, 'one'), 0), phase: 'rejected' });
  expect(client.getQueryData<TranscriptData>(keys.transcript('c'))?.pages[0]?.messages).toEqual([]);
});
