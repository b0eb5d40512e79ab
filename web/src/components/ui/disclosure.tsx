import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '@/lib/cn';

interface DisclosureProps {
  summary: ReactNode;
  danger?: boolean;
  children: ReactNode;
}

/** Something that is closed until asked for. */
export function Disclosure({ summary, danger = false, children }: DisclosureProps) {
  return (
    <details className="group/d rounded-card border border-line">
      <summary
        className={cn(
          'flex min-h-9 cursor-pointer list-none items-center gap-2 rounded-card px-3 text-sm hover:bg-hover/60 [&::-webkit-details-marker]:hidden',
          danger ? 'text-danger-text' : 'text-ink-2',
        )}
      >
        <ChevronRight
          aria-hidden
          className="size-3.5 shrink-0 text-ink-3 transition-transform duration-[120ms] group-open/d:rotate-90"
        />
        {summary}
      </summary>
      <div className="border-line border-t px-3 py-2.5">{children}</div>
    </details>
  );
}
