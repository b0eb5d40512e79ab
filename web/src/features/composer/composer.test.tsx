// @vitest-environment happy-dom
import { act, createRef } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '@/lib/i18n';
import { Composer } from './composer';
import { draftArrived, sendDraft, setDraft } from './drafts';

let root: Root;
let host: HTMLElement;
const onSend = vi.fn();
const onFiles = vi.fn();

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  host = document.createElement('div');
  document.body.append(host);
  root = createRoot(host);
});

afterEach(() => {
  act(() => root.unmount());
  host.remove();
  localStorage.clear();
  vi.clearAllMocks();
  vi.unstubAllGlobals();
});

function show(draft: string, blocked: string | null = null) {
  act(() =>
    root.render(
      <Composer
        draft={draft}
        placeholder="Ask"
        blocked={blocked}
        locked={false}
        running={false}
        stopping={false}
        onSend={onSend}
        onStop={() => undefined}
        onFiles={onFiles}
        picker={createRef()}
        attachments={null}
        tools={null}
      />,
    ),
  );
  return host.querySelector('textarea') as HTMLTextAreaElement;
}

const press = (field: HTMLElement, init: KeyboardEventInit) =>
  act(() => {
    field.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));
  });

describe('the composer', () => {
  it('sends on Enter, trimmed; Shift+Enter and a composing Enter do not', () => {
    act(() => setDraft('d', '  hello \n'));
    const field = show('d');
    press(field, { key: 'Enter', shiftKey: true });
    press(field, { key: 'Enter', isComposing: true });
    press(field, { key: 'Enter', keyCode: 229 });
    expect(onSend).not.toHaveBeenCalled();
    press(field, { key: 'Enter' });
    expect(onSend).toHaveBeenCalledExactlyOnceWith('hello');
  });

  it('sends nothing while it is blocked or empty, and says why', () => {
    act(() => setDraft('d', 'hello'));
    press(show('d', 'You are offline'), { key: 'Enter' });
    expect(host.querySelector('[type="submit"]')?.getAttribute('aria-disabled')).toBe('true');
    expect(host.textContent).toContain('You are offline');
    act(() => setDraft('d', ' \n '));
    press(show('d'), { key: 'Enter' });
    expect(onSend).not.toHaveBeenCalled();
  });

  it('keeps a draft for each conversation, over a reload too', () => {
    act(() => {
      setDraft('one', 'first');
      setDraft('two', 'second');
    });
    expect(show('one').value).toBe('first');
    expect(show('two').value).toBe('second');
    expect(localStorage.getItem('vpaura.draft.one')).toBe('first');
    act(() => setDraft('one', ''));
    expect(localStorage.getItem('vpaura.draft.one')).toBeNull();
  });

  it('keeps what is on its way until it has arrived', () => {
    const kept = () => localStorage.getItem('vpaura.draft.one');
    act(() => {
      setDraft('new', 'first');
      sendDraft('new', 'one', 'first');
    });
    expect(show('one').value).toBe('');
    expect(kept()).toBe('first');
    expect(localStorage.getItem('vpaura.draft.new')).toBeNull();
    act(() => draftArrived('one', 'first'));
    expect(kept()).toBeNull();
    act(() => {
      sendDraft('one', 'one', 'second');
      setDraft('one', 'third');
      draftArrived('one', 'second');
    });
    expect(kept()).toBe('third');
  });

  it('takes pasted files and leaves pasted text alone', () => {
    const field = show('d');
    const file = new File(['x'], 'x.txt');
    const paste = (files: File[]) => {
      const event = new Event('paste', { bubbles: true, cancelable: true });
      Object.assign(event, { clipboardData: { files } });
      act(() => {
        field.dispatchEvent(event);
      });
      return event.defaultPrevented;
    };
    expect(paste([])).toBe(false);
    expect(onFiles).not.toHaveBeenCalled();
    expect(paste([file])).toBe(true);
    expect(onFiles).toHaveBeenCalledExactlyOnceWith([file]);
  });
});
