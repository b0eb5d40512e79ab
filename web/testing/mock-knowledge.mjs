// The mock server's routes about collections, in the same shape as those of mock-identity.mjs.
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { cut, makeDocument, scalars } from './mock-knowledge-data.mjs';

const refuse = (status, code, message) => ({ status, error: { code, message, details: null } });
const gone = () => refuse(404, 'NOT_FOUND', 'It is not here.');
const now = () => new Date().toISOString();

/** How long a new document waits, and until when it is being read. */
const WAITS_MS = 500;
const READ_MS = 1500;

function page(items, url) {
  const limit = Number(url.searchParams.get('limit') ?? 20);
  const start = Number(url.searchParams.get('cursor') ?? 0);
  const next_cursor = start + limit < items.length ? String(start + limit) : null;
  return { body: { items: items.slice(start, start + limit), next_cursor } };
}

/** Moves a document on with the time that has passed since it was added or read anew. */
function settle(newId, document) {
  if (document.since === undefined || document.stuck) return document;
  const age = Date.now() - document.since;
  if (age < WAITS_MS) document.status = 'pending';
  else if (age < READ_MS) document.status = 'processing';
  else {
    delete document.since;
    document.error = faultOf(document);
    document.status = document.error === null ? 'ready' : 'failed';
    document.chars = scalars(document.text);
    if (document.status === 'ready') cut(newId, document);
  }
  return document;
}

function faultOf({ name, text }) {
  if (/broken/.test(name)) return 'The file is damaged. Open and save it anew, then add it again.';
  return text.trim() === '' ? 'There is no text in it.' : null;
}

const shown = ({ text, pageStarts, passages, since, stuck, ...document }) => document;

function shownCollection(newId, { documents, grants, ...collection }) {
  for (const document of documents) settle(newId, document);
  const of = (status) => documents.filter((document) => document.status === status);
  return {
    ...collection,
    documents_total: documents.length,
    documents_ready: of('ready').length,
    documents_failed: of('failed').length,
    chunks: of('ready').reduce((sum, { chunks }) => sum + chunks, 0),
  };
}

const find = ({ state, params: [id] }) => state.collections.get(id);

/** A handler that gets the collection, or the document too; 404 where there is none. */
const inCollection = (handler) => (call) => {
  const collection = find(call);
  return collection ? handler({ ...call, collection }) : gone();
};
const inDocument = (handler) =>
  inCollection((call) => {
    const document = call.collection.documents.find(({ id }) => id === call.params[1]);
    return document ? handler({ ...call, document: settle(call.newId, document) }) : gone();
  });

const list = ({ state, url, newId }) =>
  page(
    [...state.collections.values()].map((one) => shownCollection(newId, one)),
    url,
  );

function create({ state, me, body, newId }) {
  const collection = {
    id: newId(),
    description: null,
    visibility: 'workspace',
    chunking: { max_tokens: 256, overlap_tokens: 32 },
    embedding: { serving: null, building: null, built_chunks: 0, error: null },
    created_by: me.id,
    created_at: now(),
    updated_at: now(),
    documents: [],
    grants: [],
    ...body,
  };
  state.collections.set(collection.id, collection);
  return { status: 201, body: shownCollection(newId, collection) };
}

function change({ collection, body, newId }) {
  Object.assign(collection, body, { updated_at: now() });
  return { body: shownCollection(newId, collection) };
}

function remove({ state, collection }) {
  state.collections.delete(collection.id);
  return { status: 204 };
}

function documents({ collection, url, newId }) {
  const status = url.searchParams.get('status');
  const query = (url.searchParams.get('query') ?? '').toLowerCase();
  const fits = (document) =>
    (!status || document.status === status) && document.name.toLowerCase().includes(query);
  return page(
    collection.documents
      .map((document) => settle(newId, document))
      .filter(fits)
      .map(shown),
    url,
  );
}

const NEW = { status: 'pending', chars: 0, created_at: undefined };

function add({ collection, body, newId }) {
  const { url, text, name, metadata = {} } = body;
  if (url !== undefined && /^https?:\/\/(?:localhost|127\.|10\.)/.test(url)) {
    return refuse(422, 'VALIDATION_ERROR', 'url: this address leads into a private network.');
  }
  const document = makeDocument(newId, collection, {
    ...NEW,
    created_at: now(),
    name: name ?? url ?? 'Text',
    source: url === undefined ? { type: 'text' } : { type: 'url', url },
    metadata,
    text: text ?? `# Page\n\nWhat ${url} says.`,
    since: Date.now(),
  });
  return { status: 202, body: shown(document) };
}

const MAX_FILE = 10 * 1024 * 1024;

