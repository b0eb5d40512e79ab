// The mock server's routes about people, workspaces and chatbots. The cookie `access_token` holds
// the signed-in user's id and workspace; that is all the security there is.
import { PERMISSIONS, ROLES, usageOf } from './mock-identity-data.mjs';

const CLEAR = ['access_token=; Path=/; Max-Age=0', 'session_token=; Path=/; Max-Age=0'];

/** The signed-in user of a request, as `/users/me` shows them; null for a visitor. */
export function meOf(state, request) {
  const [userId, workspaceId] =
    /access_token=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]?.split('.') ?? [];
  const user = state.identity.users.find(({ id }) => id === userId);
  const workspace = state.identity.workspaces.find(({ id }) => id === workspaceId);
  return user && workspace ? view(state, user, workspace) : null;
}

const permissionsOf = (state, role) =>
  ROLES[role] ?? state.identity.roles.find(({ id }) => id === role)?.permissions ?? [];

function view(state, { password, ...user }, { id, name }) {
  const own = user.is_owner ? PERMISSIONS.slice(20).map((permission) => permission.name) : [];
  const permissions = [...permissionsOf(state, user.role), ...own];
  return { ...user, workspace: { id, name }, role_name: user.role, permissions };
}

const signedIn = (state, user, workspace = state.identity.workspaces[0]) => ({
  status: 200,
  body: { token_type: 'bearer', expires_in: 900, user: view(state, user, workspace) },
  headers: { 'set-cookie': `access_token=${user.id}.${workspace.id}; Path=/; HttpOnly` },
});

const list = (items) => ({ body: { items, next_cursor: null } });
const refuse = (status, code, message, details = null) => ({
  status,
  error: { code, message, details },
});
const NOTHING = { status: 204 };
const now = () => new Date().toISOString();
const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString();

/** A page of a list whose cursor is the number of the first item. */
function page(items, url) {
  const limit = Number(url.searchParams.get('limit') ?? 20);
  const start = Number(url.searchParams.get('cursor') ?? 0);
  const end = start + limit;
  return {
    body: {
      items: items.slice(start, end),
      next_cursor: end < items.length ? String(end) : null,
    },
  };
}

function signIn({ state, body }) {
  const user = state.identity.users.find(({ email, username }) =>
    [email, username].includes(body.email),
  );
  if (user?.password !== body.password || user.status !== 'active') {
    return refuse(401, 'UNAUTHORIZED', 'These do not fit together, or the user may not sign in.');
  }
  if (user.has_second_factor) {
    return { body: { second_factor_required: true, challenge_token: 'mock' } };
  }
  return signedIn(state, user);
}

function register({ state, body, newId }) {
  const user = {
    ...state.identity.users[2],
    id: newId(),
    email: body.email,
    username: body.username ?? body.email.split('@')[0],
    full_name: body.full_name ?? null,
    password: body.password,
    role: 'member',
  };
  state.identity.users.push(user);
  return { ...signedIn(state, user), status: 201 };
}

/** What a visitor may ask for too. */
export const listChatbots = ({ state }) => list(state.identity.chatbots.map(bare));

const CODES = Array.from({ length: 10 }, (_, index) => `k7m${index}-q2x${9 - index}-v4t${index}`);

const bare = ({ versions, grants, ...thing }) => thing;

const fits = (url) => (user) => {
  const text = (url.searchParams.get('query') ?? '').toLowerCase();
  const status = url.searchParams.get('status') ?? user.status;
  return `${user.email} ${user.full_name}`.toLowerCase().includes(text) && user.status === status;
};

function find(kind) {
  return ({ state, params: [id] }) => {
    const thing = state.identity[kind].find((item) => item.id === id);
    return thing ? { body: bare(thing) } : refuse(404, 'NOT_FOUND', 'It is not here.');
  };
}

function part(kind, name) {
  return ({ state, params: [id] }) =>
    list(state.identity[kind].find((item) => item.id === id)?.[name] ?? []);
}

function change(things) {
  return ({ state, params: [id], body }) => {
    const thing = things(state.identity).find((item) => item.id === id);
    return { body: bare(Object.assign(thing, body)) };
  };
}

function remove(kind) {
  return ({ state, params: [id] }) => {
    state.identity[kind] = state.identity[kind].filter((item) => item.id !== id);
    return NOTHING;
  };
}

function create(kind, extra) {
  return ({ state, body, newId }) => {
    const thing = { id: newId(), created_at: now(), updated_at: now(), ...extra, ...body };
    state.identity[kind].push(thing);
    return { status: 201, body: bare(thing) };
  };
}

function switchWorkspace({ state, me, body }) {
  const user = state.identity.users.find(({ id }) => id === me.id);
  return signedIn(
    state,
    user,
    state.identity.workspaces.find(({ id }) => id === body.workspace_id),
  );
}

const memberships = ({ state, me }) =>
  list(
    state.identity.workspaces.map((workspace) => ({
      workspace,
      role: me.role,
      role_name: me.role,
    })),
  );

