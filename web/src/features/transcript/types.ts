import type { ReactNode } from 'react';
import type { Citation, FilePart, MessageView } from '@/lib/api/types';

/** How the answer being written stands. */
export interface Progress {
  phase: 'writing' | 'reconnecting' | 'asking' | 'over';
  requestId: string | null;
}

/** A row of the transcript: a message, and how its writing stands if it is being written. */
export interface TurnView {
  key: string;
  message: MessageView;
  progress: Progress | null;
}

/** What the reader can do with a turn, and what other features put into it. */
export interface TurnActions {
  /** Whether a run is going, so that no other may start. */
  busy: boolean;
  edit: (message: MessageView, text: string, files: FilePart[]) => void;
  regenerate: (message: MessageView, model: string | null) => void;
  showBranch: (messageId: string) => void;
  openSource: (messageId: string, citations: readonly Citation[], shown: Citation | null) => void;
  /** The passage on show. */
  shownSource: Citation | null;
  models: { id: string; name: string }[];
  feedbackButtons: (message: MessageView) => ReactNode;
  feedbackForm: (message: MessageView) => ReactNode;
  /** How the answer came about; `live` while it is being written. */
  steps: (message: MessageView, live: boolean) => ReactNode;
  /** What the answer waits for. */
  asks: (message: MessageView) => ReactNode;
}
