// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { beUser, clearPage, Refused, serve } from '#testing/page';
import { useIdentity } from '@/lib/identity';
import { json, regainAccess } from './client';

/** Answers everything with 401 until the token was refreshed. */
function serveExpired(refresh: () => unknown) {
  let fresh = false;
  const answer = () => (fresh ? { ok: true } : new Refused({ status: 401 }));
  return serve({
    'GET /a': answer,
    'GET /b': answer,
    'POST /auth/refresh': () => {
      const answered = refresh();
      fresh = !(answered instanceof Refused);
      return answered;
    },
  });
}

const refreshes = (calls: { to: string }[]) =>
  calls.filter(({ to }) => to === 'POST /auth/refresh').length;

beforeEach(() => beUser());
afterEach(clearPage);

describe('a signed-in user whose token has expired', () => {
  it('gets a new one, once for requests made together, and the requests are repeated', async () => {
    const calls = serveExpired(() => ({}));
    await expect(Promise.all([json('GET', '/a'), json('GET', '/b')])).resolves.toEqual([
      { ok: true },
      { ok: true },
    ]);
    expect(refreshes(calls)).toBe(1);
    expect(calls.map(({ to }) => to)).not.toContain('POST /sessions');
  });

  it('uses what another tab has got since the request was sent', async () => {
    const calls = serveExpired(() => ({}));
    const sentAt = Date.now();
    localStorage.setItem('vpaura.refreshed', String(sentAt + 1));
    await expect(regainAccess(sentAt)).resolves.toBe(true);
    expect(refreshes(calls)).toBe(0);
    await expect(regainAccess(sentAt + 1000)).resolves.toBe(true);
    expect(refreshes(calls)).toBe(1);
  });

  it('is signed out when that is refused, and no visitor takes their place', async () => {
    const calls = serveExpired(() => new Refused({ status: 401 }));
    await expect(json('GET', '/a')).rejects.toMatchObject({ status: 401 });
    expect(useIdentity.getState()).toMatchObject({ state: 'ended', userId: 'u-1' });
    await expect(json('GET', '/b')).rejects.toMatchObject({ status: 401 });
    expect(calls.map(({ to }) => to)).toEqual(['GET /a', 'POST /auth/refresh', 'GET /b']);
  });

  it('stays signed in when the server is only busy', async () => {
    serveExpired(() => new Refused({ status: 503, code: 'SERVICE_UNAVAILABLE' }));
    await expect(json('GET', '/a')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(useIdentity.getState().state).toBe('user');
  });

  it('takes a 401 as the answer where it is one', async () => {
    const calls = serveExpired(() => ({}));
    await expect(json('GET', '/a', { asIs: true })).rejects.toMatchObject({ status: 401 });
    expect(calls).toHaveLength(1);
  });
});

describe('tabs that find the token expired together', () => {
  /** Two tabs are two copies of the module that share the storage. */
  async function twoTabs() {
    vi.resetModules();
    const one = await import('./refresh');
    vi.resetModules();
    const two = await import('./refresh');
    return [one, two] as const;
  }

  it('take turns by a lock, and only the first asks', async () => {
    let turn: Promise<unknown> = Promise.resolve();
    const locks = {
      request: (_: string, work: () => Promise<unknown>) => {
        turn = turn.then(work);
        return turn;
      },
    };
    vi.stubGlobal('navigator', { ...navigator, locks });
    const calls = serveExpired(() => ({}));
    const [one, two] = await twoTabs();
    const sentAt = Date.now() - 1;
    await expect(Promise.all([one.refresh(sentAt), two.refresh(sentAt)])).resolves.toEqual([
      true,
      true,
    ]);
    expect(refreshes(calls)).toBe(1);
  });

  it('take turns by a note in the storage where there are no locks', async () => {
    vi.stubGlobal('navigator', { ...navigator, locks: undefined });
    const calls = serveExpired(() => ({}));
    const [one, two] = await twoTabs();
    const sentAt = Date.now() - 1;
    await expect(Promise.all([one.refresh(sentAt), two.refresh(sentAt)])).resolves.toEqual([
      true,
      true,
    ]);
    expect(refreshes(calls)).toBe(1);
    expect(localStorage.getItem('vpaura.refresh')).toBeNull();
  });
});
