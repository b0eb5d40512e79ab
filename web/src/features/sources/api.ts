import { useQuery } from '@tanstack/react-query';
import { json } from '@/lib/api/client';
import { keys } from '@/lib/api/keys';
import type { CitedPassage, DocumentText } from '@/lib/api/knowledge-types';
import type { Citation } from '@/lib/api/types';

/** What one may see of a document or a file is for the server to say each time it is opened. */
const CITED_FRESH_MS = 60_000;

export const citationPath = (messageId: string, { index }: Citation) =>
  `/messages/${messageId}/citations/${index}`;

/** The text that a citation quotes from; what is no attached file is reached through its answer. */
export function useQuotedText(messageId: string, citation: Citation) {
  const { file_id, index } = citation;
  const path = file_id ? `/files/${file_id}/text` : citationPath(messageId, citation);
  return useQuery({
    queryKey: file_id ? keys.fileText(file_id) : keys.citation(messageId, index),
    queryFn: ({ signal }) =>
      json<DocumentText & Partial<Pick<CitedPassage, 'original'>>>('GET', path, { signal }),
    staleTime: CITED_FRESH_MS,
    retry: 1,
  });
}