const createWorkspace = create('workspaces', { status: 'active' });

function rename({ state, me, body }) {
  const workspace = state.identity.workspaces.find(({ id }) => id === me.workspace.id);
  return { body: Object.assign(workspace, body) };
}

const members = (state) =>
  state.identity.users.map(({ id, email, username, full_name, role, created_at }) => ({
    user_id: id,
    email,
    username,
    full_name,
    role,
    role_name: state.identity.roles.find((own) => own.id === role)?.name ?? role,
    permissions: permissionsOf(state, role),
    created_at,
  }));

const roles = ({ state }) => ({
  body: {
    builtin: Object.entries(ROLES).map(([role, permissions]) => ({ role, permissions })),
    items: state.identity.roles,
    permissions: PERMISSIONS,
  },
});

function invite({ state, body: { email, role, expires_in_days }, newId }) {
  const invitation = {
    id: newId(),
    email,
    role,
    status: 'open',
    created_at: now(),
    expires_at: inDays(expires_in_days),
  };
  state.identity.invitations.unshift(invitation);
  return { status: 201, body: { invitation, token: 'mock-token', url: '', mailed: false } };
}

function createKey({ state, me, body, newId }) {
  const api_key = {
    id: newId(),
    prefix: 'vpk_9c1e',
    user_id: me.id,
    chatbot_ids: null,
    expires_at: null,
    last_used_at: null,
    created_at: now(),
    ...body,
  };
  state.identity.apiKeys.unshift(api_key);
  return { status: 201, body: { api_key, key: 'vpk_9c1e5b7d20f84c6fa1b3mock' } };
}

function setBudget({ state, body, newId }) {
  const budget = { id: newId(), created_at: now(), ...body };
  state.identity.budgets.push({
    budget,
    spent: 0,
    reserved: 0,
    left: body.amount,
    renews_at: inDays(1),
  });
  return { status: 201, body: budget };
}

function removeBudget({ state, params: [id] }) {
  state.identity.budgets = state.identity.budgets.filter(({ budget }) => budget.id !== id);
  return NOTHING;
}

function usage({ state, url }) {
  const [by, from, to] = ['by', 'from', 'to'].map((name) => url.searchParams.get(name));
  return { body: usageOf(state.identity, by, from, to) };
}

function createChatbot(call) {
  const versions = [{ version: 1, settings: {}, note: null, created_at: now() }];
  const extra = { description: null, is_default: false, visibility: 'workspace', version: 1 };
  return create('chatbots', { ...extra, settings: {}, versions, grants: [] })(call);
}

function changeChatbot({ state, params: [id], body }) {
  const { note = null, expected_version, ...changes } = body;
  const chatbot = state.identity.chatbots.find((item) => item.id === id);
  if (expected_version !== undefined && expected_version !== chatbot.version) {
    return refuse(409, 'CONFLICT', 'Somebody has changed it meanwhile.');
  }
  if (changes.is_default) for (const other of state.identity.chatbots) other.is_default = false;
  Object.assign(chatbot, changes, { updated_at: now() });
  if (changes.settings) addVersion(chatbot, note);
  return { body: bare(chatbot) };
}

function addVersion(chatbot, note) {
  chatbot.version += 1;
  const { version, settings } = chatbot;
  chatbot.versions.unshift({ version, settings, note, created_at: now() });
}

function rollBack({ state, params: [id], body }) {
  const chatbot = state.identity.chatbots.find((item) => item.id === id);
  chatbot.settings = chatbot.versions.find(({ version }) => version === body.version).settings;
  addVersion(chatbot, `Back to version ${body.version}`);
  return { body: bare(chatbot) };
}

function share({ state, params: [id], body }) {
  state.identity.chatbots.find((item) => item.id === id).grants = body.items;
  return { body };
}

const prompts = (state) => ({
  body: {
    items: state.identity.prompts.map(bare),
    next_cursor: null,
    files: [{ name: 'system' }, { name: 'travel' }],
  },
});

/** Routes for anyone: [method, path, handler]. */
export const OPEN_ROUTES = [
  ['GET', /^\/auth\/status$/, ({ state }) => ({ body: state.identity.status })],
  ['POST', /^\/auth\/login$/, signIn],
  [
    'POST',
    /^\/auth\/login\/second-factor$/,
    ({ state }) => signedIn(state, state.identity.users[1]),
  ],
  ['POST', /^\/auth\/register$/, register],
  ['POST', /^\/auth\/refresh$/, () => refuse(401, 'UNAUTHORIZED', 'Sign in again.')],
  ['POST', /^\/auth\/logout$/, () => ({ ...NOTHING, headers: { 'set-cookie': CLEAR } })],
  ['POST', /^\/auth\/password\/forgot$/, () => ({ status: 202 })],
  ['POST', /^\/auth\/password\/reset$/, () => NOTHING],
  [
    'POST',
    /^\/invitations\/look$/,
    () => ({
      body: {
        workspace_name: 'Harbour office',
        email: 'eva@harbour.example',
        role_name: 'member',
        expires_at: inDays(6),
        is_user: false,
      },
    }),
  ],
];

