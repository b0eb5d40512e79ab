import type { FilePart, UploadedFile } from '@/lib/api/types';

/** One file on its way to the server. `queued` → `sending` → `ready` or `failed`. */
export type Upload = {
  id: string;
  name: string;
  size: number;
  mediaType: string;
} & (
  | { state: 'queued' }
  | { state: 'sending'; sent: number }
  /** `notice` says what of it could not be read. */
  | { state: 'ready'; fileId: string; notice: string | null }
  | { state: 'failed'; code: string; message: string; retryable: boolean }
);

export type UploadEvent =
  | { type: 'added'; uploads: Upload[] }
  | { type: 'started'; id: string }
  | { type: 'progressed'; id: string; sent: number }
  | { type: 'stored'; id: string; file: UploadedFile }
  | { type: 'refused'; id: string; code: string; message: string; status: number }
  | { type: 'retried'; id: string }
  | { type: 'removed'; id: string }
  | { type: 'cleared' };

export const AT_ONCE = 3;

/** The most files the server takes with one message. */
export const MOST_FILES = 10;

/** Applies an event. One that does not fit the upload's state (it was removed, say) is dropped. */
export function applyUpload(uploads: readonly Upload[], event: UploadEvent): readonly Upload[] {
  switch (event.type) {
    case 'added':
      return [...uploads, ...event.uploads];
    case 'cleared':
      return [];
    case 'removed':
      return uploads.filter((upload) => upload.id !== event.id);
    default:
      return uploads.map((upload) => (upload.id === event.id ? step(upload, event) : upload));
  }
}

type StepEvent = Exclude<UploadEvent, { type: 'added' | 'cleared' | 'removed' }>;

function step(upload: Upload, event: StepEvent): Upload {
  const { id, name, size, mediaType } = upload;
  const base = { id, name, size, mediaType };
  switch (event.type) {
    case 'started':
      return upload.state === 'queued' ? { ...base, state: 'sending', sent: 0 } : upload;
    case 'progressed':
      if (upload.state !== 'sending') return upload;
      // Progress counts the form around the file too, and must never run backwards.
      return { ...upload, sent: Math.max(upload.sent, Math.min(event.sent, size)) };
    case 'stored': {
      if (upload.state !== 'sending') return upload;
      const { file } = event;
      return {
        id,
        name: file.name,
        size: file.size,
        mediaType: file.media_type,
        state: 'ready',
        fileId: file.file_id,
        notice: file.notice ?? null,
      };
    }
    case 'refused': {
      if (upload.state !== 'sending') return upload;
      const { code, message, status } = event;
      // Too large, of no known type or unreadable stay so; anything else may pass.
      const retryable = ![413, 415, 422].includes(status);
      return { ...base, state: 'failed', code, message, retryable };
    }
    case 'retried':
      return upload.state === 'failed' && upload.retryable ? { ...base, state: 'queued' } : upload;
  }
}

/** The uploads that may start now. */
export function startable(uploads: readonly Upload[]): Upload[] {
  const sending = uploads.filter((upload) => upload.state === 'sending').length;
  return uploads.filter((upload) => upload.state === 'queued').slice(0, AT_ONCE - sending);
}

export const isBusy = (uploads: readonly Upload[]) =>
  uploads.some((upload) => upload.state === 'queued' || upload.state === 'sending');

/** The stored files as the parts of the message to come. */
export function readyParts(uploads: readonly Upload[]): FilePart[] {
  return uploads.flatMap((upload) =>
    upload.state === 'ready'
      ? {
          type: 'file',
          file_id: upload.fileId,
          name: upload.name,
          media_type: upload.mediaType,
          size: upload.size,
        }
      : [],
  );
}

/** The other way round: parts of a message that comes back into the composer. */
export function fromParts(parts: readonly FilePart[]): Upload[] {
  return parts.map((part) => ({
    id: part.file_id,
    name: part.name,
    size: part.size,
    mediaType: part.media_type,
    state: 'ready',
    fileId: part.file_id,
    notice: null,
  }));
}
