import { json, query } from '@/lib/api/client';
import { COLLECTIONS, collectionPath, POLL_MS } from '@/lib/api/collections';
import { useAct, useGet, usePages } from '@/lib/api/hooks';
import type {
  Chunk,
  DocumentStatus,
  DocumentText,
  Metadata,
  StoredDocument,
} from '@/lib/api/knowledge-types';

export const documentsPath = (collectionId: string) => `${collectionPath(collectionId)}/documents`;
export const documentPath = ({ collection_id, id }: Pick<StoredDocument, 'collection_id' | 'id'>) =>
  `${documentsPath(collection_id)}/${id}`;

export const isUnderWay = ({ status }: StoredDocument) =>
  status === 'pending' || status === 'processing';

/** The documents that fit; asked for again while some are being read, or more are `coming`. */
export const useDocuments = (
  collectionId: string,
  status: DocumentStatus | '',
  text: string,
  coming: boolean,
) =>
  usePages<StoredDocument>(documentsPath(collectionId) + query({ status, query: text }), (items) =>
    coming || items?.some(isUnderWay) ? POLL_MS : false,
  );

export const useDocument = (collectionId: string, id: string) =>
  useGet<StoredDocument>(documentPath({ collection_id: collectionId, id }), {
    again: (document) => (document && isUnderWay(document) ? POLL_MS : false),
  });

/** The text of a document, once it has one. */
export const useText = (document: StoredDocument) =>
  useGet<DocumentText>(document.chars > 0 ? `${documentPath(document)}/text` : null);

export const useChunks = (document: StoredDocument) =>
  usePages<Chunk>(`${documentPath(document)}/chunks`);

export type NewDocument = { name?: string; metadata?: Metadata } & (
  | { url: string }
  | { text: string }
);

export const useAddDocument = (collectionId: string) =>
  useAct(
    (body: NewDocument) => json<StoredDocument>('POST', documentsPath(collectionId), { body }),
    COLLECTIONS,
  );

export interface DocumentChanges {
  name?: string;
  metadata?: Metadata;
  enabled?: boolean;
}

export const useChangeDocument = () =>
  useAct(
    ({ document, ...body }: DocumentChanges & { document: StoredDocument }) =>
      json<StoredDocument>('PATCH', documentPath(document), { body }),
    COLLECTIONS,
  );

/** Reads and cuts it anew; also the way to try a failed one again. */
export const useReindex = () =>
  useAct(
    (document: StoredDocument) => json<StoredDocument>('POST', `${documentPath(document)}/reindex`),
    COLLECTIONS,
  );

export const useDeleteDocument = () =>
  useAct((document: StoredDocument) => json('DELETE', documentPath(document)), COLLECTIONS);

export interface ChunkChanges {
  text?: string;
  enabled?: boolean;
}

export const useChangeChunk = (document: StoredDocument) =>
  useAct(
    ({ id, ...body }: ChunkChanges & { id: string }) =>
      json<Chunk>('PATCH', `${collectionPath(document.collection_id)}/chunks/${id}`, { body }),
    documentPath(document),
  );
