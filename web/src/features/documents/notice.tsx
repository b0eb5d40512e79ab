import { TriangleAlert } from 'lucide-react';
import type { StoredDocument } from '@/lib/api/knowledge-types';

/** What of a document could not be read, though it is searched; nothing where all of it could. */
export function Notice({ document }: { document: StoredDocument }) {
  if (!document.notice) return null;
  return (
    <p className="mt-2 flex items-start gap-2 rounded-control bg-warn-soft px-2.5 py-1.5 text-sm text-warn-text">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="min-w-0 break-words" dir="auto">
        {document.notice}
      </span>
    </p>
  );
}
