// @vitest-environment happy-dom
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { beUser, clearPage, serve, show } from '#testing/page';
import { PromptForm } from './prompt-form';
import { PromptList } from './prompt-list';
import { PromptVersions } from './prompt-versions';

const user = userEvent.setup();
const prompt = {
  id: 'p-1',
  name: 'desk',
  description: null,
  version: 2,
  text: 'You are {{ name }}.',
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
};

beforeEach(() => beUser());
afterEach(clearPage);

it('lists the library, and the files beside it without a way to change them', async () => {
  serve({ 'GET /prompts': { items: [prompt], files: [{ name: 'system' }] } });
  await show(<PromptList />);
  const link = await screen.findByRole('link', { name: 'desk' });
  expect(link.getAttribute('href')).toBe('/prompts/p-1');
  screen.getByText('system');
  expect(screen.queryByRole('link', { name: 'system' })).toBeNull();
});

it('makes a prompt, and changes one by its id', async () => {
  const calls = serve({ 'POST /prompts': prompt, 'PUT /prompts/p-1': prompt });
  const saved = vi.fn();
  await show(<PromptForm prompt={null} onSaved={saved} />);
  await user.type(screen.getByLabelText('Name'), 'desk');
  await user.type(screen.getByLabelText('Template'), 'Be brief.');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await vi.waitFor(() => expect(saved).toHaveBeenCalledWith(prompt));
  expect(calls).toEqual([{ to: 'POST /prompts', body: { name: 'desk', text: 'Be brief.' } }]);
  clearPage();
  const changes = serve({ 'PUT /prompts/p-1': prompt });
  await show(<PromptForm prompt={prompt} onSaved={saved} />);
  await user.type(screen.getByLabelText('What it is for'), 'Gate');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await vi.waitFor(() =>
    expect(changes).toEqual([
      {
        to: 'PUT /prompts/p-1',
        body: { name: 'desk', text: prompt.text, description: 'Gate' },
      },
    ]),
  );
});

it('goes back to an older version', async () => {
  const version = (number: number, text: string) => ({
    version: number,
    text,
    created_at: '2026-01-01T00:00:00Z',
  });
  const calls = serve({
    'GET /prompts/p-1/versions': { items: [version(2, 'new'), version(1, 'old')] },
    'POST /prompts/p-1/rollback': prompt,
  });
  await show(<PromptVersions prompt={prompt} fixed={false} onRolledBack={() => undefined} />);
  await user.click(await screen.findByRole('button', { name: 'Changes of Version 2' }));
  expect(screen.getByRole('group', { name: 'Changes' }).textContent).toContain('Removed:old');
  await user.click(screen.getByRole('button', { name: 'Go back to Version 1' }));
  expect(calls.find(({ to }) => to.startsWith('POST'))?.body).toEqual({ version: 1 });
});
