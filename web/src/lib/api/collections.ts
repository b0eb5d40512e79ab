import { useIdentity } from '@/lib/identity';
import { useSharedToEdit } from './grants';
import { useGet, usePages } from './hooks';
import type { Me } from './identity-types';
import type { Collection } from './knowledge-types';
import { may } from './me';

export const COLLECTIONS = '/collections';
export const collectionPath = (id: string) => `${COLLECTIONS}/${id}`;

/** How often what is under way is asked after. */
export const POLL_MS = 1500;

/** How many documents wait to be read, or are being read. */
export const pendingOf = (collection: Collection) =>
  Math.max(
    0,
    collection.documents_total - collection.documents_ready - collection.documents_failed,
  );

const underWay = (collection: Collection) =>
  pendingOf(collection) > 0 || Boolean(collection.embedding.building);

export const useCollections = () =>
  usePages<Collection>(COLLECTIONS, (items) => (items?.some(underWay) ? POLL_MS : false));

/** A collection; asked for again while its documents are being read, or more are `coming`. */
export const useCollection = (id: string, coming = false) =>
  useGet<Collection>(collectionPath(id), {
    again: (collection) => (coming || (collection && underWay(collection)) ? POLL_MS : false),
  });

/** The collections to choose from; none while nobody is signed in, or where one may not see them. */
export function useCollectionChoice(): readonly Collection[] {
  const signedIn = useIdentity(({ state }) => state === 'user');
  const listing = useGet<{ items: Collection[] }>(signedIn ? `${COLLECTIONS}?limit=100` : null);
  return listing.data?.items ?? [];
}

/** Whether one may change a collection: by permission, as its maker, or because it is shared so. */
export function useMayEdit(me: Me, collection: Collection): boolean {
  const surely = may(me, 'collections:write') || collection.created_by === me.id;
  return useSharedToEdit(collectionPath(collection.id), surely);
}
