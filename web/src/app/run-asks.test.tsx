// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it, vi } from 'vitest';
import '@/lib/i18n';
import { ask, record } from '@/features/runs/fixtures';
import { goOn, joinRun, waitFor } from '@/features/runs/reducer';
import { useRuns } from '@/features/runs/store';
import { announce, useAnnouncer } from '@/lib/announce';
import { useRunAsks } from './run-asks';

function Listener() {
  useRunAsks();
  return null;
}

it('says when a run asks its reader, how much is left, and when it goes on', () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  const root = createRoot(document.createElement('div'));
  act(() => root.render(<Listener />));
  const asks = [ask('call_1'), ask('call_2')];
  const going = joinRun(record('running'));
  const both = waitFor(going, asks);
  const one = waitFor(going, asks.slice(1));
  const said = [going, both, { ...both }, one, goOn(one, 0)].map((run) => {
    announce('');
    useRuns.setState({ live: { c: run } });
    return useAnnouncer.getState().text.trim();
  });
  expect(said).toEqual([
    '',
    'The assistant waits for your answers to 2 questions.',
    '',
    'The assistant waits for your answer to a question.',
    'The answer goes on.',
  ]);
  act(() => root.unmount());
  vi.unstubAllGlobals();
});
