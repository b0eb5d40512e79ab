import { create } from 'zustand';
import { toApiError } from '@/lib/api/error';
import type { FilePart } from '@/lib/api/types';
import { readStored, writeStored } from '@/lib/storage';
import { uuid } from '@/lib/uuid';
import {
  applyUpload,
  fromParts,
  readyParts,
  startable,
  type Upload,
  type UploadEvent,
} from './machine';
import { uploadFile } from './upload';

/** Uploads by draft: a conversation's id, or "new". */
interface Attachments {
  drafts: Record<string, readonly Upload[]>;
}

const STORED = 'vpaura.files.';
const NONE: readonly Upload[] = [];

const useAttachments = create<Attachments>(() => ({ drafts: {} }));

/** What the state cannot hold: the bytes, and the way to stop sending them. */
const sources = new Map<string, { file: File; abort: AbortController }>();

export const uploadsOf = (draft: string): readonly Upload[] =>
  useAttachments.getState().drafts[draft] ?? NONE;

export function useUploads(draft: string): readonly Upload[] {
  return useAttachments((state) => state.drafts[draft]) ?? NONE;
}

/** Takes in what happened, and begins the uploads that may begin by that. */
function dispatch(draft: string, event: UploadEvent) {
  note(draft, event);
  for (const upload of startable(uploadsOf(draft))) void start(draft, upload.id);
}

function note(draft: string, event: UploadEvent) {
  useAttachments.setState(({ drafts }) => ({
    drafts: { ...drafts, [draft]: applyUpload(drafts[draft] ?? NONE, event) },
  }));
  const ready = readyParts(uploadsOf(draft));
  writeStored(STORED + draft, ready.length === 0 ? null : JSON.stringify(ready));
}

async function start(draft: string, id: string) {
  const source = sources.get(id);
  if (!source) return;
  // Noted alone: whoever begins this one has the others on its list.
  note(draft, { type: 'started', id });
  try {
    const file = await uploadFile({
      file: source.file,
      key: id,
      signal: source.abort.signal,
      onProgress: (sent) => dispatch(draft, { type: 'progressed', id, sent }),
    });
    sources.delete(id);
    dispatch(draft, { type: 'stored', id, file });
  } catch (cause) {
    const { code, message, status } = toApiError(cause);
    dispatch(draft, { type: 'refused', id, code, message, status });
  }
}

export function addFiles(draft: string, files: readonly File[]) {
  const uploads = files.map((file): Upload => {
    const id = uuid();
    sources.set(id, { file, abort: new AbortController() });
    return { id, name: file.name, size: file.size, mediaType: file.type, state: 'queued' };
  });
  dispatch(draft, { type: 'added', uploads });
}

export function retryUpload(draft: string, id: string) {
  dispatch(draft, { type: 'retried', id });
}

export function removeUpload(draft: string, id: string) {
  sources.get(id)?.abort.abort();
  sources.delete(id);
  dispatch(draft, { type: 'removed', id });
}

/** Empties a draft whose files went out with a message. */
export function clearUploads(draft: string) {
  for (const upload of uploadsOf(draft)) sources.delete(upload.id);
  dispatch(draft, { type: 'cleared' });
}

/** Puts files back that a failed send had taken. */
export function restoreUploads(draft: string, parts: readonly FilePart[]) {
  const present = new Set(readyParts(uploadsOf(draft)).map((part) => part.file_id));
  const missing = parts.filter((part) => !present.has(part.file_id));
  if (missing.length > 0) dispatch(draft, { type: 'added', uploads: fromParts(missing) });
}

/** Reads a draft's stored files once, when it is first shown. */
export function loadUploads(draft: string) {
  if (useAttachments.getState().drafts[draft]) return;
  try {
    const parts = JSON.parse(readStored(STORED + draft) ?? '[]') as FilePart[];
    dispatch(draft, { type: 'added', uploads: fromParts(parts) });
  } catch {
    writeStored(STORED + draft, null);
  }
}
