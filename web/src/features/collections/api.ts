import { json } from '@/lib/api/client';
import { COLLECTIONS, collectionPath } from '@/lib/api/collections';
import { useAct } from '@/lib/api/hooks';
import type { Chunking, Collection } from '@/lib/api/knowledge-types';

export interface CollectionTerms {
  name: string;
  description: string | null;
  visibility: Collection['visibility'];
  chunking: Chunking;
}

export const useCreateCollection = () =>
  useAct(
    (body: Pick<CollectionTerms, 'name' | 'description' | 'visibility'>) =>
      json<Collection>('POST', COLLECTIONS, { body }),
    COLLECTIONS,
  );

export const useChangeCollection = (id: string) =>
  useAct(
    (body: Partial<CollectionTerms>) => json<Collection>('PATCH', collectionPath(id), { body }),
    COLLECTIONS,
  );

/** Has all documents read anew, as the collection cuts them now. */
export const useReindexCollection = () =>
  useAct((id: string) => json<Collection>('POST', `${collectionPath(id)}/reindex`), COLLECTIONS);

export const useDeleteCollection = () =>
  useAct((id: string) => json('DELETE', collectionPath(id)), COLLECTIONS);
