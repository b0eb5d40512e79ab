import { Search } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Disclosure } from '@/components/ui/disclosure';
import { CheckField, Field, SelectField } from '@/components/ui/field';
import { Spinner } from '@/components/ui/spinner';
import type { Collection, SearchBody } from '@/lib/api/knowledge-types';
import { type Condition, filterOf } from './filter';
import { FilterEditor } from './filter-editor';

export const USUAL_LIMIT = 10;
/** The most that the server searches where they are named. */
const MOST_COLLECTIONS = 20;
const LIMITS = [5, USUAL_LIMIT, 20, 50];

interface SearchFormProps {
  /** The words to begin with. */
  query: string;
  /** To choose from, where several can be searched. */
  collections: readonly Collection[];
  busy: boolean;
  onSearch: (body: SearchBody) => void;
}

/** What to look for, and how. */
export function SearchForm({ query, collections, busy, onSearch }: SearchFormProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(query);
  const [limit, setLimit] = useState(USUAL_LIMIT);
  const [rerank, setRerank] = useState('');
  const [conditions, setConditions] = useState<Condition[]>([]);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    const filter = filterOf(conditions);
    onSearch({
      query: text.trim(),
      limit,
      ...(filter && { filter }),
      ...(rerank !== '' && { rerank: rerank === 'yes' }),
      ...(chosen.length > 0 && { collection_ids: [...chosen] }),
    });
  };
  return (
    <form aria-label={t('retrieval.title')} onSubmit={send} className="flex flex-col gap-3">
      <div className="flex items-end gap-2">
        <Field
          className="flex-1"
          label={t('retrieval.query')}
          type="search"
          value={text}
          maxLength={2000}
          required
          autoComplete="off"
          onChange={({ target }) => setText(target.value)}
        />
        <Button look="primary" type="submit" className="h-9! touch:h-11!" aria-disabled={busy}>
          {busy ? <Spinner /> : <Search aria-hidden className="size-3.5" />}
          {t('retrieval.search')}
        </Button>
      </div>
      <Disclosure summary={t('retrieval.options')}>
        <div className="flex flex-col gap-4">
          <div className="grid grid-cols-2 gap-4">
            <SelectField
              label={t('retrieval.limit')}
              value={limit}
              options={LIMITS.map((value) => ({ value: String(value), label: String(value) }))}
              onChange={({ target }) => setLimit(Number(target.value))}
            />
            <SelectField
              label={t('retrieval.rerank')}
              value={rerank}
              options={(['', 'yes', 'no'] as const).map((value) => ({
                value,
                label: t(`rerank.${value || 'usual'}`),
              }))}
              onChange={({ target }) => setRerank(target.value)}
            />
          </div>
          {collections.length > 1 && (
            <fieldset className="min-w-0">
              <legend className="mb-1.5 font-medium text-sm">{t('retrieval.collections')}</legend>
              <div className="flex flex-col gap-2">
                {collections.map(({ id, name }) => (
                  <CheckField
                    key={id}
                    label={name}
                    checked={chosen.includes(id)}
                    disabled={!chosen.includes(id) && chosen.length >= MOST_COLLECTIONS}
                    onChange={({ target }) =>
                      setChosen(
                        target.checked ? [...chosen, id] : chosen.filter((other) => other !== id),
                      )
                    }
                  />
                ))}
              </div>
            </fieldset>
          )}
          <FilterEditor conditions={conditions} onChange={setConditions} />
        </div>
      </Disclosure>
    </form>
  );
}
