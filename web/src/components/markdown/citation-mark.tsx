import { useTranslation } from 'react-i18next';
import type { Citation } from '@/lib/api/types';
import { cn } from '@/lib/cn';
import { headingPath, placeOf } from '@/lib/place';
import { useMarkdown } from './context';
import type { CitationToken } from './extensions';

const CHIP =
  'me-0.5 last:me-0 inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-[5px] px-1 ' +
  'align-[1px] font-mono text-2xs font-medium tabular transition-colors duration-[120ms]';

/** `[1]` in a text: a chip for the passage, or the plain text where no such passage is. */
export function CitationMark({ token }: { token: CitationToken }) {
  const { citations } = useMarkdown();
  const known = token.numbers.flatMap((number) => citations.get(number) ?? []);
  if (known.length !== token.numbers.length) return token.raw;
  return known.map((citation) => <Mark key={citation.index} citation={citation} />);
}

function Mark({ citation }: { citation: Citation }) {
  const { openCitation, shown } = useMarkdown();
  const { t } = useTranslation();
  const { index, headings, gone } = citation;
  const document = gone ? t('sources.goneTitle') : citation.document;
  const name = t('sources.open', { index, document });
  const place = gone ? '' : placeOf(t, citation);
  const hint = [document, place, headingPath(headings)].filter(Boolean).join(' · ');
  if (openCitation === null) {
    return (
      <span className={cn(CHIP, 'bg-accent-soft text-accent-text')} title={hint}>
        <span aria-hidden>{index}</span>
        <span className="sr-only">{name}</span>
      </span>
    );
  }
  return (
    <button
      type="button"
      className={cn(
        CHIP,
        shown === citation
          ? 'bg-accent text-on-accent'
          : 'bg-accent-soft text-accent-text hover:bg-accent hover:text-on-accent',
      )}
      aria-label={name}
      title={hint}
      onClick={() => openCitation(citation)}
    >
      {index}
    </button>
  );
}
