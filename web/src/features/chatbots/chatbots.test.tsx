// @vitest-environment happy-dom
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { beUser, clearPage, Refused, serve, show } from '#testing/page';
import { me, member, ROLES } from '#testing/people';
import type { Chatbot, Me } from '@/lib/api/identity-types';
import { useMayEdit } from './api';
import { ChatbotForm } from './chatbot-form';
import ChatbotPicker from './chatbot-picker';
import { useChosenChatbot } from './choice';
import { changed, differences, sameSettings } from './settings';
import { ChatbotSharing } from './sharing';
import { TryOut } from './try-out';
import { Versions } from './versions';

const user = userEvent.setup();
const bot = (part: Partial<Chatbot> = {}): Chatbot => ({
  id: 'b-1',
  name: 'Desk',
  description: null,
  is_default: false,
  visibility: 'workspace',
  version: 3,
  settings: { temperature: 0.2, system_prompt: { text: 'Be brief.' } },
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  ...part,
});
const around = { 'GET /tools': { items: [] }, 'GET /graphs': { items: ['chat'] } };
const prompts = { 'GET /prompts': { items: [{ name: 'desk' }], files: [{ name: 'system' }] } };

beforeEach(() => {
  beUser();
  useChosenChatbot.setState({ id: null, greeting: null });
});
afterEach(clearPage);

const bodyOf = (calls: { to: string; body: unknown }[], to: string) =>
  calls.find((call) => call.to === to)?.body;
const press = async (name: string) => user.click(await screen.findByRole('button', { name }));

function Probe({ who }: { who: Me }) {
  return <p>{useMayEdit(who, bot()) ? 'may' : 'may not'}</p>;
}

describe('whether one may change a chatbot', () => {
  it('is so by permission, without asking', async () => {
    const calls = serve({});
    await show(<Probe who={me()} />);
    screen.getByText('may');
    expect(calls).toEqual([]);
  });

  it('is so for those with whom it is shared to be changed, and no others', async () => {
    const reader = me({ permissions: ['chat:read', 'chat:write', 'chatbots:read'] });
    serve({ 'GET /chatbots/b-1/grants': { items: [] } });
    await show(<Probe who={reader} />);
    await screen.findByText('may');
    clearPage();
    const calls = serve({ 'GET /chatbots/b-1/grants': new Refused({ status: 403 }) });
    await show(<Probe who={reader} />);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    screen.getByText('may not');
  });
});

describe('settings', () => {
  it('leave out what is as usual', () => {
    expect(changed({ temperature: 1, model: 'a/b' }, { temperature: undefined })).toEqual({
      model: 'a/b',
    });
    expect(changed({}, { top_p: 0.5 })).toEqual({ top_p: 0.5 });
  });

  it('are the same in whatever order', () => {
    expect(sameSettings({ model: 'a/b', top_p: 1 }, { top_p: 1, model: 'a/b' })).toBe(true);
    expect(sameSettings({ stop: ['a'] }, { stop: ['b'] })).toBe(false);
    const [one, other] = [
      { limit: 3, rerank: true },
      { rerank: true, limit: 3 },
    ];
    expect(sameSettings({ retrieval: one } as never, { retrieval: other } as never)).toBe(true);
  });

  it('are compared field by field, a prompt as its text', () => {
    const before = { temperature: 0.2, system_prompt: { text: 'a\nb' }, model: 'x/y' };
    const after = { system_prompt: { text: 'a\nc' }, model: 'x/y', tools: ['one', 'two'] };
    expect(differences(before, after)).toEqual([
      { name: 'system_prompt', before: 'a\nb', after: 'a\nc' },
      { name: 'temperature', before: '0.2', after: null },
      { name: 'tools', before: null, after: 'one\ntwo' },
    ]);
  });
});

