import { endIdentity } from '@/lib/identity';
import { readStored, writeStored } from '@/lib/storage';
import { API } from './client';
import { errorFromBody, networkError } from './error';

const DONE_KEY = 'vpaura.refreshed';
const LOCK = 'vpaura.refresh';
const LEASE_MS = 10_000;
const LEASE_SETTLE_MS = 60;

let going: Promise<boolean> | null = null;

/**
 * Gets a new access token for a signed-in user, whose request sent at `sentAt` (milliseconds since
 * 1970) was refused. A refresh token works once, and using it twice ends the session: so all tabs
 * queue here, and those that come later find that the work is done. Says whether they may go on.
 */
export function refresh(sentAt: number): Promise<boolean> {
  going ??= alone(() => exchange(sentAt)).finally(() => {
    going = null;
  });
  return going;
}

async function exchange(sentAt: number): Promise<boolean> {
  if (Number(readStored(DONE_KEY)) > sentAt) return true;
  const response = await fetch(`${API}/auth/refresh`, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  }).catch(() => {
    throw networkError();
  });
  if (response.ok) {
    await response.arrayBuffer();
    writeStored(DONE_KEY, String(Date.now()));
    return true;
  }
  if (response.status === 401) {
    endIdentity();
    return false;
  }
  throw errorFromBody(response.status, await response.text().catch(() => ''), (name) =>
    response.headers.get(name),
  );
}

/** Runs `work` in one tab at a time. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  // Pages over plain HTTP (other than localhost) have no locks.
  return navigator.locks ? navigator.locks.request(LOCK, work) : byLease(work);
}

/** The same by a note in the storage: whose note still stands after a moment has the turn. */
async function byLease<T>(work: () => Promise<T>): Promise<T> {
  const mine = String(Math.random());
  while (true) {
    const [holder, until = 0] = (readStored(LOCK) ?? '').split(' ');
    if (holder === mine) break;
    if (Number(until) < Date.now()) writeStored(LOCK, `${mine} ${Date.now() + LEASE_MS}`);
    await new Promise((done) => setTimeout(done, LEASE_SETTLE_MS));
    // No storage at all: then no other tab shares anything with this one either.
    if (readStored(LOCK) === null) break;
  }
  try {
    return await work();
  } finally {
    writeStored(LOCK, null);
  }
}
