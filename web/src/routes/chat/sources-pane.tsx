import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Sheet } from '@/components/ui/dialog';
import { closeSources, useSources } from '@/features/sources/store';
import { useMedia } from '@/lib/hooks';

// Nothing is quoted on the page of a new chat.
const SourcesPanel = lazy(() => import('@/features/sources/sources-panel'));

/** Wide enough for the sources beside the chat. */
const BESIDE = '(min-width: 1180px)';

export function SourcesPane() {
  const { t } = useTranslation();
  const open = useSources((state) => state.open);
  const beside = useMedia(BESIDE);
  if (!open) return null;
  if (!beside) {
    return (
      <Sheet open onClose={closeSources} side="bottom" title={t('sources.title')}>
        <Suspense>
          <SourcesPanel bare />
        </Suspense>
      </Sheet>
    );
  }
  return (
    <aside
      aria-label={t('sources.title')}
      className="anim-fade flex w-[360px] shrink-0 flex-col border-line border-s bg-side"
    >
      <Suspense>
        <SourcesPanel />
      </Suspense>
    </aside>
  );
}