const W = '^/workspaces/[^/]+';

/** Routes of a signed-in user: [method, path, handler]. */
export const USER_ROUTES = [
  ['GET', /^\/users\/me$/, ({ me }) => ({ body: me })],
  ['GET', /^\/users\/me\/profile$/, ({ state }) => ({ body: state.identity.profile })],
  [
    'PUT',
    /^\/users\/me\/profile$/,
    ({ state, body }) => ({ body: Object.assign(state.identity, { profile: body }).profile }),
  ],
  [
    'POST',
    /^\/users\/me\/second-factor$/,
    () => ({
      body: {
        secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
        uri: 'otpauth://totp/VPAura:ana@harbour.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=VPAura',
      },
    }),
  ],
  ['POST', /^\/users\/me\/second-factor\/confirm$/, () => ({ body: { recovery_codes: CODES } })],
  ['POST', /^\/auth\/switch$/, switchWorkspace],
  ['POST', /^\/auth\/password\/change$/, () => NOTHING],
  ['GET', /^\/users$/, ({ state, url }) => page(state.identity.users.filter(fits(url)), url)],
  ['POST', /^\/users$/, register],
  ['PUT', /^\/users\/([^/]+)$/, change((identity) => identity.users)],
  ['DELETE', /^\/users\/([^/]+)$/, remove('users')],
  ['GET', /^\/sessions$/, ({ state }) => list(state.identity.signIns)],
  ['GET', /^\/sessions\/current$/, ({ state }) => ({ body: state.identity.signIns[0] })],
  ['DELETE', /^\/sessions\/([^/]+)$/, remove('signIns')],
  ['GET', /^\/workspaces$/, memberships],
  ['POST', /^\/workspaces$/, createWorkspace],
  ['PATCH', new RegExp(`${W}$`), rename],
  ['GET', new RegExp(`${W}/members$`), ({ state }) => list(members(state))],
  ['PATCH', new RegExp(`${W}/members/([^/]+)$`), change((identity) => identity.users)],
  ['DELETE', new RegExp(`${W}/members/([^/]+)$`), remove('users')],
  ['GET', new RegExp(`${W}/roles$`), roles],
  ['POST', new RegExp(`${W}/roles$`), create('roles', {})],
  ['PATCH', new RegExp(`${W}/roles/([^/]+)$`), change((identity) => identity.roles)],
  ['DELETE', new RegExp(`${W}/roles/([^/]+)$`), remove('roles')],
  ['GET', new RegExp(`${W}/invitations$`), ({ state }) => list(state.identity.invitations)],
  ['POST', new RegExp(`${W}/invitations$`), invite],
  ['DELETE', new RegExp(`${W}/invitations/([^/]+)$`), remove('invitations')],
  ['GET', new RegExp(`${W}/api-keys$`), ({ state }) => list(state.identity.apiKeys)],
  ['POST', new RegExp(`${W}/api-keys$`), createKey],
  ['DELETE', new RegExp(`${W}/api-keys/([^/]+)$`), remove('apiKeys')],
  ['GET', new RegExp(`${W}/budgets$`), ({ state }) => list(state.identity.budgets)],
  ['POST', new RegExp(`${W}/budgets$`), setBudget],
  ['DELETE', new RegExp(`${W}/budgets/([^/]+)$`), removeBudget],
  ['GET', new RegExp(`${W}/usage$`), usage],
  ['GET', /^(?:\/workspaces\/[^/]+)?\/audit$/, ({ state, url }) => page(state.identity.audit, url)],
  ['GET', /^\/chatbots\/([^/]+)$/, find('chatbots')],
  ['POST', /^\/chatbots$/, createChatbot],
  ['PATCH', /^\/chatbots\/([^/]+)$/, changeChatbot],
  ['DELETE', /^\/chatbots\/([^/]+)$/, remove('chatbots')],
  ['GET', /^\/chatbots\/([^/]+)\/versions$/, part('chatbots', 'versions')],
  ['POST', /^\/chatbots\/([^/]+)\/rollback$/, rollBack],
  ['GET', /^\/chatbots\/([^/]+)\/grants$/, part('chatbots', 'grants')],
  ['PUT', /^\/chatbots\/([^/]+)\/grants$/, share],
  ['GET', /^\/prompts$/, ({ state }) => prompts(state)],
  ['GET', /^\/prompts\/([^/]+)$/, find('prompts')],
  ['GET', /^\/prompts\/([^/]+)\/versions$/, part('prompts', 'versions')],
  ['GET', /^\/graphs$/, () => ({ body: { items: ['chat'] } })],
  [
    'GET',
    /^\/tools$/,
    () => ({
      body: {
        items: [
          { name: 'search_files', description: 'Finds passages in files.', needs_approval: false },
          { name: 'rename_conversation', description: 'Renames the chat.', needs_approval: true },
        ],
      },
    }),
  ],
];
