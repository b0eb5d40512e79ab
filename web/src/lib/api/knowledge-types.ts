/**
 * The server's objects of collections, their documents and what is found in them, under the names
 * that the UI uses. Places in a text count Unicode scalar values, lines and pages count from 1.
 */
import type { components } from '@/api/schema';

type Schemas = components['schemas'];

export type Chunking = Schemas['Chunking'];
export type EmbedderStamp = Schemas['EmbedderStamp'];
export type EmbeddingState = Schemas['EmbeddingState'];
export type Collection = Schemas['Collection'];

export type DocumentSource = Schemas['DocumentSource'];
export type DocumentStatus = Schemas['DocumentStatus'];
export type Metadata = Schemas['Metadata'];
/** A document of a collection; the bare name is the browser's own. */
export type StoredDocument = Schemas['Document'];

export type Span = Schemas['Span'];
export type Chunk = Schemas['Chunk'];
export type Scores = Schemas['Scores'];
export type Hit = Schemas['Hit'];

/** A test of a metadata value; the description leaves its shape open. */
export type FilterCondition =
  | string
  | number
  | boolean
  | { in: (string | number | boolean)[] }
  | { gte?: string | number; lte?: string | number };

export type SearchBody = Omit<Schemas['SearchAllBody'], 'filter'> & {
  filter?: Record<string, FilterCondition>;
};
export type SearchAnswer = Schemas['SearchAnswer'];

export type DocumentText = Schemas['DocumentText'];
/** The passage of a citation within its document. */
export type CitedPassage = Schemas['CitationView'];
