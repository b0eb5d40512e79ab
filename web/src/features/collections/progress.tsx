import { CircleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ProgressBar } from '@/components/ui/progress-bar';
import { pendingOf } from '@/lib/api/collections';
import type { Collection } from '@/lib/api/knowledge-types';
import { count } from '@/lib/format';

/** A collection's documents and passages in words. */
export function useCounts() {
  const { t } = useTranslation();
  return ({ documents_total, chunks }: Collection) =>
    [
      t('collections.documents', { count: documents_total, shown: count(documents_total) }),
      t('collections.passages', { count: chunks, shown: count(chunks) }),
    ].join(' · ');
}

/** How far reading and the making of vectors are; nothing where all is done and well. */
export function ReadingProgress({ collection }: { collection: Collection }) {
  const { t } = useTranslation();
  const { documents_total, documents_failed } = collection;
  const pending = pendingOf(collection);
  const read = documents_total - pending;
  return (
    <>
      {pending > 0 && (
        <ProgressBar
          label={t('collections.reading', { done: count(read), all: count(documents_total) })}
          done={read}
          all={documents_total}
        />
      )}
      {documents_failed > 0 && (
        <Trouble>
          {t('collections.failed', { count: documents_failed, shown: count(documents_failed) })}
        </Trouble>
      )}
      <EmbeddingProgress collection={collection} />
    </>
  );
}

/** How far the making of vectors is, and why it stands still; nothing while none are made. */
export function EmbeddingProgress({ collection }: { collection: Collection }) {
  const { t } = useTranslation();
  const { embedding, chunks } = collection;
  const { building, built_chunks, error } = embedding;
  return (
    <>
      {building && (
        <ProgressBar
          label={t('collections.embedding', {
            model: building.model,
            done: count(built_chunks),
            all: count(chunks),
          })}
          done={built_chunks}
          all={chunks}
        />
      )}
      {error && <Trouble>{t('collections.embeddingFailed', { cause: error })}</Trouble>}
    </>
  );
}

function Trouble({ children }: { children: string }) {
  return (
    <p className="mt-1.5 flex items-start gap-1.5 text-danger-text text-sm">
      <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
      <span dir="auto" className="min-w-0 break-words">
        {children}
      </span>
    </p>
  );
}
