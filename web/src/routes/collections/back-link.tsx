import { Link } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';

/** The way up from a part to the whole. */
export function BackLink({ to, label }: { to: string; label: string }) {
  return (
    <Link
      to={to}
      className="inline-flex h-8 items-center gap-1.5 rounded-control px-2.5 font-medium text-ink-2 text-sm hover:bg-hover hover:text-ink touch:h-10"
    >
      <ArrowLeft aria-hidden className="size-3.5 rtl:rotate-180" />
      <span className="max-w-40 truncate" dir="auto">
        {label}
      </span>
    </Link>
  );
}
