// The story of an installation's first people, in real browsers against a running server that
// nobody has set up yet:
//
//   node e2e/identity-story.mjs http://localhost:8000
//
// Ana sets it up, invites Bruno, makes an API key, and ends Bruno's sign-in; Bruno accepts, chats,
// and sees it end. It works with the built-in model. Where sending mail is not configured the
// invitation's link is taken from the page, else too. STORY_SHOTS names a folder for pictures.
// Exit code 0 when all steps pass; the last line is `N passed, N failed`.
import { accessProblems, openBrowser, watchPage } from './browser.mjs';
import { anyFailed, expect, step, tellEnd } from './steps.mjs';

const base = (process.argv[2] ?? process.env.BASE_URL ?? 'http://localhost:8000').replace(
  /\/$/,
  '',
);
const WAIT_MS = Number(process.env.STORY_WAIT_MS ?? 30_000);
/** Within this time a revoked credential must have stopped working. */
const REVOKED_MS = 5000;
const PASSWORD = 'seven sober otters sing';
const browser = await openBrowser();
const problems = [];

/** A browser of its own for each person. */
async function person() {
  const context = await browser.newContext({
    viewport: { width: 1360, height: 860 },
    reducedMotion: 'reduce',
    colorScheme: 'light',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const found = watchPage(page, base);
  return { context, page, found };
}

const ana = await person();
const bruno = await person();
const button = (page, name) => page.getByRole('button', { name, exact: true });
const field = (page, name) => page.getByLabel(name, { exact: true });

/** Nothing on the page stands in anybody's way; and a picture, where one is asked for. */
async function look(page, name) {
  const found = await accessProblems(page);
  expect(found.length === 0, found.join('; '));
  if (process.env.STORY_SHOTS)
    await page.screenshot({ path: `${process.env.STORY_SHOTS}/${name}.png` });
}

async function ask(page, text) {
  await page.getByRole('textbox', { name: 'Your message' }).fill(text);
  await button(page, 'Send').click();
  await page.locator('article:has(h2:text-is("Answer"))').last().waitFor();
  await button(page, 'Send').waitFor();
}

await step('a server without an owner leads to its set-up', async () => {
  await ana.page.goto(`${base}/sign-in`);
  await ana.page.getByRole('link', { name: 'Set up' }).click();
  await ana.page.getByRole('heading', { name: /Make this installation yours/ }).waitFor();
  await field(ana.page, 'Password').waitFor();
  await look(ana.page, 'setup');
});

await step('a password that everybody uses is refused, and the field says why', async () => {
  await field(ana.page, 'E-mail').fill('ana@harbour.example');
  await field(ana.page, 'Your name').fill('Ana Duarte');
  await field(ana.page, 'Username').fill('ana');
  await field(ana.page, 'Password').fill('passwordpassword');
  await button(ana.page, 'Register as the owner').click();
  await ana.page.getByRole('alert').waitFor();
});

await step('the first person becomes the owner', async () => {
  await field(ana.page, 'Password').fill(PASSWORD);
  await button(ana.page, 'Register as the owner').click();
  await ana.page.getByRole('button', { name: /^Ana Duarte, in / }).click();
  await ana.page.getByRole('menuitem', { name: 'Users' }).waitFor();
  await ana.page.keyboard.press('Escape');
  await ana.page.goto(`${base}/setup`);
  await ana.page.getByRole('heading', { name: 'This installation has an owner' }).waitFor();
});

let link = '';
await step('she invites somebody as a member', async () => {
  await ana.page.goto(`${base}/workspace/members`);
  const form = ana.page.getByRole('form', { name: 'Invite' });
  await form.getByLabel('E-mail').fill('bruno@harbour.example');
  await form.getByRole('option', { name: 'Admin' }).waitFor({ state: 'attached' });
  await button(ana.page, 'Invite').click();
  const shown = ana.page.getByRole('group', { name: 'Invitation link' });
  await shown.waitFor();
  link = (await shown.textContent()).trim();
  expect(link.startsWith(`${base}/accept?token=`), `not a link of this server: ${link}`);
  await look(ana.page, 'members');
});

await step('the invited one chats as a visitor first', async () => {
  await bruno.page.goto(base);
  await ask(bruno.page, 'What did I ask before I was registered?');
});

await step('he accepts in his own browser, and what he had is his', async () => {
  await bruno.page.goto(link);
  await bruno.page.getByRole('heading', { name: /^Join / }).waitFor();
  await field(bruno.page, 'Username').fill('bruno');
  await field(bruno.page, 'Password').fill(PASSWORD);
  await look(bruno.page, 'accept');
  await button(bruno.page, 'Register and join').click();
  await bruno.page.getByRole('button', { name: /^bruno, in / }).waitFor();
  const list = bruno.page.getByRole('list', { name: 'Conversations' });
  await list.getByRole('link', { name: /before I was registered/ }).waitFor();
});

await step('the link does not work twice', async () => {
  const other = await person();
  await other.page.goto(link);
  await other.page.getByRole('heading', { name: 'This link does not work' }).waitFor();
  await other.context.close();
});

await step('he chats as a member', async () => {
  await bruno.page.goto(base);
  await ask(bruno.page, 'What can a member do?');
  await bruno.page.waitForURL(/\/c\/[0-9a-f-]{36}$/);
});

await step('a member is told what it takes to read the audit log', async () => {
  const chat = bruno.page.url();
  await bruno.page.goto(`${base}/workspace/audit`);
  await bruno.page.getByText('This takes the permission audit:read').waitFor();
  await bruno.page.goto(chat);
});

let key = '';
const byKey = (path, init = {}) =>
  fetch(`${base}/api/v1${path}`, { ...init, headers: { ...init.headers, 'x-api-key': key } });

await step('she makes an API key, which is shown once and works', async () => {
  await ana.page.goto(`${base}/settings/keys`);
  await button(ana.page, 'Create API key').click();
  const dialog = ana.page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Nightly report');
  await dialog.getByRole('button', { name: 'Create API key' }).click();
  const shown = dialog.getByRole('group', { name: 'The API key' });
  await shown.waitFor();
  key = (await shown.textContent()).trim();
  expect(key.startsWith('vpk_'), 'not a key');
  const answer = await byKey('/conversations');
  expect(answer.status === 200, `the key was refused with ${answer.status}`);
  const denied = await byKey('/users');
  expect(denied.status === 403, `the key may see the installation's users: ${denied.status}`);
  await button(ana.page, 'I have kept it').click();
  expect((await ana.page.getByText(key).count()) === 0, 'the key is still on the page');
});

await step('once revoked the key stops working', async () => {
  await button(ana.page, 'Revoke Nightly report').click();
  await ana.page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await ana.page.getByRole('dialog').waitFor({ state: 'detached' });
  const until = Date.now() + REVOKED_MS;
  let { status } = await byKey('/conversations');
  while (status === 200 && Date.now() < until) {
    await ana.page.waitForTimeout(200);
    ({ status } = await byKey('/conversations'));
  }
  expect(status === 401, `the key still answers ${status}`);
});

await step('she makes a chatbot, and tries it before it is saved', async () => {
  await ana.page.goto(`${base}/chatbots`);
  await button(ana.page, 'New chatbot').click();
  await ana.page.getByRole('dialog').getByLabel('Name').fill('Harbour desk');
  await ana.page.getByRole('dialog').getByRole('button', { name: 'New chatbot' }).click();
  await ana.page.waitForURL(/\/chatbots\/[0-9a-f-]{36}$/);
  await field(ana.page, 'Greeting').fill('Ask me about berths.');
  await field(ana.page, 'Temperature').fill('0.2');
  const trial = ana.page.getByRole('region', { name: 'Try it' });
  await trial.getByText('Ask me about berths.').waitFor();
  await trial.getByRole('textbox', { name: 'Your message' }).fill('When does the gate open?');
  await trial.getByRole('button', { name: 'Send' }).click();
  await trial.locator('.prose').filter({ hasText: /\S/ }).waitFor();
  await trial.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
  await look(ana.page, 'chatbot');
  await button(ana.page, 'Save as version 2').click();
  await ana.page.getByText('Version 2').waitFor();
});

await step('the chatbot can be chosen for a new chat, and greets', async () => {
  await bruno.page.goto(base);
  await bruno.page.getByRole('button', { name: /^Chatbot: / }).click();
  await bruno.page.getByRole('menuitem', { name: 'Harbour desk' }).click();
  await bruno.page.getByText('Ask me about berths.').waitFor();
  await ask(bruno.page, 'Where do I moor?');
});

await step('once he is suspended his credential fails within seconds', async () => {
  await ana.page.goto(`${base}/users`);
  await ana.page.getByRole('button', { name: 'Change bruno' }).click();
  await ana.page.getByRole('menuitem', { name: 'Suspend' }).click();
  await ana.page.getByRole('list', { name: 'Users' }).getByText('Suspended').waitFor();
  const since = Date.now();
  const answer = () => bruno.context.request.get(`${base}/api/v1/users/me`);
  while ((await answer()).status() !== 401) {
    expect(Date.now() - since < REVOKED_MS, 'he is still let in');
    await bruno.page.waitForTimeout(100);
  }
});

await step('his open page says so at his next word, and keeps what he wrote', async () => {
  const words = bruno.page.getByRole('textbox', { name: 'Your message' });
  await words.fill('Am I still here?');
  await button(bruno.page, 'Send').click();
  await bruno.page.getByRole('dialog', { name: 'You were signed out' }).waitFor();
  await look(bruno.page, 'signed-out');
  await bruno.page.reload();
  await bruno.page.getByRole('dialog', { name: 'You were signed out' }).waitFor();
  const kept = await bruno.page.locator('textarea').first().inputValue();
  expect(kept === 'Am I still here?', `what he wrote is gone: ${kept}`);
});

await step('and he cannot sign in again', async () => {
  await button(bruno.page, 'Sign in again').click();
  await field(bruno.page, 'E-mail or username').fill('bruno');
  await field(bruno.page, 'Password').fill(PASSWORD);
  await button(bruno.page, 'Sign in').click();
  await bruno.page.getByRole('alert').waitFor();
});

await step('the audit log tells all of it', async () => {
  await ana.page.goto(`${base}/workspace/audit`);
  const log = ana.page.getByRole('list', { name: 'Entries' });
  for (const action of [
    'invitation.created',
    'api_key.created',
    'api_key.revoked',
    'chatbot.created',
  ]) {
    await log.getByText(action).first().waitFor();
  }
  await look(ana.page, 'audit');
});

await step('one sign-in is ended from another, and says so', async () => {
  const phone = await person();
  await phone.page.goto(`${base}/sign-in?next=%2Fsettings%2Fprofile`);
  await field(phone.page, 'E-mail or username').fill('ana');
  await field(phone.page, 'Password').fill(PASSWORD);
  await button(phone.page, 'Sign in').click();
  await field(phone.page, 'Your name').waitFor();
  expect(phone.page.url() === `${base}/settings/profile`, 'it did not lead back');
  await ana.page.goto(`${base}/settings/sessions`);
  await button(ana.page, 'End').first().click();
  await ana.page.waitForTimeout(1500);
  await phone.page.reload();
  await phone.page.getByRole('dialog', { name: 'You were signed out' }).waitFor();
  problems.push(...phone.found);
  await phone.context.close();
});

await step('she signs out, and her conversations are gone from the page', async () => {
  await ana.page.getByRole('button', { name: /^Ana Duarte, in / }).click();
  await ana.page.getByRole('menuitem', { name: 'Sign out' }).click();
  await ana.page.getByRole('link', { name: 'Sign in' }).waitFor();
});

await step('nothing broke the content policy, threw, or left the origin', async () => {
  problems.push(...ana.found, ...bruno.found);
  expect(problems.length === 0, problems.join('; '));
});

if (anyFailed() && process.env.STORY_SHOT) {
  await ana.page.screenshot({ path: process.env.STORY_SHOT });
}
await browser.close();
tellEnd();
