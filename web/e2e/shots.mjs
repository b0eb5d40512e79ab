// Screenshots of every view against the mock server, with an accessibility check (axe) and a
// watch on the content policy. Pictures go to web/shots/ (not committed); look at them.
//
//   npm run build && npm run shots
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startMock } from '../testing/mock-server.mjs';
import { accessProblems, openBrowser, watchPage } from './browser.mjs';
import { identityViews } from './identity-views.mjs';
import { knowledgeViews } from './knowledge-views.mjs';

const OUT = process.env.SHOTS ?? fileURLToPath(new URL('../shots', import.meta.url));
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
mkdirSync(OUT, { recursive: true });

const mock = await startMock({ delayMs: 12 });
const bare = await startMock({ builtin: true, seeded: false });
const browser = await openBrowser();
const failures = [];

async function view(
  name,
  {
    base = mock,
    path = '/',
    size = DESKTOP,
    scheme = 'light',
    touch = false,
    as = null,
    part = 'html',
  },
  act,
) {
  const context = await browser.newContext({
    viewport: size,
    colorScheme: scheme,
    reducedMotion: 'reduce',
    hasTouch: touch,
    isMobile: touch,
    locale: 'en-GB',
  });
  if (as !== null) await signIn(context, base, as);
  const page = await context.newPage();
  const problems = watchPage(page, base.url);
  try {
    await page.goto(base.url + path);
    await page.locator('main h1').waitFor();
    await act?.(page);
    await page.evaluate(() => document.fonts.ready);
    await page.waitForTimeout(900);
    await page.screenshot({ path: `${OUT}/${name}.png` });
    problems.push(...(await accessProblems(page, part)));
  } catch (error) {
    problems.push(`script: ${error.message}`);
    await page.screenshot({ path: `${OUT}/${name}.failed.png` });
  }
  await context.close();
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  for (const problem of problems) console.log(`     ${problem}`);
  failures.push(...problems);
}

/** Makes the browser this user's, as signing in would have done. */
async function signIn(context, { url, state }, username) {
  const { id } = state.identity.users.find((user) => user.username === username);
  const workspaceId = state.identity.workspaces[0].id;
  await context.addCookies([{ name: 'access_token', value: `${id}.${workspaceId}`, url }]);
  await context.addInitScript(
    (identity) => localStorage.setItem('vpaura.identity', identity),
    `user ${id} ${workspaceId}`,
  );
}

const rich = `/c/${mock.state.rich}`;
const openSource = async (page) => {
  await page
    .getByRole('button', { name: /^Source 1:/ })
    .first()
    .click();
  await page.locator('[data-passage]').waitFor();
};
const ask = async (page, text) => {
  await page.locator('textarea').first().fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
};
const toTop = (page) =>
  page.evaluate(() => {
    const scroller = document.querySelector('section[aria-label="Messages"]');
    scroller.dispatchEvent(new WheelEvent('wheel'));
    scroller.scrollTop = 0;
  });
/** Asks for something that the assistant must ask back about; `words` make it ask for more. */
const askBack = async (page, words = '') => {
  await ask(page, `Please ask me first. ${words}`);
  await page.locator('[data-ask]').first().waitFor();
};
const unfoldSteps = async (page) => {
  await page.locator('[data-steps]').last().click();
  await page.getByRole('list', { name: 'Steps' }).waitFor();
};
const allow = (page) => page.getByRole('button', { name: 'Allow' }).first().click();
const code = (page) => page.locator('pre code span[style]').first().waitFor();

/** A link to the rich conversation, as a visitor without a session would get it. */
const sharedPath = () => {
  const token = 'ab'.repeat(32);
  const conversation = mock.state.conversations.get(mock.state.rich);
  mock.state.shares.set(token, { conversation, leaf: conversation.head_message_id });
  return `/shared/${token}`;
};

