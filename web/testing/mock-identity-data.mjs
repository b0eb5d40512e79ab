// What the mock server knows of people, workspaces and chatbots at its start.
const DAY = 86_400_000;
const ago = (days) => new Date(Date.now() - days * DAY).toISOString();

/** Every permission with its meaning, in the server's order. */
export const PERMISSIONS = [
  ['chat:read', 'Read one’s own conversations, messages, runs and files.'],
  ['chat:write', 'Send messages, upload files, and change one’s own conversations.'],
  ['chatbots:read', 'See the chatbots that are shared with one.'],
  ['chatbots:write', 'Create, change, share and delete chatbots.'],
  ['collections:read', 'See and search the collections that are shared with one.'],
  ['collections:write', 'Create, change, share and delete collections and their documents.'],
  ['prompts:read', 'Read the prompt library.'],
  ['prompts:write', 'Change the prompt library.'],
  ['members:read', 'See members, roles and invitations.'],
  ['members:write', 'Invite and remove members, and change their roles.'],
  ['roles:write', 'Create, change and delete custom roles.'],
  ['keys:write', 'Make and revoke one’s own API keys.'],
  ['keys:manage', 'See and revoke everybody’s API keys.'],
  ['budgets:read', 'See budgets and what is left of them.'],
  ['budgets:write', 'Set budgets.'],
  ['usage:read', 'See what everybody used.'],
  ['audit:read', 'Read and export the audit log.'],
  ['workspace:write', 'Rename the workspace.'],
  ['workspace:delete', 'Delete the workspace with all it holds.'],
  ['others:act', 'As an API key: see the whole workspace and act for any session of it.'],
  ['users:read', 'See all users of the installation.'],
  ['users:write', 'Create, suspend and delete users of the installation.'],
  ['workspaces:write', 'Create workspaces.'],
].map(([name, meaning]) => ({ name, meaning }));

const names = PERMISSIONS.map(({ name }) => name);
const OWNER = names.slice(0, 20);

export const ROLES = {
  viewer: ['chat:read', 'chatbots:read', 'collections:read', 'prompts:read'],
  member: [
    'chat:read',
    'chat:write',
    'chatbots:read',
    'collections:read',
    'prompts:read',
    'members:read',
    'keys:write',
  ],
  admin: OWNER.filter((name) => name !== 'workspace:delete'),
  owner: OWNER,
};

const PEOPLE = [
  ['Ana Duarte', 'ana', 'owner'],
  ['Bruno Keller', 'bruno', 'admin'],
  ['Chidi Okafor', 'chidi', 'member'],
  ['Dana Levi', 'dana', 'member'],
  ['مريم حداد', 'maryam', 'viewer'],
];

/** Fills `state.identity`; ids come from `newId`. */
export function seedIdentity(state, newId) {
  const workspaces = ['Harbour office', 'Customer desk'].map((name, index) => ({
    id: newId(),
    name,
    status: 'active',
    created_at: ago(200 - index * 90),
    updated_at: ago(10),
  }));
  const users = PEOPLE.map(([full_name, username, role], index) => ({
    id: newId(),
    email: `${username}@harbour.example`,
    username,
    full_name,
    role,
    password: 'a fine long password',
    status: username === 'dana' ? 'suspended' : 'active',
    is_active: username !== 'dana',
    is_owner: index === 0,
    has_second_factor: index === 1,
    has_password: true,
    created_at: ago(190 - index * 20),
    updated_at: ago(5),
    last_sign_in_at: index === 4 ? null : ago(index),
  }));
  const role = { id: newId(), name: 'Prompt editor' };
  state.identity = {
    status: {
      needs_setup: false,
      registration: 'open',
      anonymous: true,
      oidc: [{ id: 'harbour', name: 'Harbour SSO' }],
      mail: true,
      min_password_length: 12,
    },
    workspaces,
    users,
    roles: [{ ...role, permissions: [...ROLES.member, 'prompts:write'] }],
    signIns: signIns(newId),
    profile: {
      preferences: { seat: 'window', pace: 'slow mornings' },
      constraints: { diet: 'vegetarian', budget: 1200 },
      past_destinations: ['Lisbon', 'Kyoto'],
      wishes: ['See the northern lights'],
    },
    invitations: [
      invitation(newId(), 'eva@harbour.example', 'member', 'open', -6),
      invitation(newId(), 'felix@harbour.example', 'admin', 'open', 1),
      invitation(newId(), 'chidi@harbour.example', 'member', 'accepted', 20),
    ],
    apiKeys: apiKeys(newId, users),
    budgets: [],
    audit: [],
    chatbots: chatbots(newId),
    prompts: prompts(newId),
  };
  state.identity.budgets = budgets(newId, state.identity);
  state.identity.audit = audit(newId, users);
}

