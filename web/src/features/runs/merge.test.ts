import { describe, expect, it } from 'vitest';
import { delta, event, message, started } from './fixtures';
import { shownTurns } from './merge';
import { type Attempt, applyEvents, beginRun } from './reducer';

const send: Attempt = {
  kind: 'send',
  text: 'Next?',
  files: [],
  parentId: 'a1',
  model: null,
  key: 'k',
};
const history = [message('u1', null, 'user'), message('a1', 'u1', 'assistant')];
const keysOf = (turns: ReturnType<typeof shownTurns>) => turns.map(({ key }) => key);

describe('the turns on show', () => {
  it('are the stored messages when no run is live', () => {
    expect(keysOf(shownTurns(history, null))).toEqual(['u1', 'a1']);
  });

  it('show the question at once, before the server knows it', () => {
    const turns = shownTurns(history, beginRun('c', send, 0));
    expect(keysOf(turns)).toEqual(['u1', 'a1', 'question-k', 'answer-k']);
    expect(turns[2]?.message.parts).toEqual([{ type: 'text', text: 'Next?' }]);
  });

  it('do not double the question once it is stored', () => {
    const live = applyEvents(beginRun('c', send, 0), [started(), delta(2, 'So')]);
    const stored = [...history, message('u', 'a1', 'user')];
    expect(keysOf(shownTurns(history, live))).toEqual(['u1', 'a1', 'u', 'a']);
    expect(keysOf(shownTurns(stored, live))).toEqual(['u1', 'a1', 'u', 'a']);
  });

  it('keep the keys when the stored answer takes the place of the live one', () => {
    const answer = message('a', 'u', 'assistant');
    const live = applyEvents(beginRun('c', send, 0), [
      started(),
      event(2, { type: 'run_completed', message: answer }),
    ]);
    const before = shownTurns([...history, message('u', 'a1', 'user')], live);
    const after = shownTurns([...history, message('u', 'a1', 'user'), answer], live);
    expect(keysOf(after)).toEqual(keysOf(before));
    expect(after.every((turn) => turn.live === null)).toBe(true);
  });

  it('cut the old branch off under an edit and under a regeneration', () => {
    const edit: Attempt = { ...send, kind: 'edit', messageId: 'u1', parentId: null };
    expect(keysOf(shownTurns(history, beginRun('c', edit, 0)))).toEqual(['question-k', 'answer-k']);
    const again: Attempt = {
      kind: 'regenerate',
      messageId: 'a1',
      userMessageId: 'u1',
      model: null,
      key: 'k',
    };
    expect(keysOf(shownTurns(history, beginRun('c', again, 0)))).toEqual(['u1', 'answer-k']);
  });

  it('show nothing of a message that the server refused', () => {
    const live = {
      ...beginRun('c', send, 0),
      phase: 'rejected' as const,
      rejection: {
        code: 'X',
        message: '',
        status: 400,
        details: {},
        requestId: null,
        retryAt: null,
        acknowledged: false,
      },
    };
    expect(keysOf(shownTurns(history, live))).toEqual(['u1', 'a1']);
  });
});
