// For tests of parts of the page: shows them in a page of their own, against answers given by hand.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from '@tanstack/react-router';
import { cleanup, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { vi } from 'vitest';
import '@/lib/i18n';
import '@/lib/i18n-identity';
import '@/lib/i18n-knowledge';
import { useIdentity } from '@/lib/identity';

export interface Call {
  /** For example `GET /users/me`, with the query string. */
  to: string;
  body: unknown;
}

export interface Refusal {
  status: number;
  code?: string;
  message?: string;
  details?: unknown;
  retryAfter?: number;
}

/** An answer that is no success. */
export class Refused {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    this.refusal = refusal;
  }
}

type Answer = unknown | ((body: never) => unknown);

function toResponse(answer: unknown): Response {
  if (answer instanceof Response) return answer;
  if (!(answer instanceof Refused)) {
    return answer === undefined ? new Response(null, { status: 204 }) : Response.json(answer);
  }
  const { status, code = 'NO', message = 'No.', details = null, retryAfter } = answer.refusal;
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return Response.json({ error: { code, message, details } }, { status, headers });
}

/**
 * Answers requests by method and path (a query string in a key must match too), or by a function of
 * the body. Gives the calls that were made; those without an answer get a 404.
 */
export function serve(answers: Record<string, Answer>): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    const to = `${init.method ?? 'GET'} ${url.replace('/api/v1', '')}`;
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined;
    calls.push({ to, body });
    const bare = to.split('?')[0] ?? '';
    const key = to in answers ? to : bare;
    if (!(key in answers)) return toResponse(new Refused({ status: 404, code: 'NOT_FOUND' }));
    const answer = answers[key];
    return toResponse(
      typeof answer === 'function' ? (answer as (b: unknown) => unknown)(body) : answer,
    );
  });
  return calls;
}

interface Place {
  /** The route's pattern. */
  route?: string;
  /** The address. */
  at?: string;
}

/** Shows something at an address, and waits until it stands. */
export async function show(children: ReactNode, { route = '$', at = '/' }: Place = {}) {
  const root = createRootRoute();
  const page = createRoute({
    getParentRoute: () => root,
    path: route,
    component: () => children,
  });
  const rest = createRoute({ getParentRoute: () => root, path: '/', component: () => children });
  const router = createRouter({
    routeTree: root.addChildren(route === '/' ? [page] : [page, rest]),
    history: createMemoryHistory({ initialEntries: [at] }),
  });
  await router.load();
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
  return { router, client };
}

/** Makes the page that of a signed-in user, as far as it knows. */
export function beUser(userId = 'u-1', workspaceId = 'w-1') {
  useIdentity.setState({ state: 'user', userId, workspaceId });
}

/** To be called after each test. */
export function clearPage() {
  cleanup();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  localStorage.clear();
  useIdentity.setState({ state: 'visitor', userId: null, workspaceId: null });
}
