/** A file on its way into a collection. */
export interface Sending {
  id: string;
  name: string;
  size: number;
  sent: number;
}

/** A file that did not arrive. */
export interface Failed {
  id: string;
  name: string;
  code: string;
  message: string;
  retryable: boolean;
}

/**
 * Files that go into a collection together. Those that wait are only counted, for there may be ten
 * thousand; those that arrived are documents of the collection.
 */
export interface Batch {
  total: number;
  stored: number;
  /** How many of the stored ones were there already. */
  known: number;
  sending: readonly Sending[];
  failed: readonly Failed[];
  /** Milliseconds since 1970 until which the server wants to be left alone. */
  pausedUntil: number | null;
}

export const EMPTY: Batch = {
  total: 0,
  stored: 0,
  known: 0,
  sending: [],
  failed: [],
  pausedUntil: null,
};

export type BatchEvent =
  | { type: 'added'; count: number }
  | { type: 'started'; file: Omit<Sending, 'sent'> }
  | { type: 'progressed'; id: string; sent: number }
  | { type: 'stored'; id: string; known: boolean }
  | { type: 'refused'; failed: Failed }
  /** The server asks to wait; the file goes back to those that wait. */
  | { type: 'held'; id: string; until: number }
  | { type: 'resumed' }
  | { type: 'retried'; id: string }
  /** Those that wait or are being sent are given up. */
  | { type: 'stopped' };

export const AT_ONCE = 3;

export const waitingOf = ({ total, stored, sending, failed }: Batch) =>
  total - stored - sending.length - failed.length;

export const isBusy = (batch: Batch) => batch.sending.length > 0 || waitingOf(batch) > 0;

export function applyToBatch(batch: Batch, event: BatchEvent): Batch {
  const without = (id: string) => batch.sending.filter((file) => file.id !== id);
  switch (event.type) {
    case 'added': {
      // What is over is forgotten once something new begins; failures stay until seen to.
      const { failed } = batch;
      const kept = isBusy(batch) ? batch : { ...EMPTY, failed, total: failed.length };
      return { ...kept, total: kept.total + event.count };
    }
    case 'started':
      return { ...batch, sending: [...batch.sending, { ...event.file, sent: 0 }] };
    case 'progressed':
      return {
        ...batch,
        sending: batch.sending.map((file) =>
          file.id === event.id
            ? { ...file, sent: Math.max(file.sent, Math.min(event.sent, file.size)) }
            : file,
        ),
      };
    case 'stored':
      return {
        ...batch,
        sending: without(event.id),
        stored: batch.stored + 1,
        known: batch.known + (event.known ? 1 : 0),
      };
    case 'refused':
      return {
        ...batch,
        sending: without(event.failed.id),
        failed: [...batch.failed, event.failed],
      };
    case 'held': {
      const pausedUntil = Math.max(batch.pausedUntil ?? 0, event.until);
      return { ...batch, sending: without(event.id), pausedUntil };
    }
    case 'resumed':
      return { ...batch, pausedUntil: null };
    case 'retried':
      return { ...batch, failed: batch.failed.filter(({ id }) => id !== event.id) };
    case 'stopped':
      return {
        ...batch,
        total: batch.stored + batch.failed.length,
        sending: [],
        pausedUntil: null,
      };
  }
}
