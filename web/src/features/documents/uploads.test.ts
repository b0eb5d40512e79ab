// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addToCollection, batchOf, dismissFile, retryAll, retryFile, stopUploads } from './uploads';

/** What was sent and how it may be answered. */
interface Sent {
  name: string;
  metadata: unknown;
  aborted: boolean;
  lose: () => void;
  answer: (status: number, body?: unknown, headers?: Record<string, string>) => void;
}
let sent: Sent[] = [];

class FakeXhr {
  upload = { onprogress: null };
  status = 0;
  responseText = '';
  headers: Record<string, string> = {};
  onload = () => undefined;
  onabort = () => undefined;
  onerror = () => undefined;
  record: Sent | null = null;
  open() {}
  setRequestHeader() {}
  getResponseHeader = (name: string) => this.headers[name] ?? null;
  abort() {
    if (this.record) this.record.aborted = true;
    this.onabort();
  }
  send(form: FormData) {
    const metadata = form.get('metadata');
    this.record = {
      name: (form.get('file') as File).name,
      metadata: metadata === null ? null : JSON.parse(String(metadata)),
      aborted: false,
      lose: () => this.onerror(),
      answer: (status, body = {}, headers = {}) => {
        Object.assign(this, { status, responseText: JSON.stringify(body), headers });
        this.onload();
      },
    };
    sent.push(this.record);
  }
}

let id = 0;
/** Each test has a collection of its own: batches outlive screens. */
const fresh = () => {
  id += 1;
  return `k-${id}`;
};
const picked = (...names: string[]) =>
  names.map((name) => ({ file: new File(['x'], name), path: null as string | null }));
const settled = () => vi.advanceTimersByTimeAsync(0);
const refusal = (code: string, message: string) => ({ error: { code, message } });

beforeEach(() => {
  sent = [];
  vi.useFakeTimers();
  vi.stubGlobal('XMLHttpRequest', FakeXhr);
});
afterEach(async () => {
  // What is left over would hold the page back in the tests after.
  for (const one of sent) one.answer(202);
  await settled();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('files on their way', () => {
  it('go three at a time, the rest as places come free', async () => {
    const k = fresh();
    addToCollection(k, picked('a', 'b', 'c', 'd'));
    expect(sent.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    sent[1]?.answer(202);
    await settled();
    expect(sent.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    for (const one of sent) one.answer(202);
    await settled();
    expect(batchOf(k)).toMatchObject({ total: 4, stored: 4, known: 0, failed: [] });
  });

  it('bring their place in their folder, and are told from those that were there', async () => {
    const k = fresh();
    addToCollection(k, [{ file: new File(['x'], 'b.md'), path: 'docs/b.md' }, ...picked('a')]);
    expect(sent.map(({ metadata }) => metadata)).toEqual([{ path: 'docs/b.md' }, null]);
    sent[0]?.answer(200);
    sent[1]?.answer(202);
    await settled();
    expect(batchOf(k)).toMatchObject({ stored: 2, known: 1 });
  });

  it('fail one by one, and only what may pass is tried again', async () => {
    const k = fresh();
    addToCollection(k, picked('big', 'odd'));
    sent[0]?.answer(413, refusal('FILE_TOO_LARGE', 'big is too large.'));
    sent[1]?.answer(503, refusal('INTERNAL_ERROR', ''));
    await settled();
    const [big, odd] = batchOf(k).failed;
    expect(big).toMatchObject({ name: 'big', message: 'big is too large.', retryable: false });
    expect(odd).toMatchObject({ name: 'odd', retryable: true });
    retryFile(k, odd?.id ?? '');
    expect(sent.at(-1)?.name).toBe('odd');
    sent.at(-1)?.answer(202);
    await settled();
    dismissFile(k, big?.id ?? '');
    expect(batchOf(k)).toMatchObject({ total: 1, stored: 1, failed: [] });
  });

  it('wait where the server or the line is out of reach, and give a broken file up in the end', async () => {
    const k = fresh();
    addToCollection(k, picked('a', 'b'));
    sent[0]?.answer(503, refusal('SERVICE_UNAVAILABLE', 'Soon.'), { 'retry-after': '30' });
    await settled();
    expect(batchOf(k)).toMatchObject({ failed: [] });
    expect(batchOf(k).pausedUntil).not.toBeNull();
    sent[1]?.answer(202);
    await vi.advanceTimersByTimeAsync(30_000);
    for (const times of [1, 2, 3]) {
      expect(batchOf(k).failed).toEqual([]);
      sent.at(-1)?.lose();
      await settled();
      if (times < 3) await vi.advanceTimersByTimeAsync(5000);
    }
    expect(batchOf(k)).toMatchObject({ stored: 1, failed: [{ name: 'a', retryable: true }] });
    retryAll(k);
    sent.at(-1)?.answer(202);
    await settled();
    expect(batchOf(k)).toMatchObject({ stored: 2, failed: [] });
  });

  it('wait as long as the server asks, and lose nothing', async () => {
    const k = fresh();
    addToCollection(k, picked('a', 'b', 'c', 'd'));
    const tooOften = refusal('RATE_LIMIT_EXCEEDED', 'Too often.');
    sent[0]?.answer(429, tooOften, { 'retry-after': '8' });
    sent[1]?.answer(202);
    await settled();
    expect(sent).toHaveLength(3);
    expect(batchOf(k).pausedUntil).not.toBeNull();
    await vi.advanceTimersByTimeAsync(8000);
    expect(sent.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'a', 'd']);
  });

  it('are given up together', async () => {
    const k = fresh();
    addToCollection(k, picked('a', 'b', 'c', 'd', 'e'));
    stopUploads(k);
    await settled();
    expect(sent.map(({ aborted }) => aborted)).toEqual([true, true, true]);
    expect(batchOf(k)).toMatchObject({ total: 0, sending: [], failed: [] });
    addToCollection(k, picked('f'));
    expect(sent.at(-1)?.name).toBe('f');
  });

  it('make the browser ask before the page is left, until they have arrived', async () => {
    const leaves = () => {
      const event = new Event('beforeunload', { cancelable: true });
      window.dispatchEvent(event);
      return !event.defaultPrevented;
    };
    const k = fresh();
    addToCollection(k, picked('a'));
    expect(leaves()).toBe(false);
    sent.at(-1)?.answer(202);
    await settled();
    expect(batchOf(k).stored).toBe(1);
    expect(leaves()).toBe(true);
  });
});
