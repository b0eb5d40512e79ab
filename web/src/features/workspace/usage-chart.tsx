import { useTranslation } from 'react-i18next';
import type { UsageRow } from '@/lib/api/identity-types';
import { amount, count } from '@/lib/format';
import type { Span } from './api';

const DAY_MS = 86_400_000;
const HEIGHT = 120;
const STEP = 12;
const MOST_DAYS = 366;

export interface Bar {
  day: string;
  value: number;
}

/** One bar for each day of the span, with 0 where nothing was used; at most a year. */
export function barsOf(span: Span, rows: readonly UsageRow[], figure: 'cost' | 'tokens'): Bar[] {
  const values = new Map(
    rows.map((row) => [row.day, figure === 'cost' ? row.cost : row.input + row.output]),
  );
  const bars: Bar[] = [];
  const end = Date.parse(span.to);
  for (let at = Date.parse(span.from); at <= end && bars.length < MOST_DAYS; at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10);
    bars.push({ day, value: values.get(day) ?? 0 });
  }
  return bars;
}

/** What each day cost, or how many tokens it took where nothing costs. The table has the figures. */
export function UsageChart({ span, rows }: { span: Span; rows: readonly UsageRow[] }) {
  const { t } = useTranslation();
  const figure = rows.some((row) => row.cost > 0) ? 'cost' : 'tokens';
  const bars = barsOf(span, rows, figure);
  const show = (value: number) => (figure === 'cost' ? amount(value, 'money') : count(value));
  const top = bars.reduce((most, bar) => (bar.value > most.value ? bar : most), {
    day: span.from,
    value: 0,
  });
  const label = t(figure === 'cost' ? 'usage.chartCost' : 'usage.chartTokens', {
    ...span,
    most: show(top.value),
    day: top.day,
  });
  const height = (value: number) => (top.value === 0 ? 0 : (value / top.value) * HEIGHT);
  return (
    <figure className="rounded-card border border-line bg-raise p-4">
      <figcaption className="mb-3 text-ink-2 text-sm">{label}</figcaption>
      <svg
        role="img"
        aria-label={label}
        viewBox={`0 0 ${bars.length * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="block h-32 w-full border-line border-b"
      >
        {bars.map(({ day, value }, index) => (
          <rect
            key={day}
            x={index * STEP + 1.5}
            y={HEIGHT - height(value)}
            width={STEP - 3}
            height={height(value)}
            className="fill-accent"
          >
            <title>{`${day}: ${show(value)}`}</title>
          </rect>
        ))}
      </svg>
      <p aria-hidden className="mt-1.5 flex justify-between text-ink-3 text-xs tabular">
        <span>{span.from}</span>
        <span>{span.to}</span>
      </p>
    </figure>
  );
}
