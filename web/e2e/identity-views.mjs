// The views of shots.mjs about people, workspaces and chatbots.

import { dark, dialog, menu, phone, press, shows } from './view-parts.mjs';

async function turnOn(page) {
  await page.locator('input[name="password"]').fill('a fine long password');
  await press('Turn on')(page);
}

/** By name: how the page is opened, and what is done there before the picture is taken. */
export function identityViews(state) {
  const ana = { as: 'ana' };
  const chidi = { as: 'chidi' };
  const [, desk] = state.identity.chatbots;
  const [prompt] = state.identity.prompts;
  const editor = `/chatbots/${desk.id}`;
  return {
    'sign-in-light': [{ path: '/sign-in' }, shows('Password')],
    'sign-in-phone-dark': [{ path: '/sign-in?ended=yes', ...phone, ...dark }, shows('Password')],
    'sign-in-refused-light': [
      { path: '/sign-in' },
      async (page) => {
        await page.getByLabel('E-mail or username').fill('ana');
        await page.getByLabel('Password').fill('not the right one');
        await press('Sign in')(page);
        await page.getByRole('alert').waitFor();
      },
    ],
    'second-factor-light': [
      { path: '/sign-in' },
      async (page) => {
        await page.getByLabel('E-mail or username').fill('bruno');
        await page.getByLabel('Password').fill('a fine long password');
        await press('Sign in')(page);
        await page.getByLabel('Code').waitFor();
      },
    ],
    'register-light': [{ path: '/register' }, shows('Password')],
    'setup-dark': [
      { path: '/setup', ...dark },
      async (page) => {
        state.identity.status.needs_setup = true;
        await page.reload();
        await shows('Password')(page);
        state.identity.status.needs_setup = false;
      },
    ],
    'reset-light': [{ path: '/reset-password?token=abc' }, shows('Password')],
    'accept-light': [{ path: '/accept?token=abc' }, shows('Password')],
    'accept-phone-dark': [{ path: '/accept?token=abc', ...phone, ...dark }, shows('Password')],
    'user-menu-light': [
      { ...ana, ...menu },
      async (page) => {
        await press('Ana Duarte, in Harbour office')(page);
        await page.getByRole('menuitem', { name: 'Settings' }).waitFor();
      },
    ],
    'user-switch-dark': [
      { ...ana, ...dark },
      async (page) => {
        await press('Ana Duarte, in Harbour office')(page);
        await page.getByRole('menuitem', { name: 'Switch workspace' }).click();
        await page.getByRole('option').first().waitFor();
      },
    ],
    'user-phone': [
      { ...ana, ...phone, ...menu },
      async (page) => {
        await press('Show the list')(page);
        await press('Ana Duarte, in Harbour office')(page);
        await page.getByRole('menuitem', { name: 'Settings' }).waitFor();
      },
    ],
    'signed-out-light': [
      { ...ana, path: '/settings/profile' },
      async (page) => {
        await page.context().clearCookies();
        await page.reload();
        await page.getByRole('dialog', { name: 'You were signed out' }).waitFor();
      },
    ],
    'settings-profile-light': [{ ...ana, path: '/settings' }, shows('Your name')],
    'settings-profile-phone-dark': [
      { ...ana, path: '/settings', ...phone, ...dark },
      shows('Your name'),
    ],
    'settings-visitor-light': [
      { path: '/settings' },
      (page) => page.getByText('people who are').waitFor(),
    ],
    'settings-security-light': [{ ...ana, path: '/settings/security' }, turnOn],
    'settings-codes-dark': [
      { ...ana, path: '/settings/security', ...dark },
      async (page) => {
        await turnOn(page);
        await page.getByRole('textbox', { name: 'Code' }).fill('123456');
        await press('Confirm')(page);
        await press('Copy')(page);
      },
    ],
    'settings-sessions-light': [
      { ...ana, path: '/settings/sessions' },
      shows('Where you are signed in'),
    ],
    'settings-keys-light': [{ ...ana, path: '/settings/keys' }, dialog('Create API key')],
    'settings-keys-phone': [{ ...ana, path: '/settings/keys', ...phone }, dialog('Create API key')],
    'settings-key-made-dark': [
      { ...ana, path: '/settings/keys', ...dark },
      async (page) => {
        await dialog('Create API key')(page);
        await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Report');
        await page.getByRole('dialog').getByRole('button', { name: 'Create API key' }).click();
        await page.getByLabel('The API key').waitFor();
      },
    ],
    'settings-data-light': [{ ...ana, path: '/settings/data' }, dialog('Delete me and my data')],
    'workspace-general-light': [{ ...ana, path: '/workspace' }, shows('Leave')],
    'workspace-delete-dark': [
      { ...ana, path: '/workspace', ...dark },
      dialog('Delete the workspace'),
    ],
    'workspace-members-light': [{ ...ana, path: '/workspace/members' }, shows('Invite')],
    'workspace-members-phone-dark': [
      { ...ana, path: '/workspace/members', ...phone, ...dark },
      shows('Invite'),
    ],
    'workspace-invited-light': [
      { ...ana, path: '/workspace/members' },
      async (page) => {
        const form = page.getByRole('form', { name: 'Invite' });
        await form.getByLabel('E-mail').fill('gita@harbour.example');
        await press('Invite')(page);
        await shows('Invitation link')(page);
        await page.getByLabel('Invitation link').first().scrollIntoViewIfNeeded();
      },
    ],
    'workspace-member-denied-light': [
      { ...chidi, path: '/workspace/audit' },
      (page) => page.getByText('This takes the permission').waitFor(),
    ],
    'workspace-roles-light': [{ ...ana, path: '/workspace/roles' }, shows('Roles')],
    'workspace-role-dark': [
      { ...ana, path: '/workspace/roles', ...dark },
      dialog('Edit Prompt editor'),
    ],
    'workspace-budgets-light': [{ ...ana, path: '/workspace/budgets' }, shows('Budgets')],
    'workspace-budget-phone': [
      { ...ana, path: '/workspace/budgets', ...phone },
      dialog('Set a budget'),
    ],
    'workspace-usage-light': [{ ...ana, path: '/workspace/usage' }, shows('Usage')],
    'workspace-usage-phone-dark': [
      { ...ana, path: '/workspace/usage', ...phone, ...dark },
      shows('Usage'),
    ],
    'workspace-audit-light': [
      { ...ana, path: '/workspace/audit' },
      (page) => page.getByText('member.role_changed').first().click(),
    ],
    'workspace-audit-phone': [{ ...ana, path: '/workspace/audit', ...phone }, shows('Entries')],
    'workspace-keys-light': [{ ...ana, path: '/workspace/keys' }, shows('API keys')],
    'users-light': [{ ...ana, path: '/users' }, shows('Users')],
    'users-phone-dark': [{ ...ana, path: '/users', ...phone, ...dark }, shows('Users')],
    'users-create-light': [{ ...ana, path: '/users' }, dialog('New user')],
    'users-workspaces-light': [{ ...ana, path: '/users/workspaces' }, shows('Workspaces')],
    'chatbots-light': [{ ...ana, path: '/chatbots' }, shows('Chatbots')],
    'chatbot-editor-light': [
      { ...ana, path: editor },
      async (page) => {
        await page.getByLabel('Temperature').fill('0.9');
        await page.getByRole('textbox', { name: 'Your message' }).fill('When does the gate open?');
        await page.keyboard.press('Enter');
        await page.getByText('the gate opens at').waitFor();
      },
    ],
    'chatbot-editor-phone-dark': [{ ...ana, path: editor, ...phone, ...dark }, shows('Greeting')],
    'chatbot-versions-dark': [
      { ...ana, path: editor, ...dark },
      async (page) => {
        await press('Changes of Version 3')(page);
        await page.getByLabel('Sharing').first().scrollIntoViewIfNeeded();
      },
    ],
    'chatbot-picker-light': [
      menu,
      async (page) => {
        await page.getByRole('button', { name: /^Chatbot:/ }).click();
        await page.getByRole('menuitem', { name: 'Harbour desk' }).waitFor();
      },
    ],
    'prompts-light': [{ ...ana, path: '/prompts' }, shows('Prompts')],
    'prompt-editor-dark': [
      { ...ana, path: `/prompts/${prompt.id}`, ...dark },
      press('Changes of Version 2'),
    ],
    'budget-exceeded-light': [
      ana,
      async (page) => {
        state.faults.push({
          match: /^POST .*\/runs$/,
          status: 429,
          code: 'BUDGET_EXCEEDED',
          message: 'The budget is used up.',
          headers: { 'retry-after': '770000' },
          details: {
            budget: { spender: 'workspace', period: 'month', unit: 'money', amount: 20_000_000 },
            left: 120_000,
            renews_at: '2026-12-01T00:00:00Z',
          },
        });
        await page.locator('textarea').first().fill('How much is left?');
        await press('Send')(page);
        await page.getByText('Too little is left').waitFor();
      },
    ],
  };
}
