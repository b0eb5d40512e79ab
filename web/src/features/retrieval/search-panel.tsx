import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Refusal } from '@/components/ui/refusal';
import type { Collection, SearchAnswer, SearchBody } from '@/lib/api/knowledge-types';
import { count } from '@/lib/format';
import { useSearchAnswer } from './api';
import { HitCard } from './hit-card';
import { scaleOf } from './score-bars';
import { SearchForm, USUAL_LIMIT } from './search-form';

interface SearchPanelProps {
  /** The one collection that is searched; null searches all, or those that are chosen. */
  collectionId: string | null;
  collections: readonly Collection[];
  /** The words to begin with. */
  query: string;
  /** Told what is looked for, so that the address can say it. */
  onQuery: (query: string) => void;
}

/** Shows what a search finds and why: what chatbots get to read for the same words. */
export function SearchPanel({ collectionId, collections, query, onQuery }: SearchPanelProps) {
  const { t } = useTranslation();
  const [body, setBody] = useState<SearchBody | null>(
    query === '' ? null : { query, limit: USUAL_LIMIT },
  );
  const answer = useSearchAnswer(collectionId, body);
  const search = (next: SearchBody) => {
    if (JSON.stringify(next) === JSON.stringify(body)) void answer.refetch();
    setBody(next);
    onQuery(next.query);
  };
  return (
    <div className="flex flex-col gap-5">
      <SearchForm
        query={query}
        collections={collections}
        busy={answer.isFetching}
        onSearch={search}
      />
      {body === null && <p className="text-ink-3">{t('retrieval.begin')}</p>}
      {answer.isPending && body !== null && (
        <p role="status" className="text-ink-3">
          {t('retrieval.searching')}
        </p>
      )}
      {answer.error && (
        <div className="flex flex-col items-start gap-3">
          <Refusal error={answer.error} />
          <Button onClick={() => void answer.refetch()}>{t('action.retry')}</Button>
        </div>
      )}
      {answer.data && !answer.error && (
        <Found
          answer={answer.data}
          collections={collectionId === null ? collections : []}
          filtered={body?.filter !== undefined}
        />
      )}
    </div>
  );
}

interface FoundProps {
  answer: SearchAnswer;
  collections: readonly Collection[];
  filtered: boolean;
}

function Found({ answer, collections, filtered }: FoundProps) {
  const { t } = useTranslation();
  const { hits, terms, took_ms, embedder, reranker, notice } = answer;
  const scale = useMemo(() => scaleOf(hits), [hits]);
  const names = new Map(collections.map(({ id, name }) => [id, name]));
  return (
    <section aria-label={t('retrieval.found')}>
      <p role="status" className="text-ink-2 tabular">
        {[
          t('retrieval.count', { count: hits.length }),
          t('retrieval.took', { ms: count(Math.max(1, Math.round(took_ms))) }),
        ].join(' · ')}
      </p>
      <p className="mt-0.5 break-words text-ink-3 text-xs">
        {[
          embedder ? t('retrieval.byMeaning', { model: embedder.model }) : t('retrieval.wordsOnly'),
          reranker ? t('retrieval.reranked', { model: reranker }) : t('retrieval.notReranked'),
        ].join(' ')}
      </p>
      {notice && (
        <p className="mt-2 rounded-control bg-warn-soft px-3 py-2 text-sm text-warn-text">
          {notice}
        </p>
      )}
      {hits.length === 0 ? (
        <p className="mt-4 rounded-card border border-line bg-side px-4 py-3 text-ink-2">
          {t(filtered ? 'retrieval.noneFiltered' : 'retrieval.none')}
        </p>
      ) : (
        <ol className="mt-4 flex flex-col gap-3">
          {hits.map((hit, index) => (
            <HitCard
              key={hit.chunk.id}
              hit={hit}
              rank={index + 1}
              terms={terms}
              scale={scale}
              collection={names.get(hit.document.collection_id) ?? null}
            />
          ))}
        </ol>
      )}
    </section>
  );
}
