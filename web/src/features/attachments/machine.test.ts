import { describe, expect, it } from 'vitest';
import {
  AT_ONCE,
  applyUpload,
  fromParts,
  isBusy,
  readyParts,
  startable,
  type Upload,
  type UploadEvent,
} from './machine';

const queued = (id: string): Upload => ({
  id,
  name: `${id}.md`,
  size: 100,
  mediaType: '',
  state: 'queued',
});
const file = {
  file_id: 'f',
  name: 'safe.md',
  media_type: 'text/markdown',
  size: 90,
  text_chars: 90,
  notice: null,
};
const play = (events: UploadEvent[]) => events.reduce(applyUpload, [] as readonly Upload[]);
const refused = (status: number, code: string): UploadEvent => ({
  type: 'refused',
  id: 'a',
  code,
  message: 'No.',
  status,
});
const sending: UploadEvent[] = [
  { type: 'added', uploads: [queued('a')] },
  { type: 'started', id: 'a' },
];

describe('an upload', () => {
  it('goes from queued through sending to a file of the message', () => {
    const uploads = play([
      ...sending,
      { type: 'progressed', id: 'a', sent: 40 },
      { type: 'stored', id: 'a', file },
    ]);
    expect(isBusy(uploads)).toBe(false);
    expect(readyParts(uploads)).toEqual([
      { type: 'file', file_id: 'f', name: 'safe.md', media_type: 'text/markdown', size: 90 },
    ]);
    expect(readyParts(fromParts(readyParts(uploads)))).toEqual(readyParts(uploads));
  });

  it('keeps what is told of pages that could not be read', () => {
    const notice = '1 of 3 pages (2) has no text: it is probably a scanned picture.';
    const uploads = play([...sending, { type: 'stored', id: 'a', file: { ...file, notice } }]);
    expect(uploads[0]).toMatchObject({ state: 'ready', notice });
  });

  it('never runs backwards nor past its size', () => {
    const uploads = play([
      ...sending,
      { type: 'progressed', id: 'a', sent: 60 },
      { type: 'progressed', id: 'a', sent: 30 },
      { type: 'progressed', id: 'a', sent: 160 },
    ]);
    expect(uploads[0]).toMatchObject({ state: 'sending', sent: 100 });
  });

  it.each([
    [413, 'FILE_TOO_LARGE', false],
    [415, 'UNSUPPORTED_FILE_TYPE', false],
    [422, 'FILE_UNREADABLE', false],
    [0, 'NETWORK_ERROR', true],
    [503, 'INTERNAL_ERROR', true],
  ])('refused with %i may be retried: %s %s', (status, code, retryable) => {
    const failed = play([...sending, refused(status, code)]);
    expect(failed[0]).toMatchObject({ state: 'failed', code, retryable });
    expect(readyParts(failed)).toEqual([]);
    const again = applyUpload(failed, { type: 'retried', id: 'a' });
    expect(again[0]?.state).toBe(retryable ? 'queued' : 'failed');
  });

  it('that was removed stays so, whatever still arrives', () => {
    const uploads = play([
      ...sending,
      { type: 'removed', id: 'a' },
      { type: 'progressed', id: 'a', sent: 10 },
      { type: 'stored', id: 'a', file },
    ]);
    expect(uploads).toEqual([]);
  });

  it('waits while enough others are being sent', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const added = play([{ type: 'added', uploads: ids.map(queued) }]);
    expect(startable(added)).toHaveLength(AT_ONCE);
    const one = applyUpload(added, { type: 'started', id: 'a' });
    expect(startable(one).map(({ id }) => id)).toEqual(['b', 'c']);
  });
});
