// One reader's story in a real browser against a running server:
//
//   node e2e/story.mjs http://localhost:8000
//
// It works with the built-in model. With STORY_SLOW_MODEL=1 the server's model must stream what
// follows "say:" slowly, and call the tool that follows "call:"; then reloading and stopping in the
// middle of an answer are told too, and a tool that asks before it is used. STORY_CARD names a file
// for a picture of that question.
// Exit code 0 when all steps pass; the last line is `N passed, N failed`.
import { accessProblems, openBrowser, watchPage } from './browser.mjs';
import { anyFailed, expect, step, tellEnd } from './steps.mjs';

const base = (process.argv[2] ?? process.env.BASE_URL ?? 'http://localhost:8000').replace(
  /\/$/,
  '',
);
const slow = process.env.STORY_SLOW_MODEL === '1';
const WAIT_MS = Number(process.env.STORY_WAIT_MS ?? 30_000);
const WORD = `quokka${Date.now().toString(36)}`;
const DOCUMENT = `Harbour office handbook

1. Opening hours
The harbour office is open from eight to five on weekdays, and closed on public holidays.

2. Berths
A visiting boat pays a berth fee of 42 crowns per night. The fee includes water and electricity.

3. The ${WORD} clause
Whoever moors at the ${WORD} jetty must leave before the evening tide, because the jetty is needed by the ferry.
`;

const browser = await openBrowser();
const context = await browser.newContext({
  viewport: { width: 1360, height: 860 },
  reducedMotion: 'reduce',
  colorScheme: 'light',
});
const page = await context.newPage();
page.setDefaultTimeout(WAIT_MS);
const problems = watchPage(page, base);

const field = page.getByRole('textbox', { name: 'Your message' });
const answers = page.locator('article:has(h2:text-is("Answer"))');
const lastAnswer = answers.last();
const stop = page.getByRole('button', { name: 'Stop', exact: true });

