// A stand-in for the server, for development and screenshots: plain Node, everything in memory.
// It speaks the API's contract (sessions, conversations as trees, runs as replayable event logs,
// files, feedback) and streams slowly enough to watch. It also serves dist/ with the real
// content policy, so that a violation shows up here first.
//
//   node testing/mock-server.mjs            PORT=4310 DELAY_MS=18 BUILTIN=1
import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { answerFor, seed } from './mock-data.mjs';
import { listChatbots, meOf, OPEN_ROUTES, USER_ROUTES } from './mock-identity.mjs';
import { seedIdentity } from './mock-identity-data.mjs';
import { CITED_ROUTES, KNOWLEDGE_ROUTES } from './mock-knowledge.mjs';
import { seedKnowledge } from './mock-knowledge-data.mjs';
import { readForm } from './mock-multipart.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
  "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const now = () => new Date().toISOString();
const zeroUsage = { input: 0, output: 0, cached: 0, cost: 0 };

let idCount = 0;
/** A UUIDv7-shaped id that sorts by creation. */
function newId() {
  idCount += 1;
  const time = Date.now().toString(16).padStart(12, '0');
  const low = idCount.toString(16).padStart(3, '0').slice(-3);
  const hex = `${time}7${low}8${randomBytes(8).toString('hex').slice(1)}`;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Starts the mock; resolves to { url, state, close }. */
export async function startMock({ port = 0, delayMs = 18, builtin = false, seeded = true } = {}) {
  const state = {
    sessions: new Set(),
    conversations: new Map(),
    messages: new Map(),
    files: new Map(),
    runs: new Map(),
    feedback: new Map(),
    /** By token: the conversation and the end of the path it shows. */
    shares: new Map(),
    seen: new Map(),
    /** For tests: makes the next requests to a path fail. [{ match, status, body, headers }] */
    faults: [],
    delayMs,
    builtin,
  };
  if (seeded) seed(state, newId);
  seedIdentity(state, newId);
  seedKnowledge(state, newId);
  const server = createServer((request, response) => {
    handle(state, request, response).catch((error) => {
      console.error(error);
      if (!response.headersSent) fail(response, 500, 'INTERNAL_ERROR', 'The mock broke.');
      else response.end();
    });
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    });
  return { url: `http://127.0.0.1:${server.address().port}`, state, close };
}

function send(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? '' : JSON.stringify(body));
}

function fail(response, status, code, message, headers = {}, details = null) {
  const request_id = newId();
  const error = { code, message, details, timestamp: now(), request_id };
  send(response, status, { error }, { 'x-request-id': request_id, ...headers });
}

