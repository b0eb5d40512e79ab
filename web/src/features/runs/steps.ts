import type { Part, RunEvent } from '@/lib/api/types';

/** One node of a run's graph at work, as its events tell. Times are milliseconds since 1970. */
export interface Step {
  step: number;
  /** The node's path: `call_model`, `call_tool[0]`. */
  node: string;
  startedAt: number;
  finishedAt: number | null;
  /** Whether it has asked something, and ends there until it starts again. */
  asked: boolean;
  /**
   * The tool calls it made, or the one it carries out: which of the run's calls these are, from 0.
   * Their ids may repeat from round to round.
   */
  calls: readonly number[];
}

const TOOL_STEP = /(?:^|\/)call_tool\[(\d+)\]$/;

/** The steps after one more event. */
export function foldStep(steps: readonly Step[], event: RunEvent): readonly Step[] {
  switch (event.type) {
    case 'step_started':
      return start(steps, event.step, event.node, Date.parse(event.at));
    case 'step_finished':
      return change(steps, isOpen(event.node), (step) => ({
        ...step,
        asked: false,
        finishedAt: Date.parse(event.at),
      }));
    case 'interrupt': {
      const path = (event.ask as { path?: unknown } | null)?.path;
      return change(steps, isOpen(path), (step) => ({ ...step, asked: true }));
    }
    case 'reset':
      // What was finished is kept by the server, what was under way begins again.
      return steps.filter((step) => step.finishedAt !== null);
    default:
      return steps;
  }
}

/**
 * A step that was met before has been taken up again, after an answer or on another server. It
 * carries out the same call, but makes its calls anew.
 */
function start(steps: readonly Step[], step: number, node: string, at: number): readonly Step[] {
  const begun = { step, node, startedAt: at, finishedAt: null, asked: false };
  const known = steps.findIndex((other) => other.step === step && other.node === node);
  if (known >= 0) {
    const calls = TOOL_STEP.test(node) ? steps[known]?.calls : null;
    return steps.with(known, { ...begun, calls: calls ?? [] });
  }
  return [...steps, { ...begun, calls: callsOf(steps, node) }];
}

/** The call that a tool step carries out: the n-th of those that were made last. */
function callsOf(steps: readonly Step[], node: string): readonly number[] {
  const index = TOOL_STEP.exec(node)?.[1];
  if (index === undefined) return [];
  const maker = steps.findLast((step) => step.calls.length > 0 && !TOOL_STEP.test(step.node));
  const call = maker?.calls[Number(index)];
  return call === undefined ? [] : [call];
}

/**
 * The steps after a piece of the newest call with this id in `parts`. A call belongs to the step
 * that is making it; its later pieces are the same call.
 */
export function addCall(
  steps: readonly Step[],
  parts: readonly Part[],
  id: string,
): readonly Step[] {
  const call = callsIn(parts).findLastIndex((made) => made.id === id);
  if (steps.some((step) => step.calls.includes(call))) return steps;
  const making = (step: Step) => step.finishedAt === null && !TOOL_STEP.test(step.node);
  return change(steps, making, (step) => ({ ...step, calls: [...step.calls, call] }));
}

const isOpen = (node: unknown) => (step: Step) => step.node === node && step.finishedAt === null;

/** Changes the last step for which `test` holds. */
function change(
  steps: readonly Step[],
  test: (step: Step) => boolean,
  to: (step: Step) => Step,
): readonly Step[] {
  const at = steps.findLastIndex(test);
  const step = steps[at];
  return step ? steps.with(at, to(step)) : steps;
}

/** The milliseconds in which a step was at work: those of parallel steps count once, waits never. */
export function workingTime(steps: readonly Step[]): number {
  let total = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { startedAt, finishedAt } of steps.toSorted((a, b) => a.startedAt - b.startedAt)) {
    if (finishedAt === null || finishedAt <= until) continue;
    total += finishedAt - Math.max(startedAt, until);
    until = finishedAt;
  }
  return total;
}

/** A tool call as the steps show it. */
export interface Call {
  id: string;
  name: string;
  arguments: string;
  /** What the tool answered; null while it has not. */
  result: { output: string; failed: boolean; gone: boolean } | null;
}

export type StepState = 'running' | 'asking' | 'done' | 'failed' | 'stopped';

/** A step as it is shown. */
export interface StepView {
  key: string;
  /** The node without its number. */
  name: string;
  state: StepState;
  /** The milliseconds it took; null while it is not finished. */
  took: number | null;
  calls: Call[];
}

/** How the run that the steps belong to stands. */
export type Outcome = 'going' | 'completed' | 'failed' | 'stopped';

/** The steps as shown: each call once, with the step that carries it out if there is one. */
export function viewSteps(
  steps: readonly Step[],
  parts: readonly Part[],
  run: Outcome,
): StepView[] {
  const carried = new Set(
    steps.filter((step) => TOOL_STEP.test(step.node)).flatMap((step) => step.calls),
  );
  const made = callsIn(parts);
  return steps.map((step) => {
    const tool = TOOL_STEP.test(step.node);
    const own = tool ? step.calls : step.calls.filter((call) => !carried.has(call));
    const calls = own.flatMap((call) => made[call] ?? []);
    return {
      key: `${step.step} ${step.node}`,
      name: (step.node.split('/').at(-1) ?? step.node).replace(/\[\d+\]$/, ''),
      state: stateOf(step, calls, run),
      took: step.finishedAt === null ? null : Math.max(0, step.finishedAt - step.startedAt),
      calls,
    };
  });
}

function stateOf(step: Step, calls: readonly Call[], run: Outcome): StepState {
  if (step.finishedAt !== null) {
    return calls.some((call) => call.result?.failed) ? 'failed' : 'done';
  }
  if (run === 'completed') return 'done';
  if (run !== 'going') return run;
  return step.asked ? 'asking' : 'running';
}

/** The calls in their order. A result belongs to the first call of its id that has none yet. */
function callsIn(parts: readonly Part[]): Call[] {
  const calls: Call[] = [];
  for (const part of parts) {
    if (part.type === 'tool_call') {
      const { id, name } = part;
      calls.push({ id, name, arguments: part.arguments, result: null });
    } else if (part.type === 'tool_result') {
      const call = calls.find(({ id, result }) => id === part.id && result === null);
      const { output, is_error: failed, gone = false } = part;
      if (call) call.result = { output, failed, gone };
    }
  }
  return calls;
}
