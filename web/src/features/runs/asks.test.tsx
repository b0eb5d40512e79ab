// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '@/lib/i18n';
import type { Ask } from '@/lib/api/types';
import { approvalOf, readAnswer } from './ask-state';
import { Asks } from './asks';
import { ask, record } from './fixtures';
import { joinRun, waitFor } from './reducer';
import { clearRun, useRuns } from './store';

const QUESTION = ask('call_1', { title: 'New name', tags: ['a', 'b'], keep: false });

let root: Root;
let place: HTMLElement;
let answers: unknown[];
let reply: () => Response | Promise<Response>;

/** Shows the questions that a run waits for, as its turn would. */
function show(asks: Ask[]) {
  const run = waitFor(joinRun(record('interrupted', asks)), asks);
  act(() => {
    useRuns.setState({ live: { c: run } });
    root.render(
      <article>
        <Asks conversationId="c" />
      </article>,
    );
  });
}

const cards = () => [...place.querySelectorAll<HTMLElement>('[data-ask]')];
const field = () => place.querySelector('textarea');
const button = (name: string) => {
  const found = [...place.querySelectorAll('button')].find(
    ({ textContent }) => textContent === name,
  );
  if (!found) throw new Error(`no button ${name}: ${place.textContent}`);
  return found;
};
const press = (name: string) => act(async () => button(name).click());
const type = (text: string) =>
  act(() => {
    const area = field();
    if (!area) throw new Error('nothing to type in');
    const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(area), 'value')?.set;
    set?.call(area, text);
    area.dispatchEvent(new Event('input', { bubbles: true }));
  });

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  answers = [];
  reply = () => Response.json(record('running'));
  vi.stubGlobal('fetch', async (path: string, init: RequestInit = {}) => {
    if (!path.endsWith('/resume')) return Response.json(record('interrupted', [QUESTION]));
    answers.push((JSON.parse(String(init.body)) as { answers: unknown }).answers);
    return reply();
  });
  place = document.body.appendChild(document.createElement('div'));
  root = createRoot(place);
});
afterEach(() => {
  act(() => root.unmount());
  place.remove();
  clearRun('c');
  vi.unstubAllGlobals();
});

describe('a question whether a tool may be used', () => {
  it('shows the tool and all it would be given', () => {
    show([QUESTION]);
    const text = place.textContent ?? '';
    expect(text).toContain('The assistant wants to use rename');
    for (const words of ['title', 'New name', 'tags', '"a"', 'keep', 'false']) {
      expect(text).toContain(words);
    }
    const title = place.querySelector('h3');
    expect(cards()[0]?.getAttribute('aria-labelledby')).toBe(title?.id);
  });

  it('is allowed or refused with one press', async () => {
    show([QUESTION]);
    await press('Allow');
    expect(answers).toEqual([{ [QUESTION.id]: { approved: true } }]);
    expect(cards()).toEqual([]);
    show([QUESTION]);
    await press('Refuse');
    expect(answers[1]).toEqual({ [QUESTION.id]: { approved: false } });
  });

  it('is refused with a reason, which Escape puts aside', async () => {
    show([QUESTION]);
    await press('Refuse with a reason');
    const key = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true });
    act(() => void field()?.dispatchEvent(key));
    // Else the page would take Escape for its own.
    expect(key.defaultPrevented).toBe(true);
    expect(field()).toBeNull();
    expect(document.activeElement).toBe(cards()[0]);
    await press('Refuse with a reason');
    type('  Keep the old one. ');
    await press('Refuse');
    expect(answers).toEqual([{ [QUESTION.id]: { approved: false, reason: 'Keep the old one.' } }]);
  });

  it('is sent once, with the buttons dead but focused meanwhile', async () => {
    let answer: (response: Response) => void = () => undefined;
    reply = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    show([QUESTION]);
    const allow = button('Allow');
    allow.focus();
    await press('Allow');
    expect(allow.getAttribute('aria-disabled')).toBe('true');
    expect(document.activeElement).toBe(allow);
    await act(async () => allow.click());
    await press('Refuse');
    expect(answers).toHaveLength(1);
    await act(async () => answer(Response.json(record('running'))));
    expect(cards()).toEqual([]);
  });

  it('stays, saying why, when the answer is not taken, and can be answered again', async () => {
    reply = () =>
      Response.json({ error: { code: 'UNAVAILABLE', message: 'Restarting.' } }, { status: 503 });
    show([QUESTION]);
    await press('Allow');
    expect(place.querySelector('[role="alert"]')?.textContent).toContain('Restarting.');
    reply = () => Response.json(record('running'));
    await press('Allow');
    expect(answers).toHaveLength(2);
    expect(cards()).toEqual([]);
  });

  it('hands the focus to the next question', async () => {
    const second = ask('call_2');
    reply = () => Response.json(record('interrupted', [second]));
    show([QUESTION, second]);
    expect(cards()).toHaveLength(2);
    button('Allow').focus();
    await press('Allow');
    await act(() => new Promise((resolve) => requestAnimationFrame(() => resolve(undefined))));
    expect(cards()).toHaveLength(1);
    expect(document.activeElement).toBe(cards()[0]);
  });
});

describe('a question of another kind', () => {
  const other: Ask = { ...QUESTION, question: { kind: 'pick', text: 'Which shop?' } };

  it('is shown as it came, and answered in text or JSON', async () => {
    show([other]);
    expect(place.textContent).toContain('Which shop?');
    type('Porto');
    await press('Send');
    expect(answers).toEqual([{ [other.id]: 'Porto' }]);
    show([other]);
    type('{"shop":2}');
    await press('Send');
    expect(answers[1]).toEqual({ [other.id]: { shop: 2 } });
  });

  it('is told from an approval by its kind and its tool', () => {
    expect(approvalOf(other)).toBeNull();
    expect(approvalOf({ ...QUESTION, question: null })).toBeNull();
    expect(approvalOf({ ...QUESTION, question: { kind: 'approve_tool' } })).toBeNull();
    const bare = { kind: 'approve_tool', tool: 'x' };
    expect(approvalOf({ ...QUESTION, question: bare })).toEqual({ tool: 'x', arguments: {} });
  });

  it('takes what is no JSON as text', () => {
    expect([readAnswer('true'), readAnswer('yes'), readAnswer('')]).toEqual([true, 'yes', '']);
  });
});
