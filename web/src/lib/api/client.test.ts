import { afterEach, describe, expect, it, vi } from 'vitest';
import { json, query, request } from './client';

type Answer = (path: string, calls: string[]) => Response | Promise<Response>;

/** Answers requests by a function of the path; keeps what was asked. */
function serve(answer: Answer): string[] {
  const calls: string[] = [];
  vi.stubGlobal('fetch', async (path: string, init?: RequestInit) => {
    calls.push(`${init?.method ?? 'GET'} ${path}`);
    return answer(path, calls);
  });
  return calls;
}

const refusal = (status: number, code: string, headers = {}) =>
  new Response(JSON.stringify({ error: { code, message: 'No.', request_id: 'r-1' } }), {
    status,
    headers,
  });

afterEach(() => vi.unstubAllGlobals());

describe('a request', () => {
  it('opens a session once on 401 and tries again', async () => {
    const calls = serve((path, soFar) => {
      if (path.endsWith('/sessions')) return new Response('{}', { status: 201 });
      return soFar.some((call) => call.includes('/sessions'))
        ? new Response('{"items":[]}')
        : refusal(401, 'UNAUTHORIZED');
    });
    await expect(json('GET', '/conversations')).resolves.toEqual({ items: [] });
    expect(calls).toEqual([
      'GET /api/v1/conversations',
      'POST /api/v1/sessions',
      'GET /api/v1/conversations',
    ]);
  });

  it('shares the opening of a session among requests made together', async () => {
    let open = false;
    const calls = serve((path) => {
      if (path.endsWith('/sessions')) {
        open = true;
        return new Response('{}', { status: 201 });
      }
      return open ? new Response('{}') : refusal(401, 'UNAUTHORIZED');
    });
    await Promise.all([json('GET', '/a'), json('GET', '/b'), json('GET', '/c')]);
    expect(calls.filter((call) => call.includes('/sessions'))).toHaveLength(1);
  });

  it('opens no second session for a refusal that comes late', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1000 });
    let open = false;
    let refuseLate = () => {};
    const late = new Promise<void>((done) => {
      refuseLate = done;
    });
    const calls = serve(async (path, soFar) => {
      if (path.endsWith('/sessions')) {
        vi.setSystemTime(Date.now() + 5);
        open = true;
        return new Response('{}', { status: 201 });
      }
      const first = soFar.filter((call) => call.endsWith(path)).length === 1;
      if (path.endsWith('/late') && first) {
        await late;
        return refusal(401, 'UNAUTHORIZED');
      }
      return open ? new Response('{}') : refusal(401, 'UNAUTHORIZED');
    });
    const slow = json('GET', '/late');
    await json('GET', '/a');
    vi.setSystemTime(Date.now() + 5);
    refuseLate();
    await slow;
    vi.useRealTimers();
    expect(calls.filter((call) => call.includes('/sessions'))).toHaveLength(1);
  });

  it('gives up when a fresh session is refused too', async () => {
    const calls = serve((path) =>
      path.endsWith('/sessions')
        ? new Response('{}', { status: 201 })
        : refusal(401, 'UNAUTHORIZED'),
    );
    await expect(json('GET', '/a')).rejects.toMatchObject({ status: 401 });
    expect(calls).toHaveLength(3);
  });

  it('goes without credentials where it is anonymous, and opens no session', async () => {
    const calls = serve(() => refusal(401, 'UNAUTHORIZED'));
    await expect(json('GET', '/shared/x', { anonymous: true })).rejects.toMatchObject({
      status: 401,
    });
    expect(calls).toEqual(['GET /api/v1/shared/x']);
    const sent = vi.fn(async (_: string, init: RequestInit) => new Response(init.credentials));
    vi.stubGlobal('fetch', sent);
    const credentials = async (init: RequestInit) => (await request('/a', init)).text();
    await expect(credentials({ credentials: 'omit' })).resolves.toBe('omit');
    await expect(credentials({})).resolves.toBe('same-origin');
  });

  it('reads the error envelope, the request id and the wait', async () => {
    serve(() => refusal(429, 'RATE_LIMIT_EXCEEDED', { 'retry-after': '17' }));
    await expect(request('/a')).rejects.toMatchObject({
      code: 'RATE_LIMIT_EXCEEDED',
      message: 'No.',
      status: 429,
      requestId: 'r-1',
      retryAfter: 17,
    });
  });

  it('makes an error of an answer that is not ours, and of none', async () => {
    serve(() => new Response('<html>Bad gateway</html>', { status: 502 }));
    await expect(request('/a')).rejects.toMatchObject({ code: 'HTTP_502', status: 502 });
    serve(() => Promise.reject(new TypeError('failed')));
    await expect(request('/a')).rejects.toMatchObject({ code: 'NETWORK_ERROR', status: 0 });
  });

  it('asks only for the values that are set', () => {
    expect(query({ limit: 5, cursor: null, q: '', status: 'a b' })).toBe('?limit=5&status=a+b');
    expect(query({})).toBe('');
  });
});
