import { create } from 'zustand';
import { collectionPath } from '@/lib/api/collections';
import { type ApiError, toApiError } from '@/lib/api/error';
import { sendFile } from '@/lib/api/upload';
import { onLeaving } from '@/lib/leaving';
import { uuid } from '@/lib/uuid';
import { AT_ONCE, applyToBatch, type Batch, type BatchEvent, EMPTY, isBusy } from './batch';
import type { Picked } from './picked';

/** Batches by collection; they go on while other screens are open. */
const useBatches = create<Record<string, Batch>>(() => ({}));

export const useBatch = (collectionId: string): Batch =>
  useBatches((batches) => batches[collectionId]) ?? EMPTY;

interface Item extends Picked {
  id: string;
  /** How often the line broke while it was sent. */
  broken: number;
}

/** How long to wait where the line is broken, in seconds, and how often for one file. */
const BROKEN_S = 5;
const MOST_BROKEN = 3;

/** What the state cannot hold: the files, and the ways to stop sending them. */
interface Held {
  waiting: Item[];
  failed: Map<string, Item>;
  stops: Map<string, AbortController>;
}

const held = new Map<string, Held>();

function heldOf(collectionId: string): Held {
  let own = held.get(collectionId);
  if (!own) {
    own = { waiting: [], failed: new Map(), stops: new Map() };
    held.set(collectionId, own);
  }
  return own;
}

export const batchOf = (collectionId: string) => useBatches.getState()[collectionId] ?? EMPTY;

function dispatch(collectionId: string, event: BatchEvent) {
  useBatches.setState({ [collectionId]: applyToBatch(batchOf(collectionId), event) });
  const anyBusy = Object.values(useBatches.getState()).some(isBusy);
  if (anyBusy) window.addEventListener('beforeunload', warn);
  else window.removeEventListener('beforeunload', warn);
}

onLeaving({
  busy: () => Object.values(useBatches.getState()).some(isBusy),
  giveUp: () => {
    for (const id of Object.keys(useBatches.getState())) stopUploads(id);
  },
});

/** Leaving the page would give up what has not arrived: the browser asks first. */
const warn = (event: Event) => event.preventDefault();

export function addToCollection(collectionId: string, picked: readonly Picked[]) {
  if (picked.length === 0) return;
  heldOf(collectionId).waiting.push(...picked.map((file) => ({ ...file, id: uuid(), broken: 0 })));
  dispatch(collectionId, { type: 'added', count: picked.length });
  pump(collectionId);
}

export function retryFile(collectionId: string, id: string) {
  const { failed, waiting } = heldOf(collectionId);
  const item = failed.get(id);
  failed.delete(id);
  dispatch(collectionId, { type: 'retried', id });
  if (!item) return;
  waiting.push(item);
  pump(collectionId);
}

/** Tries all again that may arrive this time. */
export function retryAll(collectionId: string) {
  for (const { id, retryable } of batchOf(collectionId).failed) {
    if (retryable) retryFile(collectionId, id);
  }
}

/** Takes a failed file off the list. */
export function dismissFile(collectionId: string, id: string) {
  heldOf(collectionId).failed.delete(id);
  useBatches.setState((batches) => {
    const batch = batches[collectionId] ?? EMPTY;
    const failed = batch.failed.filter((file) => file.id !== id);
    return { [collectionId]: { ...batch, failed, total: batch.total - 1 } };
  });
}

export function stopUploads(collectionId: string) {
  const own = heldOf(collectionId);
  own.waiting = [];
  for (const stop of own.stops.values()) stop.abort();
  own.stops.clear();
  dispatch(collectionId, { type: 'stopped' });
}

function pump(collectionId: string) {
  const own = heldOf(collectionId);
  while (batchOf(collectionId).pausedUntil === null && own.stops.size < AT_ONCE) {
    const item = own.waiting.shift();
    if (!item) return;
    void send(collectionId, item);
  }
}

async function send(collectionId: string, item: Item) {
  const { id, file, path } = item;
  const own = heldOf(collectionId);
  const stop = new AbortController();
  own.stops.set(id, stop);
  dispatch(collectionId, {
    type: 'started',
    file: { id, name: path ?? file.name, size: file.size },
  });
  try {
    const { status } = await sendFile({
      path: `${collectionPath(collectionId)}/documents/upload`,
      file,
      fields: path === null ? {} : { metadata: JSON.stringify({ path }) },
      key: id,
      signal: stop.signal,
      onProgress: (sent) => dispatch(collectionId, { type: 'progressed', id, sent }),
    });
    // 200 instead of 202: this very content is in the collection already.
    dispatch(collectionId, { type: 'stored', id, known: status === 200 });
  } catch (cause) {
    if (stop.signal.aborted) return;
    meetRefusal(collectionId, item, cause);
  } finally {
    own.stops.delete(id);
  }
  pump(collectionId);
}

/** In how many seconds the file is to be sent again; null when it is not. */
function pauseFor(item: Item, { status, retryAfter }: ApiError): number | null {
  if (status === 429 || status === 503) return retryAfter;
  if (status !== 0) return null;
  if (!navigator.onLine) return BROKEN_S;
  // A file that cannot be read looks the same as a line that is broken.
  item.broken += 1;
  return item.broken < MOST_BROKEN ? BROKEN_S : null;
}

/**
 * The server may only want to be left alone for a while, or be out of reach; anything else is this
 * file's own fault.
 */
function meetRefusal(collectionId: string, item: Item, cause: unknown) {
  const { id, file, path } = item;
  const own = heldOf(collectionId);
  const error = toApiError(cause);
  const { code, message, status } = error;
  const pause = pauseFor(item, error);
  if (pause !== null) {
    own.waiting.unshift(item);
    const already = batchOf(collectionId).pausedUntil !== null;
    dispatch(collectionId, { type: 'held', id, until: Date.now() + pause * 1000 });
    if (!already) setTimeout(() => resume(collectionId), pause * 1000);
    return;
  }
  own.failed.set(id, item);
  const retryable = ![413, 415, 422].includes(status);
  const name = path ?? file.name;
  dispatch(collectionId, { type: 'refused', failed: { id, name, code, message, retryable } });
}

function resume(collectionId: string) {
  const { pausedUntil } = batchOf(collectionId);
  if (pausedUntil === null) return;
  const left = pausedUntil - Date.now();
  if (left > 0) {
    setTimeout(() => resume(collectionId), left);
    return;
  }
  dispatch(collectionId, { type: 'resumed' });
  pump(collectionId);
}
