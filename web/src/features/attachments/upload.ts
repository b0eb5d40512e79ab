import { API, regainAccess } from '@/lib/api/client';
import { ApiError, errorFromBody, networkError } from '@/lib/api/error';
import type { UploadedFile } from '@/lib/api/types';

interface UploadOptions {
  file: File;
  key: string;
  onProgress: (sent: number) => void;
  signal: AbortSignal;
}

/** Sends a file. By XMLHttpRequest, because fetch cannot report how much has gone out. */
export async function uploadFile(options: UploadOptions): Promise<UploadedFile> {
  const sentAt = Date.now();
  try {
    return await send(options);
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.status !== 401) throw cause;
    if (!(await regainAccess(sentAt))) throw cause;
    return send(options);
  }
}

function send({ file, key, onProgress, signal }: UploadOptions): Promise<UploadedFile> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open('POST', `${API}/files/upload`);
    xhr.setRequestHeader('idempotency-key', key);
    xhr.upload.onprogress = (event) => onProgress(event.loaded);
    xhr.onerror = () => reject(networkError());
    xhr.onabort = () => reject(networkError());
    xhr.onload = () => {
      if (xhr.status >= 200 && xhr.status < 300) resolve(parse(xhr.responseText, file));
      else
        reject(errorFromBody(xhr.status, xhr.responseText, (name) => xhr.getResponseHeader(name)));
    };
    signal.addEventListener('abort', () => xhr.abort());
    const form = new FormData();
    form.append('file', file, file.name);
    xhr.send(form);
  });
}

function parse(body: string, file: File): UploadedFile {
  const answer = JSON.parse(body) as Partial<UploadedFile> & { id?: string };
  return {
    file_id: answer.file_id ?? answer.id ?? '',
    name: answer.name ?? file.name,
    media_type: answer.media_type ?? file.type,
    size: answer.size ?? file.size,
    text_chars: answer.text_chars ?? 0,
  };
}
