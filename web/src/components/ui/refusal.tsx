import { CircleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { explain } from '@/lib/api/explain';
import { cn } from '@/lib/cn';

/** Why something was not done, in words; nothing while there is no error. */
export function Refusal({ error, className }: { error: Error | null; className?: string }) {
  const { t } = useTranslation();
  if (error === null) return null;
  return (
    <p
      role="alert"
      className={cn(
        'flex items-start gap-2 rounded-control border border-danger/50 bg-danger-soft px-3 py-2 text-danger-text text-sm',
        className,
      )}
    >
      <CircleAlert aria-hidden className="mt-px size-4 shrink-0" />
      <span dir="auto" className="min-w-0 break-words">
        {explain(t, error)}
      </span>
    </p>
  );
}
