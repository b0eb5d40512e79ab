import { create } from 'zustand';
import { readStored, storedKeys, writeStored } from '@/lib/storage';

/** The draft of the page that has no conversation yet. */
export const NEW_DRAFT = 'new';

const PREFIX = 'vpaura.draft.';
const MOST_DRAFTS = 100;

interface Drafts {
  texts: Record<string, string>;
}

const useDrafts = create<Drafts>(() => ({ texts: {} }));

const stored = (draft: string) => readStored(PREFIX + draft) ?? '';

export const draftText = (draft: string): string =>
  useDrafts.getState().texts[draft] ?? stored(draft);

export function useDraftText(draft: string): string {
  return useDrafts((state) => state.texts[draft]) ?? stored(draft);
}

/** Sets a draft; kept over reloads until it is sent. */
export function setDraft(draft: string, text: string) {
  show(draft, text);
  store(draft, text);
}

/**
 * Empties the composer of a text that is on its way from a draft into a conversation. It stays
 * stored until it has arrived: a page that is reloaded or loses its sign-in meanwhile has it still.
 */
export function sendDraft(draft: string, conversationId: string, text: string) {
  setDraft(draft, '');
  show(conversationId, '');
  store(conversationId, text);
}

/** The text has arrived: it is stored no more, unless something else stands there by now. */
export function draftArrived(conversationId: string, text: string) {
  if (draftText(conversationId) === '' && stored(conversationId) === text) {
    store(conversationId, '');
  }
}

const show = (draft: string, text: string) =>
  useDrafts.setState(({ texts }) => ({ texts: { ...texts, [draft]: text } }));

function store(draft: string, text: string) {
  if (text !== '' && storedKeys(PREFIX).length >= MOST_DRAFTS) dropOldest();
  writeStored(PREFIX + draft, text === '' ? null : text);
}

/** Conversation ids sort by age, so the first key is the oldest conversation's. */
function dropOldest() {
  const oldest = storedKeys(PREFIX)
    .filter((key) => key !== PREFIX + NEW_DRAFT)
    .sort()[0];
  if (oldest) writeStored(oldest, null);
}
