import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Field, SelectField } from '@/components/ui/field';
import { Loaded } from '@/components/ui/loaded';
import type { Me, UsageKind, UsageRow } from '@/lib/api/identity-types';
import { may } from '@/lib/api/me';
import { amount, count } from '@/lib/format';
import { type Span, useUsage } from './api';
import { UsageChart } from './usage-chart';

const KINDS: UsageKind[] = ['user', 'model', 'chatbot', 'api_key', 'day'];
const DAY_MS = 86_400_000;
const DAYS_SHOWN = 30;

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);

/** What was used, day by day, and by whom or through what. */
export function Usage({ me }: { me: Me }) {
  const { t } = useTranslation();
  const [span, setSpan] = useState<Span>(() => ({
    from: dayOf(Date.now() - (DAYS_SHOWN - 1) * DAY_MS),
    to: dayOf(Date.now()),
  }));
  const [by, setBy] = useState<UsageKind>(may(me, 'usage:read') ? 'user' : 'model');
  const days = useUsage(me.workspace.id, span, 'day');
  const report = useUsage(me.workspace.id, span, by);
  return (
    <div className="flex flex-col gap-6">
      {!may(me, 'usage:read') && <p className="text-ink-2">{t('usage.ownOnly')}</p>}
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-3">
        <Field
          label={t('usage.from')}
          type="date"
          value={span.from}
          max={span.to}
          onChange={({ target }) => target.value && setSpan({ ...span, from: target.value })}
        />
        <Field
          label={t('usage.to')}
          type="date"
          value={span.to}
          min={span.from}
          onChange={({ target }) => target.value && setSpan({ ...span, to: target.value })}
        />
        <SelectField
          label={t('usage.by')}
          value={by}
          options={KINDS.map((kind) => ({ value: kind, label: t(`usageBy.${kind}`) }))}
          onChange={(event) => setBy(event.target.value as UsageKind)}
        />
      </div>
      <Loaded query={days}>
        {({ items, total }) => (
          <>
            <Totals total={total} />
            <UsageChart span={span} rows={items} />
          </>
        )}
      </Loaded>
      <Loaded query={report}>
        {({ items, total }) => <UsageTable by={by} rows={items} total={total} />}
      </Loaded>
    </div>
  );
}

function Totals({ total }: { total: UsageRow }) {
  const { t } = useTranslation();
  const figures = [
    [t('usage.answers'), count(total.runs)],
    [t('usage.tokens'), count(total.input + total.output)],
    [t('usage.cost'), amount(total.cost, 'money')],
  ] as const;
  return (
    <dl className="grid grid-cols-3 gap-3">
      {figures.map(([name, value]) => (
        <div key={name} className="rounded-card border border-line bg-raise px-4 py-3">
          <dt className="text-ink-3 text-sm">{name}</dt>
          <dd className="mt-0.5 font-semibold text-xl tabular max-sm:text-lg">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function rowName(row: UsageRow, by: UsageKind): string | null | undefined {
  if (by === 'user') return row.username ?? row.user_id;
  if (by === 'chatbot') return row.chatbot_name ?? row.chatbot_id;
  if (by === 'api_key') return row.api_key_id;
  return row[by];
}

interface UsageTableProps {
  by: UsageKind;
  rows: readonly UsageRow[];
  total: UsageRow;
}

function UsageTable({ by, rows, total }: UsageTableProps) {
  const { t } = useTranslation();
  const figures = (row: UsageRow) => [
    count(row.runs),
    count(row.input),
    count(row.output),
    amount(row.cost, 'money'),
  ];
  const heads = [t('usage.answers'), t('usage.input'), t('usage.output'), t('usage.cost')];
  const shown = by === 'day' ? rows : rows.toSorted((a, b) => b.cost - a.cost || b.runs - a.runs);
  if (rows.length === 0) return <p className="text-ink-3">{t('usage.none')}</p>;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table that scrolls sideways must take the keyboard
    <div
      role="region"
      tabIndex={0}
      aria-label={t('usage.table')}
      className="overflow-x-auto rounded-card border border-line"
    >
      <table className="w-full min-w-[32rem] border-collapse bg-raise text-sm tabular">
        <thead>
          <tr className="border-line border-b text-ink-3">
            <th scope="col" className="px-3.5 py-2 text-start font-medium">
              {t(`usageBy.${by}`)}
            </th>
            {heads.map((head) => (
              <th key={head} scope="col" className="px-3.5 py-2 text-end font-medium">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {shown.map((row) => (
            <UsageLine
              key={rowName(row, by) ?? ''}
              name={rowName(row, by) ?? t('usage.nobody')}
              cells={figures(row)}
            />
          ))}
        </tbody>
        <tfoot className="border-line border-t font-semibold">
          <UsageLine name={t('usage.total')} cells={figures(total)} />
        </tfoot>
      </table>
    </div>
  );
}

function UsageLine({ name, cells }: { name: string; cells: string[] }) {
  const { t } = useTranslation();
  const columns = [t('usage.answers'), t('usage.input'), t('usage.output'), t('usage.cost')];
  return (
    <tr>
      <th scope="row" dir="auto" className="px-3.5 py-2 text-start font-normal">
        {name}
      </th>
      {cells.map((cell, column) => (
        <td key={columns[column]} className="px-3.5 py-2 text-end">
          {cell}
        </td>
      ))}
    </tr>
  );
}
