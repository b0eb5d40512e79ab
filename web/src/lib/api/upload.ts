import { API, openingSession, regainAccess } from './client';
import { ApiError, errorFromBody, networkError } from './error';

interface FileToSend {
  /** The path of the API that takes it. */
  path: string;
  file: File;
  /** Further fields of the form. */
  fields?: Readonly<Record<string, string>>;
  /** Makes a repeat harmless. */
  key: string;
  onProgress: (sent: number) => void;
  signal: AbortSignal;
}

export interface Taken {
  status: number;
  body: unknown;
}

/** Sends a file. By XMLHttpRequest, because fetch cannot report how much has gone out. */
export async function sendFile(sending: FileToSend): Promise<Taken> {
  // A file without a session is given one of its own.
  const session = openingSession();
  if (session) await session;
  const sentAt = Date.now();
  try {
    return await send(sending);
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.status !== 401) throw cause;
    if (!(await regainAccess(sentAt))) throw cause;
    return send(sending);
  }
}

function send({ path, file, fields = {}, key, onProgress, signal }: FileToSend): Promise<Taken> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open('POST', API + path);
    xhr.setRequestHeader('idempotency-key', key);
    xhr.upload.onprogress = (event) => onProgress(event.loaded);
    xhr.onerror = () => reject(networkError());
    xhr.onabort = () => reject(networkError());
    xhr.onload = () => {
      const { status, responseText } = xhr;
      if (status < 200 || status >= 300) {
        reject(errorFromBody(status, responseText, (name) => xhr.getResponseHeader(name)));
        return;
      }
      try {
        resolve({ status, body: JSON.parse(responseText) });
      } catch {
        reject(new ApiError({ code: 'BAD_ANSWER', message: '', status }));
      }
    };
    signal.addEventListener('abort', () => xhr.abort());
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', file, file.name);
    xhr.send(form);
  });
}
