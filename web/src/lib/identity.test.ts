// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest';
import { clearPage } from '#testing/page';
import { becomeUser, becomeVisitor, endIdentity, onOtherIdentity, useIdentity } from './identity';

const DRAFT = 'vpaura.draft.new';
const draft = () => localStorage.getItem(DRAFT);

afterEach(clearPage);

it('keeps a visitor’s draft when they sign in, and drops it when they sign out', () => {
  localStorage.setItem(DRAFT, 'half a thought');
  becomeUser('u-1', 'w-1');
  expect(draft()).toBe('half a thought');
  becomeVisitor();
  expect(draft()).toBeNull();
  expect(useIdentity.getState().state).toBe('visitor');
});

it('keeps drafts over an ended sign-in for the same user only', () => {
  becomeUser('u-1', 'w-1');
  localStorage.setItem(DRAFT, 'half a thought');
  endIdentity();
  expect(useIdentity.getState().state).toBe('ended');
  becomeUser('u-1', 'w-2');
  expect(draft()).toBe('half a thought');
  endIdentity();
  becomeUser('u-2', 'w-1');
  expect(draft()).toBeNull();
});

it('leaves attached files behind in their workspace', () => {
  const files = () => localStorage.getItem('vpaura.files.new');
  localStorage.setItem('vpaura.files.new', '[]');
  becomeUser('u-1', 'w-1');
  expect(files()).toBe('[]');
  becomeUser('u-1', 'w-2');
  expect(files()).toBeNull();
  localStorage.setItem('vpaura.files.new', '[]');
  becomeVisitor();
  expect(files()).toBeNull();
});

it('survives a reload, and takes anything else for a visitor', async () => {
  const reloaded = async () => {
    vi.resetModules();
    return (await import('./identity')).useIdentity.getState();
  };
  becomeUser('u-1', 'w-1');
  await expect(reloaded()).resolves.toEqual({ state: 'user', userId: 'u-1', workspaceId: 'w-1' });
  localStorage.setItem('vpaura.identity', 'admin u-1');
  await expect(reloaded()).resolves.toMatchObject({ state: 'visitor', userId: null });
});

it('hears of other tabs, and not of other notes', () => {
  const changed = vi.fn();
  const stop = onOtherIdentity(changed);
  const tell = (key: string, newValue: string | null, oldValue: string | null) =>
    window.dispatchEvent(new StorageEvent('storage', { key, newValue, oldValue }));
  tell('vpaura.theme', 'dark', null);
  tell('vpaura.identity', 'user u-1 w-1', 'user u-1 w-1');
  expect(changed).not.toHaveBeenCalled();
  tell('vpaura.identity', 'user u-1 w-2', 'user u-1 w-1');
  expect(changed).toHaveBeenCalledOnce();
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }));
  expect(changed).toHaveBeenCalledOnce();
  localStorage.setItem('vpaura.identity', 'user u-2 w-1');
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  expect(changed).toHaveBeenCalledTimes(2);
  changed.mockClear();
  changed();
  stop();
  tell('vpaura.identity', null, 'user u-1 w-2');
  expect(changed).toHaveBeenCalledOnce();
});
