import type { ReactNode } from 'react';
import { cn } from '@/lib/cn';

interface RowsProps {
  label: string;
  /** Said where there is nothing. */
  empty: string;
  children: readonly ReactNode[];
}

/** A list of things with what can be done to each. */
export function Rows({ label, empty, children }: RowsProps) {
  if (children.length === 0) return <p className="py-2 text-ink-3">{empty}</p>;
  return (
    <ul
      aria-label={label}
      className="divide-y divide-line rounded-card border border-line bg-raise"
    >
      {children}
    </ul>
  );
}

interface RowProps {
  title: ReactNode;
  sub?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}

export function Row({ title, sub, actions, children }: RowProps) {
  return (
    <li className="px-3.5 py-2.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-56">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1 font-medium">{title}</div>
          {sub && <p className="break-words text-ink-3 text-sm">{sub}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </li>
  );
}

const TONES = {
  plain: 'bg-hover text-ink-2',
  good: 'bg-ok-soft text-ok-text',
  warn: 'bg-warn-soft text-warn-text',
  accent: 'bg-accent-soft text-accent-text',
  danger: 'bg-danger-soft text-danger-text',
} as const;

/** A word about a thing. */
export function Tag({
  tone = 'plain',
  children,
}: {
  tone?: keyof typeof TONES;
  children: ReactNode;
}) {
  return (
    <span className={cn('rounded px-1.5 py-px font-medium text-2xs', TONES[tone])}>{children}</span>
  );
}
