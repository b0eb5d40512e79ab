import { useQueryClient } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PageImage } from '@/components/passage/page-image';
import { PassageText } from '@/components/passage/passage-text';
import { Button } from '@/components/ui/button';
import { ApiError } from '@/lib/api/error';
import { keys } from '@/lib/api/keys';
import type { DocumentText } from '@/lib/api/knowledge-types';
import type { Citation } from '@/lib/api/types';
import { saveFrom } from '@/lib/download';
import { useLasting } from '@/lib/hooks';
import { findPassage } from '@/lib/passage';
import { hasPictures, headingPath, placeOf } from '@/lib/place';
import { toastError } from '@/lib/toast';
import { citationPath, useQuotedText } from './api';
import { loseSource } from './store';

interface PassageViewProps {
  messageId: string;
  citation: Citation;
}

/** A citation's passage within its document: its text or the page as it looks, and the original. */
export function PassageView({ messageId, citation }: PassageViewProps) {
  return citation.gone ? (
    <GonePassage citation={citation} />
  ) : (
    <OpenPassage messageId={messageId} citation={citation} />
  );
}

function OpenPassage({ messageId, citation }: PassageViewProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const quoted = useQuotedText(messageId, citation);
  const waiting = useLasting(quoted.isPending, 150);
  const [asPage, setAsPage] = useState(false);
  const path = citationPath(messageId, citation);
  const page = hasPictures(citation.document) ? citation.page_start : null;
  // An attached file is there as it came, once the answer is stored.
  const original = citation.file_id ? messageId !== '' : quoted.data?.original;
  const headings = headingPath(citation.headings);
  const save = () =>
    saveFrom(`${path}/content`, citation.document, path).catch(() =>
      toastError(t('sources.notSaved')),
    );
  // Taken away since the answer was read: what the page still has of it is not shown either.
  const isGone = quoted.error instanceof ApiError && quoted.error.status === 404;
  useEffect(() => {
    if (!isGone) return;
    loseSource(citation);
    // The answer itself may have its words, and other answers may quote it.
    void client.invalidateQueries({ queryKey: keys.transcripts });
  }, [isGone, citation, client]);
  if (isGone) return <GonePassage citation={{ ...citation, gone: true }} />;
  return (
    <>
      <div className="border-line border-b px-4 pb-3">
        <PassageHead as="h2" citation={citation} />
        {headings !== '' && (
          <p className="mt-1 break-words text-ink-3 text-xs" dir="auto">
            {headings}
          </p>
        )}
        {(page || original) && (
          <div className="mt-2 flex flex-wrap gap-2">
            {page && (
              <Button aria-pressed={asPage} onClick={() => setAsPage(!asPage)}>
                {t(asPage ? 'sources.asText' : 'sources.asPage')}
              </Button>
            )}
            {original && (
              <Button onClick={() => void save()}>
                <Download aria-hidden className="size-3.5" />
                {t('sources.original')}
              </Button>
            )}
          </div>
        )}
      </div>
      {quoted.isPending && waiting && (
        <p role="status" className="px-4 py-4 text-ink-3">
          {t('sources.loading')}
        </p>
      )}
      {quoted.isError && <QuoteOnly citation={citation} reason={t('sources.notOpened')} />}
      {quoted.data && asPage && page ? (
        // biome-ignore lint/a11y/useSemanticElements: what scrolls must take the keyboard
        <div
          role="group"
          tabIndex={0}
          aria-label={t('sources.asPage')}
          className="min-h-0 flex-1 overflow-y-auto p-4"
        >
          <PageImage path={`${path}/pages/${page}`} page={page} document={citation.document} />
        </div>
      ) : (
        quoted.data && <Quoted citation={citation} text={quoted.data} />
      )}
    </>
  );
}

function Quoted({ citation, text }: { citation: Citation; text: DocumentText }) {
  const { t } = useTranslation();
  const passage = useMemo(() => findPassage(text.text, citation), [text, citation]);
  if (!passage) return <QuoteOnly citation={citation} reason={t('sources.moved')} />;
  return (
    <PassageText
      className="flex-1"
      label={citation.document}
      text={text.text}
      pages={text.pages}
      code={typeof text.format === 'object'}
      passage={passage}
    />
  );
}

/** Says that there is nothing to show any more. */
function GonePassage({ citation }: { citation: Citation }) {
  const { t } = useTranslation();
  return (
    <>
      <div className="border-line border-b px-4 pb-3">
        <PassageHead as="h2" citation={citation} />
      </div>
      <p role="status" className="px-4 py-4 text-ink-2 text-sm">
        {t('sources.gone')}
      </p>
    </>
  );
}

/** The number, the document and the place of a citation. */
export function PassageHead({ as: Name, citation }: { as: 'h2' | 'span'; citation: Citation }) {
  const { t } = useTranslation();
  const { gone } = citation;
  const Row = Name === 'h2' ? 'div' : 'span';
  return (
    <Row className="flex items-center gap-2">
      <span className="inline-flex h-[18px] min-w-[18px] shrink-0 items-center justify-center rounded-[5px] bg-accent-soft px-1 font-mono text-2xs text-accent-text">
        {citation.index}
      </span>
      <Name className="min-w-0 flex-1 truncate font-medium text-sm" dir="auto">
        {gone ? t('sources.goneTitle') : citation.document}
      </Name>
      {!gone && <span className="shrink-0 text-ink-3 text-xs tabular">{placeOf(t, citation)}</span>}
    </Row>
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
