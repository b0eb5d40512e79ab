import { create } from 'zustand';
import { readStored, storedKeys, writeStored } from './storage';

// The cookies that carry the credentials are not readable here, so the page keeps a note of whose
// they are: which way to go on after a 401, and how other tabs hear of a change.
const KEY = 'vpaura.identity';
/** Files that were attached to messages which are not sent yet. */
const FILES = 'vpaura.files.';

/**
 * - `visitor`: nobody has signed in; the server gives an anonymous session
 * - `user`: signed in
 * - `ended`: was signed in, and the server does not know it any more
 */
export interface Identity {
  state: 'visitor' | 'user' | 'ended';
  userId: string | null;
  workspaceId: string | null;
}

function read(text: string | null): Identity {
  const [state, userId = null, workspaceId = null] = (text ?? '').split(' ');
  return state === 'user' || state === 'ended'
    ? { state, userId, workspaceId }
    : { state: 'visitor', userId: null, workspaceId: null };
}

export const useIdentity = create<Identity>(() => read(readStored(KEY)));

function keep(text: string | null) {
  writeStored(KEY, text);
  useIdentity.setState(read(text));
}

/** Somebody has signed in, or gone to another workspace. What another one left here goes. */
export function becomeUser(userId: string, workspaceId: string) {
  const before = useIdentity.getState();
  if (before.userId !== null && before.userId !== userId) dropDrafts();
  // Files stay behind in their workspace.
  else if (before.workspaceId !== null && before.workspaceId !== workspaceId) drop(FILES);
  keep(`user ${userId} ${workspaceId}`);
}

/** The server knows the sign-in no more. Drafts stay: it may be the same person who comes back. */
export function endIdentity() {
  const { userId } = useIdentity.getState();
  keep(`ended ${userId}`);
}

/** They have signed out, or go on as a visitor. */
export function becomeVisitor() {
  dropDrafts();
  keep(null);
}

function dropDrafts() {
  drop('vpaura.draft.');
  drop(FILES);
}

function drop(prefix: string) {
  for (const key of storedKeys(prefix)) writeStored(key, null);
}

/** Who this browser was when the page began. */
const begun = readStored(KEY);

/**
 * Tells when another tab has changed who this browser is, or when a page that was left is brought
 * back as it was, by the browser's Back, after that has changed; returns the way to stop listening.
 */
export function onOtherIdentity(changed: () => void): () => void {
  const onShow = (event: PageTransitionEvent) => {
    if (event.persisted && readStored(KEY) !== begun) changed();
  };
  const onStorage = (event: StorageEvent) => {
    if (event.key === KEY && event.newValue !== event.oldValue) changed();
  };
  window.addEventListener('storage', onStorage);
  window.addEventListener('pageshow', onShow);
  return () => {
    window.removeEventListener('storage', onStorage);
    window.removeEventListener('pageshow', onShow);
  };
}
