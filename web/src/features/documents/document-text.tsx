import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PageImage } from '@/components/passage/page-image';
import { PassageText } from '@/components/passage/passage-text';
import { Button } from '@/components/ui/button';
import { IconButton } from '@/components/ui/icon-button';
import { Loaded } from '@/components/ui/loaded';
import type { StoredDocument, DocumentText as Text } from '@/lib/api/knowledge-types';
import { utf16Indexes } from '@/lib/passage';
import { documentPath, useText } from './api';

/** A stretch of the text, in Unicode scalar values. */
export interface Place {
  start: number;
  end: number;
}

interface DocumentTextProps {
  document: StoredDocument;
  /** What is highlighted; null shows the text from its start. */
  place: Place | null;
  onPlace: (place: Place | null) => void;
}

/** What was read from a document: its text with a passage highlighted, or its pages as they look. */
export function DocumentText({ document, place, onPlace }: DocumentTextProps) {
  const { t } = useTranslation();
  const text = useText(document);
  if (document.chars === 0) return <p className="text-ink-3">{t('documents.noText')}</p>;
  return (
    <Loaded query={text}>
      {(data) => <Shown document={document} text={data} place={place} onPlace={onPlace} />}
    </Loaded>
  );
}

function Shown({ document, text, place, onPlace }: DocumentTextProps & { text: Text }) {
  const { t } = useTranslation();
  const [asPage, setAsPage] = useState(false);
  const passage = useMemo(() => {
    if (place === null) return null;
    const [start = 0, end = 0] = utf16Indexes(text.text, [place.start, place.end]);
    return { start, end };
  }, [text, place]);
  const { pages } = text;
  const pictured = pages.length > 0 && document.media_type === 'application/pdf';
  const page = pageAt(pages, place?.start ?? 0);
  const goTo = (next: number) => {
    const start = pages[next - 1];
    if (start !== undefined) onPlace({ start, end: start });
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col rounded-card border border-line bg-raise">
      {pages.length > 0 && (
        <div className="flex flex-wrap items-center gap-1 border-line border-b px-2 py-1.5">
          <IconButton
            small
            label={t('documents.previousPage')}
            disabled={page <= 1}
            onClick={() => goTo(page - 1)}
          >
            <ChevronLeft aria-hidden className="size-4" />
          </IconButton>
          <span className="px-1 text-ink-2 text-sm tabular">
            {t('documents.pageOf', { page, all: pages.length })}
          </span>
          <IconButton
            small
            label={t('documents.nextPage')}
            disabled={page >= pages.length}
            onClick={() => goTo(page + 1)}
          >
            <ChevronRight aria-hidden className="size-4" />
          </IconButton>
          {pictured && (
            <Button look="quiet" className="ms-auto" onClick={() => setAsPage(!asPage)}>
              {t(asPage ? 'sources.asText' : 'sources.asPage')}
            </Button>
          )}
        </div>
      )}
      {asPage && pictured ? (
        // biome-ignore lint/a11y/useSemanticElements: what scrolls must take the keyboard
        <div
          role="group"
          tabIndex={0}
          aria-label={t('documents.pageOf', { page, all: pages.length })}
          className="min-h-0 flex-1 overflow-y-auto p-3"
        >
          <PageImage
            path={`${documentPath(document)}/pages/${page}`}
            page={page}
            document={document.name}
          />
        </div>
      ) : (
        <PassageText
          key={`${passage?.start}:${passage?.end}`}
          className="flex-1 max-xl:max-h-[60dvh]"
          label={t('documents.textOf', { name: document.name })}
          text={text.text}
          pages={pages}
          code={typeof text.format === 'object'}
          passage={passage}
        />
      )}
    </div>
  );
}

/** The page on which a character stands, from 1. */
export function pageAt(pages: readonly number[], at: number): number {
  const beyond = pages.findIndex((start) => start > at);
  return beyond < 0 ? Math.max(1, pages.length) : Math.max(1, beyond);
}
