import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useRuns } from '@/features/runs/store';
import { announce } from '@/lib/announce';

/** Says when a run asks its reader something, and when it goes on. */
export function useRunAsks() {
  const { t } = useTranslation();
  useEffect(
    () =>
      useRuns.subscribe(({ live }, before) => {
        for (const { conversationId, phase, asks } of Object.values(live)) {
          const was = before.live[conversationId];
          if (
            phase === 'waiting' &&
            (was?.phase !== 'waiting' || was.asks.length !== asks.length)
          ) {
            announce(t('announce.asks', { count: asks.length }));
          }
          if (phase === 'streaming' && was?.phase === 'waiting') announce(t('announce.goesOn'));
        }
      }),
    [t],
  );
}