const invitation = (id, email, role, status, expiredDaysAgo) => ({
  id,
  email,
  role,
  status,
  invited_by: null,
  created_at: ago(expiredDaysAgo + 7),
  expires_at: ago(expiredDaysAgo),
});

const signIns = (newId) =>
  [
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36',
      '10.0.4.17',
      0,
    ],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 26_0) Version/26.0 Mobile Safari/604.1', '203.0.113.9', 2],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 15.1) Gecko/20100101 Firefox/150.0', '10.0.4.80', 9],
  ].map(([user_agent, ip_address, days]) => ({
    id: newId(),
    user_id: null,
    title: null,
    status: 'active',
    metadata: {},
    user_agent,
    ip_address,
    created_at: ago(days + 3),
    updated_at: ago(days),
    last_accessed: ago(days),
    expires_at: ago(-30),
  }));

const apiKeys = (newId, users) =>
  [
    ['Nightly report', 0, 0.2, -60],
    ['Old importer', 0, 90, 3],
    ['Chidi’s notebook', 2, null, null],
  ].map(([name, maker, used, expired], index) => ({
    id: newId(),
    name,
    prefix: `vpk_${index}f3a`,
    user_id: users[maker].id,
    permissions: ['chat:read', 'chat:write'],
    chatbot_ids: null,
    created_at: ago(100),
    expires_at: expired === null ? null : ago(expired),
    last_used_at: used === null ? null : ago(used),
  }));

function budgets(newId, { users, chatbots: bots }) {
  const state = (spender, unit, period, amount, spent, reserved) => ({
    budget: { id: newId(), spender, period, unit, amount, created_at: ago(30) },
    spent,
    reserved,
    left: Math.max(0, amount - spent - reserved),
    renews_at: ago(period === 'day' ? -0.4 : -9),
  });
  return [
    state('workspace', 'money', 'month', 200_000_000, 131_400_000, 1_200_000),
    state({ user: users[2].id }, 'tokens', 'day', 500_000, 482_000, 9_000),
    state({ chatbot: bots[1].id }, 'money', 'month', 40_000_000, 3_100_000, 0),
  ];
}

function audit(newId, users) {
  const [ana, bruno] = users;
  const entry = (actor, action, object_kind, object_id, details, days) => ({
    id: newId(),
    workspace_id: null,
    actor,
    action,
    object_kind,
    object_id,
    ip_address: '10.0.4.17',
    user_agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0',
    request_id: newId(),
    details,
    at: ago(days),
  });
  const by = (user) => ({ kind: 'user', id: user.id });
  const kinds = [
    [by(ana), 'sign_in.succeeded', 'session', newId(), {}],
    [by(ana), 'member.role_changed', 'user', bruno.id, { from: 'member', to: 'admin' }],
    [{ kind: 'anonymous' }, 'sign_in.failed', 'user', null, { email: 'ana@harbour.example' }],
    [by(bruno), 'chatbot.updated', 'chatbot', newId(), { version: 4 }],
    [{ kind: 'system' }, 'session.revoked', 'session', newId(), { why: 'suspended' }],
    [by(bruno), 'api_key.created', 'api_key', newId(), { name: 'Nightly report' }],
  ];
  return Array.from({ length: 70 }, (_, index) => {
    const [actor, action, kind, id, details] = kinds[index % kinds.length];
    return entry(actor, action, kind, id, details, index * 0.7);
  });
}

