/**
 * What the server says of collections, their documents, and what is found in them. Times are
 * RFC 3339; places in a text count Unicode scalar values, lines and pages count from 1.
 */
import type { Citation } from './types';

/** How documents are cut: sizes in tokens. */
export interface Chunking {
  max_tokens: number;
  overlap_tokens: number;
}

/** What a collection's vectors are made by. */
export interface EmbedderStamp {
  model: string;
  dimension: number;
}

export interface EmbeddingState {
  /** Whose vectors searches use; none searches by words alone. */
  serving?: EmbedderStamp | null;
  /** Whose vectors are being made meanwhile. */
  building?: EmbedderStamp | null;
  built_chunks: number;
  error?: string | null;
}

export interface Collection {
  id: string;
  name: string;
  description?: string | null;
  visibility: 'workspace' | 'private';
  chunking: Chunking;
  documents_total: number;
  documents_ready: number;
  documents_failed: number;
  chunks: number;
  embedding: EmbeddingState;
  created_by?: string | null;
  created_at: string;
  updated_at: string;
}

export type DocumentSource =
  | { type: 'file'; file_id?: string | null }
  | { type: 'url'; url: string }
  | { type: 'text' };

export type DocumentStatus = 'pending' | 'processing' | 'ready' | 'failed';

export type Metadata = Record<string, unknown>;

/** A document of a collection; the bare name is the browser's own. */
export interface StoredDocument {
  id: string;
  collection_id: string;
  name: string;
  source: DocumentSource;
  media_type?: string | null;
  size?: number | null;
  sha256?: string | null;
  metadata: Metadata;
  status: DocumentStatus;
  error?: string | null;
  enabled: boolean;
  chars: number;
  pages?: number | null;
  chunks: number;
  created_by?: string | null;
  created_at: string;
  updated_at: string;
}

export interface Span {
  start: number;
  end: number;
  line_start: number;
  line_end: number;
  page_start?: number | null;
  page_end?: number | null;
}

export interface Chunk {
  id: string;
  document_id: string;
  position: number;
  text: string;
  headings: string[];
  span: Span;
  tokens: number;
  enabled: boolean;
  edited: boolean;
}

export interface Scores {
  bm25?: number | null;
  vector?: number | null;
  fused: number;
  reranked?: number | null;
}

export interface Hit {
  score: number;
  scores: Scores;
  chunk: Chunk;
  document: { id: string; collection_id: string; name: string; metadata: Metadata };
}

export type FilterCondition =
  | string
  | number
  | boolean
  | { in: (string | number | boolean)[] }
  | { gte?: string | number; lte?: string | number };

export interface SearchBody {
  query: string;
  limit?: number;
  filter?: Record<string, FilterCondition>;
  rerank?: boolean;
  collection_ids?: string[];
}

export interface SearchAnswer {
  hits: Hit[];
  took_ms: number;
  /** The words that were looked for, as the index knows them. */
  terms: string[];
  embedder?: EmbedderStamp | null;
  reranker?: string | null;
  /** Why it was not searched as it could be. */
  notice?: string | null;
}

/** How a text is to be read. */
export type TextFormat = 'plain' | 'markdown' | { code: string };

/** A document's text; `pages` are the characters at which its pages begin. */
export interface DocumentText {
  text: string;
  pages: number[];
  format: TextFormat;
}

/** The passage of a citation within its document. */
export interface CitedPassage extends DocumentText {
  citation: Citation;
  /** Whether the document's file can be downloaded. */
  original: boolean;
}
