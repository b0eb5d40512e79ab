import { useTranslation } from 'react-i18next';
import { CheckField, SelectField } from '@/components/ui/field';
import type { ChatbotSettings, RetrievalSettings } from '@/lib/api/identity-types';
import type { Collection } from '@/lib/api/knowledge-types';
import { NumberField } from './number-field';
import type { Change } from './settings';

const MOST_COLLECTIONS = 20;

interface KnowledgeFieldsProps {
  settings: ChatbotSettings;
  /** To choose from. */
  collections: readonly Collection[];
  change: Change;
}

/** The collections that a chatbot answers from, and how they are searched. */
export function KnowledgeFields({ settings, collections, change }: KnowledgeFieldsProps) {
  const { t } = useTranslation();
  const chosen = settings.collections ?? [];
  const known = collections.map(({ id, name, description }) => ({ id, name, description }));
  // One that is gone, or not the reader's to see, is still what the settings say.
  const unknown = chosen
    .filter((id) => !collections.some((collection) => collection.id === id))
    .map((id) => ({ id, name: t('botKnowledge.unseen'), description: id }));
  const all = [...known, ...unknown];
  const toggle = (id: string, on: boolean) => {
    const next = on ? [...chosen, id] : chosen.filter((other) => other !== id);
    change({ collections: next.length === 0 ? undefined : next });
  };
  return (
    <fieldset className="min-w-0">
      <legend className="font-medium text-sm">{t('botKnowledge.title')}</legend>
      <p className="text-ink-3 text-xs">{t('botKnowledge.text')}</p>
      {all.length === 0 ? (
        <p className="mt-1.5 text-ink-3 text-sm">{t('botKnowledge.none')}</p>
      ) : (
        <div className="mt-1.5 flex max-h-64 flex-col gap-2 overflow-y-auto p-0.5">
          {all.map(({ id, name, description }) => (
            <CheckField
              key={id}
              label={name}
              hint={description}
              checked={chosen.includes(id)}
              disabled={!chosen.includes(id) && chosen.length >= MOST_COLLECTIONS}
              onChange={({ target }) => toggle(id, target.checked)}
            />
          ))}
        </div>
      )}
      {chosen.length > 0 && (
        <Retrieval
          retrieval={settings.retrieval ?? {}}
          onChange={(retrieval) => change({ retrieval })}
        />
      )}
    </fieldset>
  );
}

interface RetrievalProps {
  retrieval: RetrievalSettings;
  onChange: (retrieval: RetrievalSettings | undefined) => void;
}

function Retrieval({ retrieval, onChange }: RetrievalProps) {
  const { t } = useTranslation();
  const put = (part: { [K in keyof RetrievalSettings]: RetrievalSettings[K] | undefined }) => {
    const next = Object.entries({ ...retrieval, ...part }).filter(
      ([, value]) => value !== undefined,
    );
    onChange(next.length === 0 ? undefined : Object.fromEntries(next));
  };
  return (
    <div className="mt-3 grid gap-4 sm:grid-cols-3">
      <NumberField
        label={t('botKnowledge.limit')}
        value={retrieval.limit}
        min={1}
        max={50}
        step={1}
        onChange={(limit) => put({ limit })}
      />
      <Choice
        label={t('botKnowledge.rerank')}
        value={retrieval.rerank}
        onChange={(rerank) => put({ rerank })}
      />
      <Choice
        label={t('botKnowledge.rewrite')}
        hint={t('botKnowledge.rewriteHint')}
        value={retrieval.rewrite}
        onChange={(rewrite) => put({ rewrite })}
      />
    </div>
  );
}

interface ChoiceProps {
  label: string;
  hint?: string;
  value: boolean | undefined;
  onChange: (value: boolean | undefined) => void;
}

/** Yes, no, or as the installation does. */
function Choice({ label, hint, value, onChange }: ChoiceProps) {
  const { t } = useTranslation();
  return (
    <SelectField
      label={label}
      hint={hint}
      value={value === undefined ? '' : value ? 'yes' : 'no'}
      options={[
        { value: '', label: t('chatbots.usual') },
        { value: 'yes', label: t('botKnowledge.yes') },
        { value: 'no', label: t('botKnowledge.no') },
      ]}
      onChange={({ target }) => onChange(target.value === '' ? undefined : target.value === 'yes')}
    />
  );
}
