import { describe, expect, it } from 'vitest';
import type { RunEvent } from '@/lib/api/types';
import { ask, event, message, started, stepFinished, stepStarted } from './fixtures';
import { applyEvents, type LiveRun, replayRun } from './reducer';
import { viewSteps, workingTime } from './steps';
import { outcomeOf } from './trace';

const call = (seq: number, id: string, name: string, args: string): RunEvent =>
  event(seq, { type: 'tool_call', id, name, arguments: args });
const result = (seq: number, id: string, output: string, is_error = false): RunEvent =>
  event(seq, { type: 'tool_result', id, output, is_error });

const runOf = (events: RunEvent[]): LiveRun => applyEvents(replayRun('run', 'c'), events);
const shown = (events: RunEvent[]) => {
  const run = runOf(events);
  return viewSteps(run.steps, run.parts, outcomeOf(run.phase));
};
const states = (events: RunEvent[]) => shown(events).map(({ name, state }) => `${name} ${state}`);

/** Two tools asked for, of which the second asks back. */
const ASKING = [
  started(),
  stepStarted(2, 1, 'call_model'),
  call(3, 'call_1', 'search', '{"q":'),
  call(4, 'call_1', '', '"x"}'),
  call(5, 'call_2', 'rename', '{}'),
  stepFinished(6, 1, 'call_model'),
  stepStarted(7, 2, 'call_tool[0]'),
  stepStarted(8, 2, 'call_tool[1]'),
  result(9, 'call_1', '3 found'),
  stepFinished(10, 2, 'call_tool[0]'),
  event(11, { type: 'interrupt', ask: ask('call_2') }),
];

/** A host that counts the calls of each round from 0. */
const REPEATING = [
  started(),
  stepStarted(2, 1, 'call_model'),
  call(3, 'call_0', 'search', '{"q":"a"}'),
  call(4, 'call_1', 'list', '{}'),
  stepFinished(5, 1, 'call_model'),
  stepStarted(6, 2, 'call_tool[0]'),
  stepStarted(7, 2, 'call_tool[1]'),
  result(8, 'call_1', 'x'),
  stepFinished(9, 2, 'call_tool[1]'),
  result(10, 'call_0', 'one'),
  stepFinished(11, 2, 'call_tool[0]'),
  stepStarted(12, 3, 'call_model'),
  call(13, 'call_0', 'rename', '{"q":'),
  call(14, 'call_0', '', '"b"}'),
  stepFinished(15, 3, 'call_model'),
  stepStarted(16, 4, 'call_tool[0]'),
  result(17, 'call_0', 'two', true),
  stepFinished(18, 4, 'call_tool[0]'),
];