describe('the form of a chatbot', () => {
  const form = (told = vi.fn()) => (
    <ChatbotForm chatbot={bot()} models={[]} collections={[]} fixed={false} onSettings={told} />
  );

  it('sends only what was changed', async () => {
    const calls = serve({ ...around, ...prompts, 'PATCH /chatbots/b-1': bot() });
    await show(form());
    await user.type(await screen.findByLabelText('What it is for'), 'Visitors');
    await press('Save');
    expect(bodyOf(calls, 'PATCH /chatbots/b-1')).toEqual({ description: 'Visitors' });
  });

  it('saves changed settings as the next version of the one they were made from', async () => {
    const told = vi.fn();
    const next = bot({ version: 4, settings: { temperature: 0.2 } });
    const calls = serve({ ...around, ...prompts, 'PATCH /chatbots/b-1': next });
    await show(form(told));
    await user.selectOptions(await screen.findByLabelText('System prompt'), 'none');
    expect(told).toHaveBeenLastCalledWith({ temperature: 0.2 });
    await user.type(screen.getByLabelText('Why this change?'), 'Calmer');
    await press('Save as version 4');
    expect(bodyOf(calls, 'PATCH /chatbots/b-1')).toMatchObject({
      settings: { temperature: 0.2 },
      expected_version: 3,
      note: 'Calmer',
    });
    await screen.findByRole('button', { name: 'Save' });
  });

  it('says when somebody else was faster', async () => {
    serve({
      ...around,
      ...prompts,
      'PATCH /chatbots/b-1': new Refused({ status: 409, message: 'Version 4 is newer.' }),
    });
    await show(form());
    await user.type(await screen.findByLabelText('Greeting'), 'Hi');
    await press('Save as version 4');
    expect((await screen.findByRole('alert')).textContent).toContain('Version 4 is newer.');
    expect((screen.getByLabelText('Greeting') as HTMLTextAreaElement).value).toBe('Hi');
  });

  it('takes a prompt of the library or of a file by its name', async () => {
    const told = vi.fn();
    serve({ ...around, ...prompts });
    await show(form(told));
    await screen.findByRole('option', { name: 'From the library' });
    await user.selectOptions(screen.getByLabelText('System prompt'), 'named');
    await user.selectOptions(screen.getByLabelText('Prompt of the library'), 'system');
    expect(told).toHaveBeenLastCalledWith({
      temperature: 0.2,
      system_prompt: { named: 'system' },
    });
  });

  it('can only be read without the permission', async () => {
    serve({ ...around, ...prompts });
    await show(
      <ChatbotForm chatbot={bot()} models={[]} collections={[]} fixed onSettings={vi.fn()} />,
    );
    expect((await screen.findByLabelText<HTMLInputElement>('Name')).disabled).toBe(true);
    expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
  });
});

describe('trying it out', () => {
  const stream = (...events: object[]) =>
    new Response(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''), {
      headers: { 'content-type': 'text/event-stream' },
    });
  const ids = { token: '', finished: false, conversation_id: 'c-1', run_id: 'r-1' };
  const say = async (text: string) => {
    await user.type(screen.getByRole('textbox', { name: 'Your message' }), text);
    await press('Send');
  };

  it('asks with the settings as they stand, goes on with them, and leaves nothing behind', async () => {
    const calls = serve({
      'POST /chat': () =>
        stream(
          ids,
          { token: 'void', finished: false },
          { token: 'Open ', finished: false, reset: true },
          { token: 'at eight.', finished: false },
          { token: '', finished: true, status: 'completed' },
        ),
      'DELETE /conversations/c-1': undefined,
    });
    await show(<TryOut chatbotId="b-1" settings={{ temperature: 0.9 }} />);
    await say('When?');
    await screen.findByText('Open at eight.');
    await say('And on Sunday?');
    await vi.waitFor(() => expect(screen.getAllByText('Open at eight.')).toHaveLength(2));
    const bodies = calls.filter(({ to }) => to === 'POST /chat').map(({ body }) => body);
    const preview = { chatbot_id: 'b-1', preview: { temperature: 0.9 } };
    expect(bodies).toEqual([
      { ...preview, message: 'When?' },
      { ...preview, message: 'And on Sunday?', conversation_id: 'c-1' },
    ]);
    await press('Begin again');
    expect(screen.queryByText('When?')).toBeNull();
    expect(calls.map(({ to }) => to)).toContain('DELETE /conversations/c-1');
  });

  it('stops the answer at the server too', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(ids)}\n\n`));
        const piece = { token: 'Half a', finished: false };
        controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(piece)}\n\n`));
      },
    });
    const calls = serve({ 'POST /chat': () => new Response(body), 'POST /runs/r-1/cancel': {} });
    await show(<TryOut chatbotId="b-1" settings={{}} />);
    await say('When?');
    await screen.findByText('Half a');
    await press('Stop');
    await vi.waitFor(() => expect(calls.map(({ to }) => to)).toContain('POST /runs/r-1/cancel'));
  });

  it('says why an answer failed', async () => {
    const error = { code: 'LLM_ERROR', message: 'The model is away.' };
    serve({ 'POST /chat': () => stream(ids, { token: '', finished: true, error }) });
    await show(<TryOut chatbotId="b-1" settings={{}} />);
    await say('When?');
    expect((await screen.findByRole('alert')).textContent).toContain('The model is away.');
  });
});

