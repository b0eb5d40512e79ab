// What the mock server knows of collections at its start.
const DAY = 86_400_000;
const ago = (days) => new Date(Date.now() - days * DAY).toISOString();

const HANDBOOK = `# Harbour handbook

## 1 Arrival

Ships call the harbour office on channel 12 one hour before they arrive. The office gives them a berth and says which gate is open. The gate opens at eight and closes at eight; at night the watch at the north mole lets crews in.

## 2 Berths

Visitors moor at the east quay. Berths 1 to 14 take ships up to 12 metres, berths 15 to 22 up to 20 metres. Longer ships anchor outside and are brought in by the pilot.

A berth is kept for two hours after the time that was agreed. After that it may be given to others.

## 3 Fees

### 3.1 Berth fees

The berth fee for visitors is 2.40 euros for each metre and night from May to September, and 1.60 euros in the other months. Water and waste are included; electricity is metered.

### 3.2 Refunds

Who leaves before noon on the day of arrival gets the berth fee back in full. Fees for nights that were paid in advance are refunded within 14 days, less 5 euros for each booking.

## 4 Safety

Fires are forbidden on all quays. Fuel is taken on at the fuel dock alone, with the engine off. The watch answers on channel 16 at all hours 🛟.
`;

const PRICES = `season,length in metres,price
summer,8,19.20
summer,12,28.80
winter,8,12.80
winter,12,19.20
`;

const MINUTES = `Minutes of 4 November 2026

The visitors' fees stay as they are until April. Chidi asks for more light at the east quay. The refund rule is read out and kept: who leaves before noon pays nothing.
`;

export const scalars = (text) => [...text].length;

