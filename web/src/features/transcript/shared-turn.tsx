import { Quote } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { MarkdownContext } from '@/components/markdown/context';
import { Disclosure } from '@/components/ui/disclosure';
import type { Citation, Message } from '@/lib/api/types';
import { headingPath, placeOf } from '@/lib/place';
import { AnswerBody, Stopped } from './answer-body';
import { Bubble } from './bubble';
import { citationsOf, textOf } from './parts';

/** A message as a shared conversation shows it: to read only, its sources as they were quoted. */
export function SharedTurn({ message }: { message: Message }) {
  const { t } = useTranslation();
  if (message.role !== 'user') return <SharedAnswer message={message} />;
  return (
    <article className="flex flex-col items-end ps-[12%]">
      <h2 className="sr-only">{t('shared.question')}</h2>
      <Bubble id={message.id} text={textOf(message.parts)} />
    </article>
  );
}

function SharedAnswer({ message }: { message: Message }) {
  const { t } = useTranslation();
  const citations = useMemo(() => citationsOf(message.parts), [message.parts]);
  const markdown = useMemo(
    () => ({
      citations: new Map(citations.map((citation) => [citation.index, citation])),
      openCitation: null,
      shown: null,
    }),
    [citations],
  );
  return (
    <article>
      <h2 className="sr-only">{t('turn.answer')}</h2>
      <MarkdownContext value={markdown}>
        <AnswerBody parts={message.parts} writing={false} />
      </MarkdownContext>
      {message.status === 'cancelled' && <Stopped />}
      {message.status === 'failed' && (
        <p className="mt-3 text-danger-text" dir="auto">
          {message.error?.message || t('error.run')}
        </p>
      )}
      {citations.length > 0 && <Quotes citations={citations} />}
    </article>
  );
}

function Quotes({ citations }: { citations: readonly Citation[] }) {
  const { t } = useTranslation();
  return (
    <div className="mt-4">
      <Disclosure
        summary={
          <>
            <Quote aria-hidden className="size-3.5 shrink-0" />
            {t('sources.count', { count: citations.length })}
          </>
        }
      >
        <ol className="space-y-3">
          {citations.map((citation) => (
            <li key={citation.index} className="text-sm">
              {citation.gone ? (
                <p className="flex gap-2 text-ink-3">
                  <span className="font-mono tabular">{citation.index}</span>
                  {t('shared.quoteGone')}
                </p>
              ) : (
                <SharedQuote citation={citation} />
              )}
            </li>
          ))}
        </ol>
      </Disclosure>
    </div>
  );
}

function SharedQuote({ citation }: { citation: Citation }) {
  const { t } = useTranslation();
  return (
    <>
      <p className="flex gap-2 text-ink-2">
        <span className="font-mono text-accent-text tabular">{citation.index}</span>
        <span className="min-w-0 truncate font-medium" dir="auto">
          {citation.document}
        </span>
        <span className="ms-auto shrink-0 text-ink-3 text-xs tabular">{placeOf(t, citation)}</span>
      </p>
      {headingPath(citation.headings) !== '' && (
        <p className="text-ink-3 text-xs" dir="auto">
          {headingPath(citation.headings)}
        </p>
      )}
      <blockquote
        className="mt-1 whitespace-pre-wrap break-words border-line border-s-2 ps-3 text-ink-2"
        dir="auto"
      >
        {citation.quote}
      </blockquote>
    </>
  );
}
