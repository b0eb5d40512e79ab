// What the mock knows: a few conversations, one of which shows every kind of answer, and the
// script of the answers it gives.

export const POLICY = `Returns policy, 2026

1. Scope
This policy covers orders placed in our shops in the European Union and in Norway.

2. Withdrawal
The withdrawal period of 30 days starts on the day the customer receives the goods. Unused goods in their original packaging are refunded in full, delivery included.

3. Opened goods
Opened items may be sent back within 14 days of delivery. A restocking fee of 15 % applies. The fee is taken from the refund, never billed apart.

4. Digital goods 🎫
Vouchers and licences are refundable only before the first download.

5. How refunds are paid
Refunds go back by the way the order was paid, within 5 working days after the goods have arrived.
`;

const EXPLAINED = `They get **85 %** back: opened goods returned within 14 days lose a 15 % restocking fee [1]. Their 12 days are inside that window, and the period counts from the day of receipt [2].

| Case | Window | Refund |
|:--|:--|--:|
| Unused, boxed | 30 days | 100 % |
| Opened | 14 days | 85 % |
| Digital, downloaded | none | 0 % |

The 85 % figure follows the restocking rule:

$$R = P\\,(1 - r), \\quad r = 0.15$$

### How the check is coded

\`\`\`ts
export function refund(order: Order, now = new Date()): Money {
  const age = daysBetween(order.deliveredAt, now);
  if (order.digital) return order.downloaded ? Money.zero : order.price;
  if (!order.opened) return age <= 30 ? order.price : Money.zero;
  // The fee is taken from the refund, never billed apart.
  return age <= 14 ? order.price.times(1 - RESTOCKING_FEE) : Money.zero;
}
\`\`\`

Two things to tell the customer:

1. The refund goes back **by the way they paid**, within 5 working days after the goods arrive [3].
2. The fee is \`15 %\` of the price, so \\(0.15 \\times 80 = 12\\) euros on an 80 euro order.
`;

const scalars = (text) => [...text].length;

/** A citation of `needle` in a file, its span in Unicode scalar values. */
function cite(file, index, needle) {
  const at = file.text.indexOf(needle);
  const before = file.text.slice(0, at);
  const line_start = before.split('\n').length;
  return {
    index,
    file_id: file.id,
    document: file.name,
    quote: needle,
    start: scalars(before),
    end: scalars(before) + scalars(needle),
    line_start,
    line_end: line_start + needle.split('\n').length - 1,
  };
}

function words(type, text) {
  return text.match(/\s*\S+\s*/g)?.map((piece) => ({ type, text: piece })) ?? [];
}

/** The line of a text that shares most words with the question. */
function bestLine(text, question) {
  const asked = new Set(question.toLowerCase().match(/\w{4,}/g));
  const score = (line) =>
    (line.toLowerCase().match(/\w{4,}/g) ?? []).filter((word) => asked.has(word)).length;
  const lines = text.split(/\n+/).filter((line) => line.trim() !== '');
  return lines.reduce((best, line) => (score(line) > score(best) ? line : best), lines[0] ?? text);
}

const step = (step, node) => ({ type: 'step_started', step, node });
const stepEnd = (step, node) => ({ type: 'step_finished', step, node });

function approval(index, callId, tool, given) {
  const path = `call_tool[${index}]`;
  const key = `approve:${callId}`;
  const question = { kind: 'approve_tool', tool, call_id: callId, arguments: given };
  return { id: `0:${path}#${key}`, path, key, question };
}

const NEW_TITLE = { title: 'Refunds for opened goods', keep_old: false };
const LETTER = {
  to: 'ana@example.org',
  subject: 'Your refund',
  body: 'Dear Ana,\n\nyour refund of 68 euros is on its way. It goes back by the way you paid, within five working days.\n\nKind regards',
  options: { priority: 'normal', attach: ['returns-2026.md'] },
};

