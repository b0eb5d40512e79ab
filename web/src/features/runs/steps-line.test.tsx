// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import '@/lib/i18n';
import type { MessageView, RunEvent } from '@/lib/api/types';
import {
  ask,
  delta,
  event,
  message,
  record,
  sseResponse,
  started,
  stepFinished,
  stepStarted,
} from './fixtures';
import { applyEvents, joinRun, type LiveRun, waitFor } from './reducer';
import { StepsLine } from './steps-line';
import { useRuns } from './store';
import { fetchTrace, wholeTrace } from './trace';

const answer = message('a', 'u', 'assistant');
const LOG: RunEvent[] = [
  started(),
  stepStarted(2, 1, 'retrieve_context'),
  stepFinished(3, 1, 'retrieve_context'),
  stepStarted(4, 2, 'call_model'),
  event(5, { type: 'tool_call', id: 'call_1', name: 'rename', arguments: '{"title":"New"}' }),
  stepFinished(6, 2, 'call_model'),
  stepStarted(7, 3, 'call_tool[0]'),
  event(8, { type: 'tool_result', id: 'call_1', output: 'renamed', is_error: false }),
  stepFinished(9, 3, 'call_tool[0]'),
  stepStarted(10, 4, 'weigh_words'),
  stepFinished(12, 4, 'weigh_words'),
];
const PARTS: MessageView['parts'] = [
  { type: 'tool_call', id: 'call_1', name: 'rename', arguments: '{"title":"New"}' },
  { type: 'tool_result', id: 'call_1', output: 'renamed', is_error: false },
  { type: 'text', text: 'Done.' },
];
const END = event(13, { type: 'run_completed', message: { ...answer, parts: PARTS } });

let root: Root;
let place: HTMLElement;
let runs = 0;

/** Draws the line of an answer; each test has a run of its own, for what is unfolded is kept. */
function draw(live: boolean, runId: string | null = `run${runs}`) {
  const client = new QueryClient();
  act(() =>
    root.render(
      <QueryClientProvider client={client}>
        <StepsLine message={{ ...answer, run_id: runId }} live={live} />
      </QueryClientProvider>,
    ),
  );
}

const own = (events: RunEvent[]) => events.map((one) => ({ ...one, run_id: `run${runs}` }));
const liveAfter = (count: number) =>
  applyEvents(
    { ...joinRun({ ...record('running'), id: `run${runs}` }), startedAt: Date.now() },
    own(LOG.slice(0, count)),
  );
const setLive = (run: LiveRun) => act(() => useRuns.setState({ live: { c: run } }));
const until = (holds: () => void) => act(() => vi.waitFor(holds));
const line = () => place.querySelector<HTMLElement>('[data-steps]');
const rows = () => [...place.querySelectorAll('li')].map(({ textContent }) => textContent);
const unfold = () => act(async () => line()?.click());

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  runs += 1;
  place = document.body.appendChild(document.createElement('div'));
  root = createRoot(place);
});
afterEach(() => {
  act(() => root.unmount());
  place.remove();
  useRuns.setState({ live: {} });
  vi.unstubAllGlobals();
});

it('says what a run is doing, step by step', () => {
  const words = [2, 4, 7, 10].map((count) => {
    setLive(liveAfter(count));
    draw(true);
    return line()?.textContent;
  });
  expect(words).toEqual([
    'Looking for context…',
    'Calling the model…',
    'Using rename…',
    'Weigh words…',
  ]);
});

it('says that a run waits for its reader', async () => {
  const asking = applyEvents(
    liveAfter(7),
    own([event(8, { type: 'interrupt', ask: ask('call_1') })]),
  );
  setLive(waitFor(asking, [ask('call_1')]));
  draw(true);
  expect(line()?.textContent).toBe('Waiting for your answer');
  await unfold();
  expect(rows().at(-1)).toContain('waits for you');
});

it('reads the steps of a stored answer from its log, once, when they are unfolded', async () => {
  const fetched = vi.fn(async (_: string) => sseResponse(own([...LOG, delta(12, 'x'), END])));
  vi.stubGlobal('fetch', fetched);
  draw(false);
  expect(line()?.textContent).toBe('Steps');
  expect(line()?.getAttribute('aria-expanded')).toBe('false');
  expect(fetched).not.toHaveBeenCalled();
  await unfold();
  await until(() => expect(rows()).toHaveLength(4));
  expect(fetched.mock.calls.map(([path]) => path)).toEqual([
    `/api/v1/runs/run${runs}/events?after=0`,
  ]);
  expect(line()?.getAttribute('aria-expanded')).toBe('true');
  expect(line()?.textContent).toBe('4 steps · 0.7 s');
  expect(rows()).toEqual([
    'Looking for contextdone 0.1 s',
    'Calling the modeldone 0.2 s',
    'Using renamedone 0.2 sArguments{"title":"New"}Resultrenamed',
    'Weigh wordsdone 0.2 s',
  ]);
  await unfold();
  expect(rows()).toEqual([]);
});

it('says when the log cannot be had, and tries again when asked to', async () => {
  const gone = () =>
    Response.json({ error: { code: 'RUN_NOT_FOUND', message: '' } }, { status: 404 });
  let reply = gone;
  vi.stubGlobal('fetch', async () => reply());
  draw(false);
  await unfold();
  await until(() => expect(place.querySelector('[role="alert"]')).not.toBeNull());
  reply = () => sseResponse(own([...LOG, END]));
  await act(async () => place.querySelector<HTMLElement>('[role="alert"] button')?.click());
  await until(() => expect(rows()).toHaveLength(4));
});

it('shows nothing for an answer without a run', () => {
  draw(false, null);
  expect(place.textContent).toBe('');
});

it('takes a log that breaks off for no log', async () => {
  vi.stubGlobal('fetch', async () => sseResponse(own(LOG)));
  const signal = new AbortController().signal;
  await expect(fetchTrace(`run${runs}`, 'c', signal)).rejects.toMatchObject({
    code: 'NETWORK_ERROR',
  });
});

it('keeps the trace only of a run that was followed to its end', () => {
  const going = liveAfter(6);
  expect(wholeTrace(going)).toBeNull();
  expect(wholeTrace({ ...going, phase: 'completed' })).toBeNull();
  expect(wholeTrace({ ...going, phase: 'rejected' })).toBeNull();
  const over = applyEvents(liveAfter(11), own([END]));
  expect(wholeTrace(over)).toMatchObject({ phase: 'completed', steps: over.steps });
});
