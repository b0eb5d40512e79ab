import type { ChatbotSettings } from '@/lib/api/identity-types';

type Changes = { [K in keyof ChatbotSettings]: ChatbotSettings[K] | undefined };

export type Change = (part: Changes) => void;

/** Settings with some changed; what becomes undefined is left out, which means the default. */
export function changed(settings: ChatbotSettings, part: Changes): ChatbotSettings {
  return Object.fromEntries(
    Object.entries({ ...settings, ...part }).filter(([, value]) => value !== undefined),
  ) as ChatbotSettings;
}

/** The same for the same content, in whatever order its names stand, at every depth. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (value === null || typeof value !== 'object') return value;
  const named = Object.entries(value).filter(([, part]) => part !== undefined);
  return named.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, part]) => [name, inOrder(part)]);
}

/** Whether two say the same, in whatever order. */
export const sameSettings = (a: ChatbotSettings, b: ChatbotSettings) =>
  JSON.stringify(inOrder(a)) === JSON.stringify(inOrder(b));

export interface Difference {
  name: keyof ChatbotSettings;
  /** As text; null where it was left to the default. */
  before: string | null;
  after: string | null;
}

/** What changed from one version to another. */
export function differences(before: ChatbotSettings, after: ChatbotSettings): Difference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return ([...names].sort() as (keyof ChatbotSettings)[])
    .map((name) => ({ name, before: textOf(before[name]), after: textOf(after[name]) }))
    .filter((difference) => difference.before !== difference.after);
}

function textOf(value: ChatbotSettings[keyof ChatbotSettings]): string | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.join('\n');
  if (typeof value === 'object' && 'text' in value) return value.text;
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}
