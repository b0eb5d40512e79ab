// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { i18n } from '@/lib/i18n';
import { ApiError } from './error';
import { explain } from './explain';

const said = (error: Partial<ConstructorParameters<typeof ApiError>[0]>) =>
  explain(
    i18n.t,
    new ApiError({ code: 'X', message: 'The server’s words.', status: 400, ...error }),
  );

describe('a refusal in words', () => {
  it('names the permission, and who can give it', () => {
    const details = { permission: 'members:write' };
    expect(said({ status: 403, details })).toMatch(/permission members:write\. An owner or admin/);
    const message = 'This needs the permission users:write.';
    expect(said({ status: 403, message })).toMatch(/users:write\. An owner of the installation/);
    expect(said({ status: 403, code: 'REGISTRATION_CLOSED' })).toBe('The server’s words.');
  });

  it('says what is left of a budget and when it renews', () => {
    const details = {
      budget: { spender: { user: 'u-1' }, period: 'day', unit: 'tokens', amount: 5000 },
      left: 120,
      renews_at: '2026-12-01T00:00:00Z',
    };
    const text = said({ status: 429, code: 'BUDGET_EXCEEDED', retryAfter: 9000, details });
    expect(text).toContain('the user’s budget for a day: 120 tokens of 5,000 tokens');
    expect(text).toMatch(/renews on .*2026/);
    expect(said({ status: 429, code: 'BUDGET_EXCEEDED', details: { left: 1 } })).toBe(
      'The server’s words.',
    );
  });

  it('says how long to wait, and else what the server says', () => {
    expect(said({ status: 429, retryAfter: 65 })).toContain('1 min 5 s');
    expect(said({ status: 409 })).toBe('The server’s words.');
    expect(said({ status: 500, message: '', code: 'ODD' })).toContain('ODD');
    expect(said({ code: 'NETWORK_ERROR', status: 0 })).toBe('The server cannot be reached.');
    expect(explain(i18n.t, new TypeError('x'))).toBe('The server cannot be reached.');
  });
});
