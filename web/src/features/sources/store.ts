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

/** Takes out of the panel what it still has of the document or file behind a passage. */
export function loseSource(lost: Citation) {
  const isLost = (it: Citation) =>
    it.index === lost.index ||
    (it.file_id
      ? it.file_id === lost.file_id
      : it.document_id != null && it.document_id === lost.document_id);
  const left = (it: Citation) => (isLost(it) ? goneCitation(it.index) : it);
  useSources.setState(({ citations, shown }) => ({
    citations: citations.map(left),
    shown: shown && left(shown),
  }));
}

/** What the server leaves of a citation whose document is gone: its number. */
function goneCitation(index: number): Citation {
  const nowhere = { start: 0, end: 0, line_start: 0, line_end: 0 };
  return { index, gone: true, document: '', quote: '', ...nowhere };
}

export function closeSources() {
  useSources.setState({ open: false, shown: null });
}
