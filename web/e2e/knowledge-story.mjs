// The story of a collection, in a real browser against a running server that nobody has set up yet:
//
//   node e2e/knowledge-story.mjs http://localhost:8000
//
// Ana makes a collection, adds a PDF, a text and a file that cannot be read, sees what was read and
// what a search finds and why, lets a chatbot answer from it, and opens what the answer cites. It
// works with the built-in model and without an embedder. STORY_SHOTS names a folder for pictures.
// Exit code 0 when all steps pass; the last line is `N passed, N failed`.
import { accessProblems, openBrowser, watchPage } from './browser.mjs';
import { pdfOf } from './pdf.mjs';
import { anyFailed, expect, step, tellEnd } from './steps.mjs';

const base = (process.argv[2] ?? process.env.BASE_URL ?? 'http://localhost:8000').replace(
  /\/$/,
  '',
);
const WAIT_MS = Number(process.env.STORY_WAIT_MS ?? 30_000);
const PASSWORD = 'seven sober otters sing';
const HANDBOOK = pdfOf([
  [
    'Harbour handbook',
    '',
    'Ships call the harbour office on channel 12 one hour before they arrive.',
    'The gate opens at eight in the morning and closes at eight in the evening.',
  ],
  [
    'Refunds',
    '',
    'A crew that leaves before noon on the day of its arrival gets the berth fee',
    'back in full. Later the fee is kept.',
  ],
]);
const PRICES = `# Prices

## Electricity

A kilowatt hour of electricity costs 40 cents. The meter is read at the office.

## Laundry

A token for the laundry costs three euros.
`;

const browser = await openBrowser();
const context = await browser.newContext({
  viewport: { width: 1360, height: 860 },
  reducedMotion: 'reduce',
  colorScheme: 'light',
  acceptDownloads: true,
});
const page = await context.newPage();
page.setDefaultTimeout(WAIT_MS);
const problems = watchPage(page, base);
const button = (name) => page.getByRole('button', { name, exact: true });
const field = (name) => page.getByLabel(name, { exact: true });
const dialog = page.getByRole('dialog');
const found = page.getByRole('region', { name: 'What was found' });

/** Nothing on the page stands in anybody's way; and a picture, where one is asked for. */
async function look(name) {
  const wrong = await accessProblems(page);
  expect(wrong.length === 0, wrong.join('; '));
  if (process.env.STORY_SHOTS)
    await page.screenshot({ path: `${process.env.STORY_SHOTS}/${name}.png` });
}

async function search(words) {
  await field('Question or words').fill(words);
  await button('Search').click();
  await page.getByText(/passages? · \d+ ms/).waitFor();
}

await step('the owner is registered', async () => {
  await page.goto(`${base}/setup`);
  await field('E-mail').fill('ana@harbour.example');
  await field('Username').fill('ana');
  await field('Password').fill(PASSWORD);
  await button('Register as the owner').click();
  await page.getByRole('button', { name: /^ana, in / }).waitFor();
});

let collection = '';
await step('she makes a collection', async () => {
  await page.getByRole('button', { name: /^ana, in / }).click();
  await page.getByRole('menuitem', { name: 'Collections' }).click();
  await button('New collection').click();
  await dialog.getByLabel('Name', { exact: true }).fill('Harbour');
  await dialog.getByRole('button', { name: 'New collection' }).click();
  await page.waitForURL(/\/collections\/[0-9a-f-]{36}$/);
  collection = page.url();
  await page.getByText('It is empty.').waitFor();
  await look('collection-empty');
});

await step('she adds two files, and is told of a third that cannot be read', async () => {
  await page.locator('[data-file-picker]').setInputFiles([
    { name: 'handbook.pdf', mimeType: 'application/pdf', buffer: HANDBOOK },
    { name: 'prices.md', mimeType: 'text/markdown', buffer: Buffer.from(PRICES) },
    {
      name: 'photo.png',
      mimeType: 'image/png',
      buffer: Buffer.from('89504e470d0a1a0a0000000d4948445200000001', 'hex'),
    },
  ]);
  await page
    .getByRole('list', { name: 'Files that did not arrive' })
    .getByText('photo.png')
    .waitFor();
  await button('Remove photo.png').click();
});