async function readBody(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function handle(state, request, response) {
  const url = new URL(request.url, 'http://mock');
  if (!url.pathname.startsWith('/api/v1')) return serveStatic(url.pathname, request, response);
  const path = url.pathname.slice('/api/v1'.length);
  const fault = state.faults.findIndex((item) => item.match.test(`${request.method} ${path}`));
  if (fault >= 0) {
    const [item] = state.faults.splice(fault, 1);
    return fail(response, item.status, item.code, item.message, item.headers, item.details);
  }
  if (path === '/sessions' && request.method === 'POST') {
    await readBody(request);
    const token = newId();
    state.sessions.add(token);
    return send(
      response,
      201,
      { session: { id: token }, token },
      {
        'set-cookie': `session_token=${token}; HttpOnly; SameSite=Lax; Path=/`,
      },
    );
  }
  const shared = /^\/shared\/([^/]+)$/.exec(path)?.[1];
  if (shared !== undefined) return getShared(state, response, shared);
  if (await serveIdentity(state, request, response, url, path)) return;
  const token = /session_token=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
  if (!state.sessions.has(token) && !meOf(state, request))
    return fail(response, 401, 'UNAUTHORIZED', 'No session.');
  for (const [method, pattern, handler] of ROUTES) {
    const match = pattern.exec(path);
    if (match && request.method === method) {
      return handler({ state, request, response, url, params: match.slice(1) });
    }
  }
  return fail(response, 404, 'NOT_FOUND', 'No such route.');
}

/** Answers what is about people, workspaces, chatbots and collections; says whether it has. */
async function serveIdentity(state, request, response, url, path) {
  const me = meOf(state, request);
  const open = [...OPEN_ROUTES, ...CITED_ROUTES];
  const routes = me ? [...open, ...USER_ROUTES, ...KNOWLEDGE_ROUTES] : open;
  for (const [method, pattern, handler] of [['GET', /^\/chatbots$/, listChatbots], ...routes]) {
    const match = pattern.exec(path);
    if (!match || request.method !== method) continue;
    const raw = await readBody(request);
    const type = request.headers['content-type'] ?? '';
    const form = type.startsWith('multipart/') ? readForm(raw, type) : null;
    const body = form || raw.length === 0 ? {} : JSON.parse(raw.toString());
    const {
      status = 200,
      body: answer,
      raw: bytes,
      headers,
      error,
    } = handler({
      state,
      me,
      url,
      body,
      form,
      newId,
      params: match.slice(1),
    });
    if (error) fail(response, status, error.code, error.message, headers, error.details);
    else if (bytes) {
      response.writeHead(status, { 'content-type': bytes.type, ...headers });
      response.end(bytes.bytes);
    } else send(response, status, answer, headers);
    return true;
  }
  return false;
}

const ROUTES = [
  ['GET', /^\/conversations$/, listConversations],
  ['POST', /^\/conversations$/, postConversation],
  ['GET', /^\/conversations\/([^/]+)$/, getConversation],
  ['PATCH', /^\/conversations\/([^/]+)$/, patchConversation],
  ['DELETE', /^\/conversations\/([^/]+)$/, deleteConversation],
  ['POST', /^\/conversations\/([^/]+)\/share$/, postShare],
  ['DELETE', /^\/conversations\/([^/]+)\/share$/, deleteShares],
  ['GET', /^\/conversations\/([^/]+)\/messages$/, listMessages],
  ['POST', /^\/conversations\/([^/]+)\/runs$/, postRun],
  ['POST', /^\/conversations\/([^/]+)\/messages\/([^/]+)\/edit$/, postEdit],
  ['POST', /^\/conversations\/([^/]+)\/messages\/([^/]+)\/regenerate$/, postRegenerate],
  ['POST', /^\/chat$/, postChat],
  ['GET', /^\/runs\/([^/]+)$/, getRun],
  ['GET', /^\/runs\/([^/]+)\/events$/, getEvents],
  ['POST', /^\/runs\/([^/]+)\/cancel$/, cancelRun],
  ['POST', /^\/runs\/([^/]+)\/resume$/, resumeRun],
  ['POST', /^\/chat\/feedback$/, postFeedback],
  ['POST', /^\/files\/upload$/, postFile],
  ['GET', /^\/files\/([^/]+)\/text$/, getFileText],
  ['GET', /^\/models$/, getModels],
];

function getModels({ state, response }) {
  const model = (id, name, context_window, builtin = false) => {
    const provider = id.split('/')[0];
    return { id, name, provider, context_window, max_output: 8192, builtin, default: false };
  };
  const items = [
    ...(state.builtin
      ? []
      : [
          model('ollama/llama3.3', 'Llama 3.3 70B', 131072),
          model('ollama/qwen3', 'Qwen 3 32B', 40960),
          model('openai/gpt-5-mini', 'GPT-5 mini', 400000),
        ]),
    model('builtin/extractive', 'Built-in (quotes your files)', 32000, true),
  ];
  items[0].default = true;
  send(response, 200, { items, default: items[0].id });
}

// Conversations

function listConversations({ state, response, url }) {
  const q = (url.searchParams.get('q') ?? '').toLowerCase();
  const status = url.searchParams.get('status') ?? 'active';
  const limit = Number(url.searchParams.get('limit') ?? 20);
  const offset = Number(url.searchParams.get('cursor') ?? 0);
  const has = (conversation) =>
    (conversation.title ?? '').toLowerCase().includes(q) ||
    [...state.messages.values()].some(
      (message) =>
        message.conversation_id === conversation.id && textOf(message).toLowerCase().includes(q),
    );
  const all = [...state.conversations.values()]
    .filter((conversation) => conversation.status === status && (q === '' || has(conversation)))
    .sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
  const items = all.slice(offset, offset + limit);
  const next = offset + limit < all.length ? String(offset + limit) : null;
  send(response, 200, { items, total: all.length, next_cursor: next });
}

async function postConversation({ state, request, response }) {
  const body = JSON.parse((await readBody(request)).toString() || '{}');
  const conversation = {
    id: newId(),
    session_id: null,
    title: body.title ?? null,
    status: 'active',
    metadata: {},
    head_message_id: null,
    message_count: 0,
    created_at: now(),
    updated_at: now(),
  };
  state.conversations.set(conversation.id, conversation);
  send(response, 201, conversation);
}

const textOf = (message) =>
  message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

function childrenOf(state, conversationId, parentId) {
  return [...state.messages.values()]
    .filter((m) => m.conversation_id === conversationId && m.parent_id === parentId)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function pathTo(state, headId) {
  const path = [];
  for (let id = headId; id; id = state.messages.get(id)?.parent_id) {
    const message = state.messages.get(id);
    if (!message) break;
    const siblings = childrenOf(state, message.conversation_id, message.parent_id);
    path.unshift({
      ...message,
      siblings: siblings.filter((m) => m.role === message.role).map((m) => m.id),
      feedback: state.feedback.get(message.id) ?? null,
    });
  }
  return path;
}

const PAGE = 50;

function getConversation({ state, response, params: [id] }) {
  const conversation = state.conversations.get(id);
  if (!conversation || conversation.status === 'deleted') {
    return fail(response, 404, 'CONVERSATION_NOT_FOUND', 'There is no such conversation.');
  }
  const path = pathTo(state, conversation.head_message_id);
  const messages = path.slice(-PAGE);
  const active = [...state.runs.values()].find(
    ({ run }) => run.conversation_id === id && run.finished_at === null,
  );
  const messages_cursor = path.length > PAGE ? String(path.length - PAGE) : null;
  const active_run = active?.run ?? null;
  send(response, 200, { ...conversation, active_run, messages, messages_cursor });
}

function listMessages({ state, response, url, params: [id] }) {
  const path = pathTo(state, state.conversations.get(id)?.head_message_id);
  const end = Number(url.searchParams.get('cursor') ?? path.length);
  const start = Math.max(0, end - Number(url.searchParams.get('limit') ?? 20));
  const next_cursor = start > 0 ? String(start) : null;
  send(response, 200, { items: path.slice(start, end), next_cursor });
}

async function patchConversation({ state, request, response, params: [id] }) {
  const conversation = state.conversations.get(id);
  if (!conversation) return fail(response, 404, 'CONVERSATION_NOT_FOUND', 'Not here.');
  const changes = JSON.parse((await readBody(request)).toString());
  let head = changes.head_message_id;
  if (head) {
    for (let next = head; next; next = childrenOf(state, id, next).at(-1)?.id) head = next;
    changes.head_message_id = head;
  }
  Object.assign(conversation, changes);
  send(response, 200, conversation);
}

function deleteConversation({ state, response, params: [id] }) {
  const conversation = state.conversations.get(id);
  if (conversation) conversation.status = 'deleted';
  response.writeHead(204).end();
}

// Sharing

function postShare({ state, response, params: [id] }) {
  const conversation = state.conversations.get(id);
  if (!conversation) return fail(response, 404, 'CONVERSATION_NOT_FOUND', 'Not here.');
  const token = randomBytes(32).toString('hex');
  state.shares.set(token, { conversation, leaf: conversation.head_message_id });
  send(response, 201, { token, url: `/api/v1/shared/${token}`, created_at: now() });
}

function deleteShares({ state, response, params: [id] }) {
  for (const [token, { conversation }] of state.shares) {
    if (conversation.id === id) state.shares.delete(token);
  }
  response.writeHead(204).end();
}

function getShared(state, response, token) {
  const share = state.shares.get(token);
  if (!share) return fail(response, 404, 'SHARE_NOT_FOUND', 'There is no such link.');
  const { title, created_at } = share.conversation;
  const messages = pathTo(state, share.leaf).map(({ siblings, feedback, ...message }) => ({
    ...message,
    parts: message.parts.filter((part) => part.type !== 'file'),
  }));
  send(response, 200, { title, created_at, messages });
}

// Runs

async function postRun({ state, request, response, params: [id] }) {
  const body = JSON.parse((await readBody(request)).toString());
  const conversation = state.conversations.get(id);
  if (!conversation) return fail(response, 404, 'CONVERSATION_NOT_FOUND', 'Not here.');
  const key = request.headers['idempotency-key'];
  const before = state.seen.get(key);
  if (before) return streamRun(state.runs.get(before), 0, response);
  const parentId = body.parent_id ?? conversation.head_message_id;
  const user = addUser(state, conversation, body, parentId);
  const record = startRun(state, conversation, user, body.model);
  if (key) state.seen.set(key, record.run.id);
  streamRun(record, 0, response);
}

/** As events of tokens, in one piece each: enough to try a chatbot's settings. */
async function postChat({ state, request, response }) {
  const body = JSON.parse((await readBody(request)).toString());
  const known = state.conversations.get(body.conversation_id);
  const conversation_id = known?.id ?? newId();
  const temperature = body.preview?.temperature ?? 'the usual';
  const words = `With temperature ${temperature}: the gate opens at **eight**.`.split(/(?<= )/);
  const event = (token, finished, rest) =>
    `data: ${JSON.stringify({ token, finished, timestamp: now(), ...rest })}\n\n`;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(event('', false, { conversation_id, run_id: newId() }));
  for (const word of words) response.write(event(word, false));
  response.end(event('', true, { status: 'completed' }));
}

async function postEdit({ state, request, response, params: [id, messageId] }) {
  const body = JSON.parse((await readBody(request)).toString());
  const conversation = state.conversations.get(id);
  const user = addUser(state, conversation, body, state.messages.get(messageId).parent_id);
  streamRun(startRun(state, conversation, user, body.model), 0, response);
}

async function postRegenerate({ state, request, response, params: [id, messageId] }) {
  const body = JSON.parse((await readBody(request)).toString() || '{}');
  const conversation = state.conversations.get(id);
  const user = state.messages.get(state.messages.get(messageId).parent_id);
  streamRun(startRun(state, conversation, user, body.model), 0, response);
}

function addUser(state, conversation, body, parentId) {
  const files = (body.file_ids ?? []).map((fileId) => {
    const { id, name, media_type, size } = state.files.get(fileId);
    return { type: 'file', file_id: id, name, media_type, size };
  });
  const user = {
    id: newId(),
    conversation_id: conversation.id,
    parent_id: parentId,
    run_id: null,
    role: 'user',
    status: 'completed',
    parts: [...files, { type: 'text', text: body.message }],
    model: null,
    usage: null,
    error: null,
    created_at: now(),
  };
  state.messages.set(user.id, user);
  conversation.head_message_id = user.id;
  conversation.message_count += 1;
  conversation.updated_at = now();
  conversation.title ??= body.message.slice(0, 60);
  return user;
}

function startRun(state, conversation, user, model = 'ollama/llama3.3') {
  const run = {
    id: newId(),
    conversation_id: conversation.id,
    session_id: null,
    user_message_id: user.id,
    message_id: newId(),
    status: 'running',
    model,
    epoch: 1,
    last_seq: 0,
    cancel_requested: false,
    usage: zeroUsage,
    error: null,
    asks: [],
    created_at: now(),
    started_at: now(),
    finished_at: null,
  };
  const record = { run, events: [], readers: new Set(), parts: [], answers: {}, wake: null };
  state.runs.set(run.id, record);
  void play(state, conversation, user, record);
  return record;
}

function emit(record, kind) {
  const { run } = record;
  run.last_seq += 1;
  const event = { run_id: run.id, seq: run.last_seq, epoch: run.epoch, at: now(), ...kind };
  record.events.push(event);
  for (const reader of record.readers) reader(event);
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function play(state, conversation, user, record) {
  const { run } = record;
  emit(record, {
    type: 'run_started',
    conversation_id: conversation.id,
    user_message_id: user.id,
    message_id: run.message_id,
    model: run.model,
  });
  const files = [...state.files.values()].filter((file) =>
    user.parts.some((part) => part.type === 'file' && part.file_id === file.id),
  );
  const rename = (title) => {
    conversation.title = title;
  };
  const error = await tell(state, record, answerFor(textOf(user), files, rename));
  const end = run.cancel_requested ? 'cancelled' : 'completed';
  finish(state, conversation, user, record, error ? 'failed' : end, error);
}

/** Emits the events one after another; gives the error that ends them, if one does. */
async function tell(state, record, kinds) {
  for (const kind of kinds) {
    if (record.run.cancel_requested) return null;
    if (kind.pause) {
      await sleep(kind.pause * (state.delayMs / 18));
    } else if (kind.asks) {
      const answers = await answersTo(record, kind.asks);
      return answers && tell(state, record, kind.goOn(answers));
    } else if (kind.type === 'run_failed') {
      return { code: kind.code, message: kind.message };
    } else {
      collect(record, kind);
      emit(record, kind);
      if (kind.type === 'delta' || kind.type === 'reasoning') await sleep(state.delayMs);
    }
  }
  return null;
}

/** Suspends the run until all is answered; null when it is stopped instead. */
async function answersTo(record, asks) {
  const { run } = record;
  Object.assign(run, { status: 'interrupted', asks });
  for (const ask of asks) emit(record, { type: 'interrupt', ask });
  for (const reader of record.readers) reader.end();
  await new Promise((resolve) => {
    record.wake = resolve;
  });
  Object.assign(run, { status: 'running', asks: [], epoch: run.epoch + 1 });
  return run.cancel_requested ? null : record.answers;
}

function collect(record, kind) {
  const { parts } = record;
  const last = parts.at(-1);
  if (kind.type === 'reset') parts.length = 0;
  if (kind.type === 'delta' || kind.type === 'reasoning') {
    const type = kind.type === 'delta' ? 'text' : 'reasoning';
    if (last?.type === type) last.text += kind.text;
    else parts.push({ type, text: kind.text });
  }
  if (kind.type === 'citation') parts.push({ type: 'citation', ...kind.citation });
  if (kind.type === 'tool_call' || kind.type === 'tool_result') parts.push({ ...kind });
}

function finish(state, conversation, user, record, status, error) {
  const { run, parts } = record;
  const words = parts.map((part) => part.text ?? '').join('').length;
  const usage = { input: 412, output: Math.ceil(words / 4), cached: 128, cost: 2900 };
  const message = {
    id: run.message_id,
    conversation_id: conversation.id,
    parent_id: user.id,
    run_id: run.id,
    role: 'assistant',
    status,
    parts: [...parts],
    model: run.model,
    usage,
    error,
    created_at: now(),
  };
  state.messages.set(message.id, message);
  conversation.head_message_id = message.id;
  conversation.message_count += 1;
  conversation.updated_at = now();
  Object.assign(run, { status, usage, error, finished_at: now() });
  if (status === 'completed') emit(record, { type: 'run_completed', message });
  else if (status === 'failed') emit(record, { type: 'run_failed', ...error });
  else emit(record, { type: 'run_cancelled' });
}

function streamRun(record, after, response) {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-request-id': newId(),
  });
  const write = (event) => {
    if (event.seq <= after) return;
    response.write(`id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    if (/^run_(completed|failed|cancelled)$/.test(event.type)) {
      write.end();
    }
  };
  write.end = () => {
    record.readers.delete(write);
    response.end();
  };
  for (const event of record.events) write(event);
  if (record.run.status === 'interrupted') write.end();
  if (!response.writableEnded) record.readers.add(write);
  response.on('close', () => record.readers.delete(write));
}

function getRun({ state, response, params: [id] }) {
  const record = state.runs.get(id);
  if (!record) return fail(response, 404, 'RUN_NOT_FOUND', 'There is no such run.');
  send(response, 200, record.run);
}

function getEvents({ state, response, url, params: [id] }) {
  const record = state.runs.get(id);
  if (!record) return fail(response, 404, 'RUN_NOT_FOUND', 'There is no such run.');
  streamRun(record, Number(url.searchParams.get('after') ?? 0), response);
}

function cancelRun({ state, response, params: [id] }) {
  const record = state.runs.get(id);
  if (!record) return fail(response, 404, 'RUN_NOT_FOUND', 'There is no such run.');
  record.run.cancel_requested = true;
  record.wake?.();
  send(response, 200, record.run);
}

async function resumeRun({ state, request, response, params: [id] }) {
  const { answers } = JSON.parse((await readBody(request)).toString());
  const record = state.runs.get(id);
  if (!record) return fail(response, 404, 'RUN_NOT_FOUND', 'There is no such run.');
  const { run } = record;
  if (run.status !== 'interrupted') {
    return fail(response, 409, 'CONFLICT', 'The run does not wait for an answer.');
  }
  const unknown = Object.keys(answers).find((askId) => !run.asks.some((ask) => ask.id === askId));
  if (unknown !== undefined) {
    return fail(
      response,
      422,
      'VALIDATION_ERROR',
      `answers.${unknown}: there is no such question.`,
    );
  }
  Object.assign(record.answers, answers);
  run.asks = run.asks.filter((ask) => !(ask.id in answers));
  // As in the server, the record that is sent says already that the run goes on.
  if (run.asks.length === 0) run.status = 'running';
  send(response, 200, run);
  if (run.asks.length === 0) record.wake?.();
}

async function postFeedback({ state, request, response }) {
  const body = JSON.parse((await readBody(request)).toString());
  state.feedback.set(body.message_id, body.feedback);
  send(response, 200, { id: newId(), ...body, created_at: now(), updated_at: now() });
}

// Files

const MAX_FILE = 10 * 1024 * 1024;

async function postFile({ state, request, response }) {
  const body = await readBody(request);
  const { name, content } = readForm(body, request.headers['content-type'] ?? '');
  if (content.length > MAX_FILE) {
    return fail(response, 413, 'FILE_TOO_LARGE', `${name} is larger than 10 MB.`);
  }
  if (content.includes(0)) {
    return fail(response, 415, 'UNSUPPORTED_FILE_TYPE', 'This type of file cannot be read.');
  }
  const text = content.toString('utf8');
  const file = {
    id: newId(),
    session_id: null,
    name,
    media_type: 'text/plain',
    size: content.length,
    sha256: '',
    status: 'ready',
    text_chars: [...text].length,
    created_at: now(),
    text,
  };
  state.files.set(file.id, file);
  const { text: _, ...record } = file;
  send(response, 201, { ...record, file_id: file.id, extracted_text: text.slice(0, 2000) });
}

function getFileText({ state, response, params: [id] }) {
  const file = state.files.get(id);
  if (!file) return fail(response, 404, 'FILE_NOT_FOUND', 'There is no such file.');
  const { name, text } = file;
  send(response, 200, { file_id: id, name, text, pages: [], format: 'plain' });
}

// The page

function serveStatic(pathname, request, response) {
  const asked = join(DIST, normalize(pathname));
  const isFile = asked.startsWith(DIST) && extname(asked) !== '' && existsSync(asked);
  if (!isFile && pathname.startsWith('/assets/')) return fail(response, 404, 'NOT_FOUND', 'Gone.');
  const file = isFile ? asked : join(DIST, 'index.html');
  const packed =
    existsSync(`${file}.br`) && /\bbr\b/.test(request.headers['accept-encoding'] ?? '');
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': CSP,
    'cache-control': pathname.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-cache',
    ...(packed && { 'content-encoding': 'br' }),
  });
  createReadStream(packed ? `${file}.br` : file).pipe(response);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { url } = await startMock({
    port: Number(process.env.PORT ?? 4310),
    delayMs: Number(process.env.DELAY_MS ?? 18),
    builtin: process.env.BUILTIN === '1',
  });
  console.log(`mock server on ${url}`);
}
