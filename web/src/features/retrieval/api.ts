import { useQuery } from '@tanstack/react-query';
import { json } from '@/lib/api/client';
import { collectionPath } from '@/lib/api/collections';
import { useGet } from '@/lib/api/hooks';
import { keys } from '@/lib/api/keys';
import type { DocumentText, Hit, SearchAnswer, SearchBody } from '@/lib/api/knowledge-types';

/** What a search finds, in one collection or in all (`collectionId` null); nothing is asked for null. */
export function useSearchAnswer(collectionId: string | null, body: SearchBody | null) {
  const path = collectionId === null ? '/search' : `${collectionPath(collectionId)}/search`;
  return useQuery({
    queryKey: keys.search(path, JSON.stringify(body)),
    enabled: body !== null,
    queryFn: ({ signal }) => json<SearchAnswer>('POST', path, { body, signal }),
    // What is found changes with the documents: each search is made anew.
    gcTime: 0,
    retry: false,
  });
}

export const useHitText = ({ document }: Hit) =>
  useGet<DocumentText>(`${collectionPath(document.collection_id)}/documents/${document.id}/text`);
