import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PassageText } from '@/components/passage/passage-text';
import { Button } from '@/components/ui/button';
import { Loaded } from '@/components/ui/loaded';
import type { DocumentText, Hit } from '@/lib/api/knowledge-types';
import { cn } from '@/lib/cn';
import { findPassage, utf16Indexes } from '@/lib/passage';
import { headingPath, placeOf } from '@/lib/place';
import { useHitText } from './api';
import { type Scale, ScoreBars } from './score-bars';
import { markTerms, termsIn } from './terms';

interface HitCardProps {
  hit: Hit;
  /** Its place among the hits, from 1. */
  rank: number;
  terms: readonly string[];
  scale: Scale;
  /** The name of its collection, where several were searched. */
  collection: string | null;
}

const LONG_CHARS = 600;

/** A passage that was found: where it stands, why it was found, and how well it fits. */
export function HitCard({ hit, rank, terms, scale, collection }: HitCardProps) {
  const { t } = useTranslation();
  const { chunk, document } = hit;
  const pieces = useMemo(() => markTerms(chunk.text, terms), [chunk.text, terms]);
  const [whole, setWhole] = useState(chunk.text.length <= LONG_CHARS);
  const [open, setOpen] = useState(false);
  const place = [collection, placeOf(t, chunk.span)].filter(Boolean).join(' · ');
  return (
    <li className="rounded-card border border-line bg-raise px-4 py-3">
      <div className="flex items-baseline gap-2.5">
        <span className="font-mono text-accent-text text-xs tabular">{rank}</span>
        <h3 className="min-w-0 flex-1 break-words font-medium">
          <Link
            to="/collections/$collectionId/documents/$documentId"
            params={{ collectionId: document.collection_id, documentId: document.id }}
            search={{ start: chunk.span.start, end: chunk.span.end } as never}
            className="rounded-control hover:underline"
          >
            <span dir="auto">{document.name}</span>
          </Link>
        </h3>
        <span className="shrink-0 text-ink-3 text-xs tabular">{place}</span>
      </div>
      {chunk.headings.length > 0 && (
        <p className="mt-0.5 break-words text-ink-3 text-xs" dir="auto">
          {headingPath(chunk.headings)}
        </p>
      )}
      <p
        dir="auto"
        className={cn('mt-2 whitespace-pre-line break-words text-ink-2', !whole && 'line-clamp-6')}
      >
        {pieces.map(({ text, term }, index) =>
          term === null ? (
            text
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never move
            <mark key={index} className="rounded-[3px] bg-mark text-ink">
              {text}
            </mark>
          ),
        )}
      </p>
      <div className="mt-3">
        <ScoreBars scores={hit.scores} scale={scale} />
      </div>
      <Why found={termsIn(pieces)} terms={terms} hit={hit} />
      <div className="mt-2.5 flex flex-wrap gap-2">
        <Button
          aria-expanded={open}
          aria-label={t('retrieval.showOf', { rank, document: document.name })}
          onClick={() => setOpen(!open)}
        >
          {t(open ? 'retrieval.hide' : 'retrieval.show')}
        </Button>
        {chunk.text.length > LONG_CHARS && (
          <Button look="quiet" aria-expanded={whole} onClick={() => setWhole(!whole)}>
            {t(whole ? 'turn.fold' : 'turn.unfold')}
          </Button>
        )}
      </div>
      {open && <InDocument hit={hit} />}
    </li>
  );
}

interface WhyProps {
  found: ReadonlySet<string>;
  terms: readonly string[];
  hit: Hit;
}

/** By what it was found, and which of the words stand in it. */
function Why({ found, terms, hit }: WhyProps) {
  const { t } = useTranslation();
  const byWords = typeof hit.scores.bm25 === 'number';
  const byMeaning = typeof hit.scores.vector === 'number';
  const how = byWords && byMeaning ? 'both' : byWords ? 'words' : 'meaning';
  return (
    <p className="mt-2.5 flex flex-wrap items-center gap-1.5 text-ink-3 text-xs">
      <span>{t(`foundBy.${how}`)}</span>
      {terms.map((term) => (
        <span
          key={term}
          className={cn(
            'rounded px-1.5 py-px',
            found.has(term) ? 'bg-mark text-ink' : 'bg-hover line-through',
          )}
        >
          <span className="sr-only">
            {t(found.has(term) ? 'retrieval.hasTerm' : 'retrieval.lacksTerm')}
          </span>
          {term}
        </span>
      ))}
    </p>
  );
}

function InDocument({ hit }: { hit: Hit }) {
  const text = useHitText(hit);
  return (
    <div className="mt-3">
      <Loaded query={text}>{(data) => <Around hit={hit} text={data} />}</Loaded>
    </div>
  );
}

function Around({ hit, text }: { hit: Hit; text: DocumentText }) {
  const { t } = useTranslation();
  const { chunk, document } = hit;
  const passage = useMemo(() => {
    const { start, end } = chunk.span;
    // An edited passage has other words than its place in the document: the place is what counts.
    const [from = 0, to = 0] = utf16Indexes(text.text, [start, end]);
    return chunk.edited
      ? { start: from, end: to }
      : (findPassage(text.text, { start, end, quote: chunk.text }) ?? { start: from, end: to });
  }, [chunk, text]);
  return (
    <PassageText
      className="max-h-80 rounded-control border border-line bg-bg"
      label={t('documents.textOf', { name: document.name })}
      text={text.text}
      pages={text.pages}
      code={typeof text.format === 'object'}
      passage={passage}
    />
  );
}