describe('the steps of a run', () => {
  it('are in the order of their beginning, with the time each took', () => {
    const steps = shown([
      started(),
      stepStarted(2, 1, 'retrieve_context'),
      stepFinished(5, 1, 'retrieve_context'),
      stepStarted(6, 2, 'call_model'),
    ]);
    expect(steps.map(({ name, state, took }) => [name, state, took])).toEqual([
      ['retrieve_context', 'done', 300],
      ['call_model', 'running', null],
    ]);
  });

  it('show each tool call with the step that carries it out', () => {
    const [model, search, rename] = shown(ASKING);
    expect(model?.calls).toEqual([]);
    expect(search?.calls).toEqual([
      {
        id: 'call_1',
        name: 'search',
        arguments: '{"q":"x"}',
        result: { output: '3 found', failed: false, gone: false },
      },
    ]);
    expect(rename?.calls).toMatchObject([{ name: 'rename', result: null }]);
  });

  it('keep a call with the model until a step carries it out', () => {
    expect(shown(ASKING.slice(0, 6))[0]?.calls.map(({ id }) => id)).toEqual(['call_1', 'call_2']);
  });

  it('take the calls of the last round, not of an earlier one', () => {
    const steps = shown([
      ...ASKING.slice(0, 7),
      result(8, 'call_1', 'ok'),
      stepFinished(9, 2, 'call_tool[0]'),
      stepStarted(10, 3, 'call_model'),
      call(11, 'call_3', 'again', '{}'),
      stepFinished(12, 3, 'call_model'),
      stepStarted(13, 4, 'call_tool[0]'),
    ]);
    expect(steps.at(-1)?.calls.map(({ name }) => name)).toEqual(['again']);
  });

  it('tell calls of different rounds apart that have the same id', () => {
    const calls = (events: RunEvent[]) =>
      shown(events).map((step) =>
        step.calls.map((made) => `${made.name} ${made.arguments} ${made.result?.output}`),
      );
    const first = [[], ['search {"q":"a"} one'], ['list {} x']];
    expect(calls(REPEATING)).toEqual([...first, [], ['rename {"q":"b"} two']]);
    expect(calls(REPEATING.slice(0, 15))).toEqual([...first, ['rename {"q":"b"} undefined']]);
    expect(states(REPEATING)).toEqual([
      'call_model done',
      'call_tool done',
      'call_tool done',
      'call_model done',
      'call_tool failed',
    ]);
  });

  it('keep their calls when another server tells them again', () => {
    const told = [3, 4, 8, 10].flatMap((seq) => REPEATING.filter((one) => one.seq === seq));
    const again = [
      ...REPEATING.slice(0, 13),
      event(100, { type: 'reset', reason: 'server lost' }),
      ...told.map((one) => ({ ...one, seq: one.seq + 100 })),
      ...REPEATING.slice(11).map((one) => ({ ...one, seq: one.seq + 100 })),
    ];
    expect(shown(again).map(({ calls }) => calls)).toEqual(
      shown(REPEATING).map(({ calls }) => calls),
    );
  });

  it('forget the calls of a step that makes them anew', () => {
    const steps = shown([
      ...REPEATING.slice(0, 5),
      event(6, { type: 'reset', reason: 'server lost' }),
      stepStarted(7, 1, 'call_model'),
      call(8, 'call_0', 'search', '{}'),
      stepFinished(9, 1, 'call_model'),
      stepStarted(10, 2, 'call_tool[0]'),
      result(11, 'call_0', 'one'),
      stepFinished(12, 2, 'call_tool[0]'),
      stepStarted(13, 3, 'call_model'),
      call(14, 'call_0', 'rename', '{}'),
      stepFinished(15, 3, 'call_model'),
      stepStarted(16, 4, 'call_tool[0]'),
    ]);
    expect(steps.at(-1)?.calls).toMatchObject([{ name: 'rename', result: null }]);
  });

  it('tell which step waits for an answer, and go on with it afterwards', () => {
    expect(states(ASKING)).toEqual(['call_model done', 'call_tool done', 'call_tool asking']);
    const answered = [...ASKING, stepStarted(600, 2, 'call_tool[1]')];
    expect(states(answered).at(-1)).toBe('call_tool running');
    // What the server had kept is told again, and changes nothing.
    const whole = [
      ...answered,
      stepFinished(601, 2, 'call_tool[0]'),
      result(603, 'call_2', 'refused', true),
      stepFinished(604, 2, 'call_tool[1]'),
    ];
    expect(states(whole)).toEqual(['call_model done', 'call_tool done', 'call_tool failed']);
    expect(shown(whole).at(-1)).toMatchObject({ took: 400, calls: [{ name: 'rename' }] });
  });

  it('count the time at work: parallel steps once, the wait for an answer not', () => {
    const run = runOf([
      ...ASKING,
      stepStarted(600, 2, 'call_tool[1]'),
      stepFinished(604, 2, 'call_tool[1]'),
    ]);
    // 400 ms of the model, 300 of the first tool, 400 of the second after the answer.
    expect(workingTime(run.steps)).toBe(1100);
    expect(workingTime([])).toBe(0);
  });

  it('count overlapping and nested steps once', () => {
    const at = (startedAt: number, finishedAt: number | null) => ({
      step: 1,
      node: 'n',
      startedAt,
      finishedAt,
      asked: false,
      calls: [],
    });
    expect(workingTime([at(0, 10), at(2, 4), at(8, 15), at(20, 25), at(30, null)])).toBe(20);
  });

  it('end with their run: what was under way failed or was stopped with it', () => {
    const under = [started(), stepStarted(2, 1, 'call_model')];
    const failed = event(3, { type: 'run_failed', code: 'X', message: '' });
    expect(states([...under, failed])).toEqual(['call_model failed']);
    expect(states([...under, event(3, { type: 'run_cancelled' })])).toEqual(['call_model stopped']);
    const stored = message('a', 'u', 'assistant');
    expect(states([...under, event(3, { type: 'run_completed', message: stored })])).toEqual([
      'call_model done',
    ]);
    expect(states([...ASKING, event(12, { type: 'run_cancelled' })]).at(-1)).toBe(
      'call_tool stopped',
    );
  });

  it('keep what was finished when another server takes the run over', () => {
    const events = [
      started(),
      stepStarted(2, 1, 'retrieve_context'),
      stepFinished(3, 1, 'retrieve_context'),
      stepStarted(4, 2, 'call_model'),
      event(5, { type: 'reset', reason: 'server lost' }),
    ];
    expect(states(events)).toEqual(['retrieve_context done']);
    const again = [...events, stepStarted(9, 2, 'call_model'), stepFinished(12, 2, 'call_model')];
    expect(shown(again).map(({ took }) => took)).toEqual([100, 300]);
  });

  it('are not made of what is no step: an end without a beginning, a call without a step', () => {
    expect(
      shown([started(), stepFinished(2, 1, 'call_model'), call(3, 'x', 'search', '{}')]),
    ).toEqual([]);
    const odd = event(4, { type: 'interrupt', ask: null as never });
    expect(states([started(), stepStarted(2, 1, 'call_model'), odd])).toEqual([
      'call_model running',
    ]);
  });
});
