// @vitest-environment happy-dom
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { clearPage, Refused, serve, show } from '#testing/page';
import { liveRun, startRun, useRuns } from '@/features/runs/store';
import { RejectionNotice } from './notices';
import type { RunState } from './use-chat';

const send = {
  kind: 'send' as const,
  text: 'hi',
  files: [],
  parentId: null,
  model: null,
  key: 'k',
};

beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run, 0));
});
afterEach(() => {
  useRuns.setState({ live: {} });
  clearPage();
});

/** A message that the server did not take, as the chat shows it. */
async function rejected(refusal: ConstructorParameters<typeof Refused>[0]) {
  serve({ 'POST /conversations/c/runs': new Refused(refusal) });
  startRun('c', send);
  await vi.waitFor(() => expect(liveRun('c')?.phase).toBe('rejected'));
  const again = vi.fn();
  const run = liveRun('c') as RunState;
  await show(<RejectionNotice run={run} onAgain={again} onDismiss={() => undefined} />);
  return again;
}

it('says what is left of a budget, and does not hold the reader back until it renews', async () => {
  const again = await rejected({
    status: 429,
    code: 'BUDGET_EXCEEDED',
    retryAfter: 900_000,
    details: {
      budget: { spender: 'workspace', period: 'month', unit: 'money', amount: 20_000_000 },
      left: 0,
      renews_at: '2026-12-01T00:00:00Z',
    },
  });
  await screen.findByText(/Not sent: Too little is left of the workspace’s budget .* \$0 of \$20/);
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(again).toHaveBeenCalledWith(send);
});

it('names the permission that writing takes', async () => {
  await rejected({
    status: 403,
    code: 'FORBIDDEN',
    message: 'This needs the permission chat:write.',
  });
  await screen.findByText(/This takes the permission chat:write\. An owner or admin/);
});

it('holds the reader back while there are too many messages', async () => {
  await rejected({ status: 429, code: 'RATE_LIMIT_EXCEEDED', retryAfter: 30 });
  await screen.findByText(/too many messages/);
  const button = screen.getByRole('button', { name: 'Try again' }) as HTMLButtonElement;
  expect(button.disabled).toBe(true);
});
