import { describe, expect, it } from 'vitest';
import { ask, delta, event, message, started } from './fixtures';
import {
  type Attempt,
  applyEvent,
  applyEvents,
  beginRun,
  goOn,
  type LiveRun,
  waitFor,
} from './reducer';

const attempt: Attempt = {
  kind: 'send',
  text: 'Hi',
  files: [],
  parentId: null,
  model: null,
  key: 'k',
};
const fresh = (): LiveRun => beginRun('c', attempt, 0);
const textOf = (run: LiveRun) =>
  run.parts.map((part) => (part.type === 'text' ? part.text : `<${part.type}>`)).join('');

describe('a live run', () => {
  it('learns its ids from the first event and joins the deltas', () => {
    const run = applyEvents(fresh(), [started(), delta(2, 'Hel'), delta(3, 'lo')]);
    expect(run).toMatchObject({
      phase: 'streaming',
      runId: 'run',
      userMessageId: 'u',
      messageId: 'a',
      seq: 3,
    });
    expect(run.parts).toEqual([{ type: 'text', text: 'Hello' }]);
  });

  it('ignores what it has seen: a replay after a resume doubles nothing', () => {
    const events = [started(), delta(2, 'a'), delta(3, 'b')];
    const once = applyEvents(fresh(), events);
    expect(applyEvents(once, events)).toBe(once);
    expect(textOf(applyEvents(once, [delta(3, 'b'), delta(4, 'c')]))).toBe('abc');
  });

  it('drops an event that comes late, and takes one after a gap', () => {
    const run = applyEvents(fresh(), [started(), delta(4, 'x'), delta(2, 'late'), delta(9, 'y')]);
    expect(textOf(run)).toBe('xy');
    expect(run.seq).toBe(9);
  });

  it('ignores the events of another run', () => {
    const run = applyEvents(fresh(), [started(), delta(2, 'mine')]);
    expect(applyEvent(run, event(3, { type: 'delta', text: 'theirs' }, 'other'))).toBe(run);
  });

  it('begins the text again on reset', () => {
    const run = applyEvents(fresh(), [
      started(),
      delta(2, 'half an ans'),
      event(10, { type: 'reset', reason: 'taken over' }),
      delta(11, 'whole'),
    ]);
    expect(run.parts).toEqual([{ type: 'text', text: 'whole' }]);
  });

  it('keeps of a result that it is not to be seen any more', () => {
    const result = {
      type: 'tool_result',
      id: '1',
      output: '',
      is_error: false,
      gone: true,
    } as const;
    const run = applyEvents(fresh(), [started(), event(2, result)]);
    expect(run.parts).toEqual([result]);
  });

  it('keeps the order of reasoning, tools and text, and joins the arguments of a call', () => {
    const run = applyEvents(fresh(), [
      started(),
      event(2, { type: 'reasoning', text: 'hm' }),
      event(3, { type: 'tool_call', id: '1', name: 'find', arguments: '{"q":' }),
      event(4, { type: 'tool_call', id: '1', name: '', arguments: '"x"}' }),
      event(5, { type: 'tool_result', id: '1', output: 'ok', is_error: false }),
      delta(6, 'Found.'),
      event(7, { type: 'cut_off', reason: 'length' }),
    ]);
    expect(run.parts).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'tool_call', id: '1', name: 'find', arguments: '{"q":"x"}' },
      { type: 'tool_result', id: '1', output: 'ok', is_error: false },
      { type: 'text', text: 'Found.' },
      { type: 'cut_off', reason: 'length' },
    ]);
  });

  it('begins a new call where the id of an answered one comes again', () => {
    const call = (id: string, name: string, args: string) =>
      ({ type: 'tool_call', id, name, arguments: args }) as const;
    const result = (id: string, output: string) =>
      ({ type: 'tool_result', id, output, is_error: false }) as const;
    const run = applyEvents(fresh(), [
      started(),
      event(2, call('call_0', 'find', '{"q":')),
      event(3, call('call_1', 'list', '{')),
      event(4, call('call_0', '', '"a"}')),
      event(5, call('call_1', '', '}')),
      event(6, result('call_1', 'x')),
      event(7, result('call_0', 'one')),
      event(8, call('call_0', 'find', '')),
      event(9, call('call_0', '', '{"q":')),
      event(10, call('call_0', '', '"b"}')),
      event(11, result('call_0', 'two')),
    ]);
    expect(run.parts).toEqual([
      call('call_0', 'find', '{"q":"a"}'),
      call('call_1', 'list', '{}'),
      result('call_1', 'x'),
      result('call_0', 'one'),
      call('call_0', 'find', '{"q":"b"}'),
      result('call_0', 'two'),
    ]);
  });

  it('takes the stored answer when completed, and nothing after its end', () => {
    const stored = message('a', 'u', 'assistant');
    const run = applyEvents(fresh(), [
      started(),
      delta(2, 'draft'),
      event(3, { type: 'run_completed', message: stored }),
      delta(4, 'stray'),
    ]);
    expect(run.phase).toBe('completed');
    expect(textOf(run)).toBe('a');
    expect(run.seq).toBe(3);
  });

  it('keeps the partial text of a failed and of a stopped run', () => {
    const failed = applyEvents(fresh(), [
      started(),
      delta(2, 'half'),
      event(3, { type: 'run_failed', code: 'LLM_ERROR', message: 'Sorry.' }),
    ]);
    expect(failed).toMatchObject({
      phase: 'failed',
      error: { code: 'LLM_ERROR', message: 'Sorry.' },
    });
    expect(textOf(failed)).toBe('half');
    const stopped = applyEvents(fresh(), [
      started(),
      delta(2, 'half'),
      event(3, { type: 'run_cancelled' }),
    ]);
    expect(stopped.phase).toBe('cancelled');
    expect(textOf(stopped)).toBe('half');
  });

  it('waits for answers only as the server says, and until the next event', () => {
    const asked = applyEvents(fresh(), [
      started(),
      delta(2, 'May I'),
      event(3, { type: 'interrupt', ask: ask('call_1') }),
    ]);
    expect(asked).toMatchObject({ phase: 'streaming', asks: [] });
    const waiting = waitFor(asked, [ask('call_1')]);
    expect(waiting).toMatchObject({ phase: 'waiting', asks: [ask('call_1')] });
    expect(goOn(waiting, 9)).toMatchObject({ phase: 'streaming', asks: [], startedAt: 9 });
    const on = applyEvent(waiting, delta(4, '?'));
    expect(on).toMatchObject({ phase: 'streaming', asks: [] });
    expect(textOf(on)).toBe('May I?');
  });

  it('does not wait any more once it has ended', () => {
    const over = applyEvents(fresh(), [started(), event(2, { type: 'run_cancelled' })]);
    expect(waitFor(over, [ask('call_1')])).toBe(over);
    expect(goOn(over, 9)).toBe(over);
  });

  it('counts an event of a kind it does not know as seen', () => {
    const unknown = { ...event(2, { type: 'run_cancelled' }), type: 'later_kind' };
    const run = applyEvent(applyEvent(fresh(), started()), unknown as never);
    expect(run).toMatchObject({ seq: 2, phase: 'streaming' });
  });
});
