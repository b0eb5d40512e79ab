// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Run, RunEvent } from '@/lib/api/types';
import { ask, delta, event, message, record, sseResponse, started } from './fixtures';
import {
  answerAsk,
  attachRun,
  clearRun,
  isDetached,
  leaveRun,
  liveRun,
  meetDetached,
  onRunEnd,
  resumeRun,
  stopRun,
} from './store';

const FIRST = ask('call_1');
const SECOND = ask('call_2');
const BEFORE: RunEvent[] = [
  started(),
  delta(2, 'May I? '),
  event(3, { type: 'interrupt', ask: FIRST }),
  event(4, { type: 'interrupt', ask: SECOND }),
];
const stored = message('a', 'u', 'assistant');
const AFTER: RunEvent[] = [delta(5, 'Done.'), event(6, { type: 'run_completed', message: stored })];

/** A server with one run, which waits for answers. */
function serve(asks = [FIRST, SECOND]) {
  const server = {
    run: record('interrupted', asks),
    log: BEFORE,
    calls: [] as string[],
    bodies: [] as unknown[],
    refuse: null as { status: number; code: string } | null,
  };
  vi.stubGlobal('fetch', async (path: string, init: RequestInit = {}) => {
    const [name = '', search = ''] = path.replace('/api/v1/runs/run', '').split('?');
    server.calls.push(`${init.method ?? 'GET'} ${name}${search && `?${search}`}`);
    if (name === '/events') {
      const after = Number(new URLSearchParams(search).get('after') ?? 0);
      return sseResponse(server.log.filter(({ seq }) => seq > after));
    }
    if (name === '/resume') {
      const { answers } = JSON.parse(String(init.body)) as { answers: Record<string, unknown> };
      server.bodies.push(answers);
      if (server.refuse) {
        const { status, code } = server.refuse;
        return new Response(JSON.stringify({ error: { code, message: 'No.' } }), { status });
      }
      const asks = (server.run.asks ?? []).filter(({ id }) => !(id in answers));
      goOn(server, asks.length > 0 ? record('interrupted', asks) : record('running'));
    }
    if (name === '/cancel') {
      server.log = [...BEFORE, event(5, { type: 'run_cancelled' })];
      server.run = { ...record('cancelled'), finished_at: '2026-01-01T00:00:01.000Z' };
    }
    return new Response(JSON.stringify(server.run));
  });
  return server;
}

function goOn(server: { run: Run; log: RunEvent[] }, run: Run) {
  server.run = run;
  if (run.status === 'running') server.log = [...BEFORE, ...AFTER];
}

const phase = () => liveRun('c')?.phase;
const asked = () => liveRun('c')?.asks.map(({ id }) => id);

async function waiting(server = serve()) {
  attachRun(server.run);
  await vi.waitFor(() => expect(phase()).toBe('waiting'));
  return server;
}

beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run, 0));
  vi.stubGlobal('cancelAnimationFrame', clearTimeout);
});
afterEach(() => {
  leaveRun('c');
  clearRun('c');
  vi.unstubAllGlobals();
});

describe('a run that waits for answers', () => {
  it('is found after a reload, with its questions and what was said', async () => {
    await waiting();
    expect(asked()).toEqual([FIRST.id, SECOND.id]);
    expect(liveRun('c')?.parts).toEqual([{ type: 'text', text: 'May I? ' }]);
  });

  it('takes one answer after the other, and is followed from where its log was left', async () => {
    const server = await waiting();
    await answerAsk('c', FIRST.id, { approved: true });
    expect(phase()).toBe('waiting');
    expect(asked()).toEqual([SECOND.id]);
    await answerAsk('c', SECOND.id, { approved: false, reason: 'no' });
    expect(server.bodies).toEqual([
      { [FIRST.id]: { approved: true } },
      { [SECOND.id]: { approved: false, reason: 'no' } },
    ]);
    expect(phase()).toBe('streaming');
    const ended = vi.fn();
    const stopListening = onRunEnd(ended);
    resumeRun('c');
    await vi.waitFor(() => expect(ended).toHaveBeenCalledTimes(1));
    stopListening();
    expect(server.calls).toContain('GET /events?after=4');
    expect(liveRun('c')).toMatchObject({ phase: 'completed', message: { id: 'a' } });
  });

  it('keeps its question when the server refuses the answer', async () => {
    const server = await waiting();
    server.refuse = { status: 422, code: 'VALIDATION_ERROR' };
    await expect(answerAsk('c', FIRST.id, 'maybe')).rejects.toMatchObject({ status: 422 });
    expect(phase()).toBe('waiting');
    expect(asked()).toEqual([FIRST.id, SECOND.id]);
  });

  it('goes on when the answer came from elsewhere', async () => {
    const server = await waiting();
    server.refuse = { status: 409, code: 'CONFLICT' };
    goOn(server, record('running'));
    await expect(answerAsk('c', FIRST.id, true)).rejects.toMatchObject({ status: 409 });
    expect(phase()).toBe('streaming');
    expect(asked()).toEqual([]);
  });

  it('can be stopped, and keeps what was said', async () => {
    await waiting();
    await stopRun('c');
    resumeRun('c');
    await vi.waitFor(() => expect(phase()).toBe('cancelled'));
    expect(liveRun('c')?.parts).toEqual([{ type: 'text', text: 'May I? ' }]);
  });

  it('has no stream, and takes from its record what others have answered', async () => {
    const server = await waiting();
    const run = liveRun('c');
    expect(run && isDetached(run)).toBe(true);
    meetDetached({ ...server.run, asks: [SECOND] });
    expect(asked()).toEqual([SECOND.id]);
    meetDetached(record('running'));
    expect(phase()).toBe('streaming');
    meetDetached(server.run);
    expect(phase()).toBe('waiting');
    meetDetached({ ...record('running'), id: 'another' });
    expect(phase()).toBe('waiting');
    meetDetached({ ...record('completed'), finished_at: '2026-01-01T00:00:01.000Z' });
    expect(liveRun('c')).toBeNull();
  });
});