/** A run that looks something up, and asks before it changes something. */
function askingFor(text, rename) {
  const calls = [{ id: 'call_1', name: 'rename_conversation', given: NEW_TITLE }];
  if (/letter/.test(text)) calls.push({ id: 'call_2', name: 'send_letter', given: LETTER });
  const asks = calls.map(({ id, name, given }, index) => approval(index, id, name, given));
  if (/something else/.test(text)) {
    asks[0].question = { kind: 'pick_one', text: 'Which shop?', options: ['Lisbon', 'Porto'] };
  }
  return [
    step(1, 'retrieve_context'),
    { pause: 300 },
    stepEnd(1, 'retrieve_context'),
    step(2, 'call_model'),
    { pause: 500 },
    ...words('delta', 'I would like to change something here. '),
    ...calls.map(({ id, name, given }) => ({
      type: 'tool_call',
      id,
      name,
      arguments: JSON.stringify(given),
    })),
    stepEnd(2, 'call_model'),
    ...calls.map((_, index) => step(3, `call_tool[${index}]`)),
    { asks, goOn: (answers) => afterAnswers(calls, asks, answers, rename) },
  ];
}

function afterAnswers(calls, asks, answers, rename) {
  const events = calls.flatMap(({ id, name, given }, index) => {
    const answer = answers[asks[index].id];
    const refused = answer?.approved === false;
    if (name === 'rename_conversation' && !refused) rename(given.title);
    const why = answer?.reason ? `: ${answer.reason}` : '.';
    const output = refused ? `The user refused this tool call${why}` : '{"done":true}';
    const node = `call_tool[${index}]`;
    const result = { type: 'tool_result', id, output, is_error: refused };
    return [step(3, node), { pause: 400 }, result, stepEnd(3, node)];
  });
  return [
    ...events,
    step(4, 'call_model'),
    { pause: 600 },
    ...words('delta', `\n\nThe answers are in: ${JSON.stringify(answers)}. So it is done.`),
    stepEnd(4, 'call_model'),
    step(5, 'format_response'),
    stepEnd(5, 'format_response'),
  ];
}

/** The events between the start and the end of the run that answers `text`. */
export function answerFor(text, files, rename) {
  if (/please ask/i.test(text)) return askingFor(text, rename);
  if (/please fail/i.test(text)) {
    return [
      ...words('delta', 'The model began to answer, and then '),
      {
        type: 'run_failed',
        code: 'LLM_ERROR',
        message: 'The model stopped answering. Your message is kept; please try again.',
      },
    ];
  }
  const steps = (node, events) => [step(1, node), ...events, stepEnd(1, node)];
  const file = files[0];
  const said = /say:([\s\S]+)/.exec(text)?.[1];
  const quote = file && bestLine(file.text, text);
  if (said) {
    const cited = file && said.includes('[1]');
    const citation = cited ? [{ type: 'citation', citation: cite(file, 1, quote) }] : [];
    return [...words('delta', said), ...citation];
  }
  if (file) {
    return [
      ...steps('retrieve_context', [{ pause: 300 }]),
      ...words('delta', `From ${file.name}:\n\n> ${quote} [1]\n`),
      { type: 'citation', citation: cite(file, 1, quote) },
    ];
  }
  return [
    ...steps('retrieve_context', [{ pause: 250 }]),
    step(2, 'call_model'),
    { pause: 300 },
    ...words('reasoning', 'The reader asks something general. A short list will do.'),
    ...words(
      'delta',
      `You asked: *${text.slice(0, 80)}*\n\nHere is what matters:\n\n- **First**, the answer streams word by word.\n- **Second**, it is drawn as it comes, code included:\n\n\`\`\`python\ndef greet(name: str) -> str:\n    return f"Hello, {name}"\n\`\`\`\n\nAnd it ends here.\n`,
    ),
    stepEnd(2, 'call_model'),
    step(3, 'format_response'),
    stepEnd(3, 'format_response'),
  ];
}

const USAGE = { input: 2318, output: 612, cached: 1024, cost: 3100 };