await step('both are read before long, without reloading', async () => {
  const list = page.getByRole('list', { name: 'Documents' });
  await list.getByRole('link', { name: 'handbook.pdf' }).waitFor();
  await page.getByText(/^2 documents · [1-9]\d* passages$/).waitFor();
  await page.getByText('of 2 documents read').waitFor({ state: 'detached' });
  expect((await list.getByText('Failed', { exact: true }).count()) === 0, 'one has failed');
  await look('documents');
});

await step('the same file again is no second document', async () => {
  await page
    .locator('[data-file-picker]')
    .setInputFiles({ name: 'copy.md', mimeType: 'text/markdown', buffer: Buffer.from(PRICES) });
  await page.waitForTimeout(1000);
  await page.reload();
  await page.getByText(/^2 documents · /).waitFor();
});

await step('she sees the pages and passages of the PDF', async () => {
  await page.getByRole('link', { name: 'handbook.pdf' }).click();
  await page.getByText('Page 1 of 2').waitFor();
  const passages = page.getByRole('list', { name: 'Passages' });
  await passages.getByText('before noon').first().waitFor();
  await passages
    .getByRole('button', { name: /in the text$/ })
    .first()
    .click();
  await page.locator('[data-passage]').first().waitFor();
  await look('document');
});

await step('she notes on it whose it is', async () => {
  await page.getByText('Details and actions').click();
  await button('Add to Metadata').click();
  await field('Name').last().fill('team');
  await field('Value').last().fill('desk');
  await button('Save').click();
  await page.getByText('Saved', { exact: true }).waitFor();
});

await step('a search says what is found, and why', async () => {
  await page.goto(`${collection}/search`);
  await search('Who gets the berth fee back?');
  const best = found.getByRole('listitem').first();
  await best.getByRole('link', { name: 'handbook.pdf' }).waitFor();
  await best.locator('mark', { hasText: /berth/i }).first().waitFor();
  await best.getByText(/^Found by /).waitFor();
  await best.getByText('page 2').or(best.getByText('pages 1–2')).first().waitFor();
  await best.getByRole('button', { name: /^Passage 1 in/ }).click();
  await best.locator('[data-passage]').first().waitFor();
  await look('search');
});

await step('the hit leads into the document', async () => {
  await found.getByRole('link', { name: 'handbook.pdf' }).first().click();
  await page.waitForURL(/\/documents\/[0-9a-f-]{36}\?start=\d+&end=\d+$/);
  await page.locator('[data-passage]').first().waitFor();
  await page.goBack();
  await found.waitFor();
  expect(/[?&]q=/.test(page.url()), 'the question is not in the address');
});

await step('a filter keeps out what does not fit', async () => {
  await page.locator('summary').first().click();
  await button('Add a condition').click();
  await field('Name').fill('team');
  await field('Value').fill('desk');
  await search('electricity costs');
  expect((await found.getByRole('link', { name: 'prices.md' }).count()) === 0, 'it was found');
  await button('Remove the condition').click();
  await search('electricity costs');
  await found.getByRole('link', { name: 'prices.md' }).first().waitFor();
});

await step('an edited passage is found by its new words', async () => {
  await page.goto(collection);
  await page.getByRole('link', { name: 'prices.md' }).click();
  const laundry = page.getByRole('listitem').filter({ hasText: 'laundry' }).last();
  await laundry.getByRole('button', { name: /^Edit Passage/ }).click();
  await field('Words of the passage').fill('A token for the washhouse costs four euros.');
  await button('Save').click();
  await page.getByText('Edited', { exact: true }).waitFor();
  await page.goto(`${collection}/search`);
  await search('washhouse');
  await found.getByRole('link', { name: 'prices.md' }).first().waitFor();
});

