import { create } from 'zustand';
import type { Citation } from '@/lib/api/types';

interface Sources {
  open: boolean;
  /** The passages of one answer. */
  citations: readonly Citation[];
  /** The one on show within its file; null shows the list. */
  shown: Citation | null;
}

export const useSources = create<Sources>(() => ({ open: false, citations: [], shown: null }));

export function openSources(citations: readonly Citation[], shown: Citation | null) {
  useSources.setState({ open: true, citations, shown });
}

export function closeSources() {
  useSources.setState({ open: false, shown: null });
}