/** Fills the state: one rich conversation, and a list of others over the past weeks. */
export function seed(state, newId) {
  const file = {
    id: newId(),
    session_id: null,
    name: 'returns-2026.md',
    media_type: 'text/markdown',
    size: Buffer.byteLength(POLICY),
    sha256: '',
    status: 'ready',
    text_chars: scalars(POLICY),
    created_at: new Date().toISOString(),
    text: POLICY,
  };
  state.files.set(file.id, file);
  TITLES.forEach(([title, daysAgo], index) => {
    const at = new Date(Date.now() - daysAgo * 86_400_000 - index * 60_000).toISOString();
    const id = newId();
    state.conversations.set(id, {
      id,
      session_id: null,
      title,
      status: 'active',
      metadata: {},
      head_message_id: null,
      message_count: 0,
      created_at: at,
      updated_at: at,
    });
    if (index === 0) {
      state.rich = id;
      richConversation(state, newId, id, file, at);
    }
    if (index === 1) {
      state.long = id;
      longConversation(state, newId, id, at);
    }
  });
}

const TITLES = [
  ['Refund policy, EU orders', 0],
  ['Rust: backpressure on a streaming body', 0],
  ['Lisbon, a long weekend', 0],
  ['Postgres index for tenant scans', 1],
  ['Interview loop for SRE', 1],
  ['Draft: incident 214 write-up', 3],
  ['Translate the onboarding guide into Portuguese', 4],
  ['Q3 churn by segment', 5],
  ['Naming the new service', 12],
  ['مقارنة بين عقود التأجير', 14],
  ['Reading list on consensus', 20],
  ['Tax letter, plain words', 40],
  ['What the heat pump offer leaves out', 45],
];

function message(conversationId, id, parentId, role, parts, at, extra = {}) {
  return {
    id,
    conversation_id: conversationId,
    parent_id: parentId,
    run_id: null,
    role,
    status: 'completed',
    parts,
    model: role === 'assistant' ? 'ollama/llama3.3' : null,
    usage: role === 'assistant' ? USAGE : null,
    error: null,
    created_at: at,
    ...extra,
  };
}

function richConversation(state, newId, id, file, at) {
  const put = (entry) => {
    state.messages.set(entry.id, entry);
    return entry.id;
  };
  const filePart = {
    type: 'file',
    file_id: file.id,
    name: file.name,
    media_type: file.media_type,
    size: file.size,
  };
  const question = [
    filePart,
    {
      type: 'text',
      text: 'A customer in Spain opened the box after 12 days. What refund do they get, and where does our policy say so?',
    },
  ];
  put(message(id, newId(), null, 'user', [filePart, { type: 'text', text: 'What refund?' }], at));
  const user = put(message(id, newId(), null, 'user', question, at));
  const answer = put(
    message(
      id,
      newId(),
      user,
      'assistant',
      [
        {
          type: 'reasoning',
          text: 'The goods were opened, so section 3 applies and not section 2. Twelve days are within the fourteen. The fee is 15 %.',
        },
        {
          type: 'tool_call',
          id: 'call_1',
          name: 'search_files',
          arguments: '{"query":"opened box refund","limit":3}',
        },
        {
          type: 'tool_result',
          id: 'call_1',
          output: '{"hits":3,"best":"returns-2026.md, line 10"}',
          is_error: false,
        },
        { type: 'text', text: EXPLAINED },
        {
          type: 'citation',
          ...cite(
            file,
            1,
            'Opened items may be sent back within 14 days of delivery. A restocking fee of 15 % applies.',
          ),
        },
        { type: 'citation', ...cite(file, 2, 'starts on the day the customer receives the goods') },
        {
          type: 'citation',
          ...cite(
            file,
            3,
            'Refunds go back by the way the order was paid, within 5 working days after the goods have arrived.',
          ),
        },
      ],
      at,
    ),
  );
  state.conversations.get(id).head_message_id = answer;
}

/** Two hundred messages, to scroll through. */
function longConversation(state, newId, id, at) {
  let parent = null;
  for (let turn = 1; turn <= 100; turn += 1) {
    const user = message(
      id,
      newId(),
      parent,
      'user',
      [{ type: 'text', text: `Question ${turn}: how does a bounded channel push back?` }],
      at,
    );
    state.messages.set(user.id, user);
    const body = `Answer ${turn}. The sender waits once the buffer is full, so memory stays bounded.\n\n${'It is the slow reader who sets the pace. '.repeat((turn % 5) + 1)}`;
    const answer = message(id, newId(), user.id, 'assistant', [{ type: 'text', text: body }], at);
    state.messages.set(answer.id, answer);
    parent = answer.id;
  }
  state.conversations.get(id).head_message_id = parent;
}