await step('all collections can be searched together', async () => {
  await page.goto(`${base}/collections/search?q=berth%20fee`);
  await found
    .getByText(/^Harbour · /)
    .first()
    .waitFor();
});

await step('a chatbot answers from it', async () => {
  await page.goto(`${base}/chatbots`);
  await button('New chatbot').click();
  await dialog.getByLabel('Name').fill('Harbour desk');
  await dialog.getByRole('button', { name: 'New chatbot' }).click();
  await page.waitForURL(/\/chatbots\/[0-9a-f-]{36}$/);
  await page.getByRole('checkbox', { name: 'Harbour' }).check();
  await field('Passages for an answer').fill('6');
  await button('Save as version 2').click();
  await page.getByText('Version 2').waitFor();
  await look('chatbot-collections');
});

await step('she asks it, and the answer cites the handbook', async () => {
  await page.goto(base);
  await page.getByRole('button', { name: /^Chatbot: / }).click();
  await page.getByRole('menuitem', { name: 'Harbour desk' }).click();
  await page.getByRole('textbox', { name: 'Your message' }).fill('Who gets the berth fee back?');
  await button('Send').click();
  await page
    .getByRole('button', { name: /^Source \d+: handbook\.pdf/ })
    .first()
    .waitFor();
  await button('Send').waitFor();
  await page.getByRole('button', { name: 'Good answer' }).waitFor();
});

await step('the citation opens the passage in the document', async () => {
  await page
    .getByRole('button', { name: /^Source \d+: handbook\.pdf/ })
    .first()
    .click();
  const passage = page.locator('aside [data-passage]').first();
  await passage.waitFor();
  expect(/noon|berth|fee/.test(await page.locator('aside').textContent()), 'another text');
  await look('citation');
});

await step('the page can be seen, or it is said that there is no picture', async () => {
  await button('See the page').click();
  await page
    .getByRole('img', { name: /^Page \d of handbook\.pdf/ })
    .or(page.getByText('There is no picture of this page.'))
    .waitFor();
  await button('See the text').click();
});

await step('the original is downloaded as it was', async () => {
  const [download] = await Promise.all([page.waitForEvent('download'), button('Original').click()]);
  const pieces = [];
  for await (const piece of await download.createReadStream()) pieces.push(piece);
  expect(Buffer.concat(pieces).equals(HANDBOOK), 'it is another file');
});

await step('a deleted document is found by nobody, and quoted nowhere', async () => {
  const chat = page.url();
  await page.goto(collection);
  await button('Change handbook.pdf').click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.goto(`${collection}/search`);
  await search('berth fee before noon');
  expect((await found.getByRole('link', { name: 'handbook.pdf' }).count()) === 0, 'still found');
  await page.goto(chat);
  // The answer was quotes, so its marks have gone with its words; its sources are counted still.
  await page.getByText('What this answer quoted is not here any more').waitFor();
  await page.getByRole('button', { name: /^\d+ sources?$/ }).click();
  await page.locator('aside').getByText('or not open to you').first().waitFor();
  // Nowhere: neither beside the answer nor in it.
  const shown = await page.locator('body').textContent();
  expect(!/before noon|fee is kept/.test(shown), 'still quoted');
  expect((await page.locator('blockquote').count()) === 0, 'still quoted');
  expect(!shown.includes('handbook.pdf'), 'still named');
});

await step('the collection is deleted once its name is typed', async () => {
  await page.goto(`${collection}/settings`);
  await button('Delete the collection').click();
  await dialog.getByLabel('Type Harbour to go on').fill('Harbour');
  await dialog.getByRole('button', { name: 'Delete the collection' }).click();
  await page.getByText('There are no collections.').waitFor();
});

await step('nothing broke the content policy, threw, or left the origin', async () => {
  expect(problems.length === 0, problems.join('; '));
});

if (anyFailed() && process.env.STORY_SHOT) await page.screenshot({ path: process.env.STORY_SHOT });
await browser.close();
tellEnd();
