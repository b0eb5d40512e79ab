import { ArrowLeft, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { IconButton } from '@/components/ui/icon-button';
import type { Citation } from '@/lib/api/types';
import { cn } from '@/lib/cn';
import { headingPath } from '@/lib/place';
import { PassageHead, PassageView } from './passage-view';
import { closeSources, showSource, useSources } from './store';

/** The passages of an answer; choosing one shows it within its document. */
export default function SourcesPanel({ bare = false }: { bare?: boolean }) {
  const { t } = useTranslation();
  const { messageId, citations, shown } = useSources();
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        className={cn(
          'flex h-12 shrink-0 items-center gap-1 ps-4 pe-2',
          bare && (shown ? '-mt-2' : 'hidden'),
        )}
      >
        {shown ? (
          <Button look="quiet" className="-ms-2.5" onClick={() => showSource(null)}>
            <ArrowLeft aria-hidden className="size-4" />
            {t('sources.all')}
          </Button>
        ) : (
          <h2 className="font-semibold">{t('sources.title')}</h2>
        )}
        {!bare && (
          <IconButton label={t('sources.close')} className="ms-auto" onClick={closeSources}>
            <X aria-hidden className="size-4" />
          </IconButton>
        )}
      </div>
      {shown ? (
        <PassageView
          key={`${messageId}:${shown.index}:${shown.start}`}
          messageId={messageId}
          citation={shown}
        />
      ) : (
        <CitationCards citations={citations} />
      )}
    </div>
  );
}

function CitationCards({ citations }: { citations: readonly Citation[] }) {
  const { t } = useTranslation();
  return (
    <ul className="min-h-0 flex-1 space-y-3 overflow-y-auto px-4 pt-1 pb-6">
      {citations.map((citation) => (
        <li key={citation.index}>
          {citation.gone ? (
            <div className="rounded-card border border-line p-3">
              <PassageHead as="span" citation={citation} />
              <p className="mt-1.5 text-ink-2 text-sm">{t('sources.gone')}</p>
            </div>
          ) : (
            <CitationCard citation={citation} />
          )}
        </li>
      ))}
    </ul>
  );
}

function CitationCard({ citation }: { citation: Citation }) {
  return (
    <button
      type="button"
      onClick={() => showSource(citation)}
      className="block w-full rounded-card border border-line bg-raise p-3 text-start transition-colors duration-[120ms] hover:border-control"
    >
      <PassageHead as="span" citation={citation} />
      {headingPath(citation.headings) !== '' && (
        <span className="mt-1 block truncate text-ink-3 text-xs" dir="auto">
          {headingPath(citation.headings)}
        </span>
      )}
      <span className="mt-1.5 line-clamp-4 whitespace-pre-line text-ink-2 text-sm" dir="auto">
        {citation.quote.trim()}
      </span>
    </button>
  );
}
