// Collections and what is in them, for tests.
import type {
  Chunk,
  Collection,
  Hit,
  SearchAnswer,
  StoredDocument,
} from '@/lib/api/knowledge-types';

const AT = '2026-01-01T00:00:00Z';

export const collection = (part: Partial<Collection> = {}): Collection => ({
  id: 'k-1',
  name: 'Handbook',
  description: null,
  visibility: 'workspace',
  chunking: { max_tokens: 256, overlap_tokens: 32 },
  documents_total: 2,
  documents_ready: 2,
  documents_failed: 0,
  chunks: 9,
  embedding: { serving: null, building: null, built_chunks: 0, error: null },
  created_by: null,
  created_at: AT,
  updated_at: AT,
  ...part,
});

export const storedDocument = (part: Partial<StoredDocument> = {}): StoredDocument => ({
  id: 'd-1',
  collection_id: 'k-1',
  name: 'fees.pdf',
  source: { type: 'file', file_id: null },
  media_type: 'application/pdf',
  size: 1000,
  sha256: 'ab',
  metadata: { team: 'desk' },
  status: 'ready',
  error: null,
  notice: null,
  enabled: true,
  chars: 40,
  pages: 2,
  chunks: 2,
  created_by: null,
  created_at: AT,
  updated_at: AT,
  ...part,
});

export const chunk = (part: Partial<Chunk> = {}): Chunk => ({
  id: 'c-1',
  document_id: 'd-1',
  position: 0,
  text: 'Berth fees are due at noon.',
  headings: ['Handbook', 'Fees'],
  span: { start: 0, end: 27, line_start: 1, line_end: 1, page_start: 2, page_end: 2 },
  tokens: 7,
  enabled: true,
  edited: false,
  ...part,
});

export const hit = (part: Partial<Hit> = {}): Hit => ({
  score: 0.03,
  scores: { bm25: 4.5, vector: null, fused: 0.03, reranked: null },
  chunk: chunk(),
  document: { id: 'd-1', collection_id: 'k-1', name: 'fees.pdf', metadata: {} },
  ...part,
});

export const answer = (part: Partial<SearchAnswer> = {}): SearchAnswer => ({
  hits: [hit()],
  took_ms: 3.2,
  terms: ['berth', 'refund'],
  embedder: null,
  reranker: null,
  ...part,
});