const VIEWS = {
  'chat-light': [
    { path: rich },
    async (page) => {
      await code(page);
      await toTop(page);
    },
  ],
  'chat-end-light': [{ path: rich }, code],
  'chat-dark': [
    { path: rich, scheme: 'dark' },
    async (page) => {
      await code(page);
      await toTop(page);
    },
  ],
  'sources-light': [{ path: rich }, openSource],
  'sources-dark': [
    { path: rich, scheme: 'dark' },
    async (page) => {
      await openSource(page);
      await page.getByRole('button', { name: 'All sources' }).click();
    },
  ],
  'phone-light': [
    { path: rich, size: PHONE, touch: true },
    async (page) => {
      await code(page);
      await toTop(page);
    },
  ],
  'phone-dark': [{ path: rich, size: PHONE, touch: true, scheme: 'dark' }, code],
  'phone-list': [
    { path: rich, size: PHONE, touch: true },
    async (page) => {
      await page.getByRole('button', { name: 'Show the list' }).click();
      await page.getByRole('link', { name: 'New chat' }).last().waitFor();
    },
  ],
  'phone-sources': [{ path: rich, size: PHONE, touch: true }, openSource],
  'welcome-light': [{}],
  'welcome-builtin': [{ base: bare }],
  'welcome-phone': [{ base: bare, size: PHONE, touch: true, scheme: 'dark' }],
  'palette-light': [
    { path: rich },
    async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('option').nth(8).waitFor();
    },
  ],
  'shortcuts-dark': [
    { path: rich, scheme: 'dark' },
    async (page) => {
      await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    },
  ],
  'models-light': [
    {},
    async (page) => {
      await page.getByRole('button', { name: /^Model:/ }).click();
    },
  ],
  'long-light': [{ path: `/c/${mock.state.long}` }],
  'streaming-light': [
    {},
    async (page) => {
      await ask(
        page,
        `say:${'Words come one after another, and the page keeps up with them. '.repeat(40)}`,
      );
      await page.getByText('Words come one after').first().waitFor();
      await page.waitForTimeout(600);
    },
  ],
  'thinking-dark': [
    { scheme: 'dark' },
    async (page) => {
      await ask(page, 'How do answers stream?');
      await page.getByText('And it ends here.').waitFor();
    },
  ],
  'ask-light': [{}, askBack],
  'ask-dark': [
    { scheme: 'dark' },
    async (page) => {
      await askBack(page, 'And send a letter.');
      await unfoldSteps(page);
    },
  ],
  'ask-phone': [
    { size: PHONE, touch: true },
    async (page) => {
      await askBack(page);
      await page.getByRole('button', { name: 'Refuse with a reason' }).click();
      await page.locator('[data-ask] textarea').fill('The old title is fine.');
    },
  ],
  'ask-other-light': [{}, (page) => askBack(page, 'It is something else.')],
  'ask-refused-dark': [
    { scheme: 'dark' },
    async (page) => {
      await askBack(page);
      mock.state.faults.push({
        match: /^POST .*\/resume$/,
        status: 503,
        code: 'UNAVAILABLE',
        message: 'The server is restarting.',
      });
      await allow(page);
      await page.getByRole('alert').waitFor();
    },
  ],
  'ask-again-phone': [
    { size: PHONE, touch: true, scheme: 'dark' },
    async (page) => {
      await askBack(page);
      await page.reload();
      await page.locator('[data-ask]').waitFor();
    },
  ],
  'ask-stopped-light': [
    {},
    async (page) => {
      await askBack(page);
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await page.getByText('Stopped', { exact: true }).waitFor();
      await unfoldSteps(page);
    },
  ],
  'steps-light': [
    {},
    async (page) => {
      await askBack(page, 'And send a letter.');
      await allow(page);
      await page.locator('[data-ask]').nth(1).waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Refuse', exact: true }).click();
      await page.getByText('So it is done.').waitFor();
      await page.getByRole('button', { name: 'Good answer' }).waitFor();
      // From the stored log, not from what this page has seen.
      await page.reload();
      await page.getByText('So it is done.').waitFor();
      await unfoldSteps(page);
    },
  ],
  'steps-phone-dark': [
    { size: PHONE, touch: true, scheme: 'dark' },
    async (page) => {
      await ask(page, 'How do answers stream?');
      await page.getByRole('button', { name: 'Good answer' }).waitFor();
      await unfoldSteps(page);
    },
  ],
  'steps-live-light': [
    {},
    async (page) => {
      await askBack(page);
      await unfoldSteps(page);
      await allow(page);
      await page.locator('[data-steps]', { hasText: 'Using rename_conversation' }).waitFor();
    },
  ],
  'failed-light': [
    {},
    async (page) => {
      await ask(page, 'please fail');
      await page.getByRole('button', { name: 'Switch model' }).waitFor();
    },
  ],
  'rejected-dark': [
    { scheme: 'dark', path: rich },
    async (page) => {
      mock.state.faults.push({
        match: /^POST .*\/runs$/,
        status: 429,
        code: 'RATE_LIMIT_EXCEEDED',
        message: 'Too many requests.',
        headers: { 'retry-after': '42' },
      });
      await ask(page, 'And for orders from Norway?');
      await page.getByRole('alert').waitFor();
    },
  ],
  'attachments-light': [
    {},
    async (page) => {
      await page.locator('[data-file-picker]').setInputFiles([
        {
          name: 'notes.md',
          mimeType: 'text/markdown',
          buffer: Buffer.from('# Notes\n\nSome notes.'),
        },
        { name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from([137, 80, 0, 0]) },
      ]);
      await page.getByText('cannot be read').waitFor();
    },
  ],
  'feedback-light': [
    { path: rich },
    async (page) => {
      await page.getByRole('button', { name: 'Bad answer' }).click();
      await page.getByText('What was wrong?').waitFor();
    },
  ],
  'rename-light': [
    { path: rich },
    async (page) => {
      await page.getByRole('button', { name: 'Conversation menu' }).click();
      await page.getByRole('menuitem', { name: 'Rename' }).click();
      await page.getByRole('dialog').waitFor();
    },
  ],
  'share-light': [
    { path: rich },
    async (page) => {
      await page.getByRole('button', { name: 'Conversation menu' }).click();
      await page.getByRole('menuitem', { name: 'Share' }).click();
      await page.getByRole('button', { name: 'Create and copy a link' }).click();
      await page.getByRole('textbox', { name: 'Link' }).waitFor();
    },
  ],
  'shared-light': [{ path: sharedPath() }, code],
  'shared-phone': [
    { path: sharedPath(), size: PHONE, touch: true, scheme: 'dark' },
    async (page) => {
      await page
        .getByText(/^\d+ sources?$/)
        .first()
        .click();
      await page.locator('blockquote').first().scrollIntoViewIfNeeded();
    },
  ],
  'shared-gone': [{ path: `/shared/${'0'.repeat(64)}` }],
  'offline-light': [
    { path: rich },
    async (page) => {
      await page.context().setOffline(true);
      await page.getByText('You are offline.').waitFor();
    },
  ],
  'drop-light': [
    {},
    (page) =>
      page.evaluate(() => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['x'], 'x.txt'));
        window.dispatchEvent(new DragEvent('dragenter', { dataTransfer }));
      }),
  ],
  'archive-dark': [
    { scheme: 'dark' },
    async (page) => {
      await page.getByRole('link', { name: 'Naming the new service' }).hover();
      await page.getByRole('button', { name: 'Actions for Naming the new service' }).click();
      await page.getByRole('menuitem', { name: 'Archive' }).click();
      await page.getByText('Conversation archived').waitFor();
      await page.getByRole('button', { name: 'Archive', exact: true }).click();
      await page.getByRole('link', { name: 'Naming the new service' }).waitFor();
    },
  ],
  ...identityViews(mock.state),
  ...knowledgeViews(mock.state),
  'missing-light': [
    { path: '/c/01900000-0000-7000-8000-000000000000' },
    (page) => page.getByText('is not here').waitFor(),
  ],
};

const only = process.argv.slice(2);
for (const [name, [options, act]] of Object.entries(VIEWS)) {
  if (only.length === 0 || only.some((word) => name.includes(word))) await view(name, options, act);
}
await browser.close();
await mock.close();
await bare.close();
console.log(`${failures.length} problems`);
process.exit(failures.length === 0 ? 0 : 1);
