import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLasting } from '@/lib/hooks';
import { Button } from './button';
import { Refusal } from './refusal';

interface LoadedProps<T> {
  query: { data: T | undefined; error: Error | null; refetch: () => unknown };
  children: (data: T) => ReactNode;
}

const SKELETON_AFTER_MS = 150;

/** What a query gave; until then its place is kept, and a failure can be tried again. */
export function Loaded<T>({ query, children }: LoadedProps<T>) {
  const { t } = useTranslation();
  if (query.data !== undefined) return children(query.data);
  if (query.error === null) return <Skeleton />;
  return (
    <div className="flex flex-col items-start gap-3">
      <Refusal error={query.error} />
      <Button onClick={() => query.refetch()}>{t('action.retry')}</Button>
    </div>
  );
}

function Skeleton() {
  const { t } = useTranslation();
  const shown = useLasting(true, SKELETON_AFTER_MS);
  return (
    <div role="status" aria-label={t('page.loading')} className="min-h-24">
      {shown && (
        <div aria-hidden className="space-y-3">
          <div className="h-9 w-full rounded-control bg-hover" />
          <div className="h-9 w-4/5 rounded-control bg-hover" />
        </div>
      )}
    </div>
  );
}
