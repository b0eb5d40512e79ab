/**
 * The server's objects, as they come over the wire. All of them are taken from the server's own
 * description (`src/api/schema.d.ts`, written by `npm run schema`); what stands here are the names
 * that the UI uses for them.
 */
import type { components } from '@/api/schema';

type Schemas = components['schemas'];

export type Conversation = Schemas['Conversation'];
export type ConversationDetail = Schemas['OpenConversation'];
export type ConversationListing = Schemas['Listing_Conversation'];
export type ConversationChanges = Schemas['UpdateConversation'];
export type ShareLink = Schemas['ShareLink'];
export type SharedConversation = Schemas['SharedView'];

export type Part = Schemas['Part'];
export type FilePart = Extract<Part, { type: 'file' }>;
/** A passage an answer relies on. `start` and `end` count Unicode scalar values. */
export type Citation = Schemas['Citation'];
/** `cost` is in millionths of a US dollar; 0 means unknown or free. */
export type Usage = Schemas['Usage'];
export type Message = Schemas['Message'];
export type MessageView = Schemas['MessageView'];
export type MessageListing = Schemas['MessageListing'];
export type Rating = Schemas['FeedbackRating'];

/** A question that a run waits for. */
export type Ask = Schemas['Ask'];
/** Where a run is asked for by itself it comes with its questions. */
export type Run = Schemas['Run'] & Partial<Pick<Schemas['RunView'], 'asks'>>;
export type RunFailure = Schemas['RunFailure'];
export type RunEventKind = Schemas['RunEventKind'];
export type RunEvent = Schemas['RunEvent'];
export type StartRunBody = Schemas['CreateRun'];

export type Model = Schemas['Model'];
export type ModelList = Schemas['ModelListing'];

/** What the UI keeps of an upload. */
export type UploadedFile = Pick<
  Schemas['UploadedFile'],
  'file_id' | 'name' | 'media_type' | 'size' | 'text_chars' | 'notice'
>;
export type FileText = Schemas['FileText'];
