import { useTranslation } from 'react-i18next';
import type { Hit, Scores } from '@/lib/api/knowledge-types';

export const PARTS = ['bm25', 'vector', 'fused', 'reranked'] as const;
type Part = (typeof PARTS)[number];

/** From where to where a part's bars go: scores mean something only beside those of one search. */
export type Scale = Record<Part, { low: number; high: number }>;

export function scaleOf(hits: readonly Hit[]): Scale {
  const range = (part: Part) => {
    const values = hits.flatMap(({ scores }) => scores[part] ?? []);
    return { low: Math.min(0, ...values), high: Math.max(0, ...values) };
  };
  return {
    bm25: range('bm25'),
    vector: range('vector'),
    fused: range('fused'),
    reranked: range('reranked'),
  };
}

/** Three figures are enough to compare. */
const figure = (score: number) =>
  new Intl.NumberFormat(navigator.language, { maximumSignificantDigits: 3 }).format(score);

/** How well a hit fits, by part; a part that did not find it says so. */
export function ScoreBars({ scores, scale }: { scores: Scores; scale: Scale }) {
  const { t } = useTranslation();
  const used = PARTS.filter((part) => scale[part].high > scale[part].low);
  return (
    <dl className="grid grid-cols-2 gap-x-5 gap-y-1.5 sm:grid-cols-4">
      {used.map((part) => {
        const score = scores[part];
        const { low, high } = scale[part];
        const share = typeof score === 'number' ? (score - low) / (high - low) : 0;
        return (
          <div key={part} className="grid min-w-0 grid-cols-[minmax(0,1fr)_auto] gap-x-2 gap-y-1">
            <dt className="truncate text-ink-3 text-xs" title={t(`scoreHint.${part}`)}>
              {t(`score.${part}`)}
            </dt>
            <dd className="contents">
              <span className="text-ink-2 text-xs tabular">
                {typeof score === 'number' ? figure(score) : t('retrieval.notByThis')}
              </span>
              <span
                aria-hidden
                className="col-span-2 block h-1.5 overflow-hidden rounded-full bg-hover"
              >
                <span
                  className="block h-full rounded-full bg-accent"
                  style={{ width: `${Math.round(share * 100)}%` }}
                />
              </span>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
