import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { IconButton } from '@/components/ui/icon-button';
import { json } from '@/lib/api/client';
import { keys } from '@/lib/api/keys';
import type { Citation, FileText } from '@/lib/api/types';
import { cn } from '@/lib/cn';
import { useLasting } from '@/lib/hooks';
import { findPassage, windowAround } from './span';
import { closeSources, openSources, useSources } from './store';

/** The passages of an answer; choosing one shows it within its file. */
export function SourcesPanel({ bare = false }: { bare?: boolean }) {
  const { t } = useTranslation();
  const { citations, shown } = useSources();
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        className={cn(
          'flex h-12 shrink-0 items-center gap-1 ps-4 pe-2',
          bare && (shown ? '-mt-2' : 'hidden'),
        )}
      >
        {shown ? (
          <Button look="quiet" className="-ms-2.5" onClick={() => openSources(citations, null)}>
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
        <PassageView key={`${shown.file_id}:${shown.start}:${shown.end}`} citation={shown} />
      ) : (
        <CitationCards citations={citations} />
      )}
    </div>
  );
}

function Lines({ citation }: { citation: Citation }) {
  const { t } = useTranslation();
  const { line_start: from, line_end: to } = citation;
  return (
    <span className="shrink-0 text-ink-3 text-xs tabular">
      {from === to ? t('sources.line', { from }) : t('sources.lines', { from, to })}
    </span>
  );
}

function IndexChip({ index }: { index: number }) {
  return (
    <span className="inline-flex h-[18px] min-w-[18px] shrink-0 items-center justify-center rounded-[5px] bg-accent-soft px-1 font-mono text-2xs text-accent-text">
      {index}
    </span>
  );
}

function CitationCards({ citations }: { citations: readonly Citation[] }) {
  return (
    <ul className="min-h-0 flex-1 space-y-3 overflow-y-auto px-4 pt-1 pb-6">
      {citations.map((citation) => (
        <li key={citation.index}>
          <button
            type="button"
            onClick={() => openSources(citations, citation)}
            className="block w-full rounded-card border border-line bg-raise p-3 text-start transition-colors duration-[120ms] hover:border-control"
          >
            <span className="flex items-center gap-2">
              <IndexChip index={citation.index} />
              <span className="min-w-0 flex-1 truncate font-medium text-sm" dir="auto">
                {citation.document}
              </span>
              <Lines citation={citation} />
            </span>
            <span className="mt-1.5 line-clamp-4 whitespace-pre-line text-ink-2 text-sm" dir="auto">
              {citation.quote.trim()}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** How much of the file is shown on each side at first, and how much more at each request. */
const WINDOW_CHARS = 6000;

/** A stored file's text never changes; this only bounds how long it is kept. */
const TEXT_FRESH_MS = 60 * 60 * 1000;

function PassageView({ citation }: { citation: Citation }) {
  const { t } = useTranslation();
  const file = useQuery({
    queryKey: keys.fileText(citation.file_id),
    queryFn: ({ signal }) => json<FileText>('GET', `/files/${citation.file_id}/text`, { signal }),
    staleTime: TEXT_FRESH_MS,
    retry: 1,
  });
  const waiting = useLasting(file.isPending, 150);
  return (
    <>
      <div className="flex items-center gap-2 border-line border-b px-4 pb-3">
        <IndexChip index={citation.index} />
        <h2 className="min-w-0 flex-1 truncate font-medium text-sm" dir="auto">
          {citation.document}
        </h2>
        <Lines citation={citation} />
      </div>
      {file.isPending && waiting && (
        <p role="status" className="px-4 py-4 text-ink-3">
          {t('sources.loading')}
        </p>
      )}
      {file.isError && <QuoteOnly citation={citation} reason={t('sources.gone')} />}
      {file.data && <PassageText citation={citation} text={file.data.text} />}
    </>
  );
}

function PassageText({ citation, text }: { citation: Citation; text: string }) {
  const { t } = useTranslation();
  const [before, setBefore] = useState(WINDOW_CHARS);
  const [after, setAfter] = useState(WINDOW_CHARS);
  const mark = useRef<HTMLElement>(null);
  const passage = useMemo(() => findPassage(text, citation), [text, citation]);
  useEffect(() => {
    mark.current?.scrollIntoView({ block: 'center' });
  }, []);
  if (!passage) return <QuoteOnly citation={citation} reason={t('sources.moved')} />;
  const { from, to } = windowAround(text, passage, before, after);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3" tabIndex={0}>
      {from > 0 && (
        <Button look="quiet" className="mb-2" onClick={() => setBefore(before + 4 * WINDOW_CHARS)}>
          {t('sources.earlier')}
        </Button>
      )}
      <p className="whitespace-pre-wrap break-words text-ink-2 text-sm leading-[21px]" dir="auto">
        {text.slice(from, passage.start)}
        <mark ref={mark} className="rounded-[3px] bg-mark text-ink" data-passage>
          {text.slice(passage.start, passage.end)}
        </mark>
        {text.slice(passage.end, to)}
      </p>
      {to < text.length && (
        <Button look="quiet" className="mt-2" onClick={() => setAfter(after + 4 * WINDOW_CHARS)}>
          {t('sources.later')}
        </Button>
      )}
    </div>
  );
}

function QuoteOnly({ citation, reason }: { citation: Citation; reason: string }) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3">
      <p className="mb-3 rounded-control bg-warn-soft px-3 py-2 text-sm text-warn-text">{reason}</p>
      <blockquote className="whitespace-pre-wrap text-ink-2 text-sm leading-[21px]" dir="auto">
        {citation.quote}
      </blockquote>
    </div>
  );
}