it('goes back to a version, and shows what each changed', async () => {
  const version = (number: number, temperature: number) => ({
    version: number,
    settings: { temperature },
    note: null,
    created_at: '2026-01-01T00:00:00Z',
  });
  const back = bot({ version: 4 });
  const calls = serve({
    'GET /chatbots/b-1/versions': { items: [version(3, 0.2), version(2, 0.7)] },
    'POST /chatbots/b-1/rollback': back,
  });
  const rolledBack = vi.fn();
  await show(<Versions chatbot={bot()} fixed={false} onRolledBack={rolledBack} />);
  await press('Changes of Version 3');
  const diff = screen.getByRole('group', { name: 'Changes' });
  expect(diff.textContent).toContain('Removed:0.7');
  expect(diff.textContent).toContain('Added:0.2');
  expect(screen.queryByRole('button', { name: 'Go back to Version 3' })).toBeNull();
  await press('Go back to Version 2');
  expect(bodyOf(calls, 'POST /chatbots/b-1/rollback')).toEqual({ version: 2 });
  await vi.waitFor(() => expect(rolledBack.mock.calls[0]?.[0]).toEqual(back));
});

it('is shared with roles and people, each with what they may do', async () => {
  const calls = serve({
    'GET /chatbots/b-1/grants': { items: [{ grantee: { role: 'viewer' }, access: 'use' }] },
    'GET /workspaces/w-1/roles': ROLES,
    'GET /workspaces/w-1/members': { items: [member()] },
    'PUT /chatbots/b-1/grants': undefined,
  });
  await show(<ChatbotSharing me={me()} chatbot={bot({ visibility: 'private' })} fixed={false} />);
  await screen.findByText('Everybody who is Viewer');
  await screen.findByRole('option', { name: 'Bruno Keller' });
  await user.selectOptions(screen.getByLabelText('Share with'), 'user:u-2');
  await press('Share');
  expect(bodyOf(calls, 'PUT /chatbots/b-1/grants')).toEqual({
    items: [
      { grantee: { role: 'viewer' }, access: 'use' },
      { grantee: { user: 'u-2' }, access: 'use' },
    ],
  });
});

describe('the choice of a chatbot', () => {
  const usual = bot({ id: 'b-0', name: 'VPAura', is_default: true, settings: {} });

  it('is not there where there is only one, nor where one may not see them', async () => {
    serve({ 'GET /chatbots': { items: [usual] } });
    await show(<ChatbotPicker />);
    expect(screen.queryByRole('button')).toBeNull();
    clearPage();
    serve({ 'GET /chatbots': new Refused({ status: 403 }) });
    await show(<ChatbotPicker />);
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('is kept for the next conversation, with its greeting', async () => {
    const desk = bot({ settings: { greeting: 'Ahoy.' } });
    serve({ 'GET /chatbots': { items: [usual, desk] } });
    await show(<ChatbotPicker />);
    await press('Chatbot: VPAura');
    await user.click(await screen.findByRole('menuitem', { name: 'Desk' }));
    expect(useChosenChatbot.getState()).toEqual({ id: 'b-1', greeting: 'Ahoy.' });
    await screen.findByRole('button', { name: 'Chatbot: Desk' });
  });

  it('falls back to the default one when the chosen one is gone', async () => {
    useChosenChatbot.setState({ id: 'gone', greeting: 'Ahoy.' });
    serve({ 'GET /chatbots': { items: [usual] } });
    await show(<ChatbotPicker />);
    await vi.waitFor(() =>
      expect(useChosenChatbot.getState()).toEqual({ id: null, greeting: null }),
    );
  });
});