const INSTRUCTIONS = `You answer for the harbour office.
Quote the handbook where you can.
Be brief.`;

function chatbots(newId) {
  const bot = (name, description, settings, extra = {}) => ({
    id: newId(),
    name,
    description,
    is_default: false,
    visibility: 'workspace',
    version: 1,
    settings,
    created_by: null,
    created_at: ago(60),
    updated_at: ago(2),
    versions: [{ version: 1, settings, note: null, created_by: null, created_at: ago(60) }],
    grants: [],
    ...extra,
  });
  const desk = {
    model: 'ollama/llama3.3',
    temperature: 0.2,
    system_prompt: { text: INSTRUCTIONS },
    greeting: 'Ask me about berths, fees and opening hours.',
  };
  const before = {
    ...desk,
    temperature: 0.7,
    system_prompt: { text: 'You answer politely.\nBe brief.' },
  };
  return [
    bot('VPAura', null, {}, { is_default: true }),
    bot('Harbour desk', 'Answers visitors from the handbook.', desk, {
      version: 3,
      versions: [
        {
          version: 3,
          settings: desk,
          note: 'Quotes the handbook',
          created_by: null,
          created_at: ago(2),
        },
        { version: 2, settings: before, note: 'Calmer', created_by: null, created_at: ago(8) },
        { version: 1, settings: {}, note: null, created_by: null, created_at: ago(60) },
      ],
      grants: [{ grantee: { role: 'viewer' }, access: 'use' }],
    }),
    bot(
      'Minutes writer',
      'Turns notes into minutes.',
      { reasoning: 'low' },
      { visibility: 'private' },
    ),
  ];
}

function prompts(newId) {
  const text = 'You are {{ name }}, who answers for {{ place }}.\nBe brief and kind.';
  return [
    {
      id: newId(),
      name: 'harbour.desk',
      description: 'For the desk at the gate',
      version: 2,
      text,
      created_at: ago(40),
      updated_at: ago(3),
      versions: [
        { version: 2, text, created_by: null, created_at: ago(3) },
        {
          version: 1,
          text: 'You are {{ name }}.\nBe kind.',
          created_by: null,
          created_at: ago(40),
        },
      ],
    },
  ];
}

/** What was used in the days from `from` to `to`, by one kind of thing. */
export function usageOf({ users, chatbots: bots }, by, from, to) {
  const figures = (seed) => ({
    runs: 4 + ((seed * 7) % 23),
    input: 9000 + ((seed * 7919) % 40_000),
    output: 2500 + ((seed * 4973) % 16_000),
    cached: 1200,
    cost: 150_000 + ((seed * 104_729) % 900_000),
  });
  const heads = {
    user: users.map((user) => ({ user_id: user.id, username: user.username })),
    model: ['ollama/llama3.3', 'openai/gpt-5-mini'].map((model) => ({ model })),
    chatbot: bots.map((bot) => ({ chatbot_id: bot.id, chatbot_name: bot.name })),
    api_key: [{ api_key_id: null }],
    day: [],
  };
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY) {
    if (new Date(at).getUTCDay() % 6 !== 0) {
      heads.day.push({ day: new Date(at).toISOString().slice(0, 10) });
    }
  }
  const items = heads[by].map((head, index) => ({ ...head, ...figures(index + 3) }));
  const total = { runs: 0, input: 0, output: 0, cached: 0, cost: 0 };
  for (const item of items) for (const name of Object.keys(total)) total[name] += item[name];
  return { items, total };
}
