import { Plus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Field, SelectField } from '@/components/ui/field';
import { IconButton } from '@/components/ui/icon-button';
import { uuid } from '@/lib/uuid';
import { type Condition, MOST_CONDITIONS, OPERATORS, type Operator } from './filter';

interface FilterEditorProps {
  conditions: readonly Condition[];
  onChange: (conditions: Condition[]) => void;
}

/** What must be noted on a document for it to be searched. */
export function FilterEditor({ conditions, onChange }: FilterEditorProps) {
  const { t } = useTranslation();
  const change = (id: string, part: Partial<Condition>) =>
    onChange(conditions.map((one) => (one.id === id ? { ...one, ...part } : one)));
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1 font-medium text-sm">{t('filter.title')}</legend>
      {conditions.map(({ id, key, operator, value }) => (
        <div key={id} className="flex flex-wrap items-center gap-2">
          <Field
            bare
            className="min-w-28 flex-1"
            label={t('filter.key')}
            placeholder={t('filter.key')}
            value={key}
            onChange={({ target }) => change(id, { key: target.value })}
          />
          <SelectField
            bare
            label={t('filter.operator')}
            value={operator}
            options={OPERATORS.map((name) => ({ value: name, label: t(`filterOperator.${name}`) }))}
            onChange={({ target }) => change(id, { operator: target.value as Operator })}
          />
          <Field
            bare
            className="min-w-28 flex-1"
            label={t('filter.value')}
            placeholder={t(operator === 'in' ? 'filter.values' : 'filter.value')}
            value={value}
            onChange={({ target }) => change(id, { value: target.value })}
          />
          <IconButton
            label={t('filter.remove')}
            onClick={() => onChange(conditions.filter((one) => one.id !== id))}
          >
            <X aria-hidden className="size-4" />
          </IconButton>
        </div>
      ))}
      {conditions.length < MOST_CONDITIONS && (
        <Button
          className="self-start"
          onClick={() =>
            onChange([...conditions, { id: uuid(), key: '', operator: 'is', value: '' }])
          }
        >
          <Plus aria-hidden className="size-3.5" />
          {t('filter.add')}
        </Button>
      )}
    </fieldset>
  );
}
