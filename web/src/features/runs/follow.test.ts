import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/lib/api/error';
import type { RunEvent } from '@/lib/api/types';
import { delta, event, sseResponse, started } from './fixtures';
import { follow } from './follow';
import { applyEvents, beginRun } from './reducer';

const done = event(5, { type: 'run_cancelled' });
const LOG: RunEvent[] = [started(), delta(2, 'One '), delta(3, 'two '), delta(4, 'three.'), done];

function harness(
  first: () => Promise<Response>,
  resume: (after: number) => Promise<Response>,
  waiting: () => boolean = () => false,
) {
  const seen: RunEvent[] = [];
  const waits: number[] = [];
  const abort = new AbortController();
  const onDropped = vi.fn();
  const run = follow({
    first,
    resume: (_, after) => resume(after),
    onOpen: () => undefined,
    onEvent: (next) => seen.push(next),
    onDropped,
    isWaiting: async () => waiting(),
    sleep: async (ms) => {
      waits.push(ms);
    },
    signal: abort.signal,
  });
  return { run, seen, waits, abort, onDropped };
}

const textOf = (events: RunEvent[]) => {
  const start = beginRun(
    'c',
    { kind: 'regenerate', messageId: 'm', userMessageId: 'u', model: null, key: 'k' },
    0,
  );
  return applyEvents(start, events)
    .parts.map((part) => (part.type === 'text' ? part.text : ''))
    .join('');
};

describe('following a run', () => {
  it('reads to the terminal event, however the bytes are cut', async () => {
    for (const size of [1, 3, 64, 100_000]) {
      const { run, seen } = harness(
        async () => sseResponse(LOG, { size }),
        () => Promise.reject(new Error('must not resume')),
      );
      await run;
      expect(seen.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    }
  });

  it('resumes after the last event when the line breaks, and loses and doubles nothing', async () => {
    for (let cut = 1; cut < LOG.length; cut += 1) {
      const asked: number[] = [];
      const { run, seen, onDropped } = harness(
        async () => sseResponse(LOG.slice(0, cut), { breaks: true }),
        async (after) => {
          asked.push(after);
          // A server that repeats one event must do no harm either.
          return sseResponse(LOG.filter(({ seq }) => seq >= after));
        },
      );
      await run;
      expect(asked).toEqual([cut]);
      expect(onDropped).toHaveBeenCalledTimes(1);
      expect(textOf(seen)).toBe('One two three.');
    }
  });

  it('treats an end without a terminal event as a break', async () => {
    const { run, seen } = harness(
      async () => sseResponse(LOG.slice(0, 2)),
      async (after) => sseResponse(LOG.slice(after)),
    );
    await run;
    expect(seen.at(-1)).toEqual(done);
  });

  it('ends where the run waits for answers, and asks only when the stream has ended', async () => {
    const asked = vi.fn(() => true);
    const { run, seen, onDropped } = harness(
      async () => sseResponse(LOG.slice(0, 2)),
      () => Promise.reject(new Error('must not resume')),
      asked,
    );
    await run;
    expect(seen).toHaveLength(2);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(onDropped).not.toHaveBeenCalled();
    const ended = vi.fn(() => true);
    await harness(
      async () => sseResponse(LOG),
      () => Promise.reject(new Error('must not resume')),
      ended,
    ).run;
    expect(ended).not.toHaveBeenCalled();
  });

  it('waits longer each time, as long as the server says, and goes on', async () => {
    let calls = 0;
    const { run, waits } = harness(
      async () => sseResponse(LOG.slice(0, 1), { breaks: true }),
      async (after) => {
        calls += 1;
        if (calls === 2) {
          throw new ApiError({
            code: 'RATE_LIMIT_EXCEEDED',
            message: '',
            status: 429,
            retryAfter: 9,
          });
        }
        if (calls < 4) throw new ApiError({ code: 'NETWORK_ERROR', message: '', status: 0 });
        return sseResponse(LOG.slice(after));
      },
    );
    await run;
    expect(waits).toEqual([400, 800, 9000, 3200]);
  });

  it('gives up on a refusal, and on a break before the run is known', async () => {
    const gone = new ApiError({ code: 'RUN_NOT_FOUND', message: '', status: 404 });
    const refused = harness(
      async () => sseResponse(LOG.slice(0, 2)),
      () => Promise.reject(gone),
    );
    await expect(refused.run).rejects.toBe(gone);
    const unknown = harness(
      async () => sseResponse([], { breaks: true }),
      () => Promise.reject(new Error('must not resume')),
    );
    await expect(unknown.run).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
  });

  it('ends quietly when the reader leaves', async () => {
    const { run, abort } = harness(
      () =>
        new Promise((_, reject) => abort0.then(() => reject(new DOMException('', 'AbortError')))),
      () => Promise.reject(new Error('must not resume')),
    );
    abort.abort();
    leave();
    await expect(run).resolves.toBeUndefined();
  });
});

let leave: () => void = () => undefined;
const abort0 = new Promise<void>((resolve) => {
  leave = resolve;
});
