import { create } from 'zustand';
import type { Citation } from '@/lib/api/types';

interface Sources {
  open: boolean;
  /** The answer whose passages they are; empty until the server has named it. */
  messageId: string;
  /** The passages of that answer. */
  citations: readonly Citation[];
  /** The one on show within its document; null shows the list. */
  shown: Citation | null;
}

export const useSources = create<Sources>(() => ({
  open: false,
  messageId: '',
  citations: [],
  shown: null,
}));

export function openSources(
  messageId: string,
  citations: readonly Citation[],
  shown: Citation | null,
) {
  useSources.setState({ open: true, messageId, citations, shown });
}

/** Shows another passage of the same answer, or the list of all. */
export function showSource(shown: Citation | null) {
  useSources.setState({ shown });
}

export function closeSources() {
  useSources.setState({ open: false, shown: null });
}
