import { Plus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { uuid } from '@/lib/uuid';
import { Button } from './button';
import { Field } from './field';
import { IconButton } from './icon-button';

export interface Pair {
  /** Only to tell the rows apart. */
  id: string;
  name: string;
  value: string;
}

/** JSON as rows to edit: texts as they are, everything else as JSON. */
export function pairsOf(record: Record<string, unknown>): Pair[] {
  return Object.entries(record).map(([name, value]) => ({
    id: uuid(),
    name,
    value: typeof value === 'string' && asJson(value) === undefined ? value : JSON.stringify(value),
  }));
}

/** The rows as JSON again; those without a name are left out. */
export function recordOf(pairs: readonly Pair[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs
      .filter(({ name }) => name.trim() !== '')
      .map(({ name, value }) => [name.trim(), asJson(value) ?? value]),
  );
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

interface KeyValuesProps {
  label: string;
  hint: string;
  pairs: readonly Pair[];
  onChange: (pairs: Pair[]) => void;
}

export function KeyValues({ label, hint, pairs, onChange }: KeyValuesProps) {
  const { t } = useTranslation();
  const change = (id: string, part: Partial<Pair>) =>
    onChange(pairs.map((pair) => (pair.id === id ? { ...pair, ...part } : pair)));
  return (
    <fieldset className="min-w-0">
      <legend className="font-medium text-sm">{label}</legend>
      <p className="text-ink-3 text-xs">{hint}</p>
      <div className="mt-2 flex flex-col gap-2">
        {pairs.map(({ id, name, value }) => (
          <div key={id} className="flex items-center gap-2">
            <Field
              bare
              className="w-2/5"
              label={t('pairs.name')}
              placeholder={t('pairs.name')}
              value={name}
              onChange={(event) => change(id, { name: event.target.value })}
            />
            <Field
              bare
              className="flex-1"
              label={t('pairs.value')}
              placeholder={t('pairs.value')}
              value={value}
              onChange={(event) => change(id, { value: event.target.value })}
            />
            <IconButton
              label={t('pairs.remove', { name })}
              onClick={() => onChange(pairs.filter((pair) => pair.id !== id))}
            >
              <X aria-hidden className="size-4" />
            </IconButton>
          </div>
        ))}
        <Button
          className="self-start"
          onClick={() => onChange([...pairs, { id: uuid(), name: '', value: '' }])}
        >
          <Plus aria-hidden className="size-3.5" />
          {t('pairs.add', { what: label })}
        </Button>
      </div>
    </fieldset>
  );
}
