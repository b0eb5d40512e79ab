import type { TFunction } from 'i18next';
import '@/lib/i18n-identity';
import { amount } from '@/lib/format';
import { duration, moment } from '@/lib/time';
import { toApiError } from './error';
import type { BudgetTerms } from './identity-types';

/** What no role of a workspace can hold. */
export const INSTALLATION = ['users:read', 'users:write', 'workspaces:write'];

/** Who can give a permission: the key of the words for them. */
export const giverOf = (permission: string) =>
  INSTALLATION.includes(permission) ? 'refused.owner' : 'refused.admin';

/** A refusal in words: what it takes and who can give it, or what is left and when there is more. */
export function explain(t: TFunction, cause: Error): string {
  const error = toApiError(cause);
  if (error.code === 'NETWORK_ERROR') return t('error.network');
  const permission = error.status === 403 ? missingPermission(error.message, error.details) : null;
  if (permission !== null) {
    return t('refused.permission', { permission, who: t(giverOf(permission)) });
  }
  if (error.code === 'BUDGET_EXCEEDED') return explainBudget(t, error.details) ?? error.message;
  if (error.status === 429 && error.retryAfter !== null) {
    return t('refused.tooOften', { time: duration(error.retryAfter) });
  }
  return error.message || t('refused.unknown', { code: error.code });
}

function missingPermission(message: string, details: Readonly<Record<string, unknown>>) {
  if (typeof details.permission === 'string') return details.permission;
  return /permission ([a-z_]+:[a-z_]+)/.exec(message)?.[1] ?? null;
}

/** What is left of a budget and when it is whole again; null when the server did not say. */
export function explainBudget(
  t: TFunction,
  details: Readonly<Record<string, unknown>>,
): string | null {
  const budget = details.budget as BudgetTerms | undefined;
  const { left, renews_at } = details;
  if (!budget || typeof left !== 'number' || typeof renews_at !== 'string') return null;
  const spender =
    typeof budget.spender === 'string' ? budget.spender : Object.keys(budget.spender)[0];
  return t('refused.budget', {
    budget: t(`budgetOf.${spender}_${budget.period}`),
    left: amount(left, budget.unit),
    all: amount(budget.amount, budget.unit),
    time: moment(renews_at),
  });
}
