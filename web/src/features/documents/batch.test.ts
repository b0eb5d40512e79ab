import { describe, expect, it } from 'vitest';
import { applyToBatch, type BatchEvent, EMPTY, isBusy, waitingOf } from './batch';

const play = (...events: BatchEvent[]) => events.reduce(applyToBatch, EMPTY);
const start = (id: string): BatchEvent => ({
  type: 'started',
  file: { id, name: `${id}.md`, size: 100 },
});
const fail = (id: string): BatchEvent => ({
  type: 'refused',
  failed: { id, name: `${id}.md`, code: 'FILE_TOO_LARGE', message: 'Too large.', retryable: false },
});

describe('files on their way into a collection', () => {
  it('are counted until the last has arrived', () => {
    const half = play({ type: 'added', count: 3 }, start('a'), start('b'), {
      type: 'stored',
      id: 'a',
      known: false,
    });
    expect([waitingOf(half), isBusy(half)]).toEqual([1, true]);
    const all = [
      { type: 'stored', id: 'b', known: true },
      start('c'),
      { type: 'stored', id: 'c', known: false },
    ] as BatchEvent[];
    const over = all.reduce(applyToBatch, half);
    expect(over).toMatchObject({ total: 3, stored: 3, known: 1, sending: [] });
    expect(isBusy(over)).toBe(false);
  });

  it('never run backwards nor past their size', () => {
    const sending = play(
      { type: 'added', count: 1 },
      start('a'),
      { type: 'progressed', id: 'a', sent: 60 },
      { type: 'progressed', id: 'a', sent: 30 },
    );
    expect(sending.sending[0]?.sent).toBe(60);
    const past = applyToBatch(sending, { type: 'progressed', id: 'a', sent: 900 });
    expect(past.sending[0]?.sent).toBe(100);
  });

  it('leave the others unharmed when one is refused, and can be tried again', () => {
    const one = play({ type: 'added', count: 2 }, start('a'), fail('a'));
    expect([waitingOf(one), one.failed.length]).toEqual([1, 1]);
    const again = applyToBatch(one, { type: 'retried', id: 'a' });
    expect([waitingOf(again), again.failed.length]).toEqual([2, 0]);
  });

  it('wait when the server asks for it, and are not lost', () => {
    const held = play(
      { type: 'added', count: 1 },
      start('a'),
      { type: 'held', id: 'a', until: 5000 },
      { type: 'held', id: 'b', until: 4000 },
    );
    expect([waitingOf(held), held.pausedUntil]).toEqual([1, 5000]);
    expect(applyToBatch(held, { type: 'resumed' }).pausedUntil).toBeNull();
  });

  it('are given up together; what failed before stays to be seen', () => {
    const stopped = play(
      { type: 'added', count: 9 },
      start('a'),
      fail('a'),
      start('b'),
      { type: 'stored', id: 'b', known: false },
      start('c'),
      { type: 'stopped' },
    );
    expect(isBusy(stopped)).toBe(false);
    expect(stopped).toMatchObject({ total: 2, stored: 1, failed: [{ id: 'a' }] });
  });

  it('begin a new count once all are over, with the failures kept', () => {
    const over = play({ type: 'added', count: 2 }, start('a'), fail('a'), start('b'), {
      type: 'stored',
      id: 'b',
      known: false,
    });
    const next = applyToBatch(over, { type: 'added', count: 5 });
    expect(next).toMatchObject({ total: 6, stored: 0, failed: [{ id: 'a' }] });
    expect(waitingOf(next)).toBe(5);
  });
});