/** The passages of a text, one for each paragraph, with the headings above and their places. */
export function chunksOf(newId, { id: document_id, text, pageStarts }) {
  const chunks = [];
  const headings = [];
  let at = 0;
  for (const paragraph of text.split('\n\n')) {
    const heading = /^(#+) (.*)$/.exec(paragraph.trim());
    if (heading) {
      headings.length = heading[1].length - 1;
      headings.push(heading[2]);
    } else if (paragraph.trim() !== '') {
      const start = scalars(text.slice(0, at));
      const line_start = text.slice(0, at).split('\n').length;
      const page = pageStarts.findLastIndex((from) => from <= start) + 1;
      chunks.push({
        id: newId(),
        document_id,
        position: chunks.length,
        text: paragraph.trim(),
        headings: headings.filter(Boolean),
        span: {
          start,
          end: start + scalars(paragraph.trim()),
          line_start,
          line_end: line_start + paragraph.trim().split('\n').length - 1,
          ...(page > 0 && { page_start: page, page_end: page }),
        },
        tokens: Math.ceil(paragraph.length / 4),
        enabled: true,
        edited: false,
      });
    }
    at += paragraph.length + 2;
  }
  return chunks;
}

/** Where pages begin: at every heading of the second level. */
const pagesOf = (text) => [0, ...[...text.matchAll(/^## /gm)].slice(1).map(({ index }) => index)];

export function makeDocument(newId, collection, part) {
  const text = part.text ?? '';
  const document = {
    id: newId(),
    collection_id: collection.id,
    source: { type: 'file', file_id: null },
    media_type: 'text/plain',
    size: Buffer.byteLength(text),
    sha256: 'ab'.repeat(32),
    metadata: {},
    status: 'ready',
    error: null,
    notice: null,
    enabled: true,
    chars: scalars(text),
    pages: null,
    chunks: 0,
    created_by: null,
    created_at: ago(3),
    updated_at: ago(3),
    pageStarts: [],
    passages: [],
    ...part,
    text,
  };
  if (document.status === 'ready') cut(newId, document);
  collection.documents.push(document);
  return document;
}

export function cut(newId, document) {
  document.passages = chunksOf(newId, document);
  document.chunks = document.passages.length;
}

function makeCollection(state, newId, part) {
  const collection = {
    id: newId(),
    description: null,
    visibility: 'workspace',
    chunking: { max_tokens: 256, overlap_tokens: 32 },
    embedding: { serving: null, building: null, built_chunks: 0, error: null },
    created_by: null,
    created_at: ago(60),
    updated_at: ago(1),
    documents: [],
    grants: [],
    ...part,
  };
  state.collections.set(collection.id, collection);
  return collection;
}

const MINILM = { model: 'local/all-MiniLM-L6-v2', dimension: 384 };

/** Fills `state.collections`, and one conversation that quotes from them. */
export function seedKnowledge(state, newId) {
  state.collections = new Map();
  const handbook = makeCollection(state, newId, {
    name: 'Harbour handbook',
    description: 'Rules, fees and berths, as they hold this year.',
    embedding: { serving: MINILM, building: null, built_chunks: 0, error: null },
    grants: [{ grantee: { role: 'viewer' }, access: 'use' }],
  });
  const book = makeDocument(newId, handbook, {
    name: 'harbour-handbook-2026.pdf',
    media_type: 'application/pdf',
    size: 1_482_000,
    text: HANDBOOK,
    pageStarts: pagesOf(HANDBOOK),
    pages: pagesOf(HANDBOOK).length,
    metadata: { team: 'desk', year: 2026 },
  });
  makeDocument(newId, handbook, {
    name: 'prices.csv',
    media_type: 'text/csv',
    text: PRICES,
    metadata: { team: 'office', year: 2026 },
  });
  const minutes = makeDocument(newId, handbook, {
    name: 'Minutes of November',
    source: { type: 'text' },
    text: MINUTES,
    metadata: { team: 'office' },
  });
  makeDocument(newId, handbook, {
    name: 'Tides and locks',
    source: { type: 'url', url: 'https://tides.example.org/locks' },
    status: 'processing',
    stuck: true,
    size: null,
    sha256: null,
    chars: 0,
  });
  makeDocument(newId, handbook, {
    name: 'old-contract-scan.pdf',
    media_type: 'application/pdf',
    size: 8_210_000,
    status: 'failed',
    error:
      'This PDF holds pictures of pages and no text. Recognise its text with a scanner program first, then add it again.',
    chars: 0,
  });
  makeDocument(newId, handbook, {
    name: 'رسوم المرسى.txt',
    text: 'رسوم المرسى للزوار في الصيف.',
    enabled: false,
  });
  const policies = makeCollection(state, newId, {
    name: 'Refund policies',
    description: 'For the customer desk.',
    visibility: 'private',
    embedding: { serving: null, building: MINILM, built_chunks: 3, error: null },
  });
  for (const year of [2024, 2025, 2026]) {
    makeDocument(newId, policies, {
      name: `refunds-${year}.md`,
      media_type: 'text/markdown',
      text: `# Refunds ${year}\n\nOpened goods are refunded within 14 days.\n\n## Fees\n\nA fee of 15 % applies in ${year}.\n`,
      metadata: { year },
    });
  }
  makeCollection(state, newId, { name: 'Travel notes', created_at: ago(1) });
  seedQuoting(state, newId, book, minutes);
}

/** A citation of the passage of `document` that has these words. */
export function citeDocument(document, index, words) {
  const chunk = document.passages.find(({ text }) => text.includes(words));
  return {
    index,
    document_id: document.id,
    collection_id: document.collection_id,
    chunk_id: chunk.id,
    document: document.name,
    headings: chunk.headings,
    quote: chunk.text,
    ...chunk.span,
  };
}

function seedQuoting(state, newId, book, minutes) {
  const id = newId();
  const at = new Date(Date.now() - 1000).toISOString();
  const conversation = {
    id,
    session_id: null,
    title: 'Refund of a berth fee',
    status: 'active',
    metadata: {},
    head_message_id: null,
    message_count: 2,
    created_at: at,
    updated_at: at,
  };
  const message = (role, parent_id, parts) => {
    const entry = {
      id: newId(),
      conversation_id: id,
      parent_id,
      run_id: null,
      role,
      status: 'completed',
      parts,
      model: role === 'assistant' ? 'ollama/llama3.3' : null,
      usage: role === 'assistant' ? { input: 900, output: 80, cached: 0, cost: 400 } : null,
      error: null,
      created_at: at,
    };
    state.messages.set(entry.id, entry);
    conversation.head_message_id = entry.id;
    return entry.id;
  };
  const question = message('user', null, [
    { type: 'text', text: 'A crew leaves at eleven on the day it came. Does it pay?' },
  ]);
  message('assistant', question, [
    {
      type: 'text',
      text: 'No: who leaves before noon on the day of arrival gets the berth fee **back in full** [1]. The rule was read out and kept this month [2].',
    },
    { type: 'citation', ...citeDocument(book, 1, 'before noon') },
    { type: 'citation', ...citeDocument(minutes, 2, 'refund rule') },
  ]);
  state.conversations.set(id, conversation);
  state.quoting = id;
}
