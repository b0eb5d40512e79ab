import { create } from 'zustand';
import { toApiError } from '@/lib/api/error';
import type { Ask } from '@/lib/api/types';
import { answerAsk } from './store';

/** A question whether a tool may be used. */
export interface Approval {
  tool: string;
  arguments: unknown;
}

/** Reads a question about a tool; null where it asks something else. */
export function approvalOf({ question }: Ask): Approval | null {
  if (typeof question !== 'object' || question === null) return null;
  const { kind, tool, arguments: given } = question as Record<string, unknown>;
  if (kind !== 'approve_tool' || typeof tool !== 'string') return null;
  return { tool, arguments: given ?? {} };
}

/** What was typed, as the JSON it is, or else as text. */
export function readAnswer(typed: string): unknown {
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}

/** How far the reader is with a question. */
export interface AskState {
  /** What is typed; null while nothing is to be typed. */
  text: string | null;
  sending: boolean;
  /** Why the answer was not taken; empty where the server could not be reached. */
  error: string | null;
}

const UNTOUCHED: AskState = { text: null, sending: false, error: null };

/** By question; outside the row, which unmounts when scrolled away. */
const useStates = create<Record<string, AskState>>(() => ({}));

// An ask's id is unique only within its run.
const keyOf = (runId: string, askId: string) => `${runId} ${askId}`;

export function useAskState(runId: string, askId: string): AskState {
  return useStates((states) => states[keyOf(runId, askId)]) ?? UNTOUCHED;
}

function change(key: string, changes: Partial<AskState>) {
  useStates.setState((states) => ({ [key]: { ...(states[key] ?? UNTOUCHED), ...changes } }));
}

export function typeAnswer(runId: string, askId: string, text: string | null) {
  change(keyOf(runId, askId), { text });
}

/** Sends an answer, once; resolves to whether it was taken. */
export async function sendAnswer(
  run: { conversationId: string; runId: string },
  askId: string,
  answer: unknown,
): Promise<boolean> {
  const key = keyOf(run.runId, askId);
  if (useStates.getState()[key]?.sending) return false;
  change(key, { sending: true, error: null });
  try {
    await answerAsk(run.conversationId, askId, answer);
  } catch (cause) {
    change(key, { sending: false, error: toApiError(cause).message });
    return false;
  }
  useStates.setState(({ [key]: _, ...rest }) => rest, true);
  return true;
}
