// The views of shots.mjs about collections, their documents, and what is found in them.
import { dark, dialog, phone, press, shows } from './view-parts.mjs';

/** By name: how the page is opened, and what is done there before the picture is taken. */
export function knowledgeViews(state) {
  const ana = { as: 'ana' };
  const chidi = { as: 'chidi' };
  const [handbook, policies, notes] = [...state.collections.values()];
  const [book] = handbook.documents;
  const path = `/collections/${handbook.id}`;
  const search = `${path}/search?q=${encodeURIComponent('refunds of berth fees')}`;
  const [, chunk] = book.passages.filter(({ text }) => /fee/.test(text));
  const passage = `?start=${chunk.span.start}&end=${chunk.span.end}`;
  const quoting = `/c/${state.quoting}`;
  const marked = (page) => page.locator('[data-passage]').first().waitFor();
  const found = (page) => page.getByRole('region', { name: 'What was found' }).waitFor();
  const openSource = (index) => async (page) => {
    await page
      .getByRole('button', { name: new RegExp(`^Source ${index}:`) })
      .first()
      .click();
    await marked(page);
  };
  const files = (...names) =>
    names.map((name) => ({
      name,
      mimeType: 'text/plain',
      buffer: Buffer.from(`# ${name}\n\nWhat ${name} says about berths.\n`),
    }));
  const upload = async (page, ...names) => {
    await page.locator('[data-file-picker]').setInputFiles(files(...names));
  };
  return {
    'collections-light': [{ ...ana, path: '/collections' }, shows('Collections')],
    'collections-phone-dark': [
      { ...ana, path: '/collections', ...phone, ...dark },
      shows('Collections'),
    ],
    'collections-create-light': [{ ...ana, path: '/collections' }, dialog('New collection')],
    'collections-viewer-dark': [
      { ...chidi, path, ...dark },
      (page) => page.getByText('old-contract-scan.pdf').waitFor(),
    ],
    'documents-light': [{ ...ana, path }, shows('Documents')],
    'documents-phone-dark': [{ ...ana, path, ...phone, ...dark }, shows('Documents')],
    'documents-empty-light': [
      { ...ana, path: `/collections/${notes.id}` },
      (page) => page.getByText('It is empty.').waitFor(),
    ],
    'documents-uploaded-light': [
      { ...ana, path: `/collections/${notes.id}` },
      async (page) => {
        await upload(page, 'berths.md', 'broken.docx', 'photo.png', 'tides.md');
        await page.getByText('Pictures and programs').waitFor();
        await page.getByText('The file is damaged').waitFor();
        await page.getByText('2 of 3 documents read').waitFor({ state: 'detached' });
      },
    ],
    'documents-url-refused-dark': [
      { ...ana, path, ...dark },
      async (page) => {
        await press('Add')(page);
        await page.getByRole('menuitem', { name: 'A web page' }).click();
        await page.getByLabel('Address').fill('http://localhost/secret');
        await press('Add it')(page);
        await page.getByRole('alert').waitFor();
      },
    ],
    'documents-text-phone': [
      { ...ana, path, ...phone },
      async (page) => {
        await press('Add')(page);
        await page.getByRole('menuitem', { name: 'A text' }).click();
        await page.getByLabel('Text', { exact: true }).waitFor();
      },
    ],
    'document-light': [{ ...ana, path: `${path}/documents/${book.id}${passage}` }, marked],
    'document-phone-dark': [
      { ...ana, path: `${path}/documents/${book.id}${passage}`, ...phone, ...dark },
      marked,
    ],
    'document-details-dark': [
      { ...ana, path: `${path}/documents/${book.id}`, ...dark },
      async (page) => {
        await page.getByText('Details and actions').click();
        await page.getByRole('button', { name: 'Edit Passage 2' }).click();
        await page.getByLabel('Words of the passage').waitFor();
      },
    ],
    'document-page-light': [
      { ...ana, path: `${path}/documents/${book.id}` },
      async (page) => {
        await press('Next page')(page);
        await press('See the page')(page);
        await page.getByRole('img', { name: /^Page 2 of/ }).waitFor();
      },
    ],
    'document-failed-light': [
      { ...ana, path: `${path}/documents/${handbook.documents[4].id}` },
      (page) => page.getByText('No text was read').waitFor(),
    ],
    'retrieval-light': [
      { ...ana, path: search },
      async (page) => {
        await found(page);
        await page
          .getByRole('button', { name: /^Passage 1 in/ })
          .first()
          .click();
        await marked(page);
      },
    ],
    'retrieval-options-dark': [
      { ...ana, path: search, ...dark },
      async (page) => {
        await found(page);
        await page
          .getByText('Options', { exact: true })
          .or(page.locator('summary'))
          .first()
          .click();
        await page.getByLabel('Order again by the reranker').selectOption('yes');
        await press('Add a condition')(page);
        await page.getByLabel('Name', { exact: true }).fill('team');
        await page.getByLabel('Value', { exact: true }).fill('desk');
        await press('Search')(page);
        await page.getByText('Ordered by').waitFor();
      },
    ],
    'retrieval-phone': [{ ...ana, path: search, ...phone }, found],
    'retrieval-all-light': [
      { ...ana, path: '/collections/search?q=fees' },
      (page) =>
        page
          .getByText(/^Refund policies · /)
          .first()
          .waitFor(),
    ],
    'retrieval-none-dark': [
      { ...ana, path: `${path}/search?q=xylophone`, ...dark },
      (page) => page.getByText('Nothing fits.').waitFor(),
    ],
    'retrieval-refused-light': [
      { ...ana, path: `${path}/search` },
      async (page) => {
        state.faults.push({
          match: /^POST .*\/search$/,
          status: 503,
          code: 'EMBEDDER_ERROR',
          message: 'The embedder does not answer. Try again in a moment.',
        });
        await page.getByLabel('Question or words').fill('berth');
        await press('Search')(page);
        await page.getByRole('alert').waitFor();
      },
    ],
    'collection-settings-light': [{ ...ana, path: `${path}/settings` }, shows('Shared with')],
    'collection-settings-building-dark': [
      { ...ana, path: `/collections/${policies.id}/settings`, ...dark },
      (page) => page.getByText('have a vector of').waitFor(),
    ],
    'collection-delete-phone': [
      { ...ana, path: `${path}/settings`, ...phone },
      dialog('Delete the collection'),
    ],
    'chatbot-collections-light': [
      { ...ana, path: `/chatbots/${state.identity.chatbots[1].id}` },
      async (page) => {
        const box = page.getByRole('checkbox', { name: 'Harbour handbook' });
        await box.check();
        await page.getByLabel('Passages for an answer').scrollIntoViewIfNeeded();
      },
    ],
    'citation-light': [{ path: quoting }, openSource(1)],
    'citation-page-dark': [
      { path: quoting, ...dark },
      async (page) => {
        await openSource(1)(page);
        await press('See the page')(page);
        await page.getByRole('img', { name: /^Page/ }).waitFor();
      },
    ],
    'citation-phone': [{ path: quoting, ...phone }, openSource(2)],
    'citation-gone-light': [
      { path: quoting },
      async (page) => {
        state.faults.push(
          ...Array.from({ length: 2 }, () => ({
            match: /^GET .*\/citations\/1$/,
            status: 404,
            code: 'NOT_FOUND',
            message: 'It is not here.',
          })),
        );
        await page
          .getByRole('button', { name: /^Source 1:/ })
          .first()
          .click();
        await page.getByText('not here any more').waitFor();
      },
    ],
  };
}
