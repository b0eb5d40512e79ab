import type { FilterCondition, SearchBody } from '@/lib/api/knowledge-types';

export const OPERATORS = ['is', 'in', 'gte', 'lte'] as const;
export type Operator = (typeof OPERATORS)[number];

/** A row of the filter as it is typed. */
export interface Condition {
  id: string;
  key: string;
  operator: Operator;
  value: string;
}

export const MOST_CONDITIONS = 16;

type Value = string | number | boolean;

/** Numbers and truth values as such, anything else as the text it is; quotes force a text. */
export function typedValue(text: string): Value {
  const trimmed = text.trim();
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
  if (/^-?\d+(?:\.\d+)?$/.test(trimmed)) return Number(trimmed);
  return /^".*"$/.test(trimmed) ? trimmed.slice(1, -1) : trimmed;
}

/** The rows as the server takes them; those that are not filled in are left out. */
export function filterOf(conditions: readonly Condition[]): SearchBody['filter'] {
  const filter: Record<string, FilterCondition> = {};
  for (const { key, operator, value } of conditions) {
    const name = key.trim();
    if (name === '' || value.trim() === '') continue;
    filter[name] = conditionOf(operator, value, filter[name]);
  }
  return Object.keys(filter).length === 0 ? undefined : filter;
}

function conditionOf(
  operator: Operator,
  text: string,
  before: FilterCondition | undefined,
): FilterCondition {
  if (operator === 'is') return typedValue(text);
  if (operator === 'in') return { in: text.split(',').map(typedValue) };
  const bound = typedValue(text);
  const edge = { [operator]: typeof bound === 'boolean' ? text.trim() : bound };
  // Both ends of a range are two rows with one key.
  const range = typeof before === 'object' && !('in' in before) ? before : {};
  return { ...range, ...edge };
}
