// @vitest-environment happy-dom
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { collection } from '#testing/knowledge';
import { clearPage, show } from '#testing/page';
import type { ChatbotSettings } from '@/lib/api/identity-types';
import { KnowledgeFields } from './knowledge-fields';

const user = userEvent.setup();
const fields = (settings: ChatbotSettings, change = vi.fn()) => (
  <KnowledgeFields settings={settings} collections={[collection()]} change={change} />
);

afterEach(clearPage);

it('chooses collections, and leaves none out by an empty list', async () => {
  const change = vi.fn();
  await show(fields({}, change));
  expect(screen.queryByLabelText('Passages for an answer')).toBeNull();
  await user.click(screen.getByLabelText('Handbook'));
  expect(change).toHaveBeenLastCalledWith({ collections: ['k-1'] });
  clearPage();
  await show(fields({ collections: ['k-1'] }, change));
  await user.click(screen.getByLabelText('Handbook'));
  expect(change).toHaveBeenLastCalledWith({ collections: undefined });
});

it('keeps a collection that the reader cannot see', async () => {
  const change = vi.fn();
  await show(fields({ collections: ['k-9'] }, change));
  const box = screen.getByLabelText('A collection that you cannot see') as HTMLInputElement;
  expect(box.checked).toBe(true);
  await user.click(screen.getByLabelText('Handbook'));
  expect(change).toHaveBeenLastCalledWith({ collections: ['k-9', 'k-1'] });
});

it('says how they are searched, or leaves it to the installation', async () => {
  const change = vi.fn();
  await show(fields({ collections: ['k-1'], retrieval: { rewrite: false } }, change));
  await user.selectOptions(screen.getByLabelText('Order them again'), 'yes');
  expect(change).toHaveBeenLastCalledWith({ retrieval: { rewrite: false, rerank: true } });
  await user.selectOptions(screen.getByLabelText('Rewrite the question'), '');
  expect(change).toHaveBeenLastCalledWith({ retrieval: undefined });
  await user.type(screen.getByLabelText('Passages for an answer'), '7');
  expect(change).toHaveBeenLastCalledWith({ retrieval: { rewrite: false, limit: 7 } });
});
