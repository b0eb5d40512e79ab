import { useIdentity } from '@/lib/identity';
import { readStored, writeStored } from '@/lib/storage';
import { ApiError, errorFromBody, networkError } from './error';

export const API = '/api/v1';

const OPENED_KEY = 'vpaura.opened';

let opening: Promise<void> | null = null;
/** When this tab opened one last, in milliseconds since 1970. */
let openedAt = 0;

/**
 * Opens an anonymous session (the server sets its cookie). Calls made while one is being opened
 * share it, so that a page full of 401s makes one session, not ten.
 */
export function openSession(): Promise<void> {
  opening ??= postSession().finally(() => {
    opening = null;
  });
  return opening;
}

async function postSession() {
  const response = await send('/sessions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  if (!response.ok) throw await refusal(response);
  // The cookie is all we need, but an unread body would keep the connection busy.
  await response.arrayBuffer();
  openedAt = Date.now();
  writeStored(OPENED_KEY, String(openedAt));
}

/** The session that is being opened, if one is. Who opens it is told of its failure. */
export const openingSession = () => opening?.catch(() => undefined) ?? null;

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(API + path, { credentials: 'same-origin', ...init });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw networkError();
  }
}

async function refusal(response: Response): Promise<ApiError> {
  const body = await response.text().catch(() => '');
  return errorFromBody(response.status, body, (name) => response.headers.get(name));
}

/**
 * After a 401 to a request sent at `sentAt`: gets a fresh credential, a visitor's session or a
 * user's token. Says whether repeating the request makes sense.
 */
export async function regainAccess(sentAt: number): Promise<boolean> {
  const { state } = useIdentity.getState();
  if (state === 'ended') return false;
  if (state === 'user') return (await import('./refresh')).refresh(sentAt);
  // A refusal may be late: another request, or another tab, has opened one since this one was sent.
  // A second one would take its place, and what belongs to the first would be lost.
  const opened = Math.max(openedAt, Number(readStored(OPENED_KEY)));
  if (opened <= sentAt || opened > Date.now()) await openSession();
  return true;
}

/**
 * A request whose answer the caller reads. On 401 it gets a fresh credential once and tries again,
 * unless the request is to go without credentials or 401 is its very answer (`asIs`); any other
 * refusal is thrown as an ApiError.
 */
export async function request(
  path: string,
  init: RequestInit = {},
  asIs = false,
): Promise<Response> {
  const sentAt = Date.now();
  let response = await send(path, init);
  if (response.status === 401 && init.credentials !== 'omit' && !asIs) {
    if (await regainAccess(sentAt)) response = await send(path, init);
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface JsonOptions {
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
  /** For what anyone may read: goes without the session's cookie, and opens no session. */
  anonymous?: boolean;
  /** For signing in: a 401 says that the words were wrong, not that the credential is old. */
  asIs?: boolean;
}

/** A JSON request with a JSON answer (or none). */
export async function json<T>(method: Method, path: string, options: JsonOptions = {}): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
  const init: RequestInit = { method, headers };
  if (options.body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(options.body);
  }
  if (options.anonymous) init.credentials = 'omit';
  if (options.signal) init.signal = options.signal;
  const response = await request(path, init, options.asIs);
  const text = await response.text();
  if (text === '') return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError({ code: 'BAD_ANSWER', message: '', status: response.status });
  }
}

/** `?a=1&b=2` from the values that are set. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== '') params.set(key, String(value));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}