async function ask(text) {
  await field.fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

/** Until no run is going: the send button is back. */
async function finished() {
  await page.getByRole('button', { name: 'Send', exact: true }).waitFor();
  await page.waitForFunction(() => !document.querySelector('article[aria-busy="true"]'));
}

await step('the page opens and greets', async () => {
  await page.goto(base);
  await page.getByRole('heading', { name: /^Good (morning|afternoon|evening)$/ }).waitFor();
  await field.waitFor();
});

await step('a text file is attached and uploaded', async () => {
  await page.locator('[data-file-picker]').setInputFiles({
    name: 'handbook.md',
    mimeType: 'text/markdown',
    buffer: Buffer.from(DOCUMENT),
  });
  await page.getByRole('list', { name: 'Files to send' }).getByText('handbook.md').waitFor();
  await page.waitForFunction(() => !document.querySelector('[role="progressbar"]'));
});

await step('the question is answered, with a citation', async () => {
  const question = `What does the handbook say about the ${WORD} jetty?`;
  const script = `say:Boats must leave the ${WORD} jetty before the evening tide [1].`;
  await ask(slow ? `${question} ${script}` : question);
  await page.waitForURL(/\/c\/[0-9a-f-]{36}$/);
  await page
    .getByRole('button', { name: /^Source 1: handbook\.md/ })
    .first()
    .waitFor();
  await finished();
  expect((await lastAnswer.textContent()).includes(WORD), 'the answer does not quote the document');
});

const address = page.url();

await step('the conversation is named after the question', async () => {
  const name = new RegExp(`^What does the handbook say about the ${WORD} jetty`);
  await page.getByRole('heading', { level: 1, name }).waitFor();
  const list = page.getByRole('list', { name: 'Conversations' });
  await list.getByRole('link', { name }).waitFor();
});

await step('the citation opens the passage within the file', async () => {
  await page
    .getByRole('button', { name: /^Source 1: handbook\.md/ })
    .first()
    .click();
  const passage = page.locator('[data-passage]');
  await passage.waitFor();
  const text = (await passage.textContent()).trim();
  expect(text !== '' && DOCUMENT.includes(text.slice(0, 40)), `not a passage of the file: ${text}`);
  await page.getByRole('button', { name: 'Close the sources' }).click();
});

await step('feedback is taken', async () => {
  await lastAnswer.getByRole('button', { name: 'Good answer' }).click();
  await page.getByLabel(/What was good/).fill('It quotes the clause.');
  const sent = page.waitForResponse((response) => response.url().endsWith('/chat/feedback'));
  await lastAnswer.getByRole('button', { name: 'Send', exact: true }).click();
  expect((await sent).ok(), 'the feedback was refused');
});

await step('answering again makes a second version, and the first is still there', async () => {
  await lastAnswer.getByRole('button', { name: 'Answer again' }).click();
  await lastAnswer.getByText('2 / 2').waitFor();
  await finished();
  await lastAnswer.getByRole('button', { name: 'Previous version' }).click();
  await lastAnswer.getByText('1 / 2').waitFor();
});

await step('editing the question makes a branch', async () => {
  const question = page.locator('article:has(h2:text-is("You"))').first();
  await question.hover();
  await question.getByRole('button', { name: 'Edit' }).click();
  await page
    .getByRole('textbox', { name: 'Edit' })
    .fill(`What must boats at the ${WORD} jetty do?`);
  await question.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('2 / 2').first().waitFor();
  await finished();
});

await step('a reload shows the same conversation', async () => {
  await page.reload();
  await page.getByText(`What must boats at the ${WORD} jetty do?`).first().waitFor();
  await lastAnswer.waitFor();
  expect(page.url() === address, 'the address changed');
});

if (slow) {
  await slowSteps();
  await approvalSteps();
}

await step('a draft survives a reload', async () => {
  await field.fill('half a thought');
  await page.reload();
  await page.waitForFunction(() =>
    [...document.querySelectorAll('textarea')].some((area) => area.value === 'half a thought'),
  );
  await field.fill('');
});

await step('search finds the conversation by its text', async () => {
  const search = page.getByRole('searchbox', { name: 'Search' });
  await search.fill(WORD);
  const list = page.getByRole('list', { name: 'Conversations' });
  await list.locator(`a[href="${new URL(address).pathname}"]`).waitFor();
  await search.fill(`no such text ${WORD}x`);
  await page.getByText(/^No conversation contains/).waitFor();
  await search.fill('');
  await list.waitFor();
});

await step('a link shows the conversation to a visitor, until sharing is stopped', async () => {
  const share = async () => {
    await page.getByRole('button', { name: 'Conversation menu' }).click();
    await page.getByRole('menuitem', { name: 'Share' }).click();
  };
  await share();
  await page.getByRole('button', { name: 'Create and copy a link' }).click();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  expect(link.startsWith(`${base}/shared/`), `not a link of this server: ${link}`);
  await page.getByRole('button', { name: 'Close' }).click();

  const visitor = await browser.newContext();
  const reading = await visitor.newPage();
  reading.setDefaultTimeout(WAIT_MS);
  problems.push(...(await visit(reading, link)));
  expect((await visitor.cookies()).length === 0, 'reading a shared conversation made a session');

  await share();
  await page.getByRole('button', { name: 'Stop sharing' }).click();
  await page.getByText('No link to this conversation works any more.').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await reading.reload();
  await reading.getByRole('heading', { name: 'This link shows nothing' }).waitFor();
  await visitor.close();
});

/** Reads a shared conversation as its visitor; gives what the page should not have done. */
async function visit(reading, link) {
  const found = watchPage(reading, base);
  reading.on('request', (request) => {
    const { pathname } = new URL(request.url());
    const own = pathname.startsWith('/api/') && !pathname.startsWith('/api/v1/shared/');
    if (own) found.push(`a visitor's page asked for ${pathname}`);
  });
  await reading.goto(link);
  await reading.getByText(`What must boats at the ${WORD} jetty do?`).first().waitFor();
  // The scripted provider says what it is told, so only the built-in model's answers cite.
  if (!slow) {
    await reading
      .getByText(/^\d+ sources?$/)
      .first()
      .click();
    await reading.locator('blockquote').first().waitFor();
    expect((await reading.getByText('Source 1: handbook.md').count()) > 0, 'no citation is marked');
  }
  expect((await reading.getByRole('textbox').count()) === 0, 'a visitor can write');
  return found;
}

await step('the conversation is renamed', async () => {
  await page.getByRole('button', { name: 'Conversation menu' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByLabel('Title').fill(`Harbour ${WORD}`);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { level: 1, name: `Harbour ${WORD}` }).waitFor();
});

await step('the theme is switched, and stays over a reload', async () => {
  await page.getByRole('button', { name: 'Theme' }).click();
  await page.getByRole('menuitem', { name: 'Dark' }).click();
  await page.locator('html[data-theme="dark"]').waitFor();
  await page.reload();
  await page.locator('html[data-theme="dark"]').waitFor();
});

await step('a file of a type that cannot be read says so', async () => {
  await page.locator('[data-file-picker]').setInputFiles({
    name: 'photo.png',
    mimeType: 'image/png',
    buffer: Buffer.from('89504e470d0a1a0a0000000d4948445200000001', 'hex'),
  });
  await page.getByRole('list', { name: 'Files to send' }).getByRole('alert').waitFor();
  await page.getByRole('button', { name: 'Remove photo.png' }).click();
});

await step('the conversation is deleted', async () => {
  await page.getByRole('button', { name: 'Conversation menu' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.waitForURL((url) => url.pathname === '/');
  await page.goto(address);
  await page.getByText('This conversation is not here').waitFor();
});

await step('nothing broke the content policy, threw, or left the origin', async () => {
  expect(problems.length === 0, problems.join('; '));
});

async function slowSteps() {
  const words = Array.from({ length: 120 }, (_, index) => `word${index + 1}`);

  await step('a reload in the middle of an answer loses nothing', async () => {
    await page.goto(base);
    await ask(`say:${words.join(' ')}`);
    await lastAnswer.getByText(/word5\b/).waitFor();
    await page.reload();
    await lastAnswer.getByText(/word1 word2 word3\b/).waitFor();
    await lastAnswer.getByText(/word120\b/).waitFor();
    await finished();
    const text = await lastAnswer.locator('.prose').textContent();
    expect(text.trim() === words.join(' '), `text lost or doubled: ${text.slice(0, 200)}`);
  });

  await step('a stopped answer keeps its text', async () => {
    await ask(`say:${words.join(' ')}`);
    await lastAnswer.getByText(/word5\b/).waitFor();
    await stop.click();
    await lastAnswer.getByText('Stopped', { exact: true }).waitFor();
    await finished();
    const text = (await lastAnswer.locator('.prose').textContent()).trim();
    expect(words.join(' ').startsWith(text) && text.length > 20, `unexpected text: ${text}`);
    expect(!text.includes('word120'), 'the answer had ended before it was stopped');
    await page.reload();
    await lastAnswer.getByText('Stopped', { exact: true }).waitFor();
  });

  await step('leaving and coming back in the middle of an answer loses nothing', async () => {
    await ask(`say:${words.join(' ')}`);
    await lastAnswer.getByText(/word5\b/).waitFor();
    const here = new URL(page.url()).pathname;
    await page.getByRole('link', { name: 'New chat' }).first().click();
    await page.getByRole('heading', { name: /^Good / }).waitFor();
    await page.locator(`nav a[href="${here}"]`).click();
    await lastAnswer.getByText(/word120\b/).waitFor();
    await finished();
    const text = await lastAnswer.locator('.prose').textContent();
    expect(text.trim() === words.join(' '), `text lost or doubled: ${text.slice(0, 200)}`);
    await page.goto(address);
    await lastAnswer.waitFor();
  });
}

/** A tool that changes something asks first, and its question outlives the page. */
async function approvalSteps() {
  const card = page.getByRole('region', { name: 'The assistant wants to use rename_conversation' });
  const conversations = page.getByRole('list', { name: 'Conversations' });
  const said = lastAnswer.locator('.prose');
  const allowed = `Trip to Kyoto ${WORD}`;
  const refused = `Trip to Nara ${WORD}`;
  const steps = [
    'Looking for context',
    'Calling the model',
    'Using rename_conversation',
    'Calling the model',
    'Finishing the answer',
  ];

  /** Unfolds the line above the answer: what ran is all there, in order. */
  const showsSteps = async () => {
    const line = lastAnswer.locator('[data-steps]');
    await line.click();
    const items = lastAnswer.locator('ol[aria-label="Steps"] > li');
    await items.first().waitFor();
    const told = await items.allTextContents();
    const right = steps.length === told.length && steps.every((it, n) => told[n].startsWith(it));
    expect(right, `unexpected steps: ${told.join(' | ')}`);
    await line.filter({ hasText: `${steps.length} steps` }).click();
  };

  await step('a tool that changes something asks first', async () => {
    await page.goto(base);
    await ask(`call:rename_conversation ${JSON.stringify({ title: allowed })}`);
    await card.getByText(allowed, { exact: true }).waitFor();
    await lastAnswer.getByText('Waiting for your answer').waitFor();
    expect(
      (await conversations.getByRole('link', { name: allowed }).count()) === 0,
      'it was renamed before it was allowed',
    );
    const found = await accessProblems(page, '[data-ask]');
    expect(found.length === 0, found.join('; '));
    if (process.env.STORY_CARD) await page.screenshot({ path: process.env.STORY_CARD });
  });

  await step('the question is still there after a reload', async () => {
    await page.reload();
    await card.getByText(allowed, { exact: true }).waitFor();
  });

  await step('once allowed the tool is used, and the answer goes on', async () => {
    await card.getByRole('button', { name: 'Allow' }).click();
    await said.getByText(`The conversation is called "${allowed}" now.`).waitFor();
    await finished();
    await card.waitFor({ state: 'detached' });
    await conversations.getByRole('link', { name: allowed }).waitFor();
    await page.getByRole('heading', { level: 1, name: allowed }).waitFor();
    await showsSteps();
  });

  await step('once refused it is not used, and the model hears why', async () => {
    await ask(`call:rename_conversation ${JSON.stringify({ title: refused })}`);
    await card.getByText(refused, { exact: true }).waitFor();
    await card.getByRole('button', { name: 'Refuse with a reason' }).click();
    await card.getByRole('textbox').fill('Kyoto it is.');
    await card.getByRole('button', { name: 'Refuse' }).click();
    await said.getByText('The user refused this tool call: Kyoto it is.').waitFor();
    await finished();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: allowed }).waitFor();
    await said.getByText('The user refused this tool call: Kyoto it is.').waitFor();
    await showsSteps();
  });

  await page.goto(address);
  await lastAnswer.waitFor();
}

if (anyFailed() && process.env.STORY_SHOT) await page.screenshot({ path: process.env.STORY_SHOT });
await browser.close();
tellEnd();