function upload({ collection, form, newId }) {
  const { name, content, fields } = form;
  if (content.length > MAX_FILE) {
    return refuse(413, 'FILE_TOO_LARGE', `${name} is larger than 10 MB.`);
  }
  if (/\.(?:png|exe)$/.test(name)) {
    return refuse(415, 'UNSUPPORTED_FILE_TYPE', 'Pictures and programs cannot be read.');
  }
  const sha256 = createHash('sha256').update(content).digest('hex');
  const known = collection.documents.find((document) => document.sha256 === sha256);
  if (known) return { status: 200, body: shown(known) };
  const document = makeDocument(newId, collection, {
    ...NEW,
    created_at: now(),
    name,
    sha256,
    size: content.length,
    metadata: JSON.parse(fields.metadata ?? '{}'),
    text: content.toString(),
    since: Date.now(),
  });
  return { status: 202, body: shown(document) };
}

function changeDocument({ document, body }) {
  Object.assign(document, body, { updated_at: now() });
  return { body: shown(document) };
}

function deleteDocument({ collection, document }) {
  collection.documents = collection.documents.filter((other) => other !== document);
  return { status: 204 };
}

function reindex({ document }) {
  Object.assign(document, { status: 'pending', error: null, since: Date.now() });
  return { status: 202, body: shown(document) };
}

const formatOf = ({ media_type }) => (media_type === 'text/markdown' ? 'markdown' : 'plain');

const textOf = ({ document }) => ({
  body: { text: document.text, pages: document.pageStarts, format: formatOf(document) },
});

const contentOf = ({ document }) => ({
  raw: { type: 'application/octet-stream', bytes: Buffer.from(document.text) },
  headers: { 'content-disposition': 'attachment' },
});

function pictureOf({ document, params }) {
  if (document.media_type !== 'application/pdf') return gone();
  return { raw: { type: 'image/png', bytes: pagePicture(Number(params.at(-1))) } };
}

/** A page with grey bars for its lines, as PNG. */
function pagePicture(number) {
  const [width, height] = [300, 420];
  const rows = Array.from({ length: height }, (_, y) => {
    const row = Buffer.alloc(width + 1, 255);
    row[0] = 0;
    const line = Math.floor((y - 40) / 14);
    const inLine = y > 40 && y < height - 40 && (y - 40) % 14 < 6 && line % 6 !== 5;
    if (inLine) row.fill(205, 36, 150 + ((line * 47 + number * 31) % 115));
    return row;
  });
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    const check = Buffer.alloc(4);
    check.writeUInt32BE(crc(body));
    return Buffer.concat([head, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  const image = chunk('IDAT', deflateSync(Buffer.concat(rows)));
  return Buffer.concat([signature, chunk('IHDR', header), image, chunk('IEND', Buffer.alloc(0))]);
}

function crc(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

function changeChunk({ collection, params, body }) {
  const chunk = collection.documents
    .flatMap(({ passages }) => passages)
    .find(({ id }) => id === params[1]);
  if (!chunk) return gone();
  Object.assign(chunk, body, body.text === undefined ? {} : { edited: true });
  return { body: chunk };
}

// Search

const stem = (word) => word.toLowerCase().replace(/(?:ing|ed|s)$/, '');
const STOPWORDS = new Set(
  'a an and are as at by for in is it of on or the to what which who'.split(' '),
);
const wordsOf = (text) => text.match(/[\p{L}\p{N}]+/gu) ?? [];

function fits(metadata, filter = {}) {
  return Object.entries(filter).every(([key, wanted]) => {
    const value = metadata[key];
    if (typeof wanted !== 'object') return value === wanted;
    if (wanted.in) return wanted.in.includes(value);
    return (
      value !== undefined &&
      (wanted.gte === undefined || value >= wanted.gte) &&
      (wanted.lte === undefined || value <= wanted.lte)
    );
  });
}

function searchIn(collections, { query, limit = 10, filter, rerank }) {
  const terms = [
    ...new Set(
      wordsOf(query)
        .filter((word) => !STOPWORDS.has(word.toLowerCase()))
        .map(stem),
    ),
  ];
  const embedder = collections.find(({ embedding }) => embedding.serving)?.embedding.serving;
  const hits = collections
    .flatMap(({ documents }) => documents)
    .filter(
      ({ status, enabled, metadata }) => status === 'ready' && enabled && fits(metadata, filter),
    )
    .flatMap((document) =>
      document.passages.filter(({ enabled }) => enabled).map((chunk) => ({ document, chunk })),
    )
    .map(({ document, chunk }) => {
      const words = wordsOf([...chunk.headings, chunk.text].join(' ')).map(stem);
      const found = terms.filter((term) => words.includes(term)).length;
      const bm25 = found === 0 ? null : (found * 3.1 * 30) / (20 + Math.sqrt(words.length) * 2);
      const near = embedder && found > 0 ? 0.35 + 0.14 * found : null;
      const fused = (bm25 ?? 0) / 300 + (near ?? 0) / 60;
      const reranked = rerank ? 1 / (1 + Math.exp(2 - found * 1.4)) : null;
      const { id, collection_id, name, metadata } = document;
      return {
        score: reranked ?? fused,
        scores: { bm25, vector: near && Math.min(0.92, near), fused, reranked },
        chunk,
        document: { id, collection_id, name, metadata },
      };
    })
    .filter(({ scores }) => scores.fused > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, limit);
  const reranker = rerank ? 'local/ms-marco-MiniLM-L6' : null;
  return { body: { hits, took_ms: 7, terms, embedder: embedder ?? null, reranker } };
}

function searchAll({ state, body }) {
  const all = [...state.collections.values()];
  const { collection_ids: ids } = body;
  return searchIn(ids ? all.filter(({ id }) => ids.includes(id)) : all, body);
}

// What a citation points to

/** A handler that gets the cited document and its citation. */
const cited = (handler) => (call) => {
  const { state, params } = call;
  const citation = state.messages
    .get(params[0])
    ?.parts.find((part) => part.type === 'citation' && part.index === Number(params[1]));
  const file = state.files.get(citation?.file_id);
  const document = file
    ? { ...file, pageStarts: [] }
    : state.collections
        .get(citation?.collection_id)
        ?.documents.find(({ id }) => id === citation.document_id);
  return document ? handler({ ...call, citation, document }) : gone();
};

const citedPassage = ({ citation, document }) => ({
  body: { citation, ...textOf({ document }).body, original: document.sha256 !== null },
});

/** What a visitor may ask for too: [method, path, handler]. */
export const CITED_ROUTES = [
  ['GET', /^\/messages\/([^/]+)\/citations\/(\d+)$/, cited(citedPassage)],
  ['GET', /^\/messages\/([^/]+)\/citations\/(\d+)\/content$/, cited(contentOf)],
  ['GET', /^\/messages\/([^/]+)\/citations\/(\d+)\/pages\/(\d+)$/, cited(pictureOf)],
];

const C = '^/collections/([^/]+)';
const D = `${C}/documents/([^/]+)`;

/** Routes of a signed-in user. */
export const KNOWLEDGE_ROUTES = [
  ['GET', /^\/collections$/, list],
  ['POST', /^\/collections$/, create],
  ['POST', /^\/search$/, searchAll],
  [
    'GET',
    new RegExp(`${C}$`),
    inCollection(({ collection, newId }) => ({ body: shownCollection(newId, collection) })),
  ],
  ['PATCH', new RegExp(`${C}$`), inCollection(change)],
  ['DELETE', new RegExp(`${C}$`), inCollection(remove)],
  [
    'GET',
    new RegExp(`${C}/grants$`),
    inCollection(({ me, collection }) =>
      me.permissions.includes('collections:write')
        ? { body: { items: collection.grants } }
        : refuse(403, 'FORBIDDEN', 'This takes the permission collections:write.'),
    ),
  ],
  [
    'PUT',
    new RegExp(`${C}/grants$`),
    inCollection(({ collection, body }) => {
      collection.grants = body.items;
      return { body };
    }),
  ],
  [
    'POST',
    new RegExp(`${C}/search$`),
    inCollection(({ collection, body }) => searchIn([collection], body)),
  ],
  ['GET', new RegExp(`${C}/documents$`), inCollection(documents)],
  ['POST', new RegExp(`${C}/documents$`), inCollection(add)],
  ['POST', new RegExp(`${C}/documents/upload$`), inCollection(upload)],
  ['PATCH', new RegExp(`${C}/chunks/([^/]+)$`), inCollection(changeChunk)],
  ['GET', new RegExp(`${D}$`), inDocument(({ document }) => ({ body: shown(document) }))],
  ['PATCH', new RegExp(`${D}$`), inDocument(changeDocument)],
  ['DELETE', new RegExp(`${D}$`), inDocument(deleteDocument)],
  ['POST', new RegExp(`${D}/reindex$`), inDocument(reindex)],
  ['GET', new RegExp(`${D}/text$`), inDocument(textOf)],
  ['GET', new RegExp(`${D}/content$`), inDocument(contentOf)],
  ['GET', new RegExp(`${D}/pages/(\\d+)$`), inDocument(pictureOf)],
  [
    'GET',
    new RegExp(`${D}/chunks$`),
    inDocument(({ document, url }) => page(document.passages, url)),
  ],
];
